import type { Declaration, Subject } from './declaration.ts';
import { runtimeVersion } from './runtime-version.ts';
import { cut, rangeOf, rangeInSource, type MappedText, type Source } from '../formats/mapped-text.ts';

/** Variables that are somebody's version by their names alone. */
const names: readonly (readonly [pattern: RegExp, subject: Subject])[] = [
  [/^(?:.*_)?(?:PYTHON|PY)_?VER(?:SION)?$/i, 'python'],
  [/^(?:.*_)?NODE(?:JS)?_?VER(?:SION)?$/i, 'node'],
  [/^(?:.*_)?BLACK_?VER(?:SION)?$/i, 'pypi:black'],
  [/^(?:.*_)?FLAKE8_?VER(?:SION)?$/i, 'pypi:flake8'],
  [/^(?:.*_)?MYPY_?VER(?:SION)?$/i, 'pypi:mypy'],
];

/** Whose version a variable or an input holds, by its name alone (`PYTHON_VERSION`, `black_version`); undefined for other names. */
export function versionSubject(name: string): Subject | undefined {
  // The oldest or the newest that is tested is no choice.
  return isBound(name) ? undefined : names.find(([pattern]) => pattern.test(name))?.[1];
}

/** True for the name of a bound: `MIN_PYTHON_VERSION`. */
export function isBound(name: string): boolean {
  return /(?:^|_)(?:MIN|MINIMUM|MAX|MAXIMUM|OLDEST|LOWEST|NEWEST|LATEST)_/i.test(name);
}

/**
 * A variable whose name says that it is a version (`PYTHON_VERSION=3.11`); undefined for other variables, and for values that are no
 * version.
 */
export function readVariable(
  name: string,
  value: MappedText,
  { source, how }: { readonly source: Source; readonly how: string },
): Declaration | undefined {
  // `PYTHON ?= python3.11` names the interpreter itself.
  const interpreter = /^(?:.*_)?(?:PYTHON|PY)(?:_BIN|_EXE|3)?$/i.test(name)
    ? /^python(?=\d+\.\d+$)/.exec(value.text)
    : null;
  const subject = interpreter === null ? versionSubject(name) : 'python';
  const range = rangeOf(cut(value, interpreter?.[0].length ?? 0));
  if (subject === undefined || range === undefined) return undefined;
  const place = { subject, role: 'install' as const, ...rangeInSource(source, ...range), how };
  if (subject === 'python' || subject === 'node') {
    const version = runtimeVersion(subject, value.text);
    // `bookworm`, `latest`, a whole image: nothing that this variable says of the version.
    return version.value === undefined ? undefined : { ...place, ...version };
  }
  const version = /^(?:==)?v?(\d+(?:\.\w+)+)$/.exec(value.text)?.[1];
  return version === undefined ? undefined : { ...place, scheme: 'pep440', value: `==${version}` };
}
