import { cut, joined, mapText, trimmed, type MappedText } from './mapped-text.ts';

/** One logical line of a requirements file, without its comment; offsets tell where each character stands. */
export type RequirementsLine = { readonly mapped: MappedText } & (
  | {
      readonly kind: 'requirement';
      /** What pip is to install: a requirement, a path or an address. */
      readonly body: MappedText;
      /** What follows it: `--hash=…`. */
      readonly options: readonly RequirementsOption[];
    }
  | ({ readonly kind: 'option' } & RequirementsOption)
);

/** An option as it is written. */
export interface RequirementsOption {
  /** `-r`, `--hash`. */
  readonly name: string;
  /** All that follows it, in its quotes; empty for a flag. */
  readonly value: MappedText;
}

/** Reads a requirements file as pip does (https://pip.pypa.io/en/stable/reference/requirements-file-format/). Never throws. */
export function requirementsLines(text: string): readonly RequirementsLine[] {
  return logicalLines(text).flatMap((line) => requirementsLine(line) ?? []);
}

/** Reads one line of a requirements file, or of a list in that form; undefined where it says nothing. */
export function requirementsLine(line: MappedText): RequirementsLine | undefined {
  const comment = /(?:^|\s+)#.*$/.exec(line.text);
  const mapped = trimmed(comment === null ? line : cut(line, 0, comment.index));
  if (mapped.text === '') return undefined;
  if (mapped.text.startsWith('-')) return { mapped, kind: 'option', ...optionOf(mapped) };
  const starts = [...mapped.text.matchAll(/\s+(?=--[a-z])/g)].map(({ index }) => index);
  const options = starts.map((start, index) => optionOf(trimmed(cut(mapped, start, starts[index + 1]))));
  return { mapped, kind: 'requirement', body: cut(mapped, 0, starts[0]), options };
}

/** Options that pip takes behind a requirement, of all its versions. */
const requirementOptions = /^--(?:hash|config-settings?|global-option|install-option|no-binary|only-binary)$/;

/** A line's requirement without the options behind it; the whole line where those are none of pip's: then it is no requirement. */
export function plainRequirement({
  mapped,
  body,
  options,
}: Extract<RequirementsLine, { kind: 'requirement' }>): MappedText {
  return options.every(({ name }) => requirementOptions.test(name)) ? body : mapped;
}

/** What an option takes in; undefined for one that takes in no file. */
export function includedBy({ name }: RequirementsOption): 'requirements' | 'constraints' | undefined {
  if (/^(?:-r|--requirements?)$/.test(name)) return 'requirements';
  return /^(?:-c|--constraints?)$/.test(name) ? 'constraints' : undefined;
}

/** `--option=value`, `--option value`, `-rvalue`. */
function optionOf(mapped: MappedText): RequirementsOption {
  const match = /^(--[a-z-]+|-[a-z])(?:\s*=\s*|\s+|(?<=^-[a-z]))?/.exec(mapped.text);
  if (match?.[1] === undefined) return { name: mapped.text, value: cut(mapped, mapped.text.length) };
  return { name: match[1], value: cut(mapped, match[0].length) };
}

/** Continued lines joined; a comment line ends one. */
function logicalLines(text: string): readonly MappedText[] {
  const lines: MappedText[] = [];
  let open: MappedText[] = [];
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  for (const physical of text.slice(start).split(/(?<=\r\n|\r(?!\n)|\n)/)) {
    const line = physical.replace(/[\r\n]+$/, '');
    const isComment = /^\s*#/.test(line);
    const continues = line.endsWith('\\') && !isComment;
    if (!isComment) open.push(mapText(continues ? line.slice(0, -1) : line, start));
    start += physical.length;
    if (continues) continue;
    lines.push(joined(open));
    open = [];
  }
  return open.length === 0 ? lines : [...lines, joined(open)];
}
