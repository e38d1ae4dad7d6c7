import { parseJson } from '../core/json.ts';
/** A value of a JSON file that knows where it stands. */
export interface JsonValue {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'word';
  /** The text of a string, the characters of a number or a word (`true`, `null`); empty for objects and arrays. */
  readonly text: string;
  /** Offsets of its characters; of a string's between the quotes. */
  readonly start: number;
  readonly end: number;
  readonly members: readonly (readonly [key: JsonValue, value: JsonValue])[];
  readonly items: readonly JsonValue[];
}

/** A JSON text as values, as far as it could be read, and where it stopped making sense. */
export interface JsonDocument {
  readonly root: JsonValue | undefined;
  readonly problem?: { readonly message: string; readonly at: number };
}

const depthLimit = 200;

/** Reads JSON, with the comments and trailing commas that some tools allow. Never throws. */
export function readJson(text: string): JsonDocument {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let problem: JsonDocument['problem'];
  const fail = (message: string): undefined => {
    problem ??= { message, at: Math.min(at, text.length) };
    return undefined;
  };
  const blank = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  const scalar = /[^\s,:[\]{}"]+/y;
  const quoted = /"((?:[^"\\\n]|\\.)*)"/y;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found;
  };
  const none = { members: [], items: [] } as const;
  const value = (depth: number): JsonValue | undefined => {
    match(blank);
    const start = at;
    const first = text[at];
    if (first === undefined) return fail('the file ends too early');
    if (first === '"') {
      const found = match(quoted);
      if (found === null) return fail('a text without its end');
      return { kind: 'string', text: unescaped(found[1] ?? ''), start: start + 1, end: at - 1, ...none };
    }
    if (first === '{' || first === '[') {
      if (depth >= depthLimit) return fail('nested too deeply');
      at += 1;
      const members: (readonly [JsonValue, JsonValue])[] = [];
      const items: JsonValue[] = [];
      const close = first === '{' ? '}' : ']';
      for (;;) {
        match(blank);
        if (text[at] === close) break;
        const one = value(depth + 1);
        if (one === undefined) break;
        if (first === '[') items.push(one);
        else {
          match(blank);
          if (text[at] !== ':') {
            fail('`:` is missing');
            break;
          }
          at += 1;
          const held = value(depth + 1);
          if (held === undefined) break;
          members.push([one, held]);
        }
        match(blank);
        if (text[at] === ',') at += 1;
        else if (text[at] !== close) {
          fail(`\`,\` or \`${close}\` is missing`);
          break;
        }
      }
      if (problem === undefined) at += 1;
      return { kind: first === '{' ? 'object' : 'array', text: '', start, end: at, members, items };
    }
    const found = match(scalar);
    if (found === null) return fail('no value');
    return { kind: /^-?\d/.test(found[0]) ? 'number' : 'word', text: found[0], start, end: at, ...none };
  };
  const root = value(0);
  match(blank);
  if (problem === undefined && at < text.length) fail('something follows after the end');
  return { root, ...(problem === undefined ? {} : { problem }) };
}

/** The value at a path of keys; undefined when there is none. The last of equal keys counts, as for every JSON reader. */
export function jsonAt(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  let current = value;
  for (const key of path) current = current?.members.findLast(([name]) => name.text === key)?.[1];
  return current;
}

function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  const parsed = parseJson(`"${raw.replaceAll('\t', '\\t')}"`);
  return parsed.ok ? String(parsed.value) : raw;
}
