import { readFileSync } from 'node:fs';

/** @type {Record<string, Record<string, number>>} */
const ways = JSON.parse(readFileSync(new URL('./ways.json', import.meta.url), 'utf8'));

/**
 * How many kilometres a way has.
 * @param {string} from
 * @param {string} to
 */
export function kilometres(from, to) {
  const found = ways[from]?.[to] ?? ways[to]?.[from];
  if (found === undefined) throw new RangeError(`no way from ${from} to ${to}`);
  return found;
}
