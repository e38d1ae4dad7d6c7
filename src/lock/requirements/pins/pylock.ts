import { evaluateMarker, type MarkerEnvironment } from '../../../formats/evaluate-marker.ts';
import { normalisedName } from '../../../formats/package-name.ts';
import { tableAt, tablesOf, textsOf } from '../../../formats/table.ts';
import { tomlTable } from '../../../formats/toml.ts';
import type { DependencyLock } from '../dependency-lock.ts';
import { digestsOf, notFromIndex, type Picked, type PickedPackage } from './locked-pins.ts';

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
    const address = tableAt(entry, 'vcs') ?? tableAt(entry, 'archive');
    // What lies in the repository is built there.
    if (entry['directory'] !== undefined) continue;
    if (address !== undefined || typeof entry['version'] !== 'string')
      problems.push(notFromIndex(lock, name, String(address?.['url'] ?? address?.['path'] ?? 'an address')));
    else
      packages.push({
        name: normalisedName(name),
        version: entry['version'],
        hashes: digestsOf(
          [...tablesOf(entry['wheels']), ...tablesOf([entry['sdist']])].map(
            (file) => tableAt(file, 'hashes')?.['sha256'],
          ),
        ),
      });
  }
  return { packages, problems };
}
