import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../core/cache-folder.ts';
import { isObject, readJson, shaped } from '../../core/json.ts';
import { writeCacheFile } from '../../core/write-file.ts';
import type { Pass } from './pass.ts';

// A result that nobody asked for in a month is of no use any more; beyond the size, the longest unused go first.
const maxAgeMs = 30 * 24 * 3600 * 1000;
const maxBytes = 256 * 1024 * 1024;
const pruneEveryMs = 24 * 3600 * 1000;

/** The passes of earlier runs, one file each in parity's cache folder. Many processes may use it at once: files are written aside and renamed. */
export interface PassCache {
  /** The pass of a key; undefined for none, and for an entry that is damaged or another key's. */
  get(key: string): Promise<Pass | undefined>;
  /** Keeps a pass. One that can't be kept costs time, nothing else. */
  put(pass: Pass): Promise<void>;
  /** Withdraws a pass: the same has failed since. */
  remove(key: string): Promise<void>;
  /** Removes what is old or too much; with `all`, everything. Gives how many entries and bytes went. */
  prune(options?: { readonly all?: boolean }): Promise<{ readonly entries: number; readonly bytes: number }>;
}

/** Opens the results in a folder; `now` gives milliseconds since 1970. */
export function openPassCache(folder: string = cacheFolder('results'), now: () => number = Date.now): PassCache {
  const fileOf = (key: string): string => join(folder, key.slice(0, 2), `${key}.json`);
  return { get, put, remove, prune };

  async function get(key: string): Promise<Pass | undefined> {
    const text = await readFile(fileOf(key), 'utf8').catch(() => undefined);
    const pass = text === undefined ? undefined : readJson(text, shaped(isPass));
    if (pass?.key !== key) return undefined;
    const time = new Date(now());
    // Its time is that of its last use.
    await utimes(fileOf(key), time, time).catch(() => undefined);
    return pass;
  }

  async function put(pass: Pass): Promise<void> {
    try {
      await writeCacheFile(fileOf(pass.key), JSON.stringify(pass));
      const mark = join(folder, 'pruned');
      const last = await stat(mark).catch(() => undefined);
      if (last !== undefined && now() - last.mtimeMs < pruneEveryMs) return;
      await writeCacheFile(mark, '');
      if (last !== undefined) await prune();
    } catch (error) {
      // The cache folder can't be written, or it is full.
      if (!(error instanceof Error) || !('code' in error)) throw error;
    }
  }

  async function remove(key: string): Promise<void> {
    await rm(fileOf(key), { force: true }).catch(() => undefined);
  }

  async function prune({ all = false } = {}): Promise<{ readonly entries: number; readonly bytes: number }> {
    const found = await entriesOf(folder);
    let kept = 0;
    let [entries, bytes] = [0, 0];
    for (const { path, size, usedMs } of found.sort((a, b) => b.usedMs - a.usedMs)) {
      kept += size;
      if (!all && kept <= maxBytes && now() - usedMs <= maxAgeMs) continue;
      await rm(path, { force: true });
      entries += 1;
      bytes += size;
    }
    return { entries, bytes };
  }
}

function isPass(value: unknown): value is Pass {
  if (!isObject(value) || value['version'] !== 1 || !Array.isArray(value['diagnostics'])) return false;
  return typeof value['log'] === 'string' && typeof value['passedAt'] === 'number';
}

async function entriesOf(
  folder: string,
): Promise<{ readonly path: string; readonly size: number; readonly usedMs: number }[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found = await Promise.all(
    names
      // Also what a killed process left aside.
      .filter((name) => /[0-9a-f]{64}\.json/.test(name))
      .map(async (name) => {
        const path = join(folder, name);
        const { size, mtimeMs } = (await stat(path).catch(() => undefined)) ?? { size: 0, mtimeMs: 0 };
        return { path, size, usedMs: mtimeMs };
      }),
  );
  return found;
}
