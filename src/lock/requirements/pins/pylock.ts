import { evaluateMarker, type MarkerEnvironment } from '../../../formats/evaluate-marker.ts';
import { normalisedName } from '../../../formats/package-name.ts';
import { tableAt, tablesOf, textsOf, type Table } from '../../../formats/table.ts';
import { tomlTable } from '../../../formats/toml.ts';
import type { DependencyLock } from '../dependency-lock.ts';
import type { WrittenSource } from '../package-source.ts';
import { digestsOf, notFromIndex, pickSource, type Picked, type PickedPackage } from './locked-pins.ts';

/** What an installer takes of a pylock.toml (PEP 751) in an environment. Pure. */
export function pickPylock(lock: DependencyLock, environment: MarkerEnvironment): Picked {
  const root = tomlTable(lock.text) ?? {};
  const { extras, groups } = lock.selection;
  const known = (key: string): readonly string[] => textsOf(root[key]).map(normalisedName);
  const given: MarkerEnvironment = {
    ...environment,
    extras: new Set(extras === 'all' ? known('extras') : extras),
    groups: new Set([...known('default-groups'), ...(groups === 'all' ? known('dependency-groups') : groups)]),
  };
  const packages: PickedPackage[] = [];
  const problems: Picked['problems'][number][] = [];
  for (const entry of tablesOf(root['packages'])) {
    const name = String(entry['name'] ?? '');
    if (typeof entry['marker'] === 'string' && evaluateMarker(entry['marker'], given) === false) continue;
    const written = sourceOf(entry);
    const version = typeof entry['version'] === 'string' ? entry['version'] : '';
    // What lies in the repository is built there.
    if (entry['directory'] !== undefined) continue;
    if (written !== undefined) {
      const one = pickSource(lock, { name, version }, written);
      if ('message' in one) problems.push(one);
      else packages.push(one);
    } else if (version === '')
      problems.push(notFromIndex(lock, name, String(tableAt(entry, 'archive')?.['path'] ?? 'an address')));
    else
      packages.push({
        name: normalisedName(name),
        version,
        hashes: digestsOf(
          [...tablesOf(entry['wheels']), ...tablesOf([entry['sdist']])].map(
            (file) => tableAt(file, 'hashes')?.['sha256'],
          ),
        ),
      });
  }
  return { packages, problems };
}

function sourceOf(entry: Table): WrittenSource | undefined {
  const [vcs, archive] = [tableAt(entry, 'vcs'), tableAt(entry, 'archive')];
  const { url, subdirectory } = vcs ?? archive ?? {};
  if (typeof url !== 'string') return undefined;
  const where = typeof subdirectory === 'string' ? { subdirectory } : {};
  const hashes = digestsOf([tableAt(archive, 'hashes')?.['sha256']]);
  const commit = vcs?.['commit-id'];
  const isGit = vcs?.['type'] === 'git';
  // Another kind of repository is no file that can be fetched.
  const at = vcs === undefined || isGit ? url : `${String(vcs['type'])}+${url}`;
  return { url: at, isGit, revision: typeof commit === 'string' ? commit : undefined, ...where, hashes };
}
