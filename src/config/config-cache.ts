import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256, type Digest } from '../core/digest.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import { cacheJson, readCachedJson } from '../core/json-cache.ts';
import { isObject, shaped } from '../core/json.ts';
import { parityVersion } from '../core/version.ts';
import { fileProblem, folderProblem, requirementProblem } from './check-paths.ts';
import type { Config, ManagerWish } from './config.ts';
import type { ParsedConfig } from './parsed-config.ts';

// Loading yaml and zod takes fifty milliseconds, so a parity.yaml that was found valid is cached by its bytes.

/**
 * The cached result for a parity.yaml of these bytes. Undefined when there is none, or when a path that it names no longer
 * exists: parsing then reports the mistake. Never fails: an unreadable entry counts as missing.
 */
export async function cachedConfig(bytes: Uint8Array, projectDir: string): Promise<ParsedConfig | undefined> {
  const known = readCachedJson(configCacheFile(bytes), shaped(isParsedConfig));
  if (known === undefined) return undefined;
  const { toolchain, toolchains = {}, image, pipeline = [] } = known.config;
  const problems = await Promise.all([
    ...[toolchain, ...Object.values(toolchains)].flatMap((each) =>
      (each?.requirements ?? []).map((source) => requirementProblem(projectDir, source)),
    ),
    ...(image?.dockerfile === undefined ? [] : [fileProblem(projectDir, image.dockerfile)]),
    ...pipeline.flatMap(({ cwd }) => (cwd === undefined ? [] : [folderProblem(projectDir, cwd)])),
  ]);
  return problems.some((problem) => problem !== undefined) ? undefined : known;
}

/** Caches a parity.yaml that has no mistake. A failed write costs the next run time and nothing else. */
export async function cacheConfig(bytes: Uint8Array, config: ParsedConfig): Promise<void> {
  await cacheJson(configCacheFile(bytes), config);
}

/** What detection chose of Node for a project; nothing where nothing uses Node. */
export interface NodeDefaults {
  readonly node?: string;
  readonly managers?: readonly ManagerWish[];
}

/** What detection chose of Node for the same files; undefined when it is not cached. Never fails. */
export function cachedNodeDefaults(files: Digest): NodeDefaults | undefined {
  return readCachedJson(detectionFile('node', files), shaped(isNodeDefaults));
}

/** Caches what detection chose of Node for these files. A failed write costs the next run time and nothing else. */
export async function cacheNodeDefaults(files: Digest, defaults: NodeDefaults): Promise<void> {
  await cacheJson(detectionFile('node', files), defaults);
}

/** The config that detection made of the same files; undefined when it is not cached. Never fails. */
export function cachedDetection(files: Digest): Config | undefined {
  return readCachedJson(detectionFile('all', files), shaped(isConfig));
}

/** Caches the config that detection made of these files. A failed write costs the next run time and nothing else. */
export async function cacheDetection(files: Digest, config: Config): Promise<void> {
  await cacheJson(detectionFile('all', files), config);
}

/** A detection that looked at more than the project's own files. */
export interface SeenDetection<Seen> {
  /** What it saw beside them, as plain data. */
  readonly seen: Seen;
  /** Null when it found nothing. */
  readonly config: Config | null;
}

/** What was cached for the key, when what it saw is still so; else undefined. Never fails. */
export function cachedSeenDetection<Seen>(
  key: Digest,
  holds: (seen: Seen) => boolean,
): SeenDetection<Seen> | undefined {
  const known = readCachedJson(detectionFile('seen', key), shaped(isSeenDetection));
  return known !== undefined && holds(known.seen as Seen) ? (known as SeenDetection<Seen>) : undefined;
}

/** Caches such a detection. A failed write costs the next run time and nothing else. */
export async function cacheSeenDetection(key: Digest, detection: SeenDetection<unknown>): Promise<void> {
  await cacheJson(detectionFile('seen', key), detection);
}

function isSeenDetection(value: unknown): value is SeenDetection<unknown> {
  return isObject(value) && isObject(value['seen']) && (value['config'] === null || isConfig(value['config']));
}

// This very parity wrote the file: its version is in the name. The main parts tell it from anything else, and need no schema.
function isParsedConfig(value: unknown): value is ParsedConfig {
  if (!isObject(value) || !isObject(value['config'])) return false;
  const { toolchain = {}, image = {}, pipeline = [] } = value['config'];
  if (!isObject(toolchain) || !isObject(image) || !Array.isArray(pipeline)) return false;
  return isObject(value['serviceSpans']) && Array.isArray(value['stepSpans']);
}

function isNodeDefaults(value: unknown): value is NodeDefaults {
  if (!isObject(value)) return false;
  const { node, managers } = value;
  return (node === undefined || typeof node === 'string') && (managers === undefined || Array.isArray(managers));
}

function isConfig(value: unknown): value is Config {
  if (!isObject(value) || !Array.isArray(value['services']) || !Array.isArray(value['pipeline'])) return false;
  return ['source', 'toolchain', 'image', 'cache', 'doctor'].every((part) => isObject(value[part]));
}

function detectionFile(what: 'node' | 'all' | 'seen', files: Digest): string {
  const digest = sha256(`${parityVersion} ${codeStamp()} ${what}\n${files}`);
  return join(cacheFolder('configs'), `${digest.slice('sha256:'.length)}.json`);
}

/** Two builds of one version may read the same file differently: another folder of code, or one that was built anew, has results of its own. */
function codeStamp(): string {
  const { ino, mtimeMs } = statSync(dirname(fileURLToPath(import.meta.url)));
  return `${ino} ${mtimeMs}`;
}

function configCacheFile(bytes: Uint8Array): string {
  const digest = sha256(Buffer.concat([Buffer.from(`${parityVersion} ${codeStamp()}\n`), bytes]));
  return join(cacheFolder('configs'), `${digest.slice('sha256:'.length)}.json`);
}
