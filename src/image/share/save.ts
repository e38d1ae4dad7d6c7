import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inPhase } from '../../base/phase.ts';
import { failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { LockedImage } from '../../lock/lock.ts';
import type { EnsureImageOptions } from '../build.ts';
import { imageArchive } from '../canonical/archive.ts';
import { notCanonical, withPresent } from '../identify.ts';

/** What was written. */
export interface SavedArchive {
  readonly file: string;
  readonly sizeBytes: number;
  readonly image: LockedImage;
}

/**
 * Writes the engine's image, base included, to a file that any engine loads: whole or not at all. `annotations` go into the archive's
 * index. Err `integrity-mismatch` when the engine's image is not canonical, `disk-full`, `io`, `interrupted`.
 */
export async function saveImage(
  options: EnsureImageOptions & { readonly annotations?: Readonly<Record<string, string>> },
  reference: string,
  file: string,
): Promise<Result<SavedArchive>> {
  const { onProgress, signal } = options;
  return await inPhase(
    onProgress,
    'image',
    file,
    `Saving the image to ${file}`,
    async (tell) =>
      await withPresent(options, reference, true, async ({ canonical, image, isCanonical }) => {
        if (!isCanonical) return err(notCanonical(reference));
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
          const archive = imageArchive({ ...canonical, reference, annotations: options.annotations ?? {} });
          const target = createWriteStream(aside, { flags: 'wx' });
          await pipeline(archive, counting, target, signal === undefined ? {} : { signal });
          const written = await open(aside, 'r+');
          await written.sync().finally(() => written.close());
          await rename(aside, file);
        } catch (error) {
          await rm(aside, { force: true });
          if (signal?.aborted === true) return err(failure('interrupted', 'interrupted: nothing was saved'));
          return err(fileFailure(error, `${file} could not be written`));
        }
        return ok({ file, sizeBytes, image });
      }),
    ({ sizeBytes }) => `${Math.round(sizeBytes / 1e6)} MB`,
  );
}
