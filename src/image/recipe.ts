import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContextFile } from '../base/context.ts';
import type { NetworkSettings } from '../base/network.ts';
import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { packageRoot } from '../core/paths.ts';
import type { Platform } from '../core/platform.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Lock } from '../lock/lock.ts';

/** The recipe of an image: the Dockerfile and the scripts beside it, as the build's context has them. */
export interface Recipe {
  /** Files by their path in the context, without the lock and the certificates. */
  readonly files: readonly ContextFile[];
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
}

/** The recipe's Dockerfile in the context, be it parity's or the project's own. */
const dockerfileName = 'Dockerfile.parity';

/**
 * Reads the recipe: parity's own, or with the project's Dockerfile.parity in its place (`own`: a path relative to the project). Err
 * `recipe-invalid` when that can't be read.
 */
export async function readRecipe(projectDir: string, own?: string): Promise<Result<Recipe>> {
  const path = own === undefined ? join(packageRoot(), dockerfileName) : join(projectDir, own);
  let dockerfile: string;
  try {
    dockerfile = await readFile(path, 'utf8');
  } catch (error) {
    return err(
      failure('recipe-invalid', `${own ?? path} cannot be read`, {
        detail: error instanceof Error ? error.message : String(error),
        next: 'remove image.dockerfile from parity.yaml to use the recipe that parity brings',
      }),
    );
  }
  const [toolchain, uv] = await Promise.all(
    ['toolchain.py', 'uv.txt'].map((name) => readFile(join(packageRoot(), 'images', name))),
  );
  return ok({
    dockerfile: dockerfileName,
    files: [
      // An engine reads a Dockerfile written on Windows; its cache, and the image's name, should not see the difference.
      { path: dockerfileName, data: dockerfile.replace(/\r\n/g, '\n') },
      { path: 'images/toolchain.py', data: toolchain as Buffer },
      { path: 'images/uv.txt', data: uv as Buffer },
    ],
  });
}

/** The whole build context: recipe, lock and, for the stages that use the network, the host's certificates. */
export function buildContext(recipe: Recipe, lock: Lock, network: NetworkSettings): readonly ContextFile[] {
  const certificates = network.certificates;
  return [
    ...recipe.files,
    { path: 'parity.lock.json', data: canonicalJson(pinsOf(lock)) },
    ...(certificates === undefined ? [] : [{ path: 'parity-ca.crt', data: certificates.pem }]),
  ];
}

/** The build arguments that carry the host's network settings; proxies are predefined ones, which no image records. */
export function networkArguments(network: NetworkSettings): Readonly<Record<string, string>> {
  const snapshot = process.env['PARITY_DEBIAN_SNAPSHOT'];
  return {
    ...network.proxies,
    ...network.pythonIndex,
    ...(network.npmRegistry === undefined ? {} : { NPM_CONFIG_REGISTRY: network.npmRegistry }),
    ...(snapshot ? { PARITY_DEBIAN_SNAPSHOT: snapshot } : {}),
  };
}

/** The digest of all that decides an image's content: the lock's pins for the platform and the recipe. */
export function imageDigest(lock: Lock, recipe: Recipe, platform: Platform): Digest {
  const { base, system, ...pins } = pinsOf(lock);
  return sha256(
    canonicalJson({
      ...pins,
      base: base.kind === 'registry' ? base : { ...base, packages: base.packages[platform] },
      system: system[platform],
      platform,
      recipe: recipe.files.map(({ path, data }) => ({ path, digest: sha256(data) })),
    }),
  );
}

/** The name under which an engine keeps the image of a digest. Equal locks of different projects share it. */
export function imageReference(digest: Digest): string {
  return `parity/image:${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;
}

/** The part of a lock that decides what is in an image: not who asked for it, which inputs it came from, or which parity wrote it. */
function pinsOf(lock: Lock): Pick<Lock, 'version' | 'base' | 'python' | 'uv' | 'system'> & Partial<Pick<Lock, 'node'>> {
  return {
    version: lock.version,
    base: lock.base,
    python: { version: lock.python.version, packages: lock.python.packages.map((each) => ({ ...each, via: [] })) },
    uv: lock.uv,
    system: lock.system,
    ...(lock.node === undefined ? {} : { node: lock.node }),
  };
}
