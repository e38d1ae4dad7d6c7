import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownChecksFolder } from '../config/own-checks.ts';
import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import { packageRoot } from '../core/paths.ts';
import { rootOwner, type SeedEntry } from '../workspace/seed-entry.ts';

const folder = 'images/checks';
const modules = ['import_check', 'parity_codes', 'parity_effects', 'parity_modules', 'parity_problems'] as const;

/** The code of parity's own checks, by module. */
export function readOwnChecks(): Readonly<Record<string, string>> {
  const dir = join(packageRoot(), folder);
  return Object.fromEntries(modules.map((name) => [name, readFileSync(join(dir, `${name}.py`), 'utf8')]));
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
