import type { Collector } from './collector.ts';
import { installedBy } from './installs.ts';
import type { CommandDeclaration } from './declaration.ts';
import { readRequirementLine } from './requirement-line.ts';
import { cut, joined, rangeOf, rangeInSource, type MappedText, type Source } from '../formats/mapped-text.ts';
import { shellCommands, type ShellCommand } from '../formats/shell.ts';

/** Who runs a command, and where it stands. */
export interface ToolCommandContext {
  readonly source: Source;
  readonly path: string;
  readonly by: CommandDeclaration['by'];
  readonly where: string;
  /** Relative to the repository's top. */
  readonly cwd?: string | undefined;
  readonly failureIgnored?: string | undefined;
  /** How an install is described; by default as the command has it (`pip install`). */
  readonly how?: string;
}

/**
 * A command line of tox: what it runs, with tox's placeholders as a plain run has them (`{posargs:tests}` is `tests`), what it installs,
 * and the requirement files that it names. A leading `-` ignores its failure; `!` only turns its exit code.
 */
export function readToolCommand(line: MappedText, context: ToolCommandContext, collector: Collector): void {
  const mark = /^\s*([-!]+)\s+|^\s*(-)(?=\w)/.exec(line.text);
  const dash = (mark?.[1] ?? mark?.[2] ?? '').includes('-');
  const body = cut(line, mark?.[0].length ?? 0);
  for (const command of shellCommands(body.text)) {
    const text = plainCommand(command.words.map(({ text: word }) => word).join(' '));
    const ignored = command.ignored ?? (dash ? 'a leading -' : context.failureIgnored);
    readCommandWords(command, body, { ...context, failureIgnored: ignored }, text, collector);
  }
}

/** A command that is given word by word, as nox's `session.run("black", ".")` and tox.toml have it. */
export function readWords(words: readonly CommandWord[], context: ToolCommandContext, collector: Collector): void {
  const blank: MappedText = { text: ' ', offsets: [-1] };
  const pieces: MappedText[] = [];
  const shellWords: ShellCommand['words'][number][] = [];
  let at = 0;
  for (const { mapped, dynamic } of words) {
    shellWords.push({ text: mapped.text, start: at, end: at + mapped.text.length, dynamic: dynamic ?? false });
    pieces.push(mapped, blank);
    at += mapped.text.length + 1;
  }
  if (shellWords.length === 0) return;
  const body = joined(pieces);
  const text = shellWords.map(({ text: word }) => word).join(' ');
  readCommandWords({ words: shellWords, start: 0, end: at - 1 }, body, context, text, collector);
}

/** A word of a command. */
export interface CommandWord {
  readonly mapped: MappedText;
  /** True when it is an expression that reading does not resolve. */
  readonly dynamic?: boolean;
}

function readCommandWords(
  command: ShellCommand,
  body: MappedText,
  context: ToolCommandContext,
  text: string,
  collector: Collector,
): void {
  const { source, path, by, where, cwd, failureIgnored, how } = context;
  const stretch = body.offsets.slice(command.start, command.end).filter((offset) => offset >= 0);
  const whole = [Math.min(...ends(stretch)), Math.max(...ends(stretch)) + 1] as const;
  const range = (from: number, to: number): readonly [number, number] => rangeOf(cut(body, from, to)) ?? whole;
  for (const declaration of installedBy(command, { places: source.places, range })) {
    const { span } = declaration;
    const [start, end] = [
      source.places.offset(span.line, span.column),
      source.places.offset(span.endLine, span.endColumn),
    ];
    collector.add({ ...declaration, ...rangeInSource(source, start, end), ...(how === undefined ? {} : { how }) });
  }
  readIncludes(command, body, { source, path, whole, role: 'install', how: how ?? 'pip install' }, collector);
  if (text === '' || how !== undefined) return;
  collector.command({
    command: text,
    by,
    where,
    span: source.places.span(...whole),
    ...(cwd === undefined || cwd === '.' ? {} : { cwd }),
    ...(failureIgnored === undefined ? {} : { failureIgnored }),
  });
}

/** The first and the last of many numbers; the spread of all would be too many arguments. */
function ends(offsets: readonly number[]): readonly number[] {
  return offsets.length === 0
    ? [0]
    : [offsets.reduce((a, b) => Math.min(a, b)), offsets.reduce((a, b) => Math.max(a, b))];
}

function readIncludes(
  { words }: ShellCommand,
  body: MappedText,
  context: Parameters<typeof readRequirementLine>[1],
  collector: Collector,
): void {
  const texts = words.map(({ text }) => text);
  const install = texts.indexOf('install');
  if (install < 1 || !texts.slice(0, install).some((text) => /^(?:.*\/)?pip[\d.]*$/.test(text))) return;
  for (const [index, word] of words.entries()) {
    if (index < install) continue;
    const isAlone = /^(?:-r|--requirements?|-c|--constraints?)$/.test(word.text);
    const next = words[index + 1];
    if (isAlone && next !== undefined) readRequirementLine(cut(body, word.start, next.end), context, collector);
    else if (/^(?:-r|-c|--requirements?=|--constraints?=)./.test(word.text))
      readRequirementLine(cut(body, word.start, word.end), context, collector);
  }
}

/** tox's placeholders, as a run without further arguments has them. */
function plainCommand(command: string): string {
  let text = command;
  for (let count = 0; count < 8; count += 1) {
    const next = text
      .replace(/\{(?:toxinidir|tox_root)\}(?:\/|\{\/\})?(\s|$)/g, '.$1')
      .replace(/\{(?:toxinidir|tox_root)\}(?:\/|\{\/\})?/g, '')
      .replace(/\{(?:envbindir|env_bin_dir)\}(?:\/|\{\/\})?/g, '')
      .replace(/\{(?:envpython|env_python)\}/g, 'python')
      .replace(/\{(?:basepython|base_python)\}/g, 'python')
      .replace(/\{posargs(?::((?:[^{}\\]|\\.)*))?\}/g, (_all, given: string | undefined) =>
        (given ?? '').replace(/\\(.)/g, '$1'),
      )
      .replace(/\[\]/g, '')
      .replace(/\{\/\}/g, '/');
    if (next === text) break;
    text = next;
  }
  return text.replace(/\s+/g, ' ').trim();
}
