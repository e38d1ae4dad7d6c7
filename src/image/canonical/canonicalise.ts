import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedBaseLayers, cacheBaseLayers } from '../../base/base-layers.ts';
import type { Digest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import type { Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine, ImageInfo } from '../../engine/engine.ts';
import { writeCanonicalLayer, type CanonicalLayer } from './canonical-layer.ts';
import { canonicalImage, type CanonicalImage, type ImageSettings } from './canonical-image.ts';
import { SavedImageError, unpackSaved, type SavedLayer } from './unpack-saved.ts';
import { TarError } from './tar-index.ts';

/** What is brought into canonical form. */
export interface CanonicaliseOptions {
  readonly engine: Engine;
  /** The engine's image: what a build made on the base or from scratch, or an image that is canonical already, which stays what it is. */
  readonly built: ImageInfo;
  /** The base, whose layers are left as they are. */
  readonly base: ImageInfo;
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  /** Where the layers' files go; the caller removes it. */
  readonly folder: string;
  /** Keep the base's layers too: an archive for others than this engine needs them. */
  readonly withBase: boolean;
}

/** An image in canonical form, and the files of its layers: all of them, or those above the base. */
export interface CanonicalResult {
  readonly image: CanonicalImage;
  readonly files: ReadonlyMap<Digest, string>;
}

/**
 * Re-assembles an image of the engine so that its digests depend on content alone: the layers above the base sorted, with one time
 * and no logs or caches, and a minimal config. Streams through files of `folder`. Err `engine-refused` when the engine saves what
 * is no image, `disk-full`, `io`.
 */
export async function canonicalise(options: CanonicaliseOptions): Promise<Result<CanonicalResult>> {
  const { engine, built, base, folder, withBase, platform, labels } = options;
  const isOnBase = base.layers.every((digest, index) => built.layers[index] === digest);
  const baseDigests = new Set(base.layers);
  const under = await baseLayers(engine, base, folder, withBase);
  if (!under.ok) return under;
  const above = await savedLayers(engine, built, join(folder, 'built'), (digest) => !baseDigests.has(digest));
  if (!above.ok) return above;
  const layers: CanonicalLayer[] = [...under.value];
  const files = new Map<Digest, string>();
  for (const { digest, file } of under.value) if (file !== undefined) files.set(digest, file);
  const folders = new Set<string>();
  try {
    for (const [index, { file }] of above.value.slice(isOnBase ? base.layers.length : 0).entries()) {
      if (file === undefined) throw new Error('a layer above the base was not kept');
      const target = join(folder, `layer-${index}`);
      const layer = await writeCanonicalLayer([file], target, folders);
      await rm(file, { force: true });
      if (layer === undefined) continue;
      layers.push(layer);
      files.set(layer.digest, target);
    }
  } catch (error) {
    if (error instanceof TarError) return err(unreadable(error));
    return err(fileFailure(error, 'the image could not be re-assembled'));
  }
  const settings = isOnBase
    ? settingsOf(built, labels)
    : { ...settingsOf(built, labels), env: envOnTopOf(base, built.env) };
  return ok({ image: canonicalImage(platform, layers, settings), files });
}

/** The layers of the base, with files when they are wanted. Errors as canonicalise has them. */
export async function baseLayers(
  engine: Engine,
  base: ImageInfo,
  folder: string,
  withFiles: boolean,
): Promise<Result<readonly SavedLayer[]>> {
  const known = withFiles ? undefined : await cachedBaseLayers(base);
  if (known !== undefined) return ok(known.map((layer) => ({ ...layer, file: undefined })));
  const saved = await savedLayers(engine, base, join(folder, 'base'), () => withFiles);
  if (!saved.ok) return saved;
  for (const [index, { digest }] of saved.value.entries())
    if (digest !== base.layers[index])
      return err(
        failure('integrity-mismatch', `the engine saved ${digest} for the base's layer ${base.layers[index]}`),
      );
  await cacheBaseLayers(base, saved.value);
  return saved;
}

async function savedLayers(
  engine: Engine,
  image: ImageInfo,
  folder: string,
  keep: (digest: Digest) => boolean,
): Promise<Result<readonly SavedLayer[]>> {
  const archive = await engine.saveImages([image.id]);
  if (!archive.ok) return archive;
  let broken: Error | undefined;
  archive.value.once('error', (error) => (broken = error));
  try {
    await mkdir(folder, { recursive: true });
    return ok(await unpackSaved(archive.value, folder, keep));
  } catch (error) {
    if (broken !== undefined)
      return err(failure('engine-unreachable', `the image could not be saved: ${broken.message}`));
    if (error instanceof SavedImageError) return err(unreadable(error));
    return err(fileFailure(error, 'the image could not be saved'));
  } finally {
    archive.value.destroy();
  }
}

function unreadable(error: Error): ReturnType<typeof failure> {
  return failure('engine-refused', `what the engine saved of the image can't be read: ${error.message}`);
}

function settingsOf(built: ImageInfo, labels: ImageSettings['labels']): ImageSettings {
  const { env, entrypoint, command, user, workingDir } = built;
  return { env, entrypoint, command, user, workingDir, labels };
}

/** The variables that an image has when it starts from a base: the base's, each in its place, then its own. */
export function envOnTopOf(base: ImageInfo, added: readonly string[]): readonly string[] {
  const nameOf = (setting: string): string => setting.split('=', 1)[0] ?? '';
  const own = new Map(added.map((setting) => [nameOf(setting), setting]));
  const inherited = base.env.map((setting) => {
    const name = nameOf(setting);
    const settled = own.get(name) ?? setting;
    own.delete(name);
    return settled;
  });
  return [...inherited, ...own.values()];
}
