import { join } from 'node:path';
import type { NetworkSettings } from '../../base/network-settings.ts';
import { inPhase, type OnProgress } from '../../base/in-phase.ts';
import { ensureUv } from '../../base/uv-image.ts';
import { canonicalJson, sha256, type Digest } from '../../core/digest.ts';
import type { FailureReason } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine, EngineInfo, ImageInfo } from '../../engine/engine.ts';
import type { EnsureImageOptions } from '../ensure-options.ts';
import { baseLayers, envOnTopOf, type CanonicalResult } from '../canonical/canonicalise.ts';
import { writeCanonicalLayer, type CanonicalLayer } from '../canonical/canonical-layer.ts';
import { canonicalImage } from '../canonical/canonical-image.ts';
import { inWorkFolder } from '../canonical/work-folder.ts';
import type { AssembledImage } from '../assembled-image.ts';
import { digestsOf, imageIdOn, imageLabels } from '../identity.ts';
import { engineWithBase } from '../engine-with-base.ts';
import type { Recipe } from '../recipe.ts';
import { debianSettings, recipeLock, recipeNetwork } from '../recipe-input.ts';
import { makeParts } from './make-parts.ts';
import { findPart, cachedLayer, prunePartCache, cacheLayer, expectedParts } from './part-cache.ts';
import { partsOf, type Part } from './parts.ts';
import { recipeSettings } from './recipe-settings.ts';

/** A layer of the built-in recipe. */
interface PlannedLayer {
  readonly parts: readonly Part[];
  readonly key: Digest;
}

/** What an image is assembled from. */
interface AssemblyOptions extends EnsureImageOptions {
  readonly recipe: Recipe;
  readonly reference: string;
  readonly base: ImageInfo;
  readonly info: EngineInfo;
  /** The network settings for building parts. */
  readonly network: Promise<Result<NetworkSettings>>;
  /** True for Docker's graph drivers, which load an archive that lacks layers they have. Other engines need all layers, the base's too. */
  readonly takesParts: boolean;
  readonly folder: string;
  readonly onRemoval: (removal: Promise<unknown>) => void;
}

/**
 * Assembles a lock's image of the built-in recipe from its parts on top of its base, and calls `work` with it. It builds only parts that are
 * not cached (with `noCache` all), and leaves out layers that the engine has. The image is the same as that of a build of
 * Dockerfile.parity.
 */
export async function withAssembledParts<T>(
  options: EnsureImageOptions,
  recipe: Recipe,
  reference: string,
  work: (assembled: AssembledImage) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { engine, lock, platform } = options;
  // Reading pip's and npm's settings takes a second or two: it runs while the base is built.
  const network = recipeNetwork(options);
  // Avoids an unhandled rejection when no caller awaits this.
  network.catch(() => undefined);
  const ready = await engineWithBase(options);
  if (!ready.ok) return ready;
  const { info, base } = ready.value;
  const takesParts = info.product === 'docker' && info.imageStore === 'graph';
  const removals: Promise<unknown>[] = [];
  const onRemoval = (removal: Promise<unknown>): void => void removals.push(removal);
  const attempt = async (layers: readonly PlannedLayer[], there: readonly CanonicalLayer[]): Promise<Result<T>> =>
    await inWorkFolder(async (folder) => {
      const assembling = { ...options, recipe, reference, base, info, network, takesParts, folder, onRemoval };
      const canonical = await assemble(assembling, layers, there);
      if (!canonical.ok) return canonical;
      const digests = digestsOf(canonical.value.image);
      return await work({ canonical: canonical.value, image: { ...digests, recipe: recipe.digest } });
    }).finally(() => Promise.allSettled(removals));
  const layers = partsOf(lock, platform, recipe).map((parts) => {
    return { parts, key: sha256(canonicalJson(parts.map(({ key }) => key))) };
  });
  const there = options.noCache === true || !takesParts ? [] : await layersOfEngine(engine, base, layers);
  const done = await attempt(layers, there);
  // The image that had those layers may have been removed meanwhile, or the cache entry may be wrong: then all layers are assembled.
  if (done.ok || there.length === 0 || ofParts.has(done.error.reason)) return done;
  return await attempt(layers, []);
}

/** Failures of making a part: with other layers under it, it fails again, after as long. */
const ofParts: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'interrupted',
  'image-build-failed',
  'package-vanished',
  'network',
  'disk-full',
]);

/** The cached descriptions of the first layers on top of the base that one image of the engine has. */
async function layersOfEngine(
  engine: Engine,
  base: ImageInfo,
  layers: readonly PlannedLayer[],
): Promise<readonly CanonicalLayer[]> {
  const known: CanonicalLayer[] = [];
  for (const { key } of layers) {
    const layer = await cachedLayer(key);
    if (layer === undefined) break;
    known.push(layer);
  }
  const images = await engine.listImages(['dev.parity.kind=image']);
  if (!images.ok) return [];
  const counts = images.value.map((image) => {
    if (base.layers.some((digest, index) => image.layers[index] !== digest)) return 0;
    const other = known.findIndex(({ digest }, index) => image.layers[base.layers.length + index] !== digest);
    return other < 0 ? known.length : other;
  });
  return known.slice(0, Math.max(0, ...counts));
}

async function assemble(
  assembling: AssemblyOptions,
  layers: readonly PlannedLayer[],
  there: readonly CanonicalLayer[],
): Promise<Result<CanonicalResult>> {
  const { base, platform, lock, recipe, reference, info, takesParts, folder, engine, onProgress } = assembling;
  const wanted = layers.slice(there.length);
  const partsOfAll = layers.flatMap((layer) => layer.parts);
  // An engine that has not told the sizes of the base's layers yet takes seconds for that, and the parts take longer.
  const underneath = baseLayers(engine, base, folder, !takesParts);
  underneath.catch(() => undefined);
  const parts = await partFiles(assembling, partsOfAll, new Set(wanted.flatMap((layer) => layer.parts)));
  if (!parts.ok) {
    await underneath.catch(() => undefined);
    return parts;
  }
  return await inPhase(
    onProgress,
    'image',
    `${reference} layers`,
    'Assembling the layers',
    async () => {
      const under = await underneath;
      if (!under.ok) return under;
      const files = new Map<Digest, string>();
      for (const { digest, file } of under.value) if (file !== undefined) files.set(digest, file);
      const made: CanonicalLayer[] = [];
      const folders = new Set<string>();
      try {
        for (const [index, { parts: own, key }] of wanted.entries()) {
          const target = join(folder, `layer-${index}`);
          const layer = await writeCanonicalLayer(
            own.flatMap((part) => parts.value.get(part.key) ?? []),
            target,
            folders,
          );
          if (layer === undefined) continue;
          await cacheLayer(key, layer);
          made.push(layer);
          files.set(layer.digest, target);
        }
      } catch (error) {
        return err(fileFailure(error, 'the image could not be put together'));
      }
      const settings = {
        ...recipeSettings,
        env: envOnTopOf(base, recipeSettings.env),
        labels: imageLabels(lock, platform, recipe),
      };
      return ok({ image: canonicalImage(platform, [...under.value, ...there, ...made], settings), files });
    },
    ({ image }) => imageIdOn(info, digestsOf(image)),
  );
}

/** The files of the wanted parts by key: those that are being made since the packages were known, those of the cache, and the others newly built. */
async function partFiles(
  assembling: AssemblyOptions,
  parts: readonly Part[],
  wanted: ReadonlySet<Part>,
): Promise<Result<ReadonlyMap<Digest, string>>> {
  const expected = [...wanted].filter(({ key }) => expectedParts(key) !== undefined);
  const making = expected.map(async ({ key }) => [key, (await expectedParts(key))?.get(key)] as const);
  const others = await foundOrMade(
    assembling,
    parts,
    [...wanted].filter((part) => !expected.includes(part)),
  );
  const files = new Map<Digest, string>();
  for (const [key, file] of await Promise.all(making)) if (file !== undefined) files.set(key, file);
  if (!others.ok) return others;
  // What could not be made ahead is tried again, so that its failure is told.
  const left = await foundOrMade(
    assembling,
    parts,
    expected.filter(({ key }) => !files.has(key)),
  );
  return left.ok ? ok(new Map([...files, ...others.value, ...left.value])) : left;
}

/** The files of parts by key, from the cache or newly built. */
async function foundOrMade(
  assembling: AssemblyOptions,
  parts: readonly Part[],
  wanted: readonly Part[],
): Promise<Result<ReadonlyMap<Digest, string>>> {
  const { engine, lock, platform, recipe, reference, base, noCache, onProgress, folder, onRemoval, signal } =
    assembling;
  const files = new Map<Digest, string>();
  if (noCache !== true) {
    for (const { key } of wanted) {
      const file = await findPart(key);
      if (file !== undefined) files.set(key, file);
    }
  }
  const missing = wanted.filter(({ key }) => !files.has(key));
  if (missing.length === 0) return ok(files);
  const network = await assembling.network;
  if (!network.ok) return network;
  // Python packages built from source may need the system packages.
  const isBuilding = missing.some(({ isBuilt }) => isBuilt);
  const system = isBuilding ? parts.filter(({ name }) => name === 'system') : [];
  // Python's parts need uv; parts that need only the base are built meanwhile.
  const needsUv = (part: Part): boolean => part.isPython || (isBuilding && part.name === 'system');
  const withUv = [...new Set([...system, ...missing.filter(needsUv)])];
  const onBase = missing.filter((part) => !needsUv(part));
  const stop = new AbortController();
  const making = {
    ...assembling,
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
  };
  const make = async (own: readonly Part[], image: string, tell: OnProgress): Promise<MadeParts> => {
    const options = {
      engine,
      image,
      recipe,
      lockText: recipeLock(lock),
      network: network.value,
      settings: debianSettings(),
    };
    return await makeParts({ ...options, parts: own, folder, tell, onRemoval, signal: making.signal });
  };
  const made = await inPhase(
    onProgress,
    'image',
    reference,
    `Making ${missing.length === parts.length ? 'all' : missing.length} of the image's ${parts.length} parts`,
    async (tell) => {
      const uvParts = async (): Promise<MadeParts> => {
        if (withUv.length === 0) return ok(new Map());
        const uv = await ensureUv(engine, lock.base, platform, making);
        return uv.ok ? await make(withUv, uv.value.id, tell) : uv;
      };
      const baseParts = async (): Promise<MadeParts> =>
        onBase.length === 0 ? ok(new Map()) : await make(onBase, base.id, tell);
      return await allOrFirstFailure([uvParts(), baseParts()], stop);
    },
    () => reference,
  );
  if (!made.ok) return made;
  await prunePartCache({ all: false });
  return ok(new Map([...files, ...made.value]));
}

type MadeParts = Result<ReadonlyMap<Digest, string>>;

/** The parts of all works; else the first failure, which aborts the other works. */
async function allOrFirstFailure(works: readonly Promise<MadeParts>[], stop: AbortController): Promise<MadeParts> {
  const all = new Map<Digest, string>();
  let failed: MadeParts | undefined;
  const settle = async (work: Promise<MadeParts>): Promise<void> => {
    const made = await work;
    if (made.ok) for (const [key, file] of made.value) all.set(key, file);
    else {
      failed ??= made;
      stop.abort();
    }
  };
  await Promise.all(works.map(settle));
  return failed ?? ok(all);
}
