import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { normalisedName } from '../../formats/package-name.ts';

/**
 * The packages of a Python environment, by the metadata that installers left in its site-packages: normalised name → version. `prefix` is
 * the environment's folder. Empty where there is none.
 */
export async function distributionsOf(prefix: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of await sitePackages(prefix))
    for (const entry of await readdir(folder).catch(() => [])) {
      const [, name, version] = /^(.+?)-([^-]+)\.(?:dist-info|egg-info)$/.exec(entry) ?? [];
      if (name !== undefined && version !== undefined) found.set(normalisedName(name), version);
      else if (entry.endsWith('.dist-info')) await addMetadata(join(folder, entry, 'METADATA'), found);
    }
  return found;
}

async function addMetadata(path: string, found: Map<string, string>): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const name = /^Name: (.+)$/m.exec(text)?.[1];
  const version = /^Version: (.+)$/m.exec(text)?.[1];
  if (name !== undefined && version !== undefined) found.set(normalisedName(name.trim()), version.trim());
}

/** `lib/python3.11/site-packages`, `Lib/site-packages` on Windows. */
async function sitePackages(prefix: string): Promise<readonly string[]> {
  const lib = await readdir(join(prefix, 'lib')).catch(() => []);
  const versions = lib.filter((name) => /^(?:python|pypy)\d/.test(name));
  return [...versions.map((name) => join(prefix, 'lib', name, 'site-packages')), join(prefix, 'Lib', 'site-packages')];
}
