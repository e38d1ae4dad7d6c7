import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { baseReference, ensureBase } from '../base/base.ts';
import { contextTar } from '../base/context.ts';
import { buildArguments, networkSettings, withProjectIndex, type NetworkSettings } from '../base/network.ts';
import { inPhase } from '../base/phase.ts';
import type { Platform } from '../core/platform.ts';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine, ImageInfo } from '../engine/engine.ts';
import type { Lock, LockedImage } from '../lock/lock.ts';
import { readRequirements } from '../lock/requirements/read-requirements.ts';
import { formatLock } from '../lock/write.ts';
import type { EnsuredImage, EnsureImageOptions } from './build.ts';
import { wordBuildFailure } from './build-failure.ts';
import { canonicalise, type CanonicalResult } from './canonical/canonicalise.ts';
import { loadImage } from './canonical/load.ts';
import type { CanonicalImage } from './canonical/manifest.ts';
import { inWorkFolder } from './canonical/work-folder.ts';
import { imageIdOn, lockedImage, unpinnedParts } from './identity.ts';
import { lockContentDigest } from './name.ts';
import { recipeName, type Recipe } from './recipe.ts';

/** Makes a lock's image under its name, its base first, and loads it into the engine. Errors as ensureImage has them. */
export async function makeImage(
  options: EnsureImageOptions,
  recipe: Recipe,
  reference: string,
): Promise<Result<EnsuredImage>> {
  return await withAssembled(options, recipe, reference, async ({ canonical, image }) => {
    const agreed = agreesWithLock(options, recipe, image);
    if (!agreed.ok) return agreed;
    const imageId = await loadImage(options.engine, canonical, { ...options, reference });
    return imageId.ok ? ok({ imageId: imageId.value, reference, origin: 'built', image }) : imageId;
  });
}

/** An image that was just built and re-assembled; its files are there as long as the work with it goes on. */
export interface Assembled {
  readonly canonical: CanonicalResult;
  readonly image: LockedImage;
}

/** Builds a lock's image, its base first, brings it into canonical form, and does some work with that. The engine keeps no trace of it. */
export async function withAssembled<T>(
  options: EnsureImageOptions,
  recipe: Recipe,
  reference: string,
  work: (assembled: Assembled) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { engine, lock, platform } = options;
  const info = await engine.describe();
  if (!info.ok) return info;
  const base = await ensureBase(engine, lock.base, platform, options);
  if (!base.ok) return base;
  const baseImage = await inspected(engine, baseReference(lock.base, platform));
  if (!baseImage.ok) return baseImage;
  // Its own name while it is no more than a build: two at once don't take it from each other.
  const buildReference = `parity/build:${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const built = await buildRecipe(options, recipe, reference, buildReference);
    if (!built.ok) return built;
    const builtImage = await inspected(engine, built.value);
    if (!builtImage.ok) return builtImage;
    // Graph drivers of Docker take an archive without the layers that they have.
    const withBase = info.value.imageStore === 'containerd' || info.value.product !== 'docker';
    return await inWorkFolder(async (folder) => {
      const canonical = await inPhase(
        options.onProgress,
        'image',
        `${reference} layers`,
        'Re-assembling the layers',
        () =>
          canonicalise({
            engine,
            built: builtImage.value,
            base: baseImage.value,
            platform,
            labels: imageLabels(lock, platform, recipe),
            folder,
            withBase,
          }),
        ({ image }) => imageIdOn(info.value, digestsOf(image)),
      );
      if (!canonical.ok) return canonical;
      const image = { ...digestsOf(canonical.value.image), recipe: recipe.digest };
      return await work({ canonical: canonical.value, image });
    });
  } finally {
    await engine.removeImage(buildReference);
  }
}

async function buildRecipe(
  options: EnsureImageOptions,
  recipe: Recipe,
  reference: string,
  tag: string,
): Promise<Result<string>> {
  const { engine, lock, platform } = options;
  const host = await networkSettings();
  if (!host.ok) return host;
  const requirements = await readRequirements(options.projectDir, options.config);
  if (!requirements.ok) return requirements;
  const network = withProjectIndex(host.value, requirements.value.index);
  const missing = missingRegistry(lock, network);
  if (missing !== undefined) return err(missing);
  return await inPhase(
    options.onProgress,
    'image',
    reference,
    'Building the image',
    async (tell) => {
      let output = '';
      const build = await engine.build({
        context: recipeContext(recipe, formatLock(withoutImages(lock)), network.certificates?.pem),
        dockerfile: recipeName,
        tags: [tag],
        buildArgs: buildArgs(recipe, options, network),
        labels: { 'dev.parity.kind': 'build' },
        platform,
        ...(options.noCache === true ? { noCache: true } : {}),
        ...(network.needsHostNetwork ? { network: 'host' } : {}),
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
}

/** Holds what was built against the lock. What the lock does not pin down to the last byte may differ, and that is said. */
function agreesWithLock(
  { lock, platform, onProgress }: EnsureImageOptions,
  recipe: Recipe,
  image: LockedImage,
): Result<void> {
  const locked = lockedImage(lock, platform, recipe);
  if (locked === undefined || locked.config === image.config) return ok(undefined);
  const difference = `expected ${locked.config}, found ${image.config}`;
  const unpinned = unpinnedParts(lock, recipe);
  if (unpinned.length === 0)
    return err(
      failure('integrity-mismatch', `the image that was built is not the lock's: ${difference}`, {
        next: 'parity build --check   (it names the first file that differs)',
      }),
    );
  const message = `the image differs from the lock's: ${difference}; the lock does not hold all of ${unpinned.join(', ')}`;
  onProgress({ type: 'note', severity: 'warning', message });
  return ok(undefined);
}

/** What the image says of itself: which lock made it, and which recipe. */
export function imageLabels(lock: Lock, platform: Platform, recipe: Recipe): Readonly<Record<string, string>> {
  return {
    'dev.parity.kind': 'image',
    'dev.parity.lock': lockContentDigest(lock, platform),
    'dev.parity.recipe': recipe.digest,
  };
}

/** An image that the engine should have. Err `image-not-found` when somebody removed it meanwhile. */
export async function inspected(engine: Engine, ref: string): Promise<Result<ImageInfo>> {
  const image = await engine.inspectImage(ref);
  if (!image.ok) return image;
  if (image.value !== undefined) return ok(image.value);
  return err(failure('image-not-found', `the engine no longer has ${ref}`, { next: 'run the same command again' }));
}

/** The digests by which engines know an image. */
export function digestsOf({ config, manifest }: CanonicalImage): Omit<LockedImage, 'recipe'> {
  return { config: config.digest, manifest: manifest.digest };
}

/** What a build may depend on: an image's own digest is not part of it. */
function withoutImages(lock: Lock): Lock {
  return { ...lock, platforms: { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } } };
}

function buildArgs(recipe: Recipe, options: EnsureImageOptions, network: NetworkSettings): Record<string, string> {
  const mirror = process.env['PARITY_DEBIAN_MIRROR'];
  const snapshot = process.env['PARITY_DEBIAN_SNAPSHOT'];
  const all: Record<string, string> = {
    BASE: baseReference(options.lock.base, options.platform),
    // Only what goes on top of the base is built and read back; the base is put under it afterwards.
    START: 'scratch',
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
