import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../core/cache-folder.ts';
import { canonicalJson, sha256 } from '../../core/digest.ts';
import { isObject, readJson } from '../../core/json.ts';
import { platforms } from '../../core/platform.ts';
import { writeCacheFile } from '../../core/write-file.ts';
import type { DebianBase, SystemPackages } from './resolve-debian.ts';
import { baseNames } from './suites.ts';

/** What was resolved for a suite and the packages asked for on top of it. */
export interface KnownDebian {
  readonly base: DebianBase;
  readonly system: SystemPackages;
}

/** What a resolution was asked. */
export interface DebianQuestion {
  readonly suite: string;
  readonly system: readonly string[];
}

/** So long the answer for one project is the answer for the next: Debian's archives change a few times a day. */
const keptMs = 24 * 3600 * 1000;

/** What Debian's packages were resolved to on this machine within the last day; undefined when they were not. */
export async function knownDebian(question: DebianQuestion): Promise<KnownDebian | undefined> {
  const text = await readFile(fileOf(question), 'utf8').catch(() => '');
  const known = readJson(text, (value) => {
    const madeAt = isObject(value) ? value['madeAt'] : undefined;
    return isObject(value) && typeof madeAt === 'number' && isFresh(madeAt) && isKnown(value) ? value : undefined;
  });
  return known === undefined ? undefined : { base: known.base, system: known.system };
}

/** Keeps an answer for a day. That it can't be kept is no failure. */
export async function keepDebian(question: DebianQuestion, { base, system }: KnownDebian): Promise<void> {
  await writeCacheFile(fileOf(question), JSON.stringify({ madeAt: Date.now(), base, system })).catch(() => undefined);
}

function fileOf({ suite, system }: DebianQuestion): string {
  const mirror = process.env['PARITY_DEBIAN_MIRROR'] ?? '';
  const key = sha256(canonicalJson([suite, baseNames, [...system].sort(), mirror]));
  return join(cacheFolder('debian/bases'), `${key.slice('sha256:'.length, 'sha256:'.length + 32)}.json`);
}

function isFresh(madeAt: number): boolean {
  const age = Date.now() - madeAt;
  return age >= 0 && age < keptMs;
}

function isKnown(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & KnownDebian {
  const { base, system } = value;
  if (!isObject(base) || base['kind'] !== 'debian' || typeof base['suite'] !== 'string') return false;
  if (!/^\d{8}T\d{6}Z$/.test(String(base['snapshot']))) return false;
  return [base['packages'], system].every(
    (lists) => isObject(lists) && platforms.every((platform) => areDebianPackages(lists[platform])),
  );
}

function areDebianPackages(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.every(
      (each: unknown) =>
        isObject(each) &&
        typeof each['name'] === 'string' &&
        typeof each['version'] === 'string' &&
        /^[0-9a-f]{64}$/.test(String(each['sha256'])) &&
        (each['requested'] === undefined || each['requested'] === true),
    )
  );
}
