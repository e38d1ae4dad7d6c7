import { mapText, trimmed, type MappedText } from './mapped-text.ts';

/** A key and its value, comments blanked out, so that every character of the value keeps its place. */
export interface IniEntry {
  readonly key: string;
  /** File offset of the value's first character. */
  readonly start: number;
  /** The value with its further lines, as long as in the file. */
  readonly text: string;
}

/** A section. */
export interface IniSection {
  readonly name: string;
  /** File offset of the name. */
  readonly start: number;
  readonly entries: readonly IniEntry[];
}

/** An INI file; `problems` are the lines that are neither section, key nor further line of a value. */
export interface Ini {
  readonly sections: readonly IniSection[];
  readonly problems: readonly { readonly message: string; readonly start: number; readonly end: number }[];
}

/** What begins a comment behind a value: programs differ. */
export interface IniDialect {
  /** After a blank; `none` is what setuptools takes setup.cfg for. Default: `#`, as tox and mypy have it. */
  readonly inlineComments?: '#' | '# or ;' | 'none';
}

/**
 * Reads what Python's configparser and tox read: `[section]`, `key = value` or `key: value`, further lines of a value indented more than
 * its key, lines that begin with `#` or `;` and the rest of a line after ` #` (as the dialect has it) as comments. Never throws.
 */
export function readIni(text: string, { inlineComments = '#' }: IniDialect = {}): Ini {
  const blank = (comment: string): string => ' '.repeat(comment.length);
  const lines = text.replace(/^\uFEFF/, ' ').replace(/^[ \t]*[#;].*$/gm, blank);
  const masked =
    inlineComments === 'none' ? lines : lines.replace(inlineComments === '#' ? /[ \t]#.*$/gm : /[ \t][#;].*$/gm, blank);
  const sections: { name: string; start: number; entries: { key: string; start: number; end: number }[] }[] = [];
  const problems: { message: string; start: number; end: number }[] = [];
  let indent = 0;
  let at = 0;
  let isOpen = false;
  for (const raw of masked.split('\n')) {
    const start = at;
    at += raw.length + 1;
    const line = raw.trimEnd();
    if (line.trim() === '') continue;
    const depth = line.length - line.trimStart().length;
    const entries = sections.at(-1)?.entries;
    const current = entries?.at(-1);
    if (isOpen && current !== undefined && depth > indent) {
      current.end = start + line.length;
      continue;
    }
    indent = depth;
    isOpen = false;
    const header = /^\s*\[(.+)\]/.exec(line)?.[1];
    const pair = /^(\s*)([^=:]*?)(\s*[=:][ \t]*)(.*)$/.exec(line);
    if (header !== undefined) sections.push({ name: header.trim(), start: start + line.indexOf(header), entries: [] });
    else if (entries !== undefined && pair?.[2]) {
      const from = start + line.length - (pair[4] ?? '').length;
      entries.push({ key: pair[2], start: from, end: start + line.length });
      isOpen = true;
    } else {
      const message = `neither a section nor a key: ${line.trim().slice(0, 60)}`;
      problems.push({ message, start: start + depth, end: start + line.length });
    }
  }
  return {
    sections: sections.map(({ name, start, entries }) => ({
      name,
      start,
      entries: entries.map((entry) => ({
        key: entry.key,
        start: entry.start,
        text: masked.slice(entry.start, entry.end),
      })),
    })),
    problems,
  };
}

/** The entries of a section, in order; of all parts of one that is written in several. */
export function iniSection(ini: Ini, section: string): readonly IniEntry[] {
  return ini.sections.filter(({ name }) => name === section).flatMap(({ entries }) => entries);
}

/** The value under a key, whose dashes count as underscores, in any case; the last one where there are several. */
export function iniEntry(ini: Ini, section: string, ...keys: readonly string[]): IniEntry | undefined {
  const plain = (key: string): string => key.toLowerCase().replace(/-/g, '_');
  const wanted = new Set(keys.map(plain));
  return iniSection(ini, section).findLast(({ key }) => wanted.has(plain(key)));
}

/** The lines of a value that say something; `\` at the end of a line joins it to the next when `continued`. */
export function iniLines({ start, text }: IniEntry, continued = false): readonly MappedText[] {
  const whole = mapText(continued ? text.replace(/\\[ \t]*\r?\n/g, (join) => ' '.repeat(join.length)) : text, start);
  const lines: MappedText[] = [];
  let from = 0;
  for (const line of whole.text.split('\n')) {
    const shown = trimmed(mapText(line, start + from));
    from += line.length + 1;
    if (shown.text !== '') lines.push(shown);
  }
  return lines;
}
