import { err, ok, type Result } from './result.ts';

/** A JSON object, or another object that was read as a value of unknown shape. */
export type UnknownObject = Readonly<Record<string, unknown>>;

/** The value of a JSON text: unknown until its shape is checked. Err with the parser's own error for a text that is no JSON. */
export function parseJson(text: string): Result<unknown, SyntaxError> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return err(error);
    throw error;
  }
}

/** What `read` makes of the value of a JSON text; undefined for a text that is no JSON, and for a value that `read` gives undefined for. */
export function readJson<T>(text: string, read: (value: unknown) => T | undefined): T | undefined {
  const parsed = parseJson(text);
  return parsed.ok ? read(parsed.value) : undefined;
}

/** Makes a reader of a shape check: the value itself when the check accepts it, else undefined. */
export function shaped<T>(accepts: (value: unknown) => value is T): (value: unknown) => T | undefined {
  return (value) => (accepts(value) ? value : undefined);
}

/** True for an object that is no array. */
export function isObject(value: unknown): value is UnknownObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for an array of strings. */
export function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** The value of a property; undefined for what is no object or has no such property. */
export function memberOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
