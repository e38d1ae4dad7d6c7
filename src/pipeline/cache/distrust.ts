import { join } from 'node:path';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import type { StepConfig } from '../../config/config.ts';
import { canonicalJson, sha256, shortDigest, type Digest } from '../../core/digest.ts';
import { cacheFolder } from '../../core/cache-folders.ts';
import { writeCacheFile } from '../../core/write-file.ts';

/** A step whose passes are not believed: with inputs with which it had passed, it has failed. */
export interface Distrust {
  /** Digest of what the step says of itself: a step that is mended is believed again. */
  readonly definition: Digest;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The steps of a project (absolute, real folder) that are not believed, by name; none when that can't be read. */
export function readDistrust(projectDir: string): ReadonlyMap<string, Distrust> {
  const text = readTextIfExists(fileOf(projectDir));
  if (text === undefined) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, Distrust>));
  } catch {
    return new Map();
  }
}

/** Whether a step is not believed as it is defined now. */
export function isDistrusted(step: StepConfig, distrust: ReadonlyMap<string, Distrust>): boolean {
  return distrust.get(step.name)?.definition === definitionOf(step);
}

/** Believes no pass of these steps any more, until they are defined otherwise. What can't be kept is found out again. */
export async function distrustSteps(projectDir: string, steps: readonly StepConfig[], at: number): Promise<void> {
  const known = readDistrust(projectDir);
  const added = steps.map((step) => [step.name, { definition: definitionOf(step), at }] as const);
  const text = JSON.stringify(Object.fromEntries([...known, ...added]));
  await writeCacheFile(fileOf(projectDir), text).catch(() => undefined);
}

function definitionOf({ run, cwd, inputs, env, passEnv, secrets, needs, volumes, network }: StepConfig): Digest {
  return sha256(canonicalJson({ run, cwd, inputs, env, passEnv, secrets, needs, volumes, network }));
}

function fileOf(projectDir: string): string {
  return join(cacheFolder('results/distrust'), `${shortDigest(sha256(projectDir))}.json`);
}
