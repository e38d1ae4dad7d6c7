import { posix } from 'node:path';
import { shellCommands, type ShellCommand } from '../../text/shell.ts';
import { shellStatements, type ShellStatement } from '../../text/statements.ts';
import type { DecidedStep } from '../decided.ts';
import { commandKind, needsNetwork, systemPackageOf, toolOf, type CommandKind } from './command.ts';
import { readInstall, uvSelection, type Install } from './install.ts';

/** What a decided step comes to: scripts to run, in order, and what its install lines put into the image. */
export interface ScriptParts {
  readonly pieces: readonly Piece[];
  readonly installs: readonly Install[];
  /** Parts that can't be carried over, as written. */
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
  /** Kinds of commands that were taken out since they are no part of a pipeline here. */
  readonly understood: readonly string[];
}

/** A script that becomes one step. */
export interface Piece {
  readonly script: string;
  readonly kind: 'check' | 'test' | 'build' | 'node-install' | 'other';
  readonly network: boolean;
  /** Python packages whose programs it runs. */
  readonly tools: readonly string[];
  /** Debian packages whose programs it runs. */
  readonly system: readonly string[];
  /** Folders that its npm installs fill, relative to the repository's top. */
  readonly installsNode: readonly string[];
  /** Its commands, for its name. */
  readonly commands: readonly (readonly string[])[];
}

/**
 * Takes a script apart. Lines that install Python or Debian packages leave it: the image has those. `uv run`, `poetry run` and their like
 * go, since the image is that environment. An npm install that stands by itself becomes a piece of its own, so that it is done once; what
 * is left stays together, as it shares a shell.
 */
export function takeApart(step: DecidedStep): ScriptParts {
  const installs: Install[] = [];
  const leftOut: { what: string; why: string }[] = [];
  const understood = new Set<string>();
  const kept: { readonly text: string; readonly statement: ShellStatement; readonly cwd: string }[] = [];
  let { cwd } = step;
  const note = (command: ShellCommand, folder: string): void => {
    const kind = commandKind(command);
    if (kind === 'aside') understood.add('environments, caches and versions that are only printed');
    if (kind !== 'python-install' && kind !== 'system-install') return;
    installs.push(readInstall(command, folder));
  };
  const script = withPrograms(step);
  const statements = shellStatements(script);
  for (const statement of statements) {
    const refused = refusal(statement);
    if (refused !== undefined) {
      // Without it the rest would be another test than CI's.
      if (refused.needed && statements.length > 1) {
        leftOut.push({ what: describe(step), why: `${refused.why}: ${oneLine(statement.text)}` });
        return { pieces: [], installs, leftOut, understood: [...understood] };
      }
      leftOut.push({ what: oneLine(statement.text), why: refused.why });
      continue;
    }
    const writes = runnerFile(statement);
    if (writes !== undefined) {
      if (writes.why === undefined) understood.add('the runner’s own files');
      else leftOut.push({ what: oneLine(statement.text), why: writes.why });
      continue;
    }
    const commands = shellCommands(statement.text);
    if (
      commands.length > 0 &&
      commands.every((command) => isSetUp(command)) &&
      commands.some((command) => !isNeutral(command))
    ) {
      let folder = cwd;
      for (const command of commands) {
        note(command, folder);
        folder = moved(command, folder);
      }
      continue;
    }
    const text = statement.isCompound ? statement.text : withoutSetUp(statement, cwd, note);
    if (text !== '') kept.push({ text, statement, cwd });
    if (!statement.isCompound) for (const command of commands) cwd = moved(command, cwd);
  }
  if (kept.length === 0 && installs.length + leftOut.length + understood.size === 0)
    understood.add('scripts that only print');
  const rest = kept.map((each) => ({ ...each, text: withoutRunners(each.text, each.cwd, installs) }));
  if (onlySpeaks(step.script, rest.map(({ text }) => text).join('\n'))) {
    leftOut.push({ what: describe(step), why: 'it only computes what later steps of CI ask for' });
    return { pieces: [], installs, leftOut, understood: [...understood] };
  }
  const made = pieces(step, rest);
  if (made.length === 0 && kept.length > 0) understood.add('scripts that only print');
  return { pieces: made, installs, leftOut, understood: [...understood] };
}

/** `$PIP install` and `$PYTHON -m pytest` with the program that the variable holds. */
function withPrograms({ script, env }: DecidedStep): string {
  return script.replace(
    /(^|[\s;&|(])\$(?:\{(\w+)\}|(\w+))(?= )/g,
    (whole, before: string, braced?: string, plain?: string) => {
      const value = env[braced ?? plain ?? ''] ?? '';
      return /^(?:pip|python)[\d.]*(?: [\w.=-]+)*$/.test(value) ? `${before}${value}` : whole;
    },
  );
}

/** A script that is there for its outputs: it writes them, and checks, tests and builds nothing. */
function onlySpeaks(script: string, rest: string): boolean {
  if (rest === '' || !/GITHUB_OUTPUT|GITHUB_ENV|::set-output/.test(script)) return false;
  return shellCommands(rest).every(
    (command) => /^(?:neutral|aside|other)$/.test(commandKind(command)) && toolOf(command) === undefined,
  );
}

function describe({ title, script }: DecidedStep): string {
  return title === undefined ? oneLine(script) : `step "${oneLine(title).slice(1, -1)}"`;
}

/** A command that leaves the script: it sets up, or says nothing by itself. */
function isSetUp(command: ShellCommand): boolean {
  const kind = commandKind(command);
  return kind === 'python-install' || kind === 'system-install' || kind === 'aside' || isNeutral(command);
}

function isNeutral(command: ShellCommand): boolean {
  return commandKind(command) === 'neutral';
}

/** Why a statement can't be a part of a step, and whether what stands around it may need it; undefined when it can be one. */
function refusal(statement: ShellStatement): { readonly why: string; readonly needed: boolean } | undefined {
  const kinds = shellCommands(statement.text).map((command) => [commandKind(command), command] as const);
  const publishing = kinds.find(([kind]) => kind === 'publish');
  if (publishing !== undefined) return { why: 'it publishes', needed: false };
  const foreign = kinds.find(([kind]) => kind === 'foreign');
  if (foreign !== undefined) {
    const installs = foreignInstall.test(foreign[1].words[0]?.text ?? '');
    return { why: foreignReason(foreign[1]), needed: !installs };
  }
  const installs = kinds.some(([kind]) => kind === 'python-install' || kind === 'system-install');
  const others = kinds.some(([, command]) => !isSetUp(command));
  const isSystems = /\/etc\/(?:apt|timezone|localtime|locale)|\bapt\.conf/.test(statement.text);
  if ((others || isSystems) && needsRoot(statement.text))
    return { why: 'it needs root, which steps do not have', needed: !isSystems };
  // `pip install x && pytest` comes apart; a loop or a pipe around both does not.
  if (
    installs &&
    others &&
    (statement.isCompound || statement.parts.some(({ joint }) => joint === '||' || joint === '|'))
  )
    return { why: 'it installs packages together with other commands', needed: true };
  return undefined;
}

/** Programs that only install: what they bring is the image's business. */
const foreignInstall = /^(?:apk|dnf|microdnf|yum|zypper|pacman|dpkg|apt-key|snap|brew)$/;

const rootPrograms = /^(?:useradd|adduser|groupadd|usermod|su|chown|chgrp|dpkg|apt-key|mount|umount|ufw|iptables)$/;

/** Steps run as the caller, not as root: what changes the system itself can't. */
function needsRoot(text: string): boolean {
  return (
    /(?:^|[\s;&|(])sudo\s|\/etc\/apt/.test(text) ||
    /(?:>>?|\b(?:rm|tee|cp|mv|ln|install|sed -\S*i\S*|touch|mkdir)\b[^\n;&|]*?)\s*["']?\/(?:etc|usr|opt|root|var|srv|bin|lib)\//.test(
      text,
    )
  );
}

function foreignReason({ words }: ShellCommand): string {
  const program = (words[0]?.text ?? '').replace(/^.*\//, '');
  if (/^(?:docker|docker-compose|podman|buildah|kind|minikube|act)$/.test(program))
    return 'it needs a container engine, which steps do not have';
  if (/^(?:npm|pnpm|yarn)$/.test(program))
    return 'the image has no global npm packages: name it in package.json, or call it through npx';
  if (/^(?:conda|mamba|micromamba)$/.test(program))
    return 'conda environments are not read: list what the steps need in toolchain.tools and toolchain.system';
  if (/^(?:kubectl|helm|terraform|tofu|pulumi|ansible-playbook)$/.test(program))
    return 'it works on machines elsewhere';
  if (rootPrograms.test(program)) return 'it needs root, which steps do not have';
  if (/^(?:apk|dnf|microdnf|yum|zypper|pacman)$/.test(program))
    return 'the image is Debian: what it installs goes into toolchain.system under its name there';
  return `the image has no ${program}; a Debian package of it goes into toolchain.system`;
}

/** A statement that only writes one of the files through which a GitHub step speaks to the runner. */
function runnerFile({ text, isCompound }: ShellStatement): { readonly why?: string } | undefined {
  const file = />>\s*["']?\$\{?GITHUB_(ENV|OUTPUT|PATH|STEP_SUMMARY)\}?["']?\s*$/.exec(text)?.[1];
  if (file === undefined || isCompound || !/^(?:echo|printf|cat)\b/.test(text)) return undefined;
  if (file === 'STEP_SUMMARY') return {};
  if (file === 'ENV' && /^echo\s+(["']?)[A-Za-z_]\w*=[^"'`$\n>]*\1\s*>>/.test(text)) return {};
  const what = { ENV: 'variables', OUTPUT: 'an output', PATH: 'a folder of PATH' }[file];
  return { why: `it sets ${what} for later steps; steps share nothing but files here` };
}

/** A chain without its commands that only set up. */
function withoutSetUp(
  { text, parts }: ShellStatement,
  cwd: string,
  note: (command: ShellCommand, cwd: string) => void,
): string {
  if (parts.length < 2) return text;
  let folder = cwd;
  let joint = '';
  let kept = '';
  let dropped = false;
  for (const part of parts) {
    const commands = shellCommands(part.text);
    const leaves =
      commands.length > 0 &&
      commands.every((each) => isSetUp(each) && !isNeutral(each)) &&
      joint !== '|' &&
      part.joint !== '|';
    if (leaves) {
      for (const command of commands) note(command, folder);
      dropped = true;
      // What stood before it joins what stands after it.
      if (kept === '') joint = '';
      continue;
    }
    for (const command of commands) folder = moved(command, folder);
    kept = kept === '' ? part.text : `${kept} ${joint === '' ? '&&' : joint} ${part.text}`;
    joint = part.joint;
  }
  return dropped ? kept : text;
}

function moved({ words }: ShellCommand, cwd: string): string {
  const [program, folder] = words;
  if (program?.text !== 'cd' || folder === undefined || /[$`~-]/.test(folder.text[0] ?? '')) return cwd;
  return folder.text.startsWith('/') ? folder.text : posix.join(cwd, folder.text).replace(/\/$/, '');
}

/** Options of `uv run`, `uvx` and their like that take the next word. */
const valued = new Set(
  '--with --python -p --group --extra --only-group --directory --project --env-file --with-requirements --package --from --spec --index --default-index --index-url --extra-index-url -e --environment --pip-args'.split(
    ' ',
  ),
);

/** A text without what starts commands in an environment of its own; what that would install is noted. */
function withoutRunners(text: string, cwd: string, installs: Install[]): string {
  let result = text;
  for (const { words } of shellCommands(text).toReversed()) {
    const texts = words.map((word) => word.text);
    const found = runner(texts, cwd);
    const [first] = words;
    const kept = words[found?.skip ?? 0];
    if (first === undefined || found === undefined) continue;
    if (found.install !== undefined) installs.push(found.install);
    if (found.replace !== undefined)
      result = result.slice(0, first.start) + found.replace + result.slice(words[found.skip - 1]?.end ?? first.end);
    else if (kept !== undefined) {
      const from = /["']/.test(result[kept.start - 1] ?? '') && kept.end - kept.start > 0 ? kept.start - 1 : kept.start;
      const program = found.program === undefined ? '' : found.program;
      const to = found.program === undefined ? from : kept.end;
      result = result.slice(0, first.start) + program + result.slice(to);
    }
  }
  return result;
}

interface Runner {
  /** How many words go. */
  readonly skip: number;
  /** The first word that stays, when it is written otherwise: `black` for `black@25.9.0`. */
  readonly program?: string;
  /** What stands in place of the words that go. */
  readonly replace?: string;
  readonly install?: Install;
}

const noInstall: Install = { files: [], projects: [], tools: [], system: [], refused: [], byManager: false };

function runner(words: readonly string[], cwd: string): Runner | undefined {
  const [program = '', first = ''] = words;
  const name = program.replace(/^.*\//, '');
  const after = (from: number): number => {
    let at = from;
    while (words[at]?.startsWith('-') === true) {
      if (words[at] === '--') return at + 1;
      at += valued.has(words[at] ?? '') ? 2 : 1;
    }
    return at;
  };
  const optionValues = (to: number, ...names: readonly string[]): string[] =>
    words.slice(0, to).flatMap((word, index) => {
      const [option = '', ...rest] = word.split('=');
      if (!names.includes(option)) return [];
      return (rest.length > 0 ? rest.join('=') : (words[index + 1] ?? '')).split(',').filter(Boolean);
    });
  if (/^(?:\.\/)?\.?v?env\d?\/bin\/./.test(program)) return { skip: 1, replace: name };
  if (name === 'uv' && first === 'run') {
    const skip = after(2);
    const options = words.slice(2, skip);
    const selection = uvSelection(options);
    const tools = optionValues(skip, '--with').filter((tool) => !/[$/]/.test(tool));
    const isScript = options.includes('--no-project') || options.includes('--script') || options.includes('-s');
    const install = { ...noInstall, tools, projects: isScript ? [] : [{ dir: cwd, ...selection }] };
    const starts = words[skip] ?? '';
    // `uv run script.py` runs it with Python, and `uv run -m pytest` a module.
    if (options.includes('-m') || options.includes('--module')) return { skip, replace: 'python -m ', install };
    return starts.endsWith('.py') ? { skip, replace: 'python ', install } : { skip, install };
  }
  if (/^(?:poetry|pdm|pipenv|rye)$/.test(name) && first === 'run')
    return { skip: after(2), install: { ...noInstall, byManager: true } };
  if (
    name === 'uvx' ||
    (name === 'uv' && first === 'tool' && words[2] === 'run') ||
    (name === 'pipx' && first === 'run')
  ) {
    const skip = after(name === 'uvx' ? 1 : name === 'pipx' ? 2 : 3);
    const from = optionValues(skip, '--from', '--spec');
    const tool = words[skip] ?? '';
    const [command = '', version] = tool.split('@');
    const line = version === undefined || version === 'latest' ? command : `${command}==${version}`;
    const tools = [...(from.length > 0 ? from.map(pinned) : [line]), ...optionValues(skip, '--with')].filter(
      (each) => !/[$/]/.test(each),
    );
    const install = { ...noInstall, tools };
    return version === undefined ? { skip, install } : { skip, program: command, install };
  }
  return nodeRunner(words);
}

function pinned(said: string): string {
  return said.replace(/^([A-Za-z][\w.-]*)@(\d[\w.]*)$/, '$1==$2').replace(/@latest$/, '');
}

/** The image has npm alone: scripts of package.json are the same to all of Node's package managers. */
function nodeRunner(words: readonly string[]): Runner | undefined {
  const [program = '', first = '', second = ''] = words;
  if (program !== 'pnpm' && program !== 'yarn') return undefined;
  if (/^(?:exec|dlx)$/.test(first)) return { skip: 2, replace: first === 'dlx' ? 'npx --yes' : 'npx' };
  const isOption = first.startsWith('-');
  if (first === 'run' && !second.startsWith('-'))
    return { skip: 3, replace: `npm run ${second}${words.length > 3 ? ' --' : ''}` };
  const own =
    /^(?:install|i|add|remove|audit|outdated|workspaces?|why|list|pack|publish|link|config|cache|set|up|upgrade|recursive|node|version|dedupe|init|create)$/;
  if (first === '' || isOption || own.test(first)) return undefined;
  return { skip: 2, replace: `npm ${first === 'test' ? 'test' : `run ${first}`}${words.length > 2 ? ' --' : ''}` };
}

function pieces(
  step: DecidedStep,
  rest: readonly { readonly text: string; readonly statement: ShellStatement; readonly cwd: string }[],
): readonly Piece[] {
  const said = rest.filter(({ text }) => shellCommands(text).some((command) => !saysNothing(command)));
  if (said.length === 0) return [];
  const shares = rest.some(({ statement }) => statement.changesShell);
  // An install that stands by itself before all others becomes a step of its own.
  let first = 0;
  if (!shares) while (first < rest.length - 1 && isPlainNodeInstall(rest[first])) first += 1;
  const made = rest.slice(0, first).map(({ text, cwd }) => pieceOf(step, text, cwd));
  const joined = rest.slice(first).map(({ text }) => text);
  return [...made, pieceOf(step, joined.join('\n'), step.cwd)];
}

function saysNothing(command: ShellCommand): boolean {
  const kind = commandKind(command);
  return kind === 'neutral' && !/^(?:test|\[|\[\[|exit|mkdir|cat)$/.test(command.words[0]?.text ?? '')
    ? true
    : kind === 'aside';
}

function isPlainNodeInstall(entry: { readonly text: string; readonly statement: ShellStatement } | undefined): boolean {
  if (entry === undefined || entry.statement.isCompound || entry.statement.parts.length !== 1) return false;
  const commands = shellCommands(entry.text);
  return commands.length === 1 && commands.every((command) => commandKind(command) === 'node-install');
}

function pieceOf(step: DecidedStep, script: string, cwd: string): Piece {
  const commands = shellCommands(script);
  const kinds = new Set(commands.map(commandKind).filter((kind) => kind !== 'neutral' && kind !== 'aside'));
  let folder = cwd;
  const installsNode: string[] = [];
  for (const command of commands) {
    folder = moved(command, folder);
    if (commandKind(command) === 'node-install') installsNode.push(prefixOf(command, folder));
  }
  return {
    script,
    kind: kindOf(kinds),
    network: commands.some(needsNetwork),
    tools: [...new Set(commands.flatMap((command) => toolOf(command) ?? []))],
    system: [...new Set(commands.flatMap((command) => systemPackageOf(command) ?? []))],
    installsNode: [...new Set(installsNode)],
    commands: commands.map(({ words }) => words.map(({ text }) => text)),
  };
}

/** `npm --prefix ui ci` installs elsewhere. */
function prefixOf({ words }: ShellCommand, folder: string): string {
  const texts = words.map(({ text }) => text);
  const at = texts.findIndex((text) => /^(?:--prefix|--cwd|--dir|-C)$/.test(text));
  const joined = texts
    .map((text) => /^(?:--prefix|--cwd|--dir)=(.+)$/.exec(text)?.[1])
    .find((text) => text !== undefined);
  const prefix = joined ?? (at < 0 ? undefined : texts[at + 1]);
  return prefix === undefined ? folder : posix.join(folder, prefix).replace(/\/$/, '');
}

function kindOf(kinds: ReadonlySet<CommandKind>): Piece['kind'] {
  const all = [...kinds];
  if (all.length > 0 && all.every((kind) => kind === 'check')) return 'check';
  if (all.length > 0 && all.every((kind) => kind === 'check' || kind === 'test')) return 'test';
  if (all.length > 0 && all.every((kind) => kind === 'build')) return 'build';
  return all.length > 0 && all.every((kind) => kind === 'node-install') ? 'node-install' : 'other';
}

function oneLine(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return `\`${line.length > 90 ? `${line.slice(0, 90)}…` : line}\``;
}
