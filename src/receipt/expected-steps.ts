import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256, shortDigest } from '../core/digest.ts';
import { cacheFolder } from '../core/cache-folders.ts';
import type { ExpectedStep } from '../pipeline/schedule.ts';
import type { Receipt } from './receipt.ts';

const format = 1;
const maxSteps = 500;

/** The file of a project in parity's cache; the project's folder absolute and real. */
function expectedFile(projectDir: string): string {
  return join(cacheFolder('expected'), `${shortDigest(sha256(projectDir))}.json`);
}

/** What earlier runs say of a project's steps, by name; empty when there were none, or when what was kept can't be read. */
export function readExpected(projectDir: string): ReadonlyMap<string, ExpectedStep> {
  try {
    const kept: unknown = JSON.parse(readFileSync(expectedFile(projectDir), 'utf8'));
    if (typeof kept !== 'object' || kept === null || !('version' in kept && 'steps' in kept)) return new Map();
    if (kept.version !== format || !Array.isArray(kept.steps)) return new Map();
    return new Map(kept.steps.flatMap((entry: unknown) => (isEntry(entry) ? [entry] : [])));
  } catch (error) {
    if (isUnreadable(error)) return new Map();
    throw error;
  }
}

/**
 * Keeps how long each step took that passed, and its memory, for the schedule of the next run: half of it is what was known before, so that one
 * odd run changes little. A shard tells nothing of whole steps. What can't be kept is missed by nobody.
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
  const file = expectedFile(projectDir);
  try {
    mkdirSync(dirname(file), { recursive: true });
    const aside = `${file}.${process.pid}.tmp`;
    writeFileSync(aside, JSON.stringify({ version: format, steps: kept }));
    renameSync(aside, file);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
}

function isEntry(value: unknown): value is [string, ExpectedStep] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false;
  const { durationMs, peakMemoryBytes } = (value[1] ?? {}) as Record<string, unknown>;
  return isAmount(durationMs) && (peakMemoryBytes === null || isAmount(peakMemoryBytes));
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Not there, not allowed, full, or no JSON of ours: anything but a bug. */
function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof Error && 'code' in error);
}
