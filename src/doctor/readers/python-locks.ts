import { normalisedName } from '../../formats/package-name.ts';
import { createCollector, type Collector } from '../collector.ts';
import { jsonAt, readJson } from '../json.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { rangeInSource, type Source } from '../../formats/mapped-text.ts';

/**
 * uv.lock, poetry.lock, pdm.lock and pylock.toml (PEP 751): a table `[[package]]` for each package. By lines: these are files of
 * megabytes that programs write in one form, and a whole TOML reader would take seconds.
 */
export const readTomlLock: Reader = ({ text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const table = /^\[\[?([^\]\n]+)\]\]?[ \t]*\r?$/gm;
  const starts = [...text.matchAll(table)].map((match) => ({
    name: match[1] ?? '',
    from: match.index + match[0].length,
  }));
  readPython(text.slice(0, starts[0]?.from ?? text.length), 0, source, collector);
  for (const [index, { name, from }] of starts.entries()) {
    const next = starts[index + 1];
    const body = text.slice(from, next === undefined ? text.length : text.lastIndexOf('\n[', next.from));
    if (name === 'package' || name === 'packages') readPackage(body, from, source, collector);
    else if (name === 'metadata') readPython(body, from, source, collector);
  }
  return collector.collect();
};

function readPackage(body: string, from: number, source: Source, collector: Collector): void {
  const name = /^name[ \t]*=[ \t]*"([^"\n]+)"/m.exec(body)?.[1];
  const version = /^version[ \t]*=[ \t]*"([^"\n]+)"/m.exec(body);
  // uv's own packages of the workspace: nothing that is installed from anywhere.
  if (name === undefined || version?.[1] === undefined || /^source[ \t]*=.*(?:virtual|editable|directory)/m.test(body))
    return;
  const start = from + version.index + version[0].length - version[1].length - 1;
  collector.add({
    subject: `pypi:${normalisedName(name)}`,
    role: 'locked',
    scheme: 'exact',
    value: version[1],
    ...rangeInSource(source, start, start + version[1].length),
    how: 'the lock file',
  });
}

/** uv's `requires-python`, poetry's `python-versions`. */
function readPython(body: string, from: number, source: Source, collector: Collector): void {
  const match = /^(?:requires-python|requires_python|python-versions)[ \t]*=[ \t]*"([^"\n]*)"/m.exec(body);
  const version = match?.[1];
  if (match === null || version === undefined) return;
  const isSpecifier = /^(?:(?:===|~=|==|!=|<=|>=|<|>)[^,|^~]+,?)+$/.test(version.replaceAll(' ', ''));
  // poetry's `^3.11` and `>=3.9,<4.0 || …` stand in pyproject.toml, too.
  if (!isSpecifier) return;
  const start = from + match.index + match[0].length - version.length - 1;
  collector.add({
    subject: 'python',
    role: 'floor',
    scheme: 'pep440',
    value: version.replaceAll(' ', ''),
    ...rangeInSource(source, start, start + version.length),
    how: 'requires-python of the lock file',
  });
}

/** Pipfile.lock. */
export const readPipfileLock: Reader = ({ text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const { root, problem } = readJson(text);
  if (problem !== undefined)
    collector.problem({ message: `no JSON: ${problem.message}`, span: source.places.span(problem.at, problem.at) });
  for (const [group, packages] of root?.members ?? []) {
    if (group.text === '_meta') continue;
    for (const [name, entry] of packages.members) {
      const version = jsonAt(entry, 'version');
      const pinned = /^==(.+)$/.exec(version?.text ?? '')?.[1];
      if (version === undefined || pinned === undefined) continue;
      collector.add({
        subject: `pypi:${normalisedName(name.text)}`,
        role: 'locked',
        scheme: 'exact',
        value: pinned,
        ...rangeInSource(source, version.end - pinned.length, version.end),
        how: 'the lock file',
      });
    }
  }
  return collector.collect();
};
