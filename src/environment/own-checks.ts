import { join } from 'node:path';
import { readSmallFile } from '../core/small-files.ts';
import { ownChecksFolder } from '../config/own-checks.ts';
import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import { packageRoot } from '../core/paths.ts';
import { rootOwner, type SeedEntry } from '../workspace/seed-entry.ts';

const folder = 'images/checks';
const modules = ['import_check', 'parity_codes', 'parity_effects', 'parity_modules', 'parity_problems'] as const;

/** The code of parity's own checks, by module. */
export function readOwnChecks(): Readonly<Record<string, string>> {
  const dir = join(packageRoot(), folder);
  return Object.fromEntries(modules.map((name) => [name, readSmallFile(join(dir, `${name}.py`))]));
}

/** The checks' files in a container. */
export function ownCheckEntries(code: Readonly<Record<string, string>>): readonly SeedEntry[] {
  return Object.entries(code).map(([name, data]): SeedEntry => {
    return { type: 'file', path: `${ownChecksFolder}/${name}.py`, data, mode: 0o644, owner: rootOwner };
  });
}

/** What a step that uses one of the checks depends on beside its files: the code. */
export function ownChecksDigest(): Digest {
  return sha256(canonicalJson(readOwnChecks()));
}
