import { posix } from 'node:path';
import { commandTargets } from './command-targets.ts';
import type { Collector } from './collector.ts';
import { installedBy } from './installs.ts';
import type { CommandDeclaration } from './declaration.ts';
import { runtimeInstalls, runtimeDeclaration } from './runtime-installs.ts';
import { readRequirementLine } from './requirement-line.ts';
import { cut, joined, rangeOf, rangeInSource, type MappedText, type Source } from '../formats/mapped-text.ts';
import { pipefailBefore, shellCommands, type ShellCommand } from '../formats/shell.ts';

/** Where a shell script stands, and what is known of its variables. */
export interface ScriptContext {
  readonly source: Source;
  /** The file's path; requirement files that the script names are relative to the repository's top. */
  readonly path: string;
  /** Who runs its commands; absent when they are no checks (a Dockerfile's). */
  readonly by?: CommandDeclaration['by'];
  readonly where: string;
  /** Relative to the repository's top. */
  readonly cwd?: string | undefined;
  readonly failureIgnored?: string | undefined;
  /** False for a shell that gives the status of a pipe's last command; absent for one that gives the first failing one's, or that nobody knows. */
  readonly pipefail?: boolean;
  /** What a variable holds, where it is set in the same file. */
  readonly lookUp?: (name: string) => MappedText | undefined;
  /** File offsets of the script itself, for one whose variables are followed: their values stand elsewhere. */
  readonly within?: readonly [start: number, end: number] | undefined;
  /** How an install is described; by default as the command has it. */
  readonly how?: string;
}

/** Tools whose options may name the Python that the code is for. */
const checked = new Set(['black', 'ruff', 'mypy', 'pyright', 'basedpyright', 'pyupgrade']);

/** What a shell script installs, which requirement files it names, and the commands that it runs. */
export function readScript(script: MappedText, context: ScriptContext, collector: Collector): void {
  const { source, by, where, failureIgnored, how } = context;
  let { cwd } = context;
  const body = context.lookUp === undefined ? script : expanded(script, context.lookUp);
  for (const command of shellCommands(body.text)) {
    const whole = placeOf(cut(body, command.start, command.end), context.within);
    const place = {
      places: source.places,
      range: (from: number, to: number): readonly [number, number] => rangeOf(cut(body, from, to)) ?? whole,
    };
    for (const declaration of installedBy(command, place)) {
      const { span } = declaration;
      const start = source.places.offset(span.line, span.column);
      const end = source.places.offset(span.endLine, span.endColumn);
      collector.add({ ...declaration, ...rangeInSource(source, start, end), ...(how === undefined ? {} : { how }) });
    }
    for (const install of runtimeInstalls(command)) {
      // A quote before the word is no part of its text.
      const start = install.word.start + install.from;
      const range = install.word.dynamic ? undefined : rangeOf(cut(body, start, start + install.to - install.from));
      if (range !== undefined) collector.add({ ...runtimeDeclaration(install), ...rangeInSource(source, ...range) });
    }
    const tool = command.words.find((word) => checked.has(word.text.replace(/^.*\//, '')))?.text;
    if (tool !== undefined) {
      const words = command.words.map((word) => cut(body, word.start, word.end));
      collector.add(...commandTargets(tool, words, { source, how: tool }));
    }
    readRequirementFiles(command, body, { ...context, cwd }, collector);
    const [program, argument] = command.words;
    if (program?.text === 'cd' && argument !== undefined) cwd = posix.join(cwd ?? '.', argument.text);
    const text = command.words.map(({ text: word }) => word).join(' ');
    const ignored = command.ignored ?? lostInPipe(command, body.text, context.pipefail) ?? failureIgnored;
    if (by !== undefined && text !== '')
      collector.command({
        command: text,
        by,
        where,
        span: source.places.span(...whole),
        ...(cwd === undefined || cwd === '.' || /[${]/.test(cwd) ? {} : { cwd: cwd.replace(/^\.\//, '') }),
        ...(ignored === undefined ? {} : { failureIgnored: ignored }),
      });
  }
}

/** Where a command stands: what of it is written in the script itself. */
function placeOf(command: MappedText, within: ScriptContext['within']): readonly [start: number, end: number] {
  const [from, to] = within ?? [0, 0];
  const own = command.offsets.filter((offset) => offset >= from && offset < to);
  const [first, last] = [own[0], own.at(-1)];
  return first === undefined || last === undefined ? (rangeOf(command) ?? [0, 0]) : [first, last + 1];
}

/** Why a command's failure is lost in its pipe: `| tee`; undefined when it is not, or when the script looks at it itself. */
export function lostInPipe(
  { pipedTo, end }: ShellCommand,
  script: string,
  pipefail: boolean | undefined,
): string | undefined {
  if (pipedTo === undefined || /\bPIPESTATUS\b|\bpipestatus\b/.test(script)) return undefined;
  return (pipefailBefore(script, end) ?? pipefail) === false ? `| ${pipedTo}` : undefined;
}

/** `pip install -r requirements/dev.txt`: the file, whatever it is called. */
function readRequirementFiles(
  { words }: ShellCommand,
  body: MappedText,
  { source, cwd }: ScriptContext,
  collector: Collector,
): void {
  const texts = words.map(({ text }) => text);
  const install = texts.findIndex((text) => text === 'install' || text === 'sync');
  if (install < 1 || !texts.slice(0, install).some((text) => /^(?:.*\/)?pip[\d.]*$/.test(text))) return;
  const path = cwd === undefined || /[${]/.test(cwd) ? 'x' : `${cwd}/x`;
  for (const [index, word] of words.entries()) {
    if (index < install) continue;
    const next = words[index + 1];
    const isOption = /^(?:-r|--requirements?|-c|--constraints?)$/.test(word.text);
    const line =
      isOption && next !== undefined
        ? cut(body, word.start, next.end)
        : /^(?:-r|-c|--requirements?=|--constraints?=)./.test(word.text)
          ? cut(body, word.start, word.end)
          : undefined;
    const whole = line === undefined ? undefined : rangeOf(line);
    if (line !== undefined && whole !== undefined)
      readRequirementLine(line, { source, path, whole, role: 'install', how: 'pip install' }, collector);
  }
}

/** The text with its variables as they are set: `$NAME`, `${NAME}`, `${NAME:-default}`; unknown ones stay as they are. */
export function expanded(script: MappedText, lookUp: (name: string) => MappedText | undefined): MappedText {
  const parts: MappedText[] = [];
  let from = 0;
  for (const match of script.text.matchAll(
    /(?<!\\)\$(?:\{([A-Za-z_]\w*)(?:(:?[-+?])([^{}]*))?\}|([A-Za-z_]\w*)|\(([A-Za-z_]\w*)\))/g,
  )) {
    const [whole, braced, operator, fallback = '', plain, round] = match;
    const name = braced ?? plain ?? round ?? '';
    // In a shell `$(…)` runs a command; make and GitLab's matrix name variables so.
    if (round !== undefined && lookUp(name) === undefined) continue;
    const set = lookUp(name);
    const isFallback = set === undefined && /^:?-$/.test(operator ?? '');
    const start = match.index + whole.length - 1 - fallback.length;
    const value = set ?? (isFallback ? cut(script, start, start + fallback.length) : undefined);
    if (value === undefined) continue;
    parts.push(cut(script, from, match.index), value);
    from = match.index + whole.length;
  }
  return from === 0 ? script : joined([...parts, cut(script, from)]);
}
