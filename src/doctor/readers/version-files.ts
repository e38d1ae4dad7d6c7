import { placesOf } from '../places.ts';
import type { FileReadings, Reader, Reading } from '../reading.ts';

/** .python-version: pyenv's and uv's, one or several versions, a line each; the first is the one that counts. */
export const readPythonVersionFile: Reader = ({ text }) => {
  const pattern = /^[ \t]*(?!#)(?:cpython[-@]|python[-@]?)?(\S+)/gm;
  const [first, ...others] = versionLines(text, pattern);
  const chosen = first === undefined ? [] : [pythonReading(text, first, '.python-version', 'install')];
  return only([...chosen, ...others.map((other) => pythonReading(text, other, '.python-version', 'support'))]);
};

/** .nvmrc and .node-version: one version, or a name that moves (`lts/*`, `node`). */
export const readNodeVersionFile: Reader = ({ path, text }) => {
  const [first] = versionLines(text, /^[ \t]*(?!#)v?(\S+)/gm);
  const how = path.slice(path.lastIndexOf('/') + 1);
  return only(first === undefined ? [] : [nodeReading(text, first, how)]);
};

/** .tool-versions: asdf's and mise's, `tool version [version…]` a line. */
export const readToolVersions: Reader = ({ text }) => {
  const readings: Reading[] = [];
  for (const match of text.matchAll(/^[ \t]*(python|node|nodejs)[ \t]+v?([^\s#]+)/gm)) {
    const found = { value: match[2] ?? '', start: match.index + match[0].length - (match[2] ?? '').length };
    const how = `.tool-versions, ${match[1]}`;
    readings.push(match[1] === 'python' ? pythonReading(text, found, how, 'install') : nodeReading(text, found, how));
  }
  return only(readings);
};

interface Found {
  readonly value: string;
  readonly start: number;
}

function versionLines(text: string, pattern: RegExp): readonly Found[] {
  return [...text.replace(/^\uFEFF/, ' ').matchAll(pattern)].map((match) => {
    const value = match[1] ?? '';
    return { value, start: match.index + match[0].length - value.length };
  });
}

function pythonReading(text: string, found: Found, how: string, role: Reading['role']): Reading {
  const isVersion = /^\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?$/.test(found.value);
  return reading(text, found, how, { subject: 'python', role, value: isVersion ? found.value : undefined });
}

function nodeReading(text: string, found: Found, how: string): Reading {
  const isVersion = /^\d+(?:\.\d+){0,2}$/.test(found.value);
  return reading(text, found, how, { subject: 'node', role: 'install', value: isVersion ? found.value : undefined });
}

function reading(
  text: string,
  { value: said, start }: Found,
  how: string,
  { subject, role, value }: Pick<Reading, 'subject' | 'role' | 'value'>,
): Reading {
  return {
    subject,
    role,
    scheme: 'prefix',
    value,
    ...(value === undefined ? { undecided: `a name that moves or a version of another kind (${said})` } : {}),
    span: placesOf(text).span(start, start + said.length),
    said,
    how,
  };
}

function only(readings: readonly Reading[]): FileReadings {
  return { readings, commands: [], references: [], problems: [] };
}
