/** Kinds of tar entries, as the header's type flag says them. */
export const entryTypes = {
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
} as const;

/** What an entry is. */
export type EntryType = (typeof entryTypes)[keyof typeof entryTypes];

/** One entry of a layer. Names are bytes, one character (0 to 255) each: not every file name is UTF-8. */
export interface TarEntry {
  /** Without `./`, leading or final slashes. */
  readonly name: string;
  readonly type: EntryType;
  /** The lower twelve bits: permissions, set-uid, set-gid, sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 but for files. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** What a link or symlink names; a link's as `name` is written. */
  readonly linkName: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Extended attributes by name (`security.capability`), bytes as in `name`. */
  readonly xattrs: ReadonlyMap<string, string>;
}

/** The size of a tar's blocks, in bytes. */
export const blockSize = 512;

/** Bytes that fill content of a size up to whole blocks. */
export function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}
