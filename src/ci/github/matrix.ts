import type { YamlValue } from '../../formats/yaml.ts';
import { interpolate, type Evaluated, type ExpressionContext, type ExpressionValue } from './expression.ts';

/** One leg of a matrix: its axes' values by name. */
export type MatrixLeg = Readonly<Record<string, ExpressionValue>>;

/** The legs of a matrix, and the axes that only a run can tell. */
export interface MatrixLegs {
  readonly legs: readonly MatrixLeg[];
  readonly undecided: readonly { readonly axis: string; readonly why: string }[];
}

/** More than any CI starts. */
const legLimit = 256;

/**
 * The legs of a `strategy.matrix` as GitHub makes them: all combinations, without those that `exclude` names, then `include`: an entry that
 * changes no axis of a combination is added to it, any other is a leg of its own. Without a matrix there is one leg without axes.
 */
export function matrixLegs(matrix: YamlValue | undefined, context: ExpressionContext): MatrixLegs {
  if (matrix === undefined) return { legs: [{}], undecided: [] };
  const whole = matrix.text === undefined ? undefined : interpolate(matrix.text, context);
  if (whole !== undefined) {
    const value = whole.known ? whole.value : undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { legs: [{}], undecided: [{ axis: 'matrix', why: whole.known ? 'no map of axes' : whole.why }] };
    return combine(Object.entries(value));
  }
  const undecided: { axis: string; why: string }[] = [];
  const entries = matrix.members.flatMap(([key, value]): [string, ExpressionValue][] => {
    const read = valueOfYaml(value, context);
    if (read.known) return [[key.text ?? '', read.value]];
    undecided.push({ axis: key.text ?? '', why: read.why });
    return [];
  });
  return { legs: combine(entries).legs, undecided };
}

function combine(entries: readonly (readonly [string, ExpressionValue])[]): MatrixLegs {
  const listed = (value: ExpressionValue | undefined): readonly ExpressionValue[] =>
    Array.isArray(value) ? (value as readonly ExpressionValue[]) : [];
  const axes = entries.filter(([name]) => name !== 'include' && name !== 'exclude');
  const excluded = listed(entries.find(([name]) => name === 'exclude')?.[1]).filter(isMap);
  const included = listed(entries.find(([name]) => name === 'include')?.[1]).filter(isMap);
  let legs: MatrixLeg[] = axes.length === 0 ? [] : [{}];
  for (const [name, values] of axes)
    legs = legs.flatMap((leg) => listed(values).map((value) => ({ ...leg, [name]: value }))).slice(0, legLimit);
  legs = legs.filter((leg) => !excluded.some((each) => covers(leg, each)));
  const original = legs.map((leg) => ({ ...leg }));
  const more: MatrixLeg[] = [];
  for (const entry of included) {
    let isAdded = false;
    for (const [index, leg] of original.entries()) {
      const changes = Object.entries(entry).some(([name, value]) => name in leg && !isSame(leg[name] ?? null, value));
      if (changes) continue;
      legs[index] = { ...legs[index], ...entry };
      isAdded = true;
    }
    if (!isAdded) more.push(entry);
  }
  const all = [...legs, ...more].slice(0, legLimit);
  return { legs: all.length === 0 ? [{}] : all, undecided: [] };
}

/** A YAML value as expressions see it; what holds an undecided expression is undecided as a whole. Numbers keep their text (`3.10`). */
function valueOfYaml(value: YamlValue, context: ExpressionContext): Evaluated {
  if (value.text !== undefined) {
    if (value.text === 'true' || value.text === 'false') return { known: true, value: value.text === 'true' };
    return value.text.includes('${{') ? interpolate(value.text, context) : { known: true, value: value.text };
  }
  if (value.isMap) {
    const members: [string, ExpressionValue][] = [];
    for (const [key, member] of value.members) {
      const read = valueOfYaml(member, context);
      if (!read.known) return read;
      members.push([key.text ?? '', read.value]);
    }
    return { known: true, value: Object.fromEntries(members) };
  }
  const items: ExpressionValue[] = [];
  for (const item of value.items) {
    const read = valueOfYaml(item, context);
    if (!read.known) return read;
    items.push(read.value);
  }
  return { known: true, value: value.items.length === 0 ? null : items };
}

function isMap(value: ExpressionValue): value is MatrixLeg {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function covers(leg: MatrixLeg, pattern: MatrixLeg): boolean {
  return Object.entries(pattern).every(([name, value]) => isSame(leg[name] ?? null, value));
}

function isSame(a: ExpressionValue, b: ExpressionValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
