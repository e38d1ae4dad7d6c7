import { baseReference, ensureBase } from '../base/base.ts';
import { buildArguments, networkSettings, type NetworkSettings } from '../base/network.ts';
import { inPhase } from '../base/phase.ts';
import type { Config } from '../config/config.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import type { Lock } from '../lock/lock.ts';
import { formatLock } from '../lock/write.ts';
import { wordBuildFailure } from './build-failure.ts';
import { imageReference, lockContentDigest } from './name.ts';
import { readRecipe, recipeContext, recipeName, type Recipe } from './recipe.ts';

/** What an image is ensured from. */
export interface EnsureImageOptions {
  readonly engine: Engine;
  /** Absolute path of the project's folder. */
  readonly projectDir: string;
  readonly config: Config;
  readonly lock: Lock;
  readonly platform: Platform;
  /** Build, also when the image is there, and use nothing of the engine's build cache. */
  readonly noCache?: boolean;
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal | undefined;
}

/** An image that the engine has. */
export interface EnsuredImage {
  readonly imageId: string;
  /** `parity/<project>:<16 hex>`. */
  readonly reference: string;
  /** False when it was there already. */
  readonly built: boolean;
}

/**
 * Makes sure that the engine has a lock's image: found by its name (one question to the engine), else built, its base first.
 * Err says the failing instruction's own last lines, the cause, and what to type next.
 */
export async function ensureImage(options: EnsureImageOptions): Promise<Result<EnsuredImage>> {
  const { engine, projectDir, config, lock, platform } = options;
  const recipe = await readRecipe(projectDir, config);
  if (!recipe.ok) return recipe;
  const reference = imageReference({ projectDir, lock, platform, recipe: recipe.value.digest });
  if (options.noCache !== true) {
    const there = await engine.inspectImage(reference);
    if (!there.ok) return there;
    if (there.value !== undefined) return ok({ imageId: there.value.id, reference, built: false });
  }
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
        context: recipeContext(recipe.value, formatLock(lock), network.value.certificates?.pem),
        dockerfile: recipeName,
        tags: [reference],
        buildArgs: buildArgs(recipe.value, options, network.value),
        labels: {
          'dev.parity.kind': 'image',
          'dev.parity.lock': lockContentDigest(lock, platform),
          'dev.parity.recipe': recipe.value.digest,
          'dev.parity.project': projectDir,
        },
        platform,
        ...(options.noCache === true ? { noCache: true } : {}),
        ...(network.value.needsHostNetwork ? { network: 'host' } : {}),
        onProgress: (progress) => {
          if (progress.type === 'output') output = (output + progress.text).slice(-64_000);
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
