import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { compareBytes } from '../core/digest.ts';

/** A file of a build context. */
export interface ContextFile {
  /** Path in the context, `/` between folders. */
  readonly path: string;
  readonly data: string | Uint8Array;
  /** Permission bits; 0o644 by default. */
  readonly mode?: number;
}

/** A tar of the files: sorted, owned by root, at time 0. Equal files give equal bytes, so that engines find their build cache. */
export function contextTar(files: readonly ContextFile[]): Readable {
  const tar = pack();
  const epoch = new Date(0);
  for (const file of [...files].sort((a, b) => compareBytes(a.path, b.path))) {
    const data = typeof file.data === 'string' ? Buffer.from(file.data) : Buffer.from(file.data);
    tar.entry({ name: file.path, mode: file.mode ?? 0o644, mtime: epoch, uid: 0, gid: 0, size: data.length }, data);
  }
  tar.finalize();
  return Readable.from(tar);
}
