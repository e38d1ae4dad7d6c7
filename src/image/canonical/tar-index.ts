import { fstatSync, readSync } from 'node:fs';
import { blockSize, entryTypes, paddingOf, type EntryType, type TarEntry } from './tar-entry.ts';

/** An entry and where its content lies in the file. */
export interface IndexedEntry extends TarEntry {
  /** Offset of the first byte of content. */
  readonly offset: number;
}

/** What a tar can say in a pax or GNU header before an entry. */
interface Extras {
  readonly pax: ReadonlyMap<string, string>;
  readonly longName?: string;
  readonly longLink?: string;
}

// Contents are mostly smaller; what is larger is not read.
const windowBytes = 64 * 1024;

/** A tar that is none, or that holds what no layer holds (sparse files, unknown kinds). */
export class TarError extends Error {}

/**
 * Lists a tar that lies in a file, as engines write layers: ustar, pax (POSIX) and GNU long names, numbers in base 256. The
 * content is not read. The root's own entry is left out. Throws TarError.
 */
export function indexTar(file: number): readonly IndexedEntry[] {
  const size = fstatSync(file).size;
  const read = reader(file, size);
  const entries: IndexedEntry[] = [];
  let extras: Extras = { pax: new Map() };
  let globals = new Map<string, string>();
  for (let at = 0; at + blockSize <= size;) {
    const header = read(at, blockSize);
    if (header.every((byte) => byte === 0)) return entries;
    checkSum(header, at);
    const flag = String.fromCharCode(header[156] ?? 0);
    const content = at + blockSize;
    const said = numberAt(header, 124, 12);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      const bytes = Buffer.from(read(content, said)).toString('latin1');
      if (flag === 'x') extras = { ...extras, pax: parsePax(bytes) };
      else if (flag === 'g') globals = new Map([...globals, ...parsePax(bytes)]);
      else if (flag === 'L') extras = { ...extras, longName: bytes.replace(/\0.*$/s, '') };
      else extras = { ...extras, longLink: bytes.replace(/\0.*$/s, '') };
      at = content + said + paddingOf(said);
      continue;
    }
    const entry = entryOf(header, flag, { ...extras, pax: new Map([...globals, ...extras.pax]) });
    if (entry.name !== '') entries.push({ ...entry, offset: content });
    at = content + entry.size + paddingOf(entry.size);
    if (at > size) throw new TarError(`it is cut off in ${entry.name}`);
    extras = { pax: new Map() };
  }
  throw new TarError('it is cut off: its end is missing');
}

/** Reads through a window: headers lie close together. The bytes are valid until the next call. */
function reader(file: number, size: number): (at: number, length: number) => Buffer {
  let window = Buffer.alloc(windowBytes);
  let from = 0;
  let held = 0;
  return (at, length) => {
    if (at + length > size) throw new TarError('it is cut off');
    if (length > window.length) window = Buffer.alloc(length);
    if (at < from || at + length > from + held) {
      from = at;
      held = readSync(file, window, 0, window.length, at);
      if (held < length) throw new TarError('it is cut off');
    }
    return window.subarray(at - from, at - from + length);
  };
}

function checkSum(header: Buffer, at: number): void {
  let sum = 0;
  for (let index = 0; index < blockSize; index += 1) sum += index >= 148 && index < 156 ? 32 : (header[index] ?? 0);
  if (sum !== numberAt(header, 148, 8)) throw new TarError(`its header at byte ${at} has a wrong checksum`);
}

function entryOf(header: Buffer, flag: string, { pax, longName, longLink }: Extras): TarEntry {
  const type: EntryType | undefined =
    flag === '\0' || flag === '7' ? 'file' : (entryTypes as Partial<Record<string, EntryType>>)[flag];
  const isGnu = textAt(header, 257, 8) === 'ustar  ';
  const prefix = isGnu ? '' : textAt(header, 345, 155);
  const short = textAt(header, 0, 100);
  const name = plainName(pax.get('path') ?? longName ?? (prefix === '' ? short : `${prefix}/${short}`));
  if (type === undefined || [...pax.keys()].some((key) => key.startsWith('GNU.sparse')))
    throw new TarError(`${name} is of a kind that no layer has (${flag})`);
  const number = (key: string, at: number, length: number): number => {
    const value = pax.get(key);
    return value === undefined ? numberAt(header, at, length) : Number(value);
  };
  const linkText = pax.get('linkpath') ?? longLink ?? textAt(header, 157, 100);
  return {
    name,
    type,
    mode: numberAt(header, 100, 8) & 0o7777,
    uid: number('uid', 108, 8),
    gid: number('gid', 116, 8),
    size: type === 'file' ? number('size', 124, 12) : 0,
    mtime: Math.floor(number('mtime', 136, 12)),
    linkName: type === 'link' ? plainName(linkText) : type === 'symlink' ? linkText : '',
    deviceMajor: type.endsWith('device') ? numberAt(header, 329, 8) : 0,
    deviceMinor: type.endsWith('device') ? numberAt(header, 337, 8) : 0,
    xattrs: xattrsOf(pax),
  };
}

function xattrsOf(pax: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const prefix = 'SCHILY.xattr.';
  return new Map(
    [...pax].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
  );
}

function plainName(name: string): string {
  return name
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '');
}

function textAt(header: Buffer, at: number, length: number): string {
  const end = header.indexOf(0, at);
  return header.toString('latin1', at, end < 0 || end > at + length ? at + length : end);
}

function numberAt(header: Buffer, at: number, length: number): number {
  // GNU's form for what octal digits can't hold: the first bit set, then big-endian bytes.
  if (((header[at] ?? 0) & 0x80) !== 0) {
    let value = (header[at] ?? 0) & 0x7f;
    for (let index = 1; index < length; index += 1) value = value * 256 + (header[at + index] ?? 0);
    return value;
  }
  return Number.parseInt(textAt(header, at, length).trim() || '0', 8);
}

function parsePax(text: string): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(' ', at);
    const length = Number(text.slice(at, space));
    const equals = text.indexOf('=', space);
    if (space < 0 || !(length > 0) || equals < 0 || at + length > text.length)
      throw new TarError('a pax header is broken');
    records.set(text.slice(space + 1, equals), text.slice(equals + 1, at + length - 1));
    at += length;
  }
  return records;
}
