import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheJson, readCachedJson } from '../../core/json-cache.ts';
import { isObject, shaped } from '../../core/json.ts';
import { canonicalJson, sha256, shortDigest } from '../../core/digest.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import type { AppContext } from '../context.ts';

/** What the engine that this host's settings choose last said of itself; undefined before its first use. */
export function cachedEngineInfo(context: Pick<AppContext, 'host' | 'env'>): EngineInfo | undefined {
  return readCachedJson(engineInfoFile(context), shaped(isEngineInfo));
}

const texts = [
  'address',
  'product',
  'version',
  'apiVersion',
  'platformText',
  'imageStore',
  'builder',
  'dataRoot',
  'hostname',
];

// Earlier versions of parity kept less.
function isEngineInfo(value: unknown): value is EngineInfo {
  if (!isObject(value) || !texts.every((name) => typeof value[name] === 'string')) return false;
  return (
    Number.isFinite(value['cpus']) &&
    Number.isFinite(value['memoryBytes']) &&
    typeof value['seesHostFiles'] === 'boolean'
  );
}

/** Caches what an engine said of itself: a later run reports cached steps and uses warm containers without asking the engine. */
export async function cacheEngineInfo(context: Pick<AppContext, 'host' | 'env'>, engine: EngineInfo): Promise<void> {
  const path = engineInfoFile(context);
  if (readTextIfExists(path) !== JSON.stringify(engine)) await cacheJson(path, engine);
}

/** By all that decides which engine is used, but whether it answers. */
function engineInfoFile({ host, env }: Pick<AppContext, 'host' | 'env'>): string {
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  const config = readTextIfExists(join(folder, 'config.json')) ?? '';
  const context = /"currentContext"\s*:\s*"([^"]*)"/.exec(config)?.[1];
  const chosen = [host ?? null, env['DOCKER_HOST'] ?? null, env['DOCKER_CONTEXT'] ?? null, context ?? null];
  return join(cacheFolder('engines'), `${shortDigest(sha256(canonicalJson(chosen)))}.json`);
}
