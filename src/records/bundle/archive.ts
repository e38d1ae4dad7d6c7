import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Bundle } from './manifest.ts';

/** A bundle as a .tar.gz with one folder at its top: equal bundles give equal bytes. */
export async function packBundle({ files, manifest }: Bundle, folder: string): Promise<Buffer> {
  const tar = pack();
  const mtime = new Date(Math.floor(Date.parse(manifest.createdAt) / 1000) * 1000);
  for (const { path, text } of files) tar.entry({ name: `${folder}/${path}`, mode: 0o644, mtime }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}
