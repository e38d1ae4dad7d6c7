import type { PythonLine } from './python-text.ts';
import { pythonAssignment, type PythonValue } from './python-value.ts';
import { joined, type MappedText } from '../formats/mapped-text.ts';

/** What names stand for: plain assignments of a module, and of a function within it. */
export interface PythonNames {
  readonly values: ReadonlyMap<string, PythonValue>;
  /** Of the module around a function. */
  readonly outer?: PythonNames;
}

/** Reads the assignments among some lines. A name that is assigned different values has none that can be told. */
export function pythonNames(lines: readonly PythonLine[], outer?: PythonNames): PythonNames {
  const values = new Map<string, PythonValue>();
  for (const line of lines) {
    const found = pythonAssignment(line);
    if (found === undefined) continue;
    const { name, key, isAddition, value } = found;
    const before = values.get(name);
    const place = { start: value.start, end: value.end };
    if (key !== undefined) {
      const entries = before?.kind === 'dict' ? before.entries : [];
      if (before === undefined || before.kind === 'dict')
        values.set(name, { kind: 'dict', ...place, entries: [...entries, [key, value]] });
    } else if (isAddition) {
      if (before !== undefined) values.set(name, { kind: 'sum', items: [before, value], ...place });
    } else if (before === undefined) values.set(name, value);
    else values.set(name, { kind: 'choice', by: 'if', items: [before, value], ...place });
  }
  return outer === undefined ? { values } : { values, outer };
}

/** A text that an expression stands for. */
export interface PythonString {
  readonly mapped: MappedText;
  /** File offsets of the expression. */
  readonly whole: readonly [start: number, end: number];
  /** Why it isn't surely that text: `an expression`. */
  readonly unresolved?: string;
  /** True when it is one of several that may be meant. */
  readonly isChoice?: boolean;
}

/** What an expression comes to: texts where they can be told, and the parts that can't. */
export interface PythonStrings {
  readonly strings: readonly PythonString[];
  readonly unknown: readonly PythonValue[];
  readonly isList: boolean;
}

/** Deeper than any real file: names that stand for each other in a circle. */
const depthLimit = 40;
/** More texts than any real file has; sums that double themselves would have no end. */
const countLimit = 5_000;

/** The texts of an expression: of a string, of a list's items, of names and sums of those. */
export function pythonStrings(given: PythonValue, names: PythonNames, source: string): PythonStrings {
  const strings: PythonString[] = [];
  const unknown: PythonValue[] = [];
  let steps = 0;
  let isList = false;
  const visit = (value: PythonValue, depth: number, isChoice: boolean): void => {
    steps += 1;
    if (depth > depthLimit || steps > countLimit) return;
    const choice = isChoice ? { isChoice } : {};
    switch (value.kind) {
      case 'string':
        strings.push({ ...textOf(value, names, source, depth), whole: [value.start, value.end], ...choice });
        return;
      case 'list':
        isList = true;
        for (const item of value.items) visit(item, depth + 1, isChoice);
        return;
      case 'starred':
        visit(value.value, depth + 1, isChoice);
        return;
      case 'sum': {
        const texts = concatenated(value, names, source, depth);
        if (texts === undefined) for (const item of value.items) visit(item, depth + 1, isChoice);
        else strings.push({ ...texts, whole: [value.start, value.end], ...choice });
        return;
      }
      case 'choice':
        // `session.posargs or paths`: without arguments it is the last.
        if (value.by === 'or') visit(value.items.at(-1) ?? value, depth + 1, isChoice);
        else for (const item of value.items) visit(item, depth + 1, true);
        return;
      case 'call': {
        const [only] = value.args;
        if (/^(?:list|tuple|set|sorted|frozenset)$/.test(value.callee) && only !== undefined) {
          isList = true;
          visit(only.value, depth + 1, isChoice);
        } else unknown.push(value);
        return;
      }
      case 'name':
      case 'item': {
        const meant = lookUp(value, names, depth);
        if (meant === undefined) unknown.push(value);
        else visit(meant, depth + 1, isChoice);
        return;
      }
      case 'dict':
      case 'number':
      case 'other':
        unknown.push(value);
        return;
      default:
        value satisfies never;
    }
  };
  visit(given, 0, false);
  return { strings, unknown, isList };
}

/** What a name or `name["key"]` stands for; undefined when it can't be told. */
export function lookUp(value: PythonValue, names: PythonNames, depth = 0): PythonValue | undefined {
  if (depth > depthLimit) return undefined;
  if (value.kind === 'name') {
    const own = names.values.get(value.name);
    if (own !== undefined) return own;
    return names.outer === undefined ? undefined : lookUp(value, names.outer, depth + 1);
  }
  if (value.kind !== 'item') return undefined;
  const of = value.of.kind === 'name' || value.of.kind === 'item' ? lookUp(value.of, names, depth + 1) : value.of;
  if (of?.kind === 'list' && value.key.kind === 'number') return of.items.at(Number(value.key.text));
  const key = plainText(value.key);
  if (of?.kind !== 'dict' || key === undefined) return undefined;
  return of.entries.findLast(([each]) => each !== undefined && plainText(each) === key)?.[1];
}

/** The text of a literal without expressions in it. */
export function plainText(value: PythonValue): string | undefined {
  if (value.kind !== 'string' || value.parts.some(({ name, dynamic }) => name !== undefined || dynamic === true))
    return undefined;
  return value.parts.map(({ mapped }) => mapped.text).join('');
}

function textOf(
  value: PythonValue & { readonly kind: 'string' },
  names: PythonNames,
  source: string,
  depth: number,
): Pick<PythonString, 'mapped' | 'unresolved'> {
  let unresolved = false;
  const parts = value.parts.map(({ mapped, name, dynamic }) => {
    if (dynamic === true) unresolved = true;
    if (name === undefined) return mapped;
    const meant = lookUp({ kind: 'name', name, start: value.start, end: value.end }, names);
    const inner = meant?.kind === 'string' && depth < depthLimit ? textOf(meant, names, source, depth + 1) : undefined;
    if (inner === undefined || inner.unresolved !== undefined) unresolved = true;
    return inner?.mapped ?? mapped;
  });
  const why = `an expression (${source.slice(value.start, value.end)})`;
  return { mapped: joined(parts), ...(unresolved ? { unresolved: why } : {}) };
}

/** `"black==" + VERSION`: a sum whose first part is a text. */
function concatenated(
  value: PythonValue & { readonly kind: 'sum' },
  names: PythonNames,
  source: string,
  depth: number,
): Pick<PythonString, 'mapped' | 'unresolved'> | undefined {
  const meant = value.items.map((item) => (item.kind === 'name' || item.kind === 'item' ? lookUp(item, names) : item));
  if (meant[0]?.kind !== 'string') return undefined;
  const parts = meant.map((item) => (item?.kind === 'string' ? textOf(item, names, source, depth + 1) : undefined));
  const isWhole = parts.every((part) => part !== undefined && part.unresolved === undefined);
  const mapped = joined(parts.flatMap((part) => (part === undefined ? [] : [part.mapped])));
  return isWhole ? { mapped } : { mapped, unresolved: `an expression (${source.slice(value.start, value.end)})` };
}
