import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { indexTar, type IndexedEntry } from './tar-index.ts';

/** The first thing in which two layers differ. */
export interface FirstDifference {
  /** Absolute path in the image. */
  readonly path: string;
  /** `missing`, `added`, `content`, `mode 644, expected 755`, `time …`, `order` … */
  readonly cause: string;
}

/**
 * The first file, in the order of names, in which a layer differs from the expected one; undefined when they are the same byte for byte or
 * differ in nothing that a file has. Both are tars in files.
 */
export function firstDifference(expectedFile: string, foundFile: string): FirstDifference | undefined {
  const [expected, found] = [openSync(expectedFile, 'r'), openSync(foundFile, 'r')];
  try {
    const [wanted, there] = [indexTar(expected), indexTar(found)];
    const byName = new Map(there.map((entry) => [entry.name, entry]));
    const names = new Set(wanted.map(({ name }) => name));
    const all = wanted.map((entry) => ({ entry, isWanted: true }));
    all.push(...there.filter(({ name }) => !names.has(name)).map((entry) => ({ entry, isWanted: false })));
    all.sort((a, b) => (a.entry.name < b.entry.name ? -1 : 1));
    for (const { entry, isWanted } of all) {
      const other = byName.get(entry.name);
      const cause = !isWanted ? 'added' : other === undefined ? 'missing' : differs(entry, expected, other, found);
      if (cause !== undefined) return { path: pathOf(entry), cause };
    }
    const moved = wanted.find(({ name }, index) => there[index]?.name !== name);
    return moved === undefined ? undefined : { path: pathOf(moved), cause: 'order' };
  } finally {
    closeSync(expected);
    closeSync(found);
  }
}

function differs(wanted: IndexedEntry, wantedFile: number, there: IndexedEntry, file: number): string | undefined {
  const octal = (mode: number): string => mode.toString(8);
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const said = (what: string, is: string, expected: string): string => `${what} ${is}, expected ${expected}`;
  if (wanted.type !== there.type) return said('kind', there.type, wanted.type);
  if (wanted.linkName !== there.linkName) return said('target', there.linkName, wanted.linkName);
  if (wanted.size !== there.size) return said('content:', `${there.size} bytes`, `${wanted.size}`);
  const [a, b] = [contentOf(wantedFile, wanted), contentOf(file, there)];
  if (a !== b) return said('content: sha256', b, a);
  if (wanted.mode !== there.mode) return said('mode', octal(there.mode), octal(wanted.mode));
  if (wanted.uid !== there.uid || wanted.gid !== there.gid)
    return said('owner', `${there.uid}:${there.gid}`, `${wanted.uid}:${wanted.gid}`);
  if (JSON.stringify([...wanted.xattrs]) !== JSON.stringify([...there.xattrs])) return 'extended attributes';
  if (wanted.mtime !== there.mtime) return said('time', time(there.mtime), time(wanted.mtime));
  return undefined;
}

function contentOf(file: number, { offset, size }: IndexedEntry): string {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(Math.min(size, 1 << 20));
  for (let done = 0; done < size;) {
    const read = readSync(file, buffer, 0, Math.min(buffer.length, size - done), offset + done);
    if (read === 0) break;
    hash.update(buffer.subarray(0, read));
    done += read;
  }
  return hash.digest('hex');
}

/** Names hold a byte in each character. */
function pathOf({ name }: IndexedEntry): string {
  return `/${Buffer.from(name, 'latin1').toString()}`;
}
