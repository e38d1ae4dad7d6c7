import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import * as z from 'zod';
import { isDigest, type Digest } from '../../core/digest.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { readJson } from '../../core/json.ts';
import { blobPath } from '../canonical/image-archive.ts';

/** What an archive holds, every blob of it hashed. */
export interface ArchivedImage {
  readonly config: Digest;
  readonly manifest: Digest;
  /** The name under which an engine would keep it. */
  readonly reference: string;
}

const digest = z.string().refine(isDigest) as unknown as z.ZodType<Digest>;
const described = z.object({ digest });
const indexSchema = z.object({ manifests: z.tuple([described]) });
const manifestSchema = z.object({ config: described, layers: z.array(described) });
const dockerSchema = z.tuple([
  z.object({ Config: z.string(), RepoTags: z.tuple([z.string()]), Layers: z.array(z.string()) }),
]);

/** Larger documents than any that parity writes are not kept in memory. */
const documentLimit = 4 << 20;

/**
 * Reads an archive as `parity image save` writes it, without an engine, and checks that each blob is what its name says and that both
 * layouts in it speak of one image. Err `integrity-mismatch` when something was changed or is missing, `io` when the file can't be read.
 */
export async function readArchive(
  file: string,
  onProgress: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<Result<ArchivedImage>> {
  const documents = new Map<string, Buffer>();
  const blobs = new Set<string>();
  const reader = extract();
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  let bytes = 0;
  source.on('data', (chunk) => onProgress((bytes += chunk.length)));
  const reading = pipeline(source, reader, signal === undefined ? {} : { signal });
  reading.catch(() => undefined);
  try {
    for await (const entry of reader) {
      const { name, type, size = 0 } = entry.header;
      const path = posix.normalize(name);
      const hash = createHash('sha256');
      const kept: Buffer[] = [];
      for await (const chunk of entry) {
        hash.update(chunk as Buffer);
        if (size <= documentLimit) kept.push(chunk as Buffer);
      }
      if (type !== 'file') continue;
      const found: Digest = `sha256:${hash.digest('hex')}`;
      if (path.startsWith('blobs/')) {
        if (path !== blobPath(found)) return err(changed(file, `expected ${path}, found ${blobPath(found)}`));
        blobs.add(path);
      }
      if (size <= documentLimit) documents.set(path, Buffer.concat(kept));
    }
    await reading;
  } catch (error) {
    if (signal?.aborted === true) return err(failure('interrupted', 'interrupted'));
    if (error instanceof Error && 'code' in error) return err(fileFailure(error, `${file} could not be read`));
    return err(changed(file, `it is no whole tar (${error instanceof Error ? error.message : String(error)})`));
  }
  return agreed(file, documents, blobs);
}

/** Both layouts must name the same, whole image: engines read the one or the other. */
function agreed(
  file: string,
  documents: ReadonlyMap<string, Buffer>,
  blobs: ReadonlySet<string>,
): Result<ArchivedImage> {
  const read = <T>(path: string, schema: z.ZodType<T>): T | undefined =>
    readJson(documents.get(path)?.toString() ?? '', (value) => schema.safeParse(value).data);
  const index = read('index.json', indexSchema);
  const docker = read('manifest.json', dockerSchema)?.[0];
  if (index === undefined || docker === undefined)
    return err(changed(file, 'it has no index.json and manifest.json of one image'));
  const [{ digest: manifest }] = index.manifests;
  const parts = read(blobPath(manifest), manifestSchema);
  if (parts === undefined) return err(changed(file, `the manifest ${manifest} is not in it`));
  const wanted = [parts.config, ...parts.layers].map((part) => blobPath(part.digest));
  const missing = wanted.find((path) => !blobs.has(path));
  if (missing !== undefined) return err(changed(file, `${missing} is not in it`));
  if (JSON.stringify([docker.Config, ...docker.Layers]) !== JSON.stringify(wanted))
    return err(changed(file, 'its manifest.json and its index.json speak of different images'));
  return ok({ config: parts.config.digest, manifest, reference: docker.RepoTags[0] });
}

function changed(file: string, how: string): Failure {
  return failure('integrity-mismatch', `${file} is not an image as parity saves it: ${how}`, {
    next: 'fetch or save it again: parity image save FILE',
  });
}
