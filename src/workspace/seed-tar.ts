import { pipeline, type Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { SeedEntry } from './seed-entry.ts';

/** One tar of all the entries, to be unpacked at `/`; a folder that is there (a volume's too) gets its owner and mode. */
export async function seedTar(entries: readonly SeedEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const entry of entries) {
    const header = { name: entry.path.replace(/^\//, ''), mode: entry.mode, ...entry.owner, mtime: new Date(0) };
    if (entry.type === 'folder') tar.entry({ ...header, name: `${header.name}/`, type: 'directory' });
    else tar.entry(header, entry.data);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The content of the first file in a tar, as an engine gives it; undefined when it holds none. */
export async function firstFile(tar: Readable): Promise<string | undefined> {
  let found: string | undefined;
  const reader = extract();
  // Its error, if there is one, reaches the loop below by destroying the reader.
  pipeline(tar, reader, () => undefined);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === 'file') found ??= Buffer.concat(chunks).toString('utf8');
  }
  return found;
}
