import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sha256 } from '../../core/digest.ts';
import { findPart, storePart, cachedLayer, prunePartCache, cacheLayer } from './part-cache.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'parity-parts-'));
  vi.stubEnv('PARITY_CACHE_DIR', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

const keep = async (name: string, content: string): Promise<string> => {
  const tar = join(cache, 'aside');
  writeFileSync(tar, content);
  return await storePart(sha256(name), tar, sha256(content));
};

it.each([
  ['as it was kept', () => undefined, true],
  ['cut off', (file: string) => truncateSync(file, 20), false],
  ['cut off in its digest', (file: string) => truncateSync(file, 1000), false],
  ['empty', (file: string) => truncateSync(file, 0), false],
  ['changed', (file: string) => writeFileSync(file, 'y', { flag: 'r+' }), false],
  ['longer', (file: string) => appendFileSync(file, 'z'), false],
  ['a folder', (file: string) => (rmSync(file), mkdirSync(file)), false],
])('a part that is %s', async (_, harm, isThere) => {
  const file = await keep('one', 'x'.repeat(1000));
  harm(file);
  expect(await findPart(sha256('one'))).toBe(isThere ? file : undefined);
  expect(await findPart(sha256('other'))).toBeUndefined();
});

it('a part that is made again takes the place of one that was harmed', async () => {
  truncateSync(await keep('one', 'x'.repeat(1000)), 20);
  const file = await keep('one', 'x'.repeat(1000));
  expect(await findPart(sha256('one'))).toBe(file);
});

it('what is known of a layer is whole or nothing', async () => {
  const layer = { digest: sha256('layer'), sizeBytes: 7 };
  await cacheLayer(sha256('key'), layer);
  expect(await cachedLayer(sha256('key'))).toEqual(layer);
  for (const text of ['', '{', 'null', '{"digest":"sha256:1","sizeBytes":7}', `{"digest":"${layer.digest}"}`]) {
    writeFileSync(join(cache, 'image-parts', `${sha256('key').slice(7)}.json`), text);
    expect(await cachedLayer(sha256('key'))).toBeUndefined();
  }
});

it('what nobody used for a month goes, and the longest unused above 4 GiB; a use counts', async () => {
  const age = (file: string, days: number): void => {
    const then = new Date(Date.now() - days * 24 * 3600 * 1000);
    utimesSync(file, then, then);
  };
  const [old, used, large, larger] = [
    await keep('old', 'a'),
    await keep('used', 'b'),
    await keep('large', 'c'),
    await keep('larger', 'd'),
  ];
  // Files with holes take no space.
  truncateSync(large, 3 * 2 ** 30);
  truncateSync(larger, 2 * 2 ** 30);
  for (const [file, days] of [
    [old, 31],
    [used, 31],
    [large, 3],
    [larger, 2],
  ] as const)
    age(file, days);
  expect(await findPart(sha256('used'))).toBe(used);
  expect(await prunePartCache({ all: false })).toEqual({ removed: 2, freedBytes: 33 + 3 * 2 ** 30 });
  const left = (): string[] => readdirSync(join(cache, 'image-parts')).sort();
  expect(left()).toEqual([used, larger].map((file) => file.slice(file.lastIndexOf('/') + 1)).sort());
  expect(await prunePartCache({ all: true })).toEqual({ removed: 2, freedBytes: 33 + 2 * 2 ** 30 });
  expect(left()).toEqual([]);
  expect(await prunePartCache({ all: true })).toEqual({ removed: 0, freedBytes: 0 });
});
