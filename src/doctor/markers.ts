import { convertSpecifier } from '../config/detect/poetry.ts';
import { satisfies } from '@renovatebot/pep440';

/** What a marker's names mean where parity runs: CPython on Linux. Names that depend on the machine or the install are left out. */
const known: Readonly<Record<string, string>> = {
  sys_platform: 'linux',
  platform_system: 'Linux',
  os_name: 'posix',
  implementation_name: 'cpython',
  platform_python_implementation: 'CPython',
};

const comparison =
  /^(?:(?<name>[a-z_]+)\s*(?<op>===|~=|==|!=|<=|>=|<|>)\s*(?:"(?<a>[^"]*)"|'(?<b>[^']*)')|(?:"(?<c>[^"]*)"|'(?<d>[^']*)')\s*(?<back>===|~=|==|!=|<=|>=|<|>)\s*(?<last>[a-z_]+))$/;

/**
 * Whether an environment marker (PEP 508) holds for a Python on Linux; undefined when it can't be told: an unknown name, an `extra`,
 * no marker at all. The Python may be partial (`3.11`).
 */
export function markerHolds(marker: string, python: string): boolean | undefined {
  // poetry's way to say it: `>=3.9`, `^3.11`.
  if (/^[<>=~^!][^"']*$/.test(marker.trim())) {
    const specifier = convertSpecifier(marker);
    return specifier === undefined ? undefined : holds(python, '', specifier);
  }
  const parts = splitAt(unwrapped(marker), 'or');
  if (parts.length > 1) return anyOf(parts.map((part) => markerHolds(part, python)));
  const all = splitAt(unwrapped(marker), 'and');
  if (all.length > 1) {
    const negated = anyOf(all.map((part) => not(markerHolds(part, python))));
    return not(negated);
  }
  const groups = comparison.exec(unwrapped(marker))?.groups;
  if (groups === undefined) return undefined;
  const name = groups['name'] ?? groups['last'] ?? '';
  const literal = groups['a'] ?? groups['b'] ?? groups['c'] ?? groups['d'] ?? '';
  const op = groups['op'] ?? turned(groups['back'] ?? '==');
  if (name === 'python_version') return holds(python.split('.').slice(0, 2).join('.'), op, literal);
  if (name === 'python_full_version') return /^\d+\.\d+\.\d/.test(python) ? holds(python, op, literal) : undefined;
  const value = known[name];
  if (value === undefined) return undefined;
  return op === '==' ? value === literal : op === '!=' ? value !== literal : undefined;
}

function holds(version: string, op: string, literal: string): boolean | undefined {
  try {
    return satisfies(version, `${op}${literal}`, { prereleases: true });
  } catch {
    return undefined;
  }
}

function anyOf(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(true)) return true;
  return values.includes(undefined) ? undefined : false;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

/** `"3.8" <= python_version` is `python_version >= "3.8"`. */
function turned(op: string): string {
  return { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }[op] ?? op;
}

/** Without the brackets around the whole. */
function unwrapped(marker: string): string {
  const text = marker.trim();
  if (!text.startsWith('(')) return text;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')' && --depth === 0) return at === text.length - 1 ? unwrapped(text.slice(1, -1)) : text;
  }
  return text;
}

/** The parts between a word that stands outside of brackets and quotes. */
function splitAt(text: string, word: 'and' | 'or'): readonly string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (const match of text.matchAll(/"[^"]*"|'[^']*'|[()]|\b(?:and|or)\b/g)) {
    if (match[0] === '(') depth += 1;
    else if (match[0] === ')') depth -= 1;
    else if (match[0] === word && depth === 0) {
      parts.push(text.slice(from, match.index));
      from = match.index + word.length;
    }
  }
  return [...parts, text.slice(from)];
}
