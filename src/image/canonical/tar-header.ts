import { blockSize, entryTypes, paddingOf, type TarEntry } from './tar-entry.ts';

// The bytes that this file writes decide image IDs: whatever changes them changes every lock's image.

const flags = Object.fromEntries(Object.entries(entryTypes).map(([flag, type]) => [type, flag]));

/** What a number field of 8 and of 12 bytes can hold: octal digits and a final NUL. */
const largestOf = { 8: 0o7777777, 12: 0o77777777777 } as const;

/**
 * The blocks before an entry's content, in POSIX's ustar format: a pax header only for what ustar can't say (names over 100
 * bytes or not ASCII, large numbers, extended attributes), then the header.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.type === 'directory' ? `${entry.name}/` : entry.name;
  const records = paxRecords(entry, name);
  const header = ustar(entry, name, flags[entry.type] ?? '0', entry.size);
  if (records.length === 0) return header;
  const content = Buffer.from(records.join(''), 'latin1');
  const pax = ustar({ ...entry, mode: 0o644, uid: 0, gid: 0 }, 'PaxHeader', 'x', content.length);
  return Buffer.concat([pax, content, Buffer.alloc(paddingOf(content.length)), header]);
}

/** Two blocks of zeros, with which a tar ends. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockSize);

function paxRecords(entry: TarEntry, name: string): readonly string[] {
  const records = new Map<string, string>();
  for (const [key, value] of entry.xattrs) records.set(`SCHILY.xattr.${key}`, value);
  if (entry.gid > largestOf[8]) records.set('gid', String(entry.gid));
  if (!isPlain(entry.linkName)) records.set('linkpath', entry.linkName);
  if (!isPlain(name)) records.set('path', name);
  if (entry.size > largestOf[12]) records.set('size', String(entry.size));
  if (entry.uid > largestOf[8]) records.set('uid', String(entry.uid));
  return [...records.keys()].sort().map((key) => paxRecord(key, records.get(key) ?? ''));
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits too. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** True for what fits a header's field of 100 bytes in every reader's eyes. */
function isPlain(text: string): boolean {
  return text.length <= 100 && !/[^\x20-\x7e]/.test(text);
}

function ustar(entry: Omit<TarEntry, 'name' | 'type'>, name: string, flag: string, size: number): Buffer {
  const block = Buffer.alloc(blockSize);
  const number = (value: number, at: number, length: 8 | 12): void => {
    const text = value > largestOf[length] ? 0 : value;
    block.write(text.toString(8).padStart(length - 1, '0'), at, 'latin1');
  };
  const isPax = flag === 'x';
  block.write(name.slice(0, 100), 0, 'latin1');
  number(entry.mode, 100, 8);
  number(entry.uid, 108, 8);
  number(entry.gid, 116, 8);
  number(size, 124, 12);
  number(entry.mtime, 136, 12);
  block.write('        ', 148, 'latin1');
  block.write(flag, 156, 'latin1');
  if (!isPax) block.write(entry.linkName.slice(0, 100), 157, 'latin1');
  block.write('ustar\0', 257, 'latin1');
  block.write('00', 263, 'latin1');
  number(isPax ? 0 : entry.deviceMajor, 329, 8);
  number(isPax ? 0 : entry.deviceMinor, 337, 8);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
