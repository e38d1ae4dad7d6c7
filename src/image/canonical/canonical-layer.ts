import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../../core/digest.ts';
import { paddingOf } from './tar-entry.ts';
import { tarEnd, tarHeader } from './tar-header.ts';
import { indexTar, type IndexedEntry } from './tar-index.ts';

/** The time of every entry, in seconds: 1980-01-01, the earliest that zip files can say. Not the lock's own date: a layer stays the same when the base moves on. */
export const canonicalTime = 315_532_800;

// There is one for each part of an image, and the garbage collector is in no hurry.
const bufferBytes = 256 * 1024;

/** What no image keeps: logs, and the caches of package managers. */
const leftOut =
  /^(?:var\/log\/|var\/cache\/(?:apt|debconf|ldconfig|dnf|yum|apk)\/|var\/lib\/apt\/lists\/|var\/lib\/dpkg\/[^/]*-old$|root\/\.(?:cache|npm)\/|(?:tmp|run)\/)/;

/** A layer in its canonical form. */
export interface CanonicalLayer {
  /** The digest of its tar: the diff ID, and, since parity's layers are not compressed, the blob's digest. */
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/**
 * The entries of a layer as its canonical form has them: in the order of their names' bytes, one time, no logs, no caches;
 * of files that are links to each other the first has the content.
 */
export function canonicalEntries<Entry extends IndexedEntry>(entries: readonly Entry[]): readonly Entry[] {
  // An engine may list a path twice; the last one counts, as when it is unpacked.
  const byName = new Map(entries.filter(isKept).map((entry) => [entry.name, { ...entry, mtime: canonicalTime }]));
  const groups = new Map<string, string[]>();
  for (const { name, type, linkName } of byName.values())
    if (type === 'link') groups.set(linkName, [...(groups.get(linkName) ?? [linkName]), name]);
  for (const [target, names] of groups) {
    const original = byName.get(target);
    const [first = target, ...others] = names.sort(byBytes);
    // A link to a file of a layer below stays what it is.
    if (original === undefined || original.type === 'link') continue;
    byName.set(first, { ...original, name: first });
    for (const name of others) byName.set(name, { ...original, name, type: 'link', size: 0, linkName: first });
  }
  return [...byName.values()].sort((a, b) => byBytes(a.name, b.name));
}

/** An entry and the open file that has its content. */
export interface SourcedEntry extends IndexedEntry {
  readonly source: number;
}

/**
 * Writes the canonical form of a layer to a file: what all the given tars hold together, where a path of a later one counts. Gives
 * undefined, and an empty file, when it only repeats `folders` of the layers below: builders differ in whether WORKDIR and the like
 * make such a layer. Its own folders are added to `folders`. Throws TarError for what is no layer, and the file system's errors.
 */
export async function writeCanonicalLayer(
  from: readonly string[],
  to: string,
  folders: Set<string>,
): Promise<CanonicalLayer | undefined> {
  const sources: number[] = [];
  try {
    for (const file of from) sources.push(openSync(file, 'r'));
    const entries = canonicalEntries(
      sources.flatMap((source) => indexTar(source).map((entry): SourcedEntry => ({ ...entry, source }))),
    );
    const known = (entry: IndexedEntry): boolean => entry.type === 'directory' && folders.has(folderKey(entry));
    if (entries.every(known)) {
      writeFileSync(to, '');
      return undefined;
    }
    for (const entry of entries) if (entry.type === 'directory') folders.add(folderKey(entry));
    return await writeTar(entries, to);
  } finally {
    for (const source of sources) closeSync(source);
  }
}

/** Writes entries, in their order, as a tar. Throws the file system's errors. */
export async function writeTar(entries: readonly SourcedEntry[], to: string): Promise<CanonicalLayer> {
  const target = openSync(to, 'w');
  try {
    const out = hashedFile(target);
    for (const entry of entries) {
      out.write(tarHeader(entry));
      await out.copy(entry.source, entry.offset, entry.size);
      out.write(Buffer.alloc(paddingOf(entry.size)));
    }
    out.write(tarEnd);
    return out.end();
  } finally {
    closeSync(target);
  }
}

/** Collects small writes, hashes, counts; lets other work go on now and then. */
function hashedFile(file: number): {
  write(bytes: Buffer): void;
  copy(source: number, offset: number, size: number): Promise<void>;
  end(): CanonicalLayer;
} {
  const buffer = Buffer.alloc(bufferBytes);
  const hash = createHash('sha256');
  let held = 0;
  let sizeBytes = 0;
  const flush = (): void => {
    const bytes = buffer.subarray(0, held);
    hash.update(bytes);
    for (let done = 0; done < held;) done += writeSync(file, bytes, done, held - done);
    sizeBytes += held;
    held = 0;
  };
  return {
    write(bytes) {
      if (held + bytes.length > buffer.length) flush();
      held += bytes.copy(buffer, held);
    },
    async copy(source, offset, size) {
      for (let done = 0; done < size;) {
        if (held === buffer.length) {
          flush();
          await setImmediate();
        }
        const read = readSync(source, buffer, held, Math.min(size - done, buffer.length - held), offset + done);
        if (read === 0) throw new Error('a layer shrank while it was read');
        held += read;
        done += read;
      }
    },
    end() {
      flush();
      return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
    },
  };
}

function folderKey({ name, mode, uid, gid, xattrs }: IndexedEntry): string {
  return JSON.stringify([name, mode, uid, gid, ...xattrs]);
}

function isKept({ name, type }: IndexedEntry): boolean {
  return type === 'directory' || !leftOut.test(name);
}

/** Names hold a byte in each character, so this is the order of bytes. */
function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
