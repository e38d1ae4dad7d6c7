import { builtInChecksFolder } from '../config/built-in-checks.ts';
import type { Digest } from '../core/digest.ts';
import { packageFilesDigest, readPackageFile } from '../core/package-file.ts';
import { rootOwner, type SeedEntry } from '../workspace/seed-entry.ts';

const folder = 'images/checks';
const modules = ['import_check', 'parity_codes', 'parity_effects', 'parity_modules', 'parity_problems'] as const;

/** The files of the built-in checks, in the package. */
export const builtInCheckFiles: readonly string[] = modules.map((name) => `${folder}/${name}.py`);

/** The checks' files in a container. */
export function builtInCheckEntries(): readonly SeedEntry[] {
  return modules.map((name): SeedEntry => {
    const data = readPackageFile(`${folder}/${name}.py`);
    return { type: 'file', path: `${builtInChecksFolder}/${name}.py`, data, mode: 0o644, owner: rootOwner };
  });
}

/** What a step that uses one of the checks depends on beside its files: the code. */
export function builtInChecksDigest(): Digest {
  return packageFilesDigest(builtInCheckFiles);
}
