import type { Declaration, Role } from './declaration.ts';
import { cut, rangeOf, rangeInSource, type MappedText, type Source } from '../formats/mapped-text.ts';

/** The ways to say a Python version. */
export type PythonForm =
  /** One version: `3.11`, `3.11.4`. */
  | 'version'
  /** A PEP 440 specifier set: `>=3.10,<4`. */
  | 'specifier'
  /** A tool's target: `py311`, `3.11`. */
  | 'target'
  /** isort's: `311`, `39`. */
  | 'digits'
  /** What names an interpreter: `python3.11`, `py311`, `cpython3.11`, `3.11`, `/usr/bin/python3.11`. */
  | 'interpreter'
  /** A Trove classifier: `Programming Language :: Python :: 3.11`. */
  | 'classifier';

/** What a version is there for. */
export interface PythonContext {
  readonly source: Source;
  /** File offsets of the whole text, for what can't be placed more exactly. */
  readonly whole: readonly [start: number, end: number];
  readonly role: Role;
  readonly how: string;
  readonly condition?: string;
}

const specifierSet = /^(?:(?:===|~=|==|!=|<=|>=|<|>)[\w.*+!-]+,?)+$/;
const otherPythons = /^(?:pypy|jython|graalpy|ironpython|rustpython|micropython)/;
const marks: Readonly<Record<'version' | 'target' | 'digits' | 'interpreter', RegExp>> = {
  version: /^v?(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?)(?:\.\*)?$/d,
  target: /^(?:py)?(?:(\d)_?(\d+)|(\d+\.\d+(?:\.\d+)*))$/d,
  digits: /^(?:py)?(?:(\d)(\d+)|(\d+\.\d+))$/d,
  interpreter:
    /^(?:.*[/\\])?(?:(?:c?python|py)[-@]?)?(?:(?<=py)([23])(\d+)|(\d+\.\d+(?:\.\d+)?))(?:t|-dev|-64|-32|\.exe)*$/d,
};

/**
 * What a text in one of those forms says of Python; undefined for a text that says nothing of a version (`python3`, `py`, `auto`, another
 * classifier). A version that can't be resolved is unresolved; so is that of another Python (`pypy3.10`).
 */
export function pythonDeclaration(
  mapped: MappedText,
  form: PythonForm,
  context: PythonContext,
): Declaration | undefined {
  const { source, whole, role, how, condition } = context;
  const make = (from: number, to: number, value: string | undefined, why = ''): Declaration => ({
    subject: 'python',
    role,
    scheme: form === 'specifier' ? 'pep440' : 'prefix',
    value,
    ...(value === undefined ? { unresolved: why } : {}),
    ...rangeInSource(source, ...(rangeOf(cut(mapped, from, to)) ?? whole)),
    how,
    ...(condition === undefined ? {} : { condition }),
  });
  const { text } = mapped;
  const plain = text.trim();
  const from = text.length - text.trimStart().length;
  const to = from + plain.length;
  if (form === 'classifier') {
    const version = /^Programming Language :: Python :: (\d+\.\d+)$/.exec(plain)?.[1];
    return version === undefined ? undefined : make(to - version.length, to, version);
  }
  if (
    plain === '' ||
    (/^(?:auto|all|python[23]?|py[23]?|[23]|\{?sys\.executable\}?)$/.test(plain) && form !== 'specifier')
  )
    return form === 'version' && /^[23]$/.test(plain) ? make(from, to, plain) : undefined;
  if (form === 'specifier') {
    const value = plain.replace(/\s+/g, '').replace(/,$/, '');
    if (value === '*') return make(from, to, '');
    // A bare version is no specifier, but what it means is plain.
    if (/^\d+(?:\.\d+)*(?:\.\*)?$/.test(value)) return make(from, to, `==${value}`);
    return make(from, to, specifierSet.test(value) ? value : undefined, unclear(plain, 'no version specifier'));
  }
  if (otherPythons.test(plain)) return make(from, to, undefined, `another Python (${plain})`);
  const match = marks[form].exec(plain);
  if (match === null) {
    // The interpreter of tox itself, a path, a tag: nothing that names a version.
    if (form === 'interpreter' && !/[\d{$]/.test(plain)) return undefined;
    return make(from, to, undefined, unclear(plain, 'no version'));
  }
  if (form === 'version') return make(...within(match.indices?.[1], from), match[1]);
  if (match[3] !== undefined) {
    const isShort = form === 'target' || form === 'digits';
    return make(...(isShort ? ([from, to] as const) : within(match.indices?.[3], from)), match[3]);
  }
  const range =
    form === 'interpreter' ? [match.indices?.[1]?.[0] ?? 0, match.indices?.[2]?.[1] ?? 0] : [0, plain.length];
  return make(...within(range as [number, number], from), `${match[1]}.${match[2]}`);
}

function within(range: readonly [number, number] | undefined, from: number): readonly [number, number] {
  return [from + (range?.[0] ?? 0), from + (range?.[1] ?? 0)];
}

function unclear(text: string, otherwise: string): string {
  return /[$`{}]|%[(s]/.test(text) ? `a variable (${text})` : `${otherwise} (${text})`;
}
