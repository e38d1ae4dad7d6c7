import { posix } from 'node:path';
import { shellCommands, type ShellCommand } from '../../formats/shell.ts';
import { shellStatements, type ShellPart, type ShellStatement } from '../../formats/statements.ts';
import type { DecidedStep } from '../decided-pipeline.ts';
import { callsOf, installsOnly, type CallFacts, type CallFolders } from './calls.ts';
import { commandKind, systemPackageOf, toolOf, type CommandKind } from './command.ts';
import { destructiveReason } from './destructive.ts';
import { environmentsFolder, fetchingOf, type Fetching } from './fetching.ts';
import { readInstall, readManagerInstall, type Install } from './install.ts';
import { madeFiles } from './made-files.ts';
import { hasNoEffect, isSetUpCommand, refusalReason, runnerFile } from './refusal.ts';
import { uninstalledPackages } from './uninstalled.ts';
import { withoutRunners } from './without-runners.ts';

/** What a decided step comes to: scripts to run, in order, and what its install lines put into the image. */
export interface ScriptParts {
  readonly pieces: readonly Piece[];
  readonly installs: readonly Install[];
  /** Parts that can't be carried over, as written. */
  readonly leftOut: readonly { readonly what: string; readonly why: string; readonly makes?: readonly string[] }[];
  /** Kinds of commands that were taken out since they are no part of a pipeline here. */
  readonly understood: readonly string[];
  /** Packages that it takes out of the environment: what comes after it in its job has them no more. Absent = none. */
  readonly uninstalled?: readonly string[];
}

/** A script that becomes one step. */
export interface Piece {
  readonly script: string;
  readonly kind: 'check' | 'test' | 'build' | 'node-install' | 'other';
  readonly network: boolean;
  /** What its commands fetch that fetch something. */
  readonly fetching: readonly Fetching[];
  /** Folders in which such environments are kept, relative to the repository's top. */
  readonly environments: readonly string[];
  /** Variables that make what it calls use the image's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Python packages whose programs it runs. */
  readonly tools: readonly string[];
  /** Debian packages whose programs it runs. */
  readonly system: readonly string[];
  /** Folders that its npm installs fill, relative to the repository's top. */
  readonly installsNode: readonly string[];
  /** Something of it runs on Node. */
  readonly runsOnNode: boolean;
  /** Its commands, for its name. */
  readonly commands: readonly (readonly string[])[];
}

/** What taking a script apart needs to know of the repository. */
export interface SplitFacts {
  /** The files that git does not ignore, relative to the repository's top. */
  readonly files: readonly string[];
  /** Gives the text of a file, relative to the repository's top. */
  readonly readText: (path: string) => string | undefined;
  /** Ids of steps whose outputs other steps of the job use. Absent = none. */
  readonly usedOutputs?: ReadonlySet<string>;
  /** What only prints is a step as well. Absent = no. */
  readonly keepsPrints?: boolean;
}

/**
 * Takes a script apart. Lines that install Python or Debian packages leave it: the image has those. `uv run`, `poetry run` and their like
 * go, since the image is that environment. An npm install that stands by itself becomes a piece of its own, so that it is done once; what
 * is left stays together, as it shares a shell. What would harm a work tree (`files`: the repository's own, relative to its top) is left out.
 */
export function splitScript(step: DecidedStep, facts: SplitFacts): ScriptParts {
  const installs: Install[] = [];
  const leftOut: { what: string; why: string; makes?: readonly string[] }[] = [];
  const understood = new Set<string>();
  const kept: { readonly text: string; readonly statement: ShellStatement; readonly cwd: string }[] = [];
  let { cwd } = step;
  const note = (command: ShellCommand, folder: string): void => {
    const kind = commandKind(command);
    if (kind === 'aside') {
      const managers = readManagerInstall(command);
      if (managers === undefined) understood.add('virtual environments, caches, printed versions');
      else installs.push(managers);
    }
    if (kind !== 'python-install' && kind !== 'system-install') return;
    installs.push(readInstall(command, folder));
  };
  const script = withPrograms(step);
  const { statements, ...ended } = untilUninstall(shellStatements(script), step, facts, leftOut);
  for (const statement of statements) {
    const done = alreadyDone(statement, cwd);
    if (done !== undefined) {
      understood.add(done);
      continue;
    }
    const destroys = destructiveReason(statement, cwd, facts.files);
    const refused = destroys === undefined ? refusalReason(statement) : { why: destroys, needed: true };
    if (refused !== undefined) {
      // Without it the rest would be another test than CI's.
      if (refused.needed && statements.length > 1) {
        const why = `${refused.why}: ${oneLine(statement.text)}`;
        leftOut.push({ what: describe(step), why, makes: madeFiles(step.script) });
        return { pieces: [], installs, leftOut, understood: [...understood] };
      }
      leftOut.push({ what: oneLine(statement.text), why: refused.why, makes: madeFiles(statement.text) });
      continue;
    }
    if (uninstalledPackages(statement, cwd, facts.readText) !== undefined) continue;
    const isPassedOn = passesFor(statement, step, facts);
    if (isPassedOn !== undefined) {
      if (isPassedOn) kept.push({ text: statement.text, statement, cwd });
      else understood.add('the runner’s own files');
      continue;
    }
    const commands = shellCommands(statement.text);
    if (setsUp(commands)) {
      let folder = cwd;
      for (const command of commands) {
        note(command, folder);
        folder = moved(command, folder);
      }
      continue;
    }
    const called = installsOnly(commands, cwd, facts.readText);
    if (called !== undefined) {
      for (const install of called) installs.push(install);
      understood.add('installing packages (they are in the image)');
      continue;
    }
    const text = statement.isCompound ? statement.text : withoutSetUp(statement, cwd, note);
    if (text !== '') kept.push({ text, statement, cwd });
    if (!statement.isCompound) for (const command of commands) cwd = moved(command, cwd);
  }
  if (kept.length === 0 && installs.length + leftOut.length + understood.size === 0)
    understood.add('scripts that only print');
  const rest = kept.map((each) => ({ ...each, text: withoutRunners(each.text, each.cwd, installs, step.env) }));
  const passesOn = kept.some(({ statement }) => passesFor(statement, step, facts) === true);
  if (!passesOn && rest.length > 0 && onlySpeaks(step.script, rest)) {
    leftOut.push({ what: describe(step), why: 'it only computes what later steps of CI ask for' });
    return { pieces: [], installs, leftOut, understood: [...understood] };
  }
  const made = pieces(step, rest, { ...facts, installs, env: step.env }, facts.keepsPrints === true);
  if (made.length === 0 && kept.length > 0) understood.add('scripts that only print');
  return { pieces: made, installs, leftOut, understood: [...understood], ...ended };
}

/** The statements before one that takes packages out of the environment: these run with the packages in CI, too. It and the rest are left out. */
function untilUninstall(
  all: readonly ShellStatement[],
  { cwd }: DecidedStep,
  { readText }: SplitFacts,
  leftOut: { what: string; why: string }[],
): Pick<ScriptParts, 'uninstalled'> & { readonly statements: readonly ShellStatement[] } {
  for (const [at, statement] of all.entries()) {
    const uninstalled = uninstalledPackages(statement, cwd, readText) ?? [];
    if (uninstalled.length === 0) continue;
    const rest = all.slice(at).map(({ text }) => text);
    leftOut.push({ what: oneLine(rest.join('; ')), why: 'it changes the image, which is the same for all jobs' });
    return { statements: all.slice(0, at), uninstalled };
  }
  return { statements: all };
}

/** Whether later steps use what a statement writes for them; undefined when it writes nothing of the kind. */
function passesFor(
  statement: ShellStatement,
  { id = '' }: DecidedStep,
  { usedOutputs }: SplitFacts,
): boolean | undefined {
  const writes = runnerFile(statement);
  if (writes?.file === 'output') return usedOutputs?.has(id) === true;
  return writes === undefined ? undefined : writes.file === 'passed-on';
}

/** `$PIP install`, `$PYTHON -m pytest` and `source $VENV` with what the variable holds. */
function withPrograms({ script: text, env }: DecidedStep): string {
  const script = text.replace(
    /^([ \t]*(?:source|\.) )["']?\$(?:\{(\w+)\}|(\w+))["']?(?=\s|;|$)/gm,
    (whole, before: string, braced?: string, plain?: string) => {
      const value = env[braced ?? plain ?? ''] ?? '';
      return isActivation(value) ? `${before}${value}` : whole;
    },
  );
  return script.replace(
    /(^|[\s;&|(])\$(?:\{(\w+)\}|(\w+))(?= )/g,
    (whole, before: string, braced?: string, plain?: string) => {
      const value = env[braced ?? plain ?? ''] ?? '';
      return /^(?:pip|python)[\d.]*(?: [\w.=-]+)*$/.test(value) ? `${before}${value}` : whole;
    },
  );
}

/** True for commands that set up and do nothing else. */
function setsUp(commands: readonly ShellCommand[]): boolean {
  return commands.every((command) => isSetUpCommand(command)) && commands.some((command) => !hasNoEffect(command));
}

/** What a statement does that is done here without it; undefined for any other. */
function alreadyDone(statement: ShellStatement, cwd: string): string | undefined {
  if (/^(?:curl|wget)\b.*(?:astral\.sh\/uv|install\.python-poetry\.org|bootstrap\.pypa\.io)/.test(statement.text))
    return 'installing packages (they are in the image)';
  return cwd === '.' && unpacksSources(statement)
    ? 'unpacking the source distribution (the checkout is here)'
    : undefined;
}

/** Of a job that has no checkout, but the source distribution: here the checkout stands for it. */
function unpacksSources({ text }: ShellStatement): boolean {
  return /^tar -?\w*x\w* \S+\.tar\.gz --strip-components[= ]1$/.test(text);
}

/** The script that puts an environment into PATH. */
export function isActivation(path: string): boolean {
  return /^[\w./~-]+\/bin\/activate$/.test(path);
}

/** A script that is there for its outputs: all that it runs goes into them, or only prints. */
function onlySpeaks(whole: string, rest: readonly { readonly text: string }[]): boolean {
  // What tells a later step how this one ended is no output of it.
  const script = whole.replace(/^trap .*\bEXIT$/m, '');
  if (!/GITHUB_OUTPUT|GITHUB_ENV|::set-output/.test(script)) return false;
  return rest.every(({ text }) => {
    const isComputing = /\bGITHUB_(?:OUTPUT|ENV)\b|::set-output/.test(text) || /^[A-Za-z_]\w*=/.test(text);
    return shellCommands(text).every((command) => {
      const kind = commandKind(command);
      if (kind === 'other') return isComputing && toolOf(command) === undefined;
      return kind === 'neutral' || kind === 'aside';
    });
  });
}

function describe({ title, script }: DecidedStep): string {
  return title === undefined ? oneLine(script) : `step "${oneLine(title).slice(1, -1)}"`;
}

/** A chain without its commands that only set up. */
function withoutSetUp(
  { text, parts }: ShellStatement,
  cwd: string,
  note: (command: ShellCommand, cwd: string) => void,
): string {
  if (parts.length < 2) return text;
  let folder = cwd;
  let isPiped = false;
  const leaves = parts.map((part) => {
    const commands = shellCommands(part.text);
    const isAlone = !isPiped && part.joint !== '|' && !part.text.includes('<<');
    isPiped = part.joint === '|';
    const leaves =
      isAlone && commands.length > 0 && commands.every((each) => isSetUpCommand(each) && !hasNoEffect(each));
    for (const command of commands) {
      if (leaves) note(command, folder);
      else folder = moved(command, folder);
    }
    return leaves;
  });
  return withoutParts(text, parts, leaves);
}

/** A statement's text without some of its parts: what stood before one of these joins what stands after it. */
function withoutParts(text: string, parts: readonly ShellPart[], leaves: readonly boolean[]): string {
  if (!leaves.includes(true)) return text;
  if (!leaves.includes(false)) return '';
  const last = leaves.lastIndexOf(false);
  let kept = text;
  for (const [at, part] of [...parts.entries()].toReversed()) {
    if (leaves[at] !== true) continue;
    const [from, to] =
      at < last ? [part.start, parts[at + 1]?.start ?? part.end] : [parts[at - 1]?.end ?? part.start, part.end];
    kept = kept.slice(0, from) + kept.slice(to);
  }
  return kept.trim();
}

function moved({ words }: ShellCommand, cwd: string): string {
  const [program, folder] = words;
  if (program?.text !== 'cd' || folder === undefined || /[$`~-]/.test(folder.text[0] ?? '')) return cwd;
  return folder.text.startsWith('/') ? folder.text : posix.join(cwd, folder.text).replace(/\/$/, '');
}

function pieces(
  step: DecidedStep,
  rest: readonly { readonly text: string; readonly statement: ShellStatement; readonly cwd: string }[],
  facts: CallFacts,
  keepsPrints: boolean,
): readonly Piece[] {
  const saysMore = (command: ShellCommand): boolean =>
    !saysNothing(command) || (keepsPrints && prints.test(command.words[0]?.text ?? ''));
  const said = rest.filter(({ text }) => writesFile(text) || shellCommands(text).some(saysMore));
  if (said.length === 0) return [];
  const shares = rest.some(({ statement }) => statement.changesShell);
  // An install that stands by itself before all others becomes a step of its own.
  let first = 0;
  // One that may fail ends where it fails, so it stays whole.
  if (!shares && step.mayFail === undefined)
    while (first < rest.length - 1 && isPlainNodeInstall(rest[first])) first += 1;
  const made = rest.slice(0, first).map(({ text, cwd }) => pieceOf(text, cwd, facts));
  const joined = rest.slice(first).map(({ text }) => text);
  return [...made, pieceOf(joined.join('\n'), step.cwd, facts)];
}

/** `echo x > file` is more than words. */
function writesFile(text: string): boolean {
  return /(?<![\d&<-])>>?\s*(?!&|\/dev\/)/.test(text.replace(/'[^']*'|"[^"]*"/g, (quoted) => quoted.replace(/>/g, '')));
}

/** Of what says nothing by itself, what people may look for in a run's output. */
const prints = /^(?:echo|printf|ls|pwd|env|printenv|date|whoami|uname|nproc)$/;

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

function pieceOf(script: string, cwd: string, facts: CallFacts): Piece {
  const commands = shellCommands(script);
  let folder = cwd;
  const installsNode: string[] = [];
  const environments: string[] = [];
  const called: CallFolders[] = [];
  for (const command of commands) {
    folder = moved(command, folder);
    called.push({ command, cwd: folder });
    if (commandKind(command) === 'node-install') installsNode.push(prefixOf(command, folder));
    const kept = environmentsFolder(command);
    if (kept !== undefined) environments.push(posix.join(folder, kept));
  }
  const calls = callsOf(called, facts);
  const fetching = [...commands.flatMap((command) => fetchingOf(command) ?? []), ...calls.fetching];
  return {
    script,
    kind: kindOf(calls.kinds),
    network: fetching.length > 0,
    fetching,
    environments: [...new Set(environments)],
    env: calls.env,
    tools: [...new Set([...commands.flatMap((command) => toolOf(command) ?? []), ...calls.tools])],
    system: [...new Set([...commands.flatMap((command) => systemPackageOf(command) ?? []), ...calls.system])],
    installsNode: [...new Set(installsNode)],
    runsOnNode: calls.node,
    // What waits for the end says nothing of what is done.
    commands: commands
      .map(({ words }) => words.map(({ text }) => text))
      .filter(([program], _, all) => program !== 'trap' || all.length === 1),
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
