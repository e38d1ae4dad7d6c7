import { join } from 'node:path';
import { sha256, shortDigest } from '../core/digest.ts';
import { cacheJsonNow, readCachedJson } from '../core/json-cache.ts';
import { isObject } from '../core/json.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import type { ExpectedStep } from '../pipeline/schedule.ts';
import type { Receipt } from './receipt.ts';

const format = 1;
const maxSteps = 500;

/** The file of a project in parity's cache; the project's folder absolute and real. */
function expectedFile(projectDir: string): string {
  return join(cacheFolder('expected'), `${shortDigest(sha256(projectDir))}.json`);
}

/** The expected duration and memory of a project's steps by name, from earlier runs; empty when nothing is stored or it can't be read. */
export function readExpected(projectDir: string): ReadonlyMap<string, ExpectedStep> {
  return readCachedJson(expectedFile(projectDir), entriesOf) ?? new Map();
}

function entriesOf(value: unknown): ReadonlyMap<string, ExpectedStep> | undefined {
  if (!isObject(value) || value['version'] !== format || !Array.isArray(value['steps'])) return undefined;
  return new Map(value['steps'].flatMap((entry: unknown) => (isEntry(entry) ? [entry] : [])));
}

/**
 * Stores the duration and memory of each step that passed, for the schedule of the next run. The stored duration is the mean of the old and
 * the new one, so one odd run changes little. A shard stores nothing: it does not run whole steps. A failed write is ignored.
 */
export function storeExpected(projectDir: string, { options, steps }: Pick<Receipt, 'options' | 'steps'>): void {
  const ran = options.shard === null ? steps.filter(({ outcome }) => outcome === 'passed') : [];
  if (ran.length === 0) return;
  const before = readExpected(projectDir);
  const now = ran.map(({ name, durationMs, peakMemoryBytes }): readonly [string, ExpectedStep] => {
    const known = before.get(name)?.durationMs ?? durationMs;
    return [name, { durationMs: Math.round((known + durationMs) / 2), peakMemoryBytes }];
  });
  const named = new Set(now.map(([name]) => name));
  const kept = [...now, ...[...before].filter(([name]) => !named.has(name))].slice(0, maxSteps);
  cacheJsonNow(expectedFile(projectDir), { version: format, steps: kept });
}

function isEntry(value: unknown): value is [string, ExpectedStep] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false;
  const { durationMs, peakMemoryBytes } = (value[1] ?? {}) as Record<string, unknown>;
  return isAmount(durationMs) && (peakMemoryBytes === null || isAmount(peakMemoryBytes));
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
