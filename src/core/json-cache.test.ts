import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheJson, cacheJsonNow, readCachedJson } from './json-cache.ts';
import { isStrings, memberOf, parseJson, readJson, shaped } from './json.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'json-cache-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const strings = shaped(isStrings);

describe('a JSON file in the cache folder', () => {
  it('comes back as it was written, and nothing stays beside it', async () => {
    await cacheJson(join(dir, 'a', 'one.json'), ['x']);
    cacheJsonNow(join(dir, 'a', 'two.json'), ['y']);
    expect(readCachedJson(join(dir, 'a', 'one.json'), strings)).toEqual(['x']);
    expect(readCachedJson(join(dir, 'a', 'two.json'), strings)).toEqual(['y']);
    expect(readdirSync(join(dir, 'a')).sort()).toEqual(['one.json', 'two.json']);
  });

  it('is no value when it is missing, cut short, or of another shape', () => {
    writeFileSync(join(dir, 'cut.json'), '["x"');
    writeFileSync(join(dir, 'other.json'), '{"0":"x"}');
    writeFileSync(join(dir, 'zeros.json'), '\0\0\0\0');
    for (const name of ['missing.json', 'cut.json', 'other.json', 'zeros.json'])
      expect(readCachedJson(join(dir, name), strings)).toBeUndefined();
  });

  it('that cannot be written is left out', async () => {
    writeFileSync(join(dir, 'file'), '');
    await cacheJson(join(dir, 'file', 'one.json'), 1);
    cacheJsonNow(join(dir, 'file', 'one.json'), 1);
    expect(readCachedJson(join(dir, 'file', 'one.json'), strings)).toBeUndefined();
  });
});

describe('JSON from outside', () => {
  it('is a value of unknown shape, or the parser’s error', () => {
    expect(parseJson('{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
    expect(parseJson('{')).toMatchObject({ ok: false, error: { name: 'SyntaxError' } });
    expect(readJson('["x"]', strings)).toEqual(['x']);
    expect(readJson('[1]', strings)).toBeUndefined();
  });

  it('has only members of its own', () => {
    expect([memberOf({ a: 1 }, 'a'), memberOf({}, 'constructor'), memberOf(null, 'a'), memberOf([1], '0')]).toEqual([
      1,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
