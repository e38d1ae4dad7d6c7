import { inPhase } from '../../base/in-phase.ts';
import { networkSettings, withProjectIndex } from '../../base/network-settings.ts';
import { ensureUv } from '../../base/uv-image.ts';
import type { Config } from '../../config/config.ts';
import type { Digest } from '../../core/digest.ts';
import type { Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import type { Result } from '../../core/result.ts';
import { parityVersion } from '../../core/version.ts';
import type { Engine } from '../../engine/engine.ts';
import { lockVersion, type KnownPackages, type Lock } from '../../lock/lock.ts';
import { readRecipe, type Recipe } from '../recipe.ts';
import { debianSettings, recipeLock } from '../recipe-input.ts';
import { inWorkFolder } from '../canonical/work-folder.ts';
import { makeParts } from './make-parts.ts';
import { expectParts, hasPart } from './part-cache.ts';
import { partsOf, type Part } from './parts.ts';

/** What parts are made ahead from. */
export interface MakeAheadOptions {
  readonly engine: Engine;
  readonly projectDir: string;
  readonly config: Config;
  readonly platform: Platform;
  readonly known: KnownPackages;
  readonly onProgress: EmitProgress;
  readonly signal: AbortSignal;
}

/** Parts that are being made. */
export interface PartsMadeAhead {
  /** When their container is gone, too. */
  readonly ended: Promise<unknown>;
}

/**
 * Begins to make the parts of an image that are known while the rest of its lock is still being resolved: the virtual environment and the packages
 * that have wheels. Whoever assembles the image waits for them. Undefined when there is nothing to make. What fails is left
 * to the assembly, which makes the parts again and says why it can't.
 */
export async function makePartsAhead(options: MakeAheadOptions): Promise<PartsMadeAhead | undefined> {
  const { projectDir, config, platform, known } = options;
  const recipe = await readRecipe(projectDir, config);
  if (!recipe.ok || recipe.value.own !== undefined) return undefined;
  const { base, system, python } = known;
  const none = { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } };
  const uv = { version: '', hashes: [] };
  const lock: Lock = {
    version: lockVersion,
    parity: parityVersion,
    inputs: {},
    base,
    system,
    python,
    uv,
    platforms: none,
  };
  const missing: Part[] = [];
  // What is built from its source may need what is not known yet.
  for (const part of partsOf(lock, platform, recipe.value).flat())
    if (part.isPython && !part.isBuilt && !(await hasPart(part.key))) missing.push(part);
  if (missing.length === 0) return undefined;
  const removals: Promise<unknown>[] = [];
  const onRemoval = (removal: Promise<unknown>): void => void removals.push(removal);
  const made = make(options, recipe.value, lock, missing, onRemoval);
  expectParts(
    missing.map(({ key }) => key),
    made.then(
      (result) => (result.ok ? result.value : new Map()),
      () => new Map(),
    ),
  );
  const gone = async (): Promise<void> => void (await Promise.allSettled(removals));
  return { ended: made.then(gone, gone) };
}

async function make(
  { engine, platform, known, onProgress, signal }: MakeAheadOptions,
  recipe: Recipe,
  lock: Lock,
  parts: readonly Part[],
  onRemoval: (removal: Promise<unknown>) => void,
): Promise<Result<ReadonlyMap<Digest, string>>> {
  const host = await networkSettings();
  if (!host.ok) return host;
  const uv = await ensureUv(engine, lock.base, platform, { onProgress, signal });
  if (!uv.ok) return uv;
  const shared = { engine, recipe, parts, signal, onRemoval, image: uv.value.id, lockText: recipeLock(lock) };
  const network = withProjectIndex(host.value, known.index);
  return await inPhase(
    onProgress,
    'image',
    'packages',
    `Making ${parts.length} of the image's parts while the rest is resolved`,
    async (tell) =>
      await inWorkFolder(
        async (folder) => await makeParts({ ...shared, network, settings: debianSettings(), folder, tell }),
      ),
    () => `${parts.length} parts`,
  );
}
