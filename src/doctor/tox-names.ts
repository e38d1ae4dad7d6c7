import type { Collector } from './collector.ts';
import type { Role } from './declaration.ts';
import { cut, joined, rangeOf, rangeInSource, trimmed, type MappedText, type Source } from '../formats/mapped-text.ts';

/** More environments than any real tox.ini has; what is beyond is left out. */
const nameLimit = 4_000;

/**
 * The names that a list of tox environments stands for, each character where it is written: `py{39,310}-django{42,50}, lint` is five.
 * Names are parted by commas and blanks; `{10-12}` is a range (tox 4.25).
 */
export function toxNames(list: MappedText): readonly MappedText[] {
  const names: MappedText[] = [];
  for (const item of split(list, /[,\s]/)) {
    if (names.length >= nameLimit) break;
    names.push(...expanded(item, 0).slice(0, nameLimit - names.length));
  }
  return names;
}

/**
 * The Pythons of environments' names, by their factors (`py311`, `py3.11`, `3.11`). Another Python's (`pypy310`) is unresolved.
 */
export function readToxNames(
  names: readonly MappedText[],
  { source, role, how }: { readonly source: Source; readonly role: Role; readonly how: string },
  collector: Collector,
): void {
  for (const name of names) {
    for (const match of name.text.matchAll(/[^-]+/g)) {
      const factor = cut(name, match.index, match.index + match[0].length);
      const python = pythonFactor(factor.text);
      const range = python === undefined ? undefined : rangeOf(cut(factor, python.from, python.to));
      if (python === undefined || range === undefined) continue;
      collector.add({
        subject: 'python',
        role,
        scheme: 'prefix',
        value: python.version,
        ...(python.version === undefined ? { unresolved: `another Python (${factor.text})` } : {}),
        ...rangeInSource(source, ...range),
        how,
      });
    }
  }
}

/** The version in a factor of an environment's name, and which characters say it; undefined for a factor that is no Python's. */
export function pythonFactor(
  factor: string,
): { readonly version: string | undefined; readonly from: number; readonly to: number } | undefined {
  const match = /^(?:(?:c?python|py)([23])(\d{1,2})|(?:c?python|py)?(2\.7|3\.\d{1,2}))(?:t|-dev)?$/d.exec(factor);
  if (match !== null) {
    const version = match[3] ?? `${match[1]}.${match[2]}`;
    const [from, to] = [
      match.indices?.[3]?.[0] ?? match.indices?.[1]?.[0],
      match.indices?.[3]?.[1] ?? match.indices?.[2]?.[1],
    ];
    return { version, from: from ?? 0, to: to ?? factor.length };
  }
  if (/^(?:pypy|jython|graalpy|ironpython|rustpython)(?:[23][\d.]*)?$/.test(factor))
    return { version: undefined, from: 0, to: factor.length };
  return undefined;
}

/** Parts between separators that stand outside braces. */
function split(list: MappedText, separator: RegExp): readonly MappedText[] {
  const parts: MappedText[] = [];
  let depth = 0;
  let from = 0;
  const close = (to: number): void => {
    const part = trimmed(cut(list, from, to));
    if (part.text !== '') parts.push(part);
  };
  for (let at = 0; at < list.text.length; at += 1) {
    const char = list.text[at] ?? '';
    if (char === '{') depth += 1;
    else if (char === '}') depth = Math.max(0, depth - 1);
    else if (depth === 0 && separator.test(char)) {
      close(at);
      from = at + 1;
    }
  }
  close(list.text.length);
  return parts;
}

function expanded(name: MappedText, depth: number): readonly MappedText[] {
  const open = name.text.indexOf('{');
  if (open < 0 || depth > 20) return [name];
  let level = 0;
  let end = open;
  for (; end < name.text.length; end += 1) {
    if (name.text[end] === '{') level += 1;
    else if (name.text[end] === '}' && --level === 0) break;
  }
  if (level > 0) return [name];
  const inner = cut(name, open + 1, end);
  const before = cut(name, 0, open);
  const after = expanded(cut(name, end + 1), depth + 1);
  const all: MappedText[] = [];
  // An empty alternative (`{,-cov}`) is one too.
  const alternatives = inner.text.startsWith(',') ? [cut(inner, 0, 0), ...split(inner, /,/)] : split(inner, /,/);
  for (const alternative of alternatives.flatMap((one) => expanded(one, depth + 1)).flatMap(ranged))
    for (const rest of after) {
      if (all.length >= nameLimit) return all;
      all.push(joined([before, alternative, rest]));
    }
  return all;
}

function ranged(alternative: MappedText): readonly MappedText[] {
  const match = /^(\d{1,3})-(\d{1,3})$/.exec(alternative.text);
  if (match === null) return [alternative];
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (last < first || last - first > 50) return [alternative];
  const [start, end] = [alternative.offsets[0] ?? -1, alternative.offsets.at(-1) ?? -1];
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const text = String(first + index);
    // All of the range says each of its numbers.
    const offsets = Array.from(text, (_char, at) => (at === text.length - 1 ? end : start + at));
    return { text, offsets };
  });
}
