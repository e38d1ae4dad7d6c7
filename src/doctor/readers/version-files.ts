import { createCollector, type Collector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader, Role, Subject } from '../declaration.ts';
import { rangeInSource, type Source } from '../../formats/mapped-text.ts';
import { subjectOf, toolVersion } from './mise-toml.ts';

/** .python-version: pyenv's and uv's, one or several versions; the first is the one that counts. */
export const readPythonVersionFile: Reader = ({ path, text }) => readVersions('python', path, text);

/** .nvmrc and .node-version: one version, or a name that moves (`lts/*`, `node`). */
export const readNodeVersionFile: Reader = ({ path, text }) => readVersions('node', path, text);

function readVersions(subject: 'python' | 'node', path: string, text: string): ReturnType<Reader> {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  const how = path.slice(path.lastIndexOf('/') + 1);
  const words = [...text.replace(/^\uFEFF/, ' ').matchAll(/^[^\n#]*/gm)].flatMap(({ 0: line, index }) =>
    [...line.matchAll(/[^\s#]+/g)].map((word) => ({ version: word[0], start: index + word.index })),
  );
  for (const [index, { version, start }] of words.entries()) {
    if (subject === 'node' && index > 0) break;
    addVersion({ subject, version, start, how, role: index === 0 ? 'install' : 'support' }, source, collector);
  }
  return collector.collect();
}

/** .tool-versions: asdf's and mise's, `tool version [version…]` a line. */
export const readToolVersions: Reader = ({ text }) => {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  for (const line of text.matchAll(/^[ \t]*([^\s#]+)([^\n#]*)/gm)) {
    const [whole, name = '', rest = ''] = line;
    const subject = subjectOf(name);
    if (subject === undefined) continue;
    const from = line.index + whole.length - rest.length;
    for (const [index, word] of [...rest.matchAll(/\S+/g)].entries()) {
      const place = { version: word[0], start: from + word.index, how: `.tool-versions, ${name}` };
      addVersion({ ...place, subject, role: index === 0 ? 'install' : 'support' }, source, collector);
    }
  }
  return collector.collect();
};

interface Found {
  readonly subject: Subject;
  readonly version: string;
  readonly start: number;
  readonly how: string;
  readonly role: Role;
}

function addVersion({ subject, version, start, how, role }: Found, source: Source, collector: Collector): void {
  // `v`, `python-`, `cpython@`: no part of the version.
  const before = /^(?:c?python[-@]?(?=\d)|v(?=\d))/.exec(version)?.[0].length ?? 0;
  const after = subject === 'python' ? (restOfName.exec(version.slice(before))?.[0].length ?? 0) : 0;
  const text = version.slice(before, version.length - after);
  const place = { subject, role, ...rangeInSource(source, start + before, start + version.length - after), how };
  if (subject === 'python' && isEnvironmentName(text))
    return collector.add({
      ...place,
      scheme: 'prefix',
      value: undefined,
      unresolved: `a virtual environment (${text})`,
    });
  collector.add({ ...place, ...toolVersion(subject, text) });
}

/** What stands behind the version in a long name: `3.12.1-linux-x86_64-gnu` (uv), `3.11.4/envs/shop` (pyenv), `3.13+freethreaded`. */
const restOfName =
  /(?<=^\d+(?:\.\w+)*)(?:\+(?:freethreaded|debug|gil)\b.*|-(?:linux|macos|darwin|windows|any|none)\b.*|\/envs\/.*)$/;

/** pyenv takes the name of a virtual environment (`shop`, `shop-3.11`) where it takes a version. */
function isEnvironmentName(text: string): boolean {
  if (
    /^(?:pypy|graalpy|graalvm|jython|mini|ana|conda|micropython|stackless|cinder|nogil|pyston|activepython|ironpython)/i.test(
      text,
    )
  )
    return false;
  return /^[A-Za-z][\w.-]*$/.test(text) && !/^(?:latest|system|lts|ref|path|prefix|sub)\b/.test(text);
}
