import { compareBytes, sha256, type Digest } from '../../core/digest.ts';
import { parityVersion } from '../../core/version.ts';
import type { RedactedText, Removal } from './redact.ts';

/** A file for a bundle, as it was found. */
export interface CollectedFile {
  /** Relative to the bundle's top, with `/`. */
  readonly path: string;
  readonly text: string;
  /** It is in no format of parity's own: whatever is assigned to a name like a secret's is removed, too. */
  readonly assignments?: boolean;
}

/** What a bundle does not have, and why. */
export interface LeftOut {
  readonly what: string;
  readonly reason: string;
}

/** What is in a bundle: its first file, `manifest.json`. */
export interface Manifest {
  readonly schemaVersion: 1;
  /** The parity that made it. */
  readonly parity: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The other files, in byte order. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly digest: Digest }[];
  /** What was removed, never the thing itself. */
  readonly removed: readonly (Removal & { readonly file: string })[];
  readonly leftOut: readonly LeftOut[];
}

/** A bundle that is ready to be written: its files with the manifest first, the rest in byte order. */
export interface Bundle {
  readonly manifest: Manifest;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** Removes secrets from all files and lists what there is then. */
export function makeBundle(
  gathered: { readonly files: readonly CollectedFile[]; readonly leftOut: readonly LeftOut[] },
  redact: (text: string, how: { readonly assignments?: boolean }) => RedactedText,
  at: Date,
): Bundle {
  const clean = gathered.files
    .toSorted((a, b) => compareBytes(a.path, b.path))
    .map(({ path, text, assignments = false }) => ({ path, ...redact(text, { assignments }) }));
  const manifest: Manifest = {
    schemaVersion: 1,
    parity: parityVersion,
    createdAt: at.toISOString(),
    files: clean.map(({ path, text }) => ({ path, bytes: Buffer.byteLength(text), digest: sha256(text) })),
    removed: clean.flatMap(({ path: file, removals }) => removals.map((removal) => ({ file, ...removal }))),
    // What was said of why something is missing may hold a secret as well.
    leftOut: gathered.leftOut.map(({ what, reason }) => ({ what, reason: redact(reason, { assignments: true }).text })),
  };
  const files = clean.map(({ path, text }) => ({ path, text }));
  return {
    manifest,
    files: [{ path: 'manifest.json', text: `${JSON.stringify(manifest, undefined, 2)}\n` }, ...files],
  };
}
