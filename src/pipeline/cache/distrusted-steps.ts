import { join } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { canonicalJson, sha256, shortDigest, type Digest } from '../../core/digest.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { cacheJson, readCachedJson } from '../../core/json-cache.ts';
import { isObject } from '../../core/json.ts';

/** A step whose cached passes are not used, because it failed with inputs with which it had passed. */
export interface Distrust {
  /** Digest of the step's definition: a changed step is trusted again. */
  readonly definition: Digest;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The distrusted steps of a project (absolute, real folder) by name; empty when the file can't be read. */
export function readDistrust(projectDir: string): ReadonlyMap<string, Distrust> {
  return new Map(readCachedJson(fileOf(projectDir), entriesOf));
}

function entriesOf(value: unknown): readonly (readonly [string, Distrust])[] | undefined {
  if (!isObject(value)) return undefined;
  return Object.entries(value).flatMap(([step, entry]) => (isDistrust(entry) ? [[step, entry] as const] : []));
}

function isDistrust(value: unknown): value is Distrust {
  return isObject(value) && typeof value['definition'] === 'string' && typeof value['at'] === 'number';
}

/** True when a step, as it is defined now, is distrusted. */
export function isDistrusted(step: StepConfig, distrust: ReadonlyMap<string, Distrust>): boolean {
  return distrust.get(step.name)?.definition === definitionOf(step);
}

/** Distrusts these steps until their definition changes. A failed write is ignored. */
export async function distrustSteps(projectDir: string, steps: readonly StepConfig[], at: number): Promise<void> {
  const known = readDistrust(projectDir);
  const added = steps.map((step) => [step.name, { definition: definitionOf(step), at }] as const);
  await cacheJson(fileOf(projectDir), Object.fromEntries([...known, ...added]));
}

function definitionOf({ run, cwd, inputs, env, passEnv, secrets, needs, volumes, network }: StepConfig): Digest {
  return sha256(canonicalJson({ run, cwd, inputs, env, passEnv, secrets, needs, volumes, network }));
}

function fileOf(projectDir: string): string {
  return join(cacheFolder('results/distrust'), `${shortDigest(sha256(projectDir))}.json`);
}
