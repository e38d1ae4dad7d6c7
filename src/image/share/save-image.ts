import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inPhase, type OnProgress } from '../../base/in-phase.ts';
import { failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import type { LockedImage } from '../../lock/lock.ts';
import type { EnsureImageOptions } from '../ensure-options.ts';
import { imageArchive } from '../canonical/image-archive.ts';
import type { CanonicalResult } from '../canonical/canonicalise.ts';
import { notCanonicalFailure, withPresentImage } from '../identify.ts';
import { componentsOf } from '../sbom/components.ts';
import { metadataFilesOf } from '../sbom/metadata-files.ts';
import { writeSbom, type SbomFormat } from '../sbom/write-sbom.ts';

/** What to write of an image, and where; absolute paths. */
export interface SaveTargets {
  /** The archive that any engine loads; absent when only bills of materials are wanted. */
  readonly archive?: string;
  readonly sboms: readonly { readonly format: SbomFormat; readonly file: string }[];
  /** What goes beside the image: into the archive's index and the bills of materials. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What was written. */
export interface SavedImage {
  readonly image: LockedImage;
  readonly files: readonly { readonly file: string; readonly sizeBytes: number }[];
}

/**
 * Writes the engine's image, base included, and its bills of materials: each file whole or not at all. Err `integrity-mismatch` when
 * the engine's image is not canonical, `disk-full`, `io`, `interrupted`.
 */
export async function saveImage(
  options: EnsureImageOptions,
  reference: string,
  targets: SaveTargets,
): Promise<Result<SavedImage>> {
  const { archive, sboms, annotations } = targets;
  const names = [archive, ...sboms.map(({ file }) => file)].filter((name) => name !== undefined);
  return await inPhase(
    options.onProgress,
    'image',
    names.join(' '),
    `Saving the image to ${names.join(', ')}`,
    async (tell) =>
      await withPresentImage(options, reference, true, async ({ canonical, image, isCanonical }) => {
        if (!isCanonical) return err(notCanonicalFailure(reference));
        const files: { file: string; sizeBytes: number }[] = [];
        for (const { format, file } of sboms) {
          const text = sbomOf(options, canonical, reference, { format, annotations });
          try {
            await writeFileWhole(file, text);
          } catch (error) {
            return err(fileFailure(error, `${file} could not be written`));
          }
          files.push({ file, sizeBytes: Buffer.byteLength(text) });
        }
        if (archive !== undefined) {
          const written = await writeArchive(canonical, reference, archive, { ...options, tell, annotations });
          if (!written.ok) return written;
          files.push({ file: archive, sizeBytes: written.value });
        }
        return ok({ image, files });
      }),
    ({ files }) => `${Math.round(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6)} MB`,
  );
}

function sbomOf(
  { lock, platform }: EnsureImageOptions,
  canonical: CanonicalResult,
  reference: string,
  { format, annotations }: { readonly format: SbomFormat; readonly annotations: Readonly<Record<string, string>> },
): string {
  const { config, manifest } = canonical.image;
  const components = componentsOf(metadataFilesOf(canonical), lock, platform);
  return writeSbom(format, {
    name: reference,
    config: config.digest,
    manifest: manifest.digest,
    annotations,
    components,
  });
}

/** Streams the archive aside and renames it into place; gives its size in bytes. */
async function writeArchive(
  canonical: CanonicalResult,
  reference: string,
  file: string,
  {
    signal,
    tell,
    annotations,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly tell: OnProgress;
    readonly annotations: Readonly<Record<string, string>>;
  },
): Promise<Result<number>> {
  const totalBytes = canonical.image.layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let sizeBytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      sizeBytes += chunk.length;
      tell({ type: 'layer', id: 'archive', status: 'Saving', currentBytes: sizeBytes, totalBytes });
      done(null, chunk);
    },
  });
  const aside = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const archive = imageArchive({ ...canonical, reference, annotations });
    const target = createWriteStream(aside, { flags: 'wx' });
    await pipeline(archive, counting, target, signal === undefined ? {} : { signal });
    const written = await open(aside, 'r+');
    await written.sync().finally(() => written.close());
    await rename(aside, file);
    return ok(sizeBytes);
  } catch (error) {
    await rm(aside, { force: true });
    if (signal?.aborted === true) return err(failure('interrupted', 'interrupted: nothing was saved'));
    return err(fileFailure(error, `${file} could not be written`));
  }
}
