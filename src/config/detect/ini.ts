/** A value of an INI file, with the line its key is on. */
export interface IniValue {
  /** Lines joined with `\n`, trimmed, comments and empty lines left out. */
  readonly value: string;
  readonly line: number;
}

/** An INI file: sections by name, keys by lower-case name. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, IniValue>>;

/** Reads INI text as Python's configparser does (setup.cfg, tox.ini, mypy.ini, .flake8); lines that are neither are passed over. */
export function parseIni(text: string | undefined): Ini {
  const sections = new Map<string, Map<string, IniValue>>();
  let section: Map<string, IniValue> | undefined;
  let key: string | undefined;
  for (const [index, raw] of (text ?? '').split('\n').entries()) {
    const line = raw.replace(/\s[#;].*$/, '').trimEnd();
    if (/^\s*([#;].*)?$/.test(line)) continue;
    const header = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) {
      section = sections.get(header.trim()) ?? new Map();
      sections.set(header.trim(), section);
      key = undefined;
      continue;
    }
    const known: IniValue | undefined = key === undefined ? undefined : section?.get(key);
    if (/^\s/.test(line) && key !== undefined && known) {
      section?.set(key, { value: `${known.value}\n${line.trim()}`.trim(), line: known.line });
      continue;
    }
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line);
    if (pair?.[1] === undefined) continue;
    key = pair[1].toLowerCase();
    section?.set(key, { value: pair[2] ?? '', line: index + 1 });
  }
  return sections;
}
