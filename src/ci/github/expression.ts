import { parseJson } from '../../core/json.ts';
/** A value of GitHub's expression language. */
export type ExpressionValue =
  null | boolean | number | string | readonly ExpressionValue[] | { readonly [name: string]: ExpressionValue };

/**
 * What an expression comes to without running the workflow: a value, or why there is none. `truth` says what even an undecided one counts
 * as in a condition, when that is certain.
 */
export type Evaluated =
  | { readonly known: true; readonly value: ExpressionValue }
  | { readonly known: false; readonly why: string; readonly truth?: boolean };

/** What an expression may ask for. */
export interface ExpressionContext {
  /** A member of a context by its path (`matrix.python-version`): its value, or why nobody knows it here. */
  readonly lookUp: (path: readonly string[]) => Evaluated;
  /** Expressions that stay as they are, since a step's start tells their value: the text to keep; undefined for all others. */
  readonly kept?: (expression: string) => string | undefined;
  /** Something before it has failed: what `success()` and `failure()` then say. */
  readonly afterFailure?: boolean;
}

type Node =
  | { readonly kind: 'literal'; readonly value: ExpressionValue }
  | { readonly kind: 'context'; readonly name: string }
  | { readonly kind: 'index'; readonly of: Node; readonly key: Node | '*' }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'not'; readonly of: Node }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Node; readonly right: Node };

/**
 * Evaluates an expression (the text between `${{` and `}}`) as GitHub does: loose equality over numbers, strings without case, `&&` and
 * `||` that give an operand (https://docs.github.com/actions/reference/workflows-and-actions/expressions). What the context does not know
 * stays undecided, unless the other side decides alone. Text that is no expression is undecided, too.
 */
export function evaluate(text: string, context: ExpressionContext): Evaluated {
  const parsed = parse(text);
  return parsed === undefined ? unknown(`no expression (${text.trim()})`) : valueOf(parsed, context);
}

/** True, false or undecided, as a condition counts it. */
export function truthOf(evaluated: Evaluated): boolean | undefined {
  return evaluated.known ? isTruthy(evaluated.value) : evaluated.truth;
}

/**
 * Replaces each `${{ … }}` of a text by what it comes to; `Evaluated` is undecided with the first reason when one of them is. A text that
 * is one expression alone keeps its value's type.
 */
export function interpolate(text: string, context: ExpressionContext): Evaluated {
  const whole = /^\s*\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}\s*$/.exec(text);
  if (whole?.[1] !== undefined) {
    const kept = context.kept?.(whole[1].trim());
    return kept === undefined ? evaluate(whole[1], context) : known(kept);
  }
  let why: string | undefined;
  const value = text.replace(/\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}/g, (_, inner: string) => {
    const kept = context.kept?.(inner.trim());
    const part = kept === undefined ? evaluate(inner, context) : known(kept);
    if (part.known) return textOf(part.value);
    why ??= part.why;
    return '';
  });
  return why === undefined ? known(value) : unknown(why);
}

/** Whether a condition (`if:`) calls a function that says when it runs; without one GitHub adds `success() &&`. */
export function callsStatusFunction(condition: string): boolean {
  return /\b(?:always|failure|cancelled|success)\s*\(/i.test(condition);
}

/** How a value reads in a text. */
export function textOf(value: ExpressionValue): string {
  if (value === null) return '';
  if (typeof value === 'object') return Array.isArray(value) ? 'Array' : 'Object';
  return String(value);
}

/** A decided value. */
export function known(value: ExpressionValue): Evaluated {
  return { known: true, value };
}

/** An undecided one, and why. */
export function unknown(why: string, truth?: boolean): Evaluated {
  return { known: false, why, ...(truth === undefined ? {} : { truth }) };
}

function isTruthy(value: ExpressionValue): boolean {
  return !(value === null || value === false || value === 0 || value === '' || Number.isNaN(value));
}

function valueOf(node: Node, context: ExpressionContext): Evaluated {
  switch (node.kind) {
    case 'literal':
      return known(node.value);
    case 'context':
      return context.lookUp([node.name]);
    case 'index':
      return indexed(node, context);
    case 'call':
      return called(node.name, node.args, context);
    case 'not': {
      const of = valueOf(node.of, context);
      const truth = truthOf(of);
      if (of.known) return known(!isTruthy(of.value));
      return truth === undefined ? of : known(!truth);
    }
    case 'binary':
      return binary(node, context);
    default:
      return node satisfies never;
  }
}

function indexed(node: Extract<Node, { kind: 'index' }>, context: ExpressionContext): Evaluated {
  const path = pathOf(node, context);
  if (path !== undefined) return context.lookUp(path);
  const of = valueOf(node.of, context);
  if (!of.known) return of;
  // What follows a filter is asked of each of its members; those without it are left out.
  const each = isFiltered(node.of) && Array.isArray(of.value) ? (of.value as readonly ExpressionValue[]) : undefined;
  if (node.key === '*') return known((each ?? [of.value]).flatMap(membersOf));
  const key = valueOf(node.key, context);
  if (!key.known) return key;
  return known(
    each === undefined
      ? memberOf(of.value, key.value)
      : each.map((member) => memberOf(member, key.value)).filter((member) => member !== null),
  );
}

function membersOf(value: ExpressionValue): readonly ExpressionValue[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

/** Whether a value comes from an object filter (`.*`). */
function isFiltered(node: Node): boolean {
  return node.kind === 'index' && (node.key === '*' || isFiltered(node.of));
}

/** `github.event.pull_request` and `github['event']` as the path of a context; undefined for what is computed. */
function pathOf(node: Node, context: ExpressionContext): readonly string[] | undefined {
  if (node.kind === 'context') return [node.name];
  if (node.kind !== 'index' || node.key === '*') return undefined;
  const before = pathOf(node.of, context);
  const key = before === undefined ? undefined : valueOf(node.key, context);
  return before === undefined || key?.known !== true ? undefined : [...before, textOf(key.value)];
}

/** A member of a map (names without case) or a list; null when there is none. */
export function memberOf(value: ExpressionValue, key: ExpressionValue): ExpressionValue {
  if (Array.isArray(value)) return (value as readonly ExpressionValue[])[Number(key)] ?? null;
  if (typeof value !== 'object' || value === null) return null;
  const wanted = textOf(key).toLowerCase();
  return Object.entries(value).find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null;
}

function binary({ operator, left, right }: Extract<Node, { kind: 'binary' }>, context: ExpressionContext): Evaluated {
  const a = valueOf(left, context);
  if (operator === '&&' || operator === '||') {
    const stops = operator === '||';
    const truth = truthOf(a);
    if (a.known && truth === stops) return a;
    const b = valueOf(right, context);
    if (a.known || truth === !stops) return b;
    // The right side may decide a condition alone: `unknown && false` is never true.
    return truthOf(b) === stops || truth === stops ? unknown(a.why, stops) : unknown(a.why);
  }
  const b = valueOf(right, context);
  if (!a.known) return a;
  if (!b.known) return b;
  const open = [a.value, b.value].find(isOpen);
  if (open !== undefined) return unknown(`${textOf(open)} is known when a run starts`);
  switch (operator) {
    case '==':
      return known(isEqual(a.value, b.value));
    case '!=':
      return known(!isEqual(a.value, b.value));
    default:
      return known(isOrdered(operator, a.value, b.value));
  }
}

/** A text that holds an expression which was kept. */
function isOpen(value: ExpressionValue): boolean {
  return typeof value === 'string' && value.includes('${{');
}

function isEqual(a: ExpressionValue, b: ExpressionValue): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase();
  if (typeof a === 'object' && a !== null) return a === b;
  if (typeof a === typeof b && a !== null && b !== null) return a === b;
  return numberOf(a) === numberOf(b);
}

function isOrdered(operator: string, a: ExpressionValue, b: ExpressionValue): boolean {
  const both = typeof a === 'string' && typeof b === 'string';
  const [x, y] = both ? [a.toUpperCase(), b.toUpperCase()] : [numberOf(a), numberOf(b)];
  switch (operator) {
    case '<':
      return x < y;
    case '<=':
      return x <= y;
    case '>':
      return x > y;
    default:
      return x >= y;
  }
}

function numberOf(value: ExpressionValue): number {
  if (value === null) return 0;
  if (typeof value === 'string') {
    const text = value.trim();
    if (text === '') return 0;
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^0x[0-9a-f]+$|^0o[0-7]+$|^[+-]?Infinity$/i.test(text)
      ? Number(text)
      : NaN;
  }
  return typeof value === 'object' ? NaN : Number(value);
}

function called(name: string, args: readonly Node[], context: ExpressionContext): Evaluated {
  const values = args.map((arg) => valueOf(arg, context));
  const lower = name.toLowerCase();
  // A step or a job is imported as one that runs because all before it passed, unless the question is what it does otherwise.
  const { afterFailure = false } = context;
  if (lower === 'always') return known(true);
  if (lower === 'success') return known(!afterFailure);
  if (lower === 'failure') return known(afterFailure);
  if (lower === 'cancelled') return known(false);
  if (lower === 'hashfiles') return unknown('hashFiles() is computed on the runner');
  const undecided = values.find((value) => !value.known);
  if (undecided !== undefined) return undecided;
  const given = values.flatMap((value) => (value.known ? [value.value] : []));
  const [first = null, second = null] = given;
  const text = (value: ExpressionValue): string => textOf(value).toLowerCase();
  const open = /^(?:contains|startswith|endswith)$/.test(lower) ? given.find(isOpen) : undefined;
  if (open !== undefined) return unknown(`${textOf(open)} is known when a run starts`);
  switch (lower) {
    case 'contains':
      return known(
        Array.isArray(first)
          ? (first as readonly ExpressionValue[]).some((each) => isEqual(each, second))
          : text(first).includes(text(second)),
      );
    case 'startswith':
      return known(text(first).startsWith(text(second)));
    case 'endswith':
      return known(text(first).endsWith(text(second)));
    case 'format':
      return known(formatted(textOf(first), given.slice(1)));
    case 'join': {
      const list = Array.isArray(first) ? (first as readonly ExpressionValue[]) : [first];
      return known(list.map(textOf).join(given.length > 1 ? textOf(second) : ','));
    }
    case 'tojson':
      return known(JSON.stringify(first, null, 2));
    case 'fromjson':
      return fromJson(textOf(first));
    default:
      return unknown(`${name}() is unknown here`);
  }
}

function formatted(template: string, values: readonly ExpressionValue[]): string {
  return template.replace(/\{\{|\}\}|\{(\d+)\}/g, (found, index: string | undefined) =>
    index === undefined ? (found[0] ?? '') : textOf(values[Number(index)] ?? null),
  );
}

function fromJson(text: string): Evaluated {
  const parsed = parseJson(text);
  // Every JSON value is one of an expression's.
  return parsed.ok ? known(parsed.value as ExpressionValue) : unknown('fromJSON() of what is no JSON');
}

const tokenForm =
  /\s*(?:(?<number>[+-]?(?:0x[0-9a-fA-F]+|0o[0-7]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+))|(?<string>'(?:[^']|'')*')|(?<name>[A-Za-z_][\w-]*)|(?<sign>&&|\|\||==|!=|<=|>=|[<>!().,[\]*]))/y;

interface Token {
  readonly kind: 'number' | 'string' | 'name' | 'sign' | 'end';
  readonly text: string;
}

function parse(text: string): Node | undefined {
  const tokens: Token[] = [];
  tokenForm.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = tokenForm.lastIndex) {
    const groups = tokenForm.exec(text)?.groups;
    const kind = (['number', 'string', 'name', 'sign'] as const).find((each) => groups?.[each] !== undefined);
    if (kind === undefined) return undefined;
    tokens.push({ kind, text: groups?.[kind] ?? '' });
  }
  try {
    return parser(tokens);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const levels = [['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>=']];

/** Deeper than anybody nests; a guard against text made to exhaust the stack. */
const nestingLimit = 50;

function parser(tokens: readonly Token[]): Node {
  let at = 0;
  let depth = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '' };
  const take = (text: string): boolean => {
    const isIt = peek().kind === 'sign' && peek().text === text;
    if (isIt) at += 1;
    return isIt;
  };
  const expect = (text: string): void => {
    if (!take(text)) throw new SyntaxError(text);
  };
  const level = (index: number): Node => {
    const operators = levels[index];
    if (operators === undefined) return unary();
    let left = level(index + 1);
    for (let operator = peek(); operator.kind === 'sign' && operators.includes(operator.text); operator = peek()) {
      at += 1;
      left = { kind: 'binary', operator: operator.text, left, right: level(index + 1) };
    }
    return left;
  };
  const unary = (): Node => {
    depth += 1;
    if (depth > nestingLimit) throw new SyntaxError('too deep');
    const node: Node = take('!') ? { kind: 'not', of: unary() } : postfix(primary());
    depth -= 1;
    return node;
  };
  const primary = (): Node => {
    const token = peek();
    at += 1;
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'string') return { kind: 'literal', value: token.text.slice(1, -1).replaceAll("''", "'") };
    if (token.kind === 'sign' && token.text === '(') {
      const inner = level(0);
      expect(')');
      return inner;
    }
    if (token.kind !== 'name') throw new SyntaxError(token.text);
    if (token.text === 'true' || token.text === 'false') return { kind: 'literal', value: token.text === 'true' };
    if (token.text === 'null') return { kind: 'literal', value: null };
    if (token.text === 'NaN' || token.text === 'Infinity') return { kind: 'literal', value: Number(token.text) };
    if (!take('(')) return { kind: 'context', name: token.text };
    const args: Node[] = [];
    while (!take(')')) {
      if (args.length > 0) expect(',');
      args.push(level(0));
    }
    return { kind: 'call', name: token.text, args };
  };
  const postfix = (start: Node): Node => {
    let node = start;
    for (;;) {
      if (take('.')) {
        const token = peek();
        at += 1;
        if (token.kind === 'sign' && token.text === '*') node = { kind: 'index', of: node, key: '*' };
        else if (token.kind === 'name') node = { kind: 'index', of: node, key: { kind: 'literal', value: token.text } };
        else throw new SyntaxError(token.text);
      } else if (take('[')) {
        const key = take('*') ? '*' : level(0);
        expect(']');
        node = { kind: 'index', of: node, key };
      } else return node;
    }
  };
  const whole = level(0);
  if (peek().kind !== 'end') throw new SyntaxError(peek().text);
  return whole;
}
