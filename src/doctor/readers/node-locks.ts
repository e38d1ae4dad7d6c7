import { createCollector } from '../collector.ts';
import { jsonAt, readJson, type JsonValue } from '../json.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader, Declaration } from '../declaration.ts';
import { rangeInSource, type Source } from '../../formats/mapped-text.ts';

/** package-lock.json and npm-shrinkwrap.json, version 1 to 3: what is installed at the top, which is what runs. */
export const readNpmLock: Reader = ({ text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const { root, problem } = readJson(text);
  if (problem !== undefined)
    collector.problem({ message: `no JSON: ${problem.message}`, span: source.places.span(problem.at, problem.at) });
  const packages = jsonAt(root, 'packages')?.members ?? [];
  for (const [key, value] of packages) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(key.text)?.[1];
    if (name !== undefined) collector.add(locked(name, jsonAt(value, 'version'), source));
  }
  if (packages.length === 0)
    for (const [key, value] of jsonAt(root, 'dependencies')?.members ?? [])
      collector.add(locked(key.text, jsonAt(value, 'version'), source));
  return collector.collect();
};

function locked(name: string, version: JsonValue | undefined, source: Source): Declaration | undefined {
  if (version === undefined || !/^\d/.test(version.text)) return undefined;
  return at(name, version.text, version.start, source);
}

function at(name: string, version: string, start: number, source: Source): Declaration {
  return {
    subject: `npm:${name}`,
    role: 'locked',
    scheme: 'exact',
    value: version,
    ...rangeInSource(source, start, start + version.length),
    how: 'the lock file',
  };
}

/** pnpm-lock.yaml, version 5 to 9: what the projects of the workspace depend on. By lines: the file may have a hundred thousand. */
export const readPnpmLock: Reader = ({ text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  let [top, name] = ['', ''];
  for (const match of text.matchAll(
    /^( *)(?:'([^'\n]+)'|([^\s'"#][^:\n]*)):(?:[ \t]+(?:'([^'\n]*)'|([^\s'][^\n]*?)))?[ \t]*\r?$/gm,
  )) {
    const [whole, indent = '', quoted, plain, quotedValue, plainValue] = match;
    const key = quoted ?? plain ?? '';
    const value = quotedValue ?? plainValue;
    if (indent === '') top = key;
    if (!/^(?:importers|dependencies|devDependencies|optionalDependencies|specifiers)$/.test(top)) continue;
    if (value === undefined) {
      name = key;
      continue;
    }
    // `version: 3.3.3(typescript@5.4.5)`, and before version 6 `prettier: 3.3.3`.
    const isEntry = key === 'version' || (top !== 'importers' && top !== 'specifiers' && /^\d/.test(value));
    const version = /^\d[\w.+-]*/.exec(value)?.[0];
    if (!isEntry || version === undefined) continue;
    const start = match.index + whole.lastIndexOf(value);
    collector.add(at(key === 'version' ? name : key, version.split('_')[0] ?? version, start, source));
  }
  return collector.collect();
};

/** yarn.lock, of yarn 1 and of yarn 2 and later: every version of every package. */
export const readYarnLock: Reader = ({ text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  for (const match of text.matchAll(
    /^"?((?:@[\w.-]+\/)?[\w.-]+)@([^\n]+):[ \t]*\r?\n[ \t]+version:?[ \t]+"?(\d[\w.+-]*)"?[ \t]*\r?$/gm,
  )) {
    const [whole, name = '', wanted = '', version = ''] = match;
    if (/^(?:workspace|patch|link|portal|file):/.test(wanted)) continue;
    collector.add(at(name, version, match.index + whole.lastIndexOf(version), source));
  }
  return collector.collect();
};
