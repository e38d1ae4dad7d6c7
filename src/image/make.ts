import type { Readable } from 'node:stream';
import { baseReference, ensureBase } from '../base/base.ts';
import { contextTar } from '../base/context.ts';
import { buildArguments, networkSettings, type NetworkSettings } from '../base/network.ts';
import { inPhase } from '../base/phase.ts';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Lock } from '../lock/lock.ts';
import { formatLock } from '../lock/write.ts';
import type { EnsuredImage, EnsureImageOptions } from './build.ts';
import { wordBuildFailure } from './build-failure.ts';
import { lockContentDigest } from './name.ts';
import { recipeName, type Recipe } from './recipe.ts';

/** Builds a lock's image under its name, its base first. Errors as ensureImage has them. */
export async function makeImage(
  options: EnsureImageOptions,
  recipe: Recipe,
  reference: string,
): Promise<Result<EnsuredImage>> {
  const { engine, lock, platform } = options;
  const network = await networkSettings();
  if (!network.ok) return network;
  const missing = missingRegistry(lock, network.value);
  if (missing !== undefined) return err(missing);
  const base = await ensureBase(engine, lock.base, platform, options);
  if (!base.ok) return base;
  const built = await inPhase(
    options.onProgress,
    'image',
    reference,
    'Building the image',
    async (tell) => {
      let output = '';
      const build = await engine.build({
        context: recipeContext(recipe, formatLock(lock), network.value.certificates?.pem),
        dockerfile: recipeName,
        tags: [reference],
        buildArgs: buildArgs(recipe, options, network.value),
        labels: {
          'dev.parity.kind': 'image',
          'dev.parity.lock': lockContentDigest(lock, platform),
          'dev.parity.recipe': recipe.digest,
        },
        platform,
        ...(options.noCache === true ? { noCache: true } : {}),
        ...(network.value.needsHostNetwork ? { network: 'host' } : {}),
        onProgress: (progress) => {
          // Each text is a line, or lines, without the last newline.
          if (progress.type === 'output') output = `${output}${progress.text}\n`.slice(-64_000);
          tell(progress);
        },
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      return build.ok ? build : err(wordBuildFailure(build.error, output));
    },
    () => reference,
  );
  if (!built.ok) return built;
  return ok({ imageId: built.value, reference, built: true });
}

function buildArgs(recipe: Recipe, options: EnsureImageOptions, network: NetworkSettings): Record<string, string> {
  const mirror = process.env['PARITY_DEBIAN_MIRROR'];
  const snapshot = process.env['PARITY_DEBIAN_SNAPSHOT'];
  const all: Record<string, string> = {
    BASE: baseReference(options.lock.base, options.platform),
    ...buildArguments(network),
    ...(mirror ? { DEBIAN_MIRROR: mirror } : {}),
    ...(snapshot ? { DEBIAN_SNAPSHOT: snapshot } : {}),
  };
  // Engines warn of an argument that a Dockerfile does not declare; a project's own may declare few. Proxies are predefined.
  const dockerfile = recipe.files.find(({ path }) => path === recipeName)?.data.toString() ?? '';
  const declared = new Set([...dockerfile.matchAll(/^\s*ARG\s+(\w+)/gim)].map((match) => match[1]));
  return Object.fromEntries(Object.entries(all).filter(([name]) => declared.has(name) || /_proxy$/i.test(name)));
}

function missingRegistry(lock: Lock, network: NetworkSettings): Failure | undefined {
  if (lock.node === undefined || network.npmRegistry !== undefined) return undefined;
  return failure(
    'host-tool-missing',
    'the image has Node, and no npm on this machine says which registry it comes from',
    {
      next: 'export NPM_CONFIG_REGISTRY=<your npm registry>, or install npm',
    },
  );
}

/** The build context of a recipe: its files, the lock, and the host's certificates for the stages that use the network. */
function recipeContext(recipe: Recipe, lockText: string, certificates: Buffer | undefined): Readable {
  return contextTar([
    ...recipe.files,
    { path: 'parity.lock.json', data: lockText },
    ...(certificates === undefined ? [] : [{ path: 'parity-ca.crt', data: certificates }]),
  ]);
}
