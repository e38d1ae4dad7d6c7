import { isObject, readJson, shaped } from '../../../core/json.ts';
import { evaluateMarker, type MarkerEnvironment } from '../../../formats/evaluate-marker.ts';
import { normalisedName } from '../../../formats/package-name.ts';
import { tableAt, textsOf, type Table } from '../../../formats/table.ts';
import type { DependencyLock } from '../dependency-lock.ts';
import type { Digest } from '../../../core/digest.ts';
import type { WrittenSource } from '../package-source.ts';
import { digestsOf, notFromIndex, pickSource, type Picked, type PickedPackage } from './locked-pins.ts';

/** What `pipenv install` (with `--dev`, or with categories) installs in an environment. Pure. */
export function pickPipenv(lock: DependencyLock, environment: MarkerEnvironment): Picked {
  const root = readJson(lock.text, shaped(isObject)) ?? {};
  const packages = new Map<string, PickedPackage>();
  const problems: Picked['problems'][number][] = [];
  for (const section of sectionsOf(lock))
    for (const [name, value] of Object.entries(tableAt(root, section) ?? {})) {
      const entry = tableAt(value) ?? {};
      const marker = typeof entry['markers'] === 'string' ? entry['markers'] : '';
      if (evaluateMarker(marker, environment) === false) continue;
      const address = ['hg', 'svn', 'bzr'].find((key) => typeof entry[key] === 'string');
      const hashes = digestsOf(textsOf(entry['hashes']));
      const written = sourceOf(entry, hashes);
      // What lies in the repository is built there.
      if (typeof entry['path'] === 'string') continue;
      if (address !== undefined) problems.push(notFromIndex(lock, name, String(entry[address])));
      else if (written !== undefined) {
        const one = pickSource(lock, { name, version: '' }, written);
        if ('message' in one) problems.push(one);
        else if (!packages.has(one.name)) packages.set(one.name, one);
      } else if (typeof entry['version'] === 'string') {
        const version = entry['version'].replace(/^==+/, '');
        // A package of two sections is one package.
        if (!packages.has(normalisedName(name)))
          packages.set(normalisedName(name), { name: normalisedName(name), version, hashes });
      }
    }
  return { packages: [...packages.values()], problems };
}

/** `default` always, and `develop` with --dev; with --categories those alone. */
function sectionsOf({ selection: { only } }: DependencyLock): readonly string[] {
  if (only === undefined) return ['default'];
  const names: Readonly<Record<string, string>> = { packages: 'default', 'dev-packages': 'develop' };
  if (only.length === 1 && only[0] === 'dev') return ['default', 'develop'];
  return only.map((name) => names[name] ?? name);
}

function sourceOf(entry: Table, hashes: readonly Digest[]): WrittenSource | undefined {
  const { git, file, ref, subdirectory } = entry;
  const where = typeof subdirectory === 'string' ? { subdirectory } : {};
  if (typeof git === 'string')
    return { url: git, isGit: true, revision: typeof ref === 'string' ? ref : undefined, ...where, hashes };
  return typeof file === 'string' ? { url: file.replace(/#.*$/, ''), isGit: false, ...where, hashes } : undefined;
}
