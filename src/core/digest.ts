import { createHash } from 'node:crypto';

/** A content digest as OCI writes it: `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`;

/** The SHA-256 digest of bytes or of a UTF-8 string. */
export function sha256(data: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** True when the text has the exact form of a SHA-256 digest. */
export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/** The first 12 hex digits, for people. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/**
 * JSON with keys in byte order at every depth and no spaces: equal values give equal bytes, so it can be hashed.
 * `undefined` members are left out; functions and symbols are bugs and throw.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const members = value as Readonly<Record<string, unknown>>;
    let text = '';
    for (const key of keysInByteOrder(members))
      if (members[key] !== undefined)
        text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(members[key])}`;
    return `{${text}}`;
  }
  throw new TypeError(`cannot write ${typeof value} as canonical JSON`);
}

function keysInByteOrder(members: object): readonly string[] {
  const keys = Object.keys(members);
  // JavaScript's own order is that of UTF-16, which is another one only here, and takes a tenth of the time.
  return keys.some((key) => /[\uD800-\uFFFF]/.test(key)) ? keys.sort(compareBytes) : keys.sort();
}

/** Orders two strings by their UTF-8 bytes, never by locale; for Array.prototype.sort. */
export function compareBytes(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const [unitA, unitB] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (unitA !== unitB) return codePointRank(unitA) - codePointRank(unitB);
  }
  return a.length - b.length;
}

/** UTF-8 orders by code points, and those of surrogate pairs come after all others. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
