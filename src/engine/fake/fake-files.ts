import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { extract, pack, type Header } from 'tar-stream';

/** The files of a fake container, by absolute path. */
export type FakeFiles = Map<string, { readonly header: Header; readonly content: Buffer }>;

/** Folders that every fake container has. */
export const fakeFolders: readonly string[] = ['/', '/etc', '/tmp', '/work', '/workspace', '/run', '/home'];

/** True when the path is a folder of the container or one of its files. */
export function hasPath(files: FakeFiles, path: string): boolean {
  const normal = posix.resolve('/', path);
  return fakeFolders.includes(normal) || files.has(normal);
}

/** Unpacks a tar below a folder. */
export async function unpackInto(files: FakeFiles, folder: string, tar: Readable | Buffer): Promise<void> {
  const entries = extract();
  const source = Buffer.isBuffer(tar) ? Readable.from([tar]) : tar;
  source.on('error', (error) => entries.destroy(error));
  source.pipe(entries);
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    files.set(posix.resolve('/', folder, entry.header.name), { header: entry.header, content: Buffer.concat(chunks) });
  }
}

/** Packs a path and what is below it; names start with the path's last part, as the engine's do. */
export function packFrom(files: FakeFiles, path: string): Readable {
  const normal = posix.resolve('/', path);
  const base = posix.dirname(normal);
  const tar = pack();
  for (const [name, { header, content }] of files) {
    if (name !== normal && !name.startsWith(normal === '/' ? '/' : `${normal}/`)) continue;
    // The old extended header would bring the old name back.
    tar.entry({ ...header, pax: null, name: posix.relative(base, name) }, content);
  }
  tar.finalize();
  return Readable.from(tar);
}
