import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { canonicalJson, sha256, shortDigest } from '../core/digest.ts';
import { fileFailure } from '../core/file-failure.ts';
import { cacheJson, readCachedJson } from '../core/json-cache.ts';
import { isObject, shaped } from '../core/json.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import type { Platform } from '../core/platform.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine, EngineInfo } from '../engine/engine.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { commonLabels, label } from './environment-id.ts';

/** What is tried, and with what. */
export interface SharedFilesRequest {
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly workspace: Workspace;
  readonly environmentId: string;
  /** Any image that the engine has. */
  readonly imageId: string;
  readonly platform: Platform;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

/** What distinguishes one engine from another. */
export type EngineIdentity = Pick<EngineInfo, 'address' | 'hostname' | 'dataRoot' | 'product'>;

interface CachedProbe {
  readonly sees: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const cacheForMs = 24 * 3600 * 1000;
const dir = '/parity/probe';

/**
 * True when a container of this engine sees this machine's files: parity's cache (a file that was written there just now) and the workspace.
 * An address proves nothing: a local socket may lead into a virtual machine or out of a container, and one on the network back to this machine. It is
 * tried with a container that is never started, and the answer is cached for a day for each engine and workspace. Err when it can't be tried.
 */
export async function probeHostFiles(request: SharedFilesRequest): Promise<Result<boolean>> {
  const { info, workspace, now = Date.now } = request;
  const file = cacheFileOf(info, workspace.hostRoot);
  const known = readCachedJson(file, shaped(isCachedProbe));
  if (known !== undefined && now() - known.at < cacheForMs && now() >= known.at) return ok(known.sees);
  const sees = await probe(request);
  // An answer that can't be cached is probed again.
  if (!sees.ok) return sees;
  const found: CachedProbe = { sees: sees.value, at: now() };
  for (const each of [file, cacheFileOf(info, null)]) await cacheJson(each, found);
  return sees;
}

/** The last answer for an engine and a workspace, or else for any workspace, however old; undefined when there is none. */
export async function cachedHostFilesProbe(engine: EngineIdentity, hostRoot: string): Promise<boolean | undefined> {
  const known = [hostRoot, null].map((root) => readCachedJson(cacheFileOf(engine, root), shaped(isCachedProbe)));
  return (known[0] ?? known[1])?.sees;
}

function cacheFileOf({ address, hostname, dataRoot, product }: EngineIdentity, hostRoot: string | null): string {
  const name = shortDigest(sha256(canonicalJson([address, hostname, dataRoot, product, hostRoot])));
  return join(cacheFolder('engines'), `files-${name}.json`);
}

function isCachedProbe(value: unknown): value is CachedProbe {
  return isObject(value) && typeof value['sees'] === 'boolean' && typeof value['at'] === 'number';
}

async function probe(request: SharedFilesRequest): Promise<Result<boolean>> {
  const { engine, workspace, environmentId, imageId, platform } = request;
  const word = randomBytes(16).toString('hex');
  const folder = cacheFolder('probe');
  const token = join(folder, word);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(token, word);
  } catch (error) {
    return err(fileFailure(error, `${token} cannot be written`));
  }
  try {
    const created = await engine.createContainer({
      image: imageId,
      platform,
      entrypoint: ['true'],
      labels: { ...commonLabels(environmentId, workspace.hostProject), [label.kind]: 'probe' },
      network: 'none',
      mounts: [
        { type: 'bind', source: folder, target: dir, readOnly: true },
        { type: 'bind', source: workspace.hostRoot, target: '/workspace', readOnly: true },
      ],
    });
    // An engine that has no such folder says so here.
    if (!created.ok) return created.error.reason === 'engine-refused' ? ok(false) : created;
    const id = created.value;
    try {
      if ((await contentOf(engine, id, `${dir}/${basename(token)}`)) !== word) return ok(false);
      const mark = await findProbeFile(workspace);
      if (mark === undefined) return ok(true);
      const place = `/workspace/${relative(workspace.hostRoot, mark).split(sep).join('/')}`;
      return ok((await contentOf(engine, id, place)) === readTextIfExists(mark));
    } finally {
      await engine.removeContainer(id);
    }
  } finally {
    await rm(token, { force: true });
  }
}

/** A small file of the project, for an engine that makes an empty folder of what it does not share. */
async function findProbeFile({ hostProject }: Workspace): Promise<string | undefined> {
  for (const name of ['parity.lock.json', 'parity.yaml', 'pyproject.toml', 'package.json']) {
    const path = join(hostProject, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) return path;
  }
  return undefined;
}

async function contentOf(engine: Engine, id: string, path: string): Promise<string | undefined> {
  const tar = await engine.getArchive(id, path);
  if (!tar.ok) return undefined;
  // Most runs read no tar.
  const { firstFile } = await import('../workspace/seed-tar.ts');
  return await firstFile(tar.value).catch(() => undefined);
}
