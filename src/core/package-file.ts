import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtFiles } from './built-files.ts';
import { canonicalJson, sha256, type Digest } from './digest.ts';
import { packageRoot } from './paths.ts';

/** A file that comes with parity, by its path in the package; throws when there is none. */
export function readPackageFile(path: string): Buffer {
  return readFileSync(join(packageRoot(), path));
}

/** The digest of such a file's bytes. */
export function packageFileDigest(path: string): Digest {
  return builtFiles[path] ?? sha256(readPackageFile(path));
}

/** One digest of several such files and of their paths. */
export function packageFilesDigest(paths: readonly string[]): Digest {
  return sha256(canonicalJson(paths.map((path) => [path, packageFileDigest(path)])));
}
