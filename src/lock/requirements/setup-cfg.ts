import type { Span } from '../../core/span.ts';
import { iniEntry, iniLines, iniSection, readIni, type IniEntry } from '../../formats/ini.ts';
import { rangeOf } from '../../formats/mapped-text.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { placesOf, type Places } from '../../formats/places.ts';
import type { Declared, ProjectMetadata } from './pyproject.ts';

interface Line {
  readonly text: string;
  readonly span: Span;
  /** True on the key's own line. */
  readonly inline: boolean;
}

/**
 * Reads what a setup.cfg declares: `[metadata] name`, `[options] install_requires` and `python_requires`,
 * `[options.extras_require]`, each as a list or as `file: requirements.txt`. Pure; unknown sections are none of its business.
 */
export function parseSetupCfg(text: string): ProjectMetadata {
  const ini = readIni(text, { inlineComments: 'none' });
  const places = placesOf(text);
  const lines = (section: string, key: string): readonly Line[] => {
    const entry = iniEntry(ini, section, key);
    return entry === undefined ? [] : linesOf(entry, places);
  };
  const [name] = lines('metadata', 'name');
  const [python] = lines('options', 'python_requires');
  const extras = iniSection(ini, 'options.extras_require');
  return {
    ...(name === undefined ? {} : { name: normalisedName(name.text) }),
    ...(python === undefined ? {} : { requiresPython: python }),
    hasProject: name !== undefined || ini.sections.some((section) => section.name === 'options'),
    dependencies: declared(lines('options', 'install_requires')),
    extras: new Map(extras.map((entry) => [normalisedName(entry.key), declared(linesOf(entry, places))])),
    groups: new Map(),
  };
}

function declared(lines: readonly Line[]): Declared[] {
  return lines.flatMap(({ text, span, inline }): Declared[] => {
    const file = /^file:\s*(.*)$/.exec(text)?.[1];
    // Setuptools takes `a; b` on the key's own line for two requirements, and on lines of its own for one with a marker.
    const texts = inline ? text.split(';').map((one) => one.trim()) : [text];
    if (file === undefined)
      return texts.filter((one) => one !== '').map((one) => ({ kind: 'requirement', text: one, span }));
    return file.split(',').map((path) => ({ kind: 'file', path: path.trim(), span }));
  });
}

function linesOf(entry: IniEntry, places: Places): readonly Line[] {
  const ownLine = entry.text.indexOf('\n');
  return iniLines(entry).map((line) => {
    const [start, end] = rangeOf(line) ?? [entry.start, entry.start];
    return { text: line.text, span: places.span(start, end), inline: ownLine < 0 || start < entry.start + ownLine };
  });
}
