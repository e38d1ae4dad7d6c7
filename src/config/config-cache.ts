import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256, type Digest } from '../core/digest.ts';
import { cacheFolder } from '../core/cache-folders.ts';
import { parityVersion } from '../core/version.ts';
import { writeCacheFile, writeFileWhole } from '../core/write-file.ts';
import { fileProblem, folderProblem, requirementProblem } from './check-paths.ts';
import type { Config } from './config.ts';
import type { ParsedConfig } from './parsed-config.ts';

// Reading a parity.yaml takes a millisecond, loading what reads it fifty: what this parity found good once is kept.

/**
 * A parity.yaml as it was read before, by its bytes; undefined when it was not, or when a path in it has gone since (then
 * reading it anew words the mistake). Never fails: what can't be read was not there.
 */
export async function cachedConfig(bytes: Uint8Array, projectDir: string): Promise<ParsedConfig | undefined> {
  let known: ParsedConfig;
  try {
    known = JSON.parse(readFileSync(placeOf(bytes), 'utf8')) as ParsedConfig;
  } catch {
    return undefined;
  }
  const { toolchain, image, pipeline = [] } = known.config;
  const problems = await Promise.all([
    ...(toolchain?.requirements ?? []).map((source) => requirementProblem(projectDir, source)),
    ...(image?.dockerfile === undefined ? [] : [fileProblem(projectDir, image.dockerfile)]),
    ...pipeline.flatMap(({ cwd }) => (cwd === undefined ? [] : [folderProblem(projectDir, cwd)])),
  ]);
  return problems.some((problem) => problem !== undefined) ? undefined : known;
}

/** Keeps a parity.yaml that was read without a mistake. One that can't be kept costs time, nothing else. */
export async function cacheConfig(bytes: Uint8Array, config: ParsedConfig): Promise<void> {
  await writeFileWhole(placeOf(bytes), JSON.stringify(config)).catch(() => undefined);
}

/** The Node that was detected from the same files, null for none; undefined when they were not seen before. Never fails. */
export function cachedNodeVersion(files: Digest): string | null | undefined {
  const known = recall(detectedPlace('node', files));
  return typeof known === 'string' || known === null ? known : undefined;
}

/** Keeps which Node was detected from files. What can't be kept costs time, nothing else. */
export async function cacheNodeVersion(files: Digest, node: string | undefined): Promise<void> {
  await writeCacheFile(detectedPlace('node', files), JSON.stringify(node ?? null)).catch(() => undefined);
}

/** The config that was detected from the same files; undefined when they were not seen before. Never fails. */
export function cachedDetection(files: Digest): Config | undefined {
  const known = recall(detectedPlace('all', files));
  return typeof known === 'object' && known !== null ? (known as Config) : undefined;
}

/** Keeps what was detected from files. What can't be kept costs time, nothing else. */
export async function cacheDetection(files: Digest, config: Config): Promise<void> {
  await writeFileWhole(detectedPlace('all', files), JSON.stringify(config)).catch(() => undefined);
}

function recall(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function detectedPlace(what: 'node' | 'all', files: Digest): string {
  const digest = sha256(`${parityVersion} ${what}\n${files}`);
  return join(cacheFolder('configs'), `${digest.slice('sha256:'.length)}.json`);
}

function placeOf(bytes: Uint8Array): string {
  const digest = sha256(Buffer.concat([Buffer.from(`${parityVersion}\n`), bytes]));
  return join(cacheFolder('configs'), `${digest.slice('sha256:'.length)}.json`);
}
