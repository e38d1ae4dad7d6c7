import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { baseReference } from '../base/base.ts';
import { contextTar } from '../base/context-tar.ts';
import { buildArguments, type NetworkSettings } from '../base/network-settings.ts';
import { inPhase } from '../base/in-phase.ts';
import { err, type Result } from '../core/result.ts';
import type { EnsureImageOptions } from './ensure-options.ts';
import { buildFailure } from './build-failure.ts';
import { canonicalise } from './canonical/canonicalise.ts';
import { inWorkFolder } from './canonical/work-folder.ts';
import { digestsOf, imageIdOn, imageLabels } from './identity.ts';
import { engineWithBase, requireImage } from './engine-with-base.ts';
import { recipeName, type Recipe } from './recipe.ts';
import { debianSettings, recipeLock, recipeNetwork } from './recipe-input.ts';
import type { AssembledImage } from './assembled-image.ts';

/** Builds a lock's image and its base with the engine's builder, brings it into canonical form, and calls `work` with it. It removes the build from the engine afterwards. */
export async function withEngineBuild<T>(
  options: EnsureImageOptions,
  recipe: Recipe,
  reference: string,
  work: (assembled: AssembledImage) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { engine, lock, platform } = options;
  const ready = await engineWithBase(options);
  if (!ready.ok) return ready;
  const { info, base } = ready.value;
  // A unique name: two builds at once must not overwrite each other's tag.
  const buildReference = `parity/build:${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const built = await buildRecipe(options, recipe, reference, buildReference);
    if (!built.ok) return built;
    const builtImage = await requireImage(engine, built.value);
    if (!builtImage.ok) return builtImage;
    // Docker's graph drivers load an archive that lacks layers which they have.
    const withBase = info.imageStore === 'containerd' || info.product !== 'docker';
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
            base,
            platform,
            labels: imageLabels(lock, platform, recipe),
            folder,
            withBase,
          }),
        ({ image }) => imageIdOn(info, digestsOf(image)),
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
  const prepared = await recipeNetwork(options);
  if (!prepared.ok) return prepared;
  const network = prepared.value;
  return await inPhase(
    options.onProgress,
    'image',
    reference,
    'Building the image',
    async (tell) => {
      let output = '';
      const build = await engine.build({
        context: recipeContext(recipe, recipeLock(lock), network.certificates?.pem),
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
      return build.ok ? build : err(buildFailure(build.error, output));
    },
    () => reference,
  );
}

function buildArgs(recipe: Recipe, options: EnsureImageOptions, network: NetworkSettings): Record<string, string> {
  const all: Record<string, string> = {
    BASE: baseReference(options.lock.base, options.platform),
    // The build makes only what goes on top of the base; canonicalise adds the base's layers.
    START: 'scratch',
    ...buildArguments(network),
    ...debianSettings(),
  };
  // Engines warn of an argument that the Dockerfile does not declare, so only declared ones are passed. Proxies are predefined.
  const dockerfile =
    recipe
      .files()
      .find(({ path }) => path === recipeName)
      ?.data.toString() ?? '';
  const declared = new Set([...dockerfile.matchAll(/^\s*ARG\s+(\w+)/gim)].map((match) => match[1]));
  return Object.fromEntries(Object.entries(all).filter(([name]) => declared.has(name) || /_proxy$/i.test(name)));
}

/** The build context of a recipe: its files, the lock, and the host's certificates for the stages that use the network. */
function recipeContext(recipe: Recipe, lockText: string, certificates: Buffer | undefined): Readable {
  return contextTar([
    ...recipe.files(),
    { path: 'parity.lock.json', data: lockText },
    ...(certificates === undefined ? [] : [{ path: 'parity-ca.crt', data: certificates }]),
  ]);
}
