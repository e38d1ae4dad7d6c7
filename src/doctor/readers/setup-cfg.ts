import { createCollector, type Collector } from '../collector.ts';
import { iniLines, readIni, type IniEntry } from '../../formats/ini.ts';
import { placesOf } from '../../formats/places.ts';
import { pinsInstalled } from '../pinned-dependencies.ts';
import { pythonDeclaration } from '../python-version.ts';
import type { Reader, Role } from '../declaration.ts';
import { readRequirementLine, repositoryPath } from '../requirement-line.ts';
import { cut, rangeOf, type MappedText, type Source } from '../../formats/mapped-text.ts';
import { readToolSections } from './tool-ini.ts';
import { readToxSections } from './tox-ini.ts';

/** Lists of requirements that have a key of their own, in [options] (setuptools) and [metadata] (what came before). */
const lists: Readonly<Record<string, Role>> = {
  install_requires: 'library',
  requires_dist: 'library',
  setup_requires: 'install',
  tests_require: 'install',
};

/** setup.cfg: setuptools' and pbr's metadata and options, tox's sections, and the settings of mypy and isort. */
export const readSetupCfg: Reader = ({ path, text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const ini = readIni(text);
  for (const { message, start, end } of ini.problems.slice(0, 1))
    collector.problem({ message, span: source.places.span(start, end) });
  for (const { name, entries } of ini.sections) {
    for (const entry of entries) {
      const key = entry.key.toLowerCase().replace(/-/g, '_');
      const how = `[${name}] ${entry.key}`;
      // pbr names its extras in a section of their own.
      if (name === 'options.extras_require' || name === 'extras')
        readList(entry, { source, path, role: 'install', how }, collector);
      if (name !== 'options' && name !== 'metadata') continue;
      const role = lists[key];
      if (role !== undefined) readList(entry, { source, path, role, how }, pinsInstalled(collector));
      for (const mapped of iniLines(entry)) {
        const context = { source, whole: rangeOf(mapped) ?? ([0, 0] as const), how };
        if (/^(?:python_requires|requires_python)$/.test(key))
          collector.add(pythonDeclaration(mapped, 'specifier', { ...context, role: 'floor' }));
        if (/^classifiers?$/.test(key))
          collector.add(pythonDeclaration(mapped, 'classifier', { ...context, role: 'support', how: 'a classifier' }));
      }
    }
  }
  readToxSections(ini, { source, path, collector, main: 'tox:tox' });
  readToolSections(ini, source, collector);
  return collector.collect();
};

interface ListContext {
  readonly source: Source;
  readonly path: string;
  readonly role: Role;
  readonly how: string;
}

/** A list, a line each; on the key's own line `;` parts requirements; `file: a.txt, b.txt` takes in files. */
function readList(entry: IniEntry, context: ListContext, collector: Collector): void {
  const lines = iniLines(entry);
  const isInline = !entry.text.includes('\n');
  for (const line of lines) {
    const files = /^file:\s*(.*)$/.exec(line.text);
    if (files !== null) readFiles(cut(line, line.text.length - (files[1] ?? '').length), context, collector);
    else
      for (const part of isInline ? requirementsOf(line) : [line])
        readRequirementLine(part, { ...context, whole: rangeOf(part) ?? [0, 0] }, collector);
  }
}

function readFiles(list: MappedText, { source, path }: ListContext, collector: Collector): void {
  for (const match of list.text.matchAll(/[^,\s]+/g)) {
    const file = repositoryPath(path, match[0]);
    const range = rangeOf(cut(list, match.index, match.index + match[0].length));
    if (file !== undefined && range !== undefined)
      collector.reference({ path: file, as: 'requirements', span: source.places.span(...range) });
  }
}

/** `a; b` are two requirements, `a; python_version < "3.8"` is meant as one, whatever setuptools makes of it. */
function requirementsOf(line: MappedText): readonly MappedText[] {
  const parts: MappedText[] = [];
  let from = 0;
  const separator =
    /;(?!\s*\(?\s*(?:python_version|python_full_version|sys_platform|platform_|os_name|implementation_|extra\b))/g;
  for (const { index } of line.text.matchAll(separator)) {
    parts.push(cut(line, from, index));
    from = index + 1;
  }
  return [...parts, cut(line, from)].filter(({ text }) => text.trim() !== '');
}
