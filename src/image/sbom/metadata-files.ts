import { closeSync, openSync, readSync } from 'node:fs';
import type { CanonicalResult } from '../canonical/canonicalise.ts';
import { indexTar } from '../canonical/tar-index.ts';

/** A file of an image that says which packages are installed. */
export interface MetadataFile {
  /** Path without a leading slash. */
  readonly path: string;
  readonly text: string;
}

const wanted = [
  /^var\/lib\/dpkg\/status$/,
  /\.dist-info\/METADATA$/,
  /^opt\/parity\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/,
  /^usr\/lib\/os-release$/,
];

/** Larger ones are no metadata. */
const limitBytes = 32 << 20;

/** Reads the package managers' own records out of an image's layers, as the uppermost layer has each. Throws what the file system throws. */
export function metadataFilesOf({ image, files }: CanonicalResult): readonly MetadataFile[] {
  const found = new Map<string, string>();
  for (const { digest } of image.layers) {
    const path = files.get(digest);
    if (path === undefined) throw new Error(`no file of layer ${digest}`);
    const file = openSync(path, 'r');
    try {
      for (const { name, type, size, offset } of indexTar(file)) {
        if (type !== 'file' || size > limitBytes || !wanted.some((pattern) => pattern.test(name))) continue;
        const bytes = Buffer.alloc(size);
        readSync(file, bytes, 0, size, offset);
        found.set(name, bytes.toString());
      }
    } finally {
      closeSync(file);
    }
  }
  return [...found].map(([path, text]) => ({ path, text }));
}
