import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../../test/support/repo.ts';
import type { Pass } from './pass.ts';
import { openPassCache } from './results.ts';

const day = 24 * 3600 * 1000;
const key = (letter: string): string => letter.repeat(64);
const pass = (letter: string, log = ''): Pass => {
  return { version: 1, key: key(letter), step: 'tests', passedAt: 0, durationMs: 4000, diagnostics: [], log };
};
const fileOf = (folder: string, letter: string): string => join(folder, letter.repeat(2), `${key(letter)}.json`);

describe('the results of earlier runs', () => {
  it('give back what was kept, and nothing for another key', async () => {
    const results = openPassCache(folderOf({}));
    await results.put(pass('a', '60 passed\n'));
    expect(await results.get(key('a'))).toEqual(pass('a', '60 passed\n'));
    expect(await results.get(key('b'))).toBeUndefined();
  });

  it.each([
    ['cut', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['of another form', (text: string) => text.replace('"version":1', '"version":2')],
    ["another key's", (text: string) => text.replace(key('a'), key('b'))],
    ['no object', () => 'null'],
    ['without its log', (text: string) => text.replace('"log"', '"lag"')],
  ])('an entry that is %s is none', async (_what, damage) => {
    const folder = folderOf({});
    const results = openPassCache(folder);
    await results.put(pass('a'));
    writeFileSync(fileOf(folder, 'a'), damage(JSON.stringify(pass('a'))));
    expect(await results.get(key('a'))).toBeUndefined();
    await results.put(pass('a'));
    expect(await results.get(key('a'))).toEqual(pass('a'));
  });

  it('a folder that can not be written costs nothing but time', async () => {
    const folder = folderOf({ file: '' });
    const results = openPassCache(join(folder, 'file', 'results'));
    await results.put(pass('a'));
    expect(await results.get(key('a'))).toBeUndefined();
  });

  it('what nobody used for a month goes; use keeps it', async () => {
    const folder = folderOf({});
    let time = Date.now();
    const results = openPassCache(folder, () => time);
    await results.put(pass('a'));
    await results.put(pass('b'));
    time += 20 * day;
    await results.get(key('a'));
    time += 20 * day;
    expect(await results.prune()).toEqual({ entries: 1, bytes: JSON.stringify(pass('b')).length });
    expect(await results.get(key('a'))).toEqual(pass('a'));
    expect(await results.get(key('b'))).toBeUndefined();
  });

  it('beyond the size, what was longest unused goes first', async () => {
    const folder = folderOf({});
    const results = openPassCache(folder);
    const large = 'x'.repeat(100 * 1024 * 1024);
    for (const [index, letter] of ['a', 'b', 'c'].entries()) {
      await results.put(pass(letter, large));
      const time = new Date(Date.now() - (10 - index) * 60_000);
      utimesSync(fileOf(folder, letter), time, time);
    }
    expect((await results.prune()).entries).toBe(1);
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.json'))).toHaveLength(2);
    expect(await results.get(key('a'))).toBeUndefined();
  });

  it('all of it goes when that is asked, what a killed process left aside included', async () => {
    const folder = folderOf({});
    const results = openPassCache(folder);
    await results.put(pass('a'));
    writeFileSync(`${fileOf(folder, 'a')}.123.abcd.tmp`, 'half');
    expect((await results.prune({ all: true })).entries).toBe(2);
    expect(await results.get(key('a'))).toBeUndefined();
  });
});
