import { iniLines, readIni } from '../../formats/ini.ts';
import { placesOf } from '../../formats/places.ts';

/** A value of an INI file, with the line its key is on. */
export interface IniValue {
  /** Lines joined with `\n`, trimmed, comments and empty lines left out. */
  readonly value: string;
  readonly line: number;
}

/** An INI file as detection looks at it: sections by name, keys by lower-case name. */
export type IniSettings = ReadonlyMap<string, ReadonlyMap<string, IniValue>>;

/** Reads the settings of setup.cfg, tox.ini, mypy.ini, .flake8; lines that are none are passed over. */
export function iniSettings(text = ''): IniSettings {
  const settings = new Map<string, Map<string, IniValue>>();
  const places = placesOf(text);
  for (const { name, entries } of readIni(text, { inlineComments: '# or ;' }).sections) {
    const section = settings.get(name) ?? new Map<string, IniValue>();
    settings.set(name, section);
    for (const entry of entries) {
      const value = iniLines(entry).map((line) => line.text);
      section.set(entry.key.toLowerCase(), {
        value: value.join('\n'),
        line: places.span(entry.start, entry.start).line,
      });
    }
  }
  return settings;
}
