import semver from 'semver';
import type { ManagerName, ManagerWish } from '../config.ts';
import { decision, type Decision } from './decision.ts';
import { inFolder, type Repo } from './repo.ts';
import { tableAt, type Table } from '../../formats/table.ts';

/** A folder with a package.json, as far as it says which package manager it is for. */
export interface ManagedFolder {
  readonly dir: string;
  readonly manifest: Table;
}

/** The package manager of a folder. */
export interface FolderManager {
  readonly name: ManagerName;
  /** Its lock file's name; absent when the folder has none. */
  readonly lock?: string;
  /** True for Yarn 2 and later. */
  readonly isBerry: boolean;
}

const lockFiles: readonly (readonly [file: string, name: FolderManager['name']])[] = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

/** The package manager whose lock file is there: of several, the one that package.json names; without any, that one, else npm. */
export function folderManager(repo: Repo, { dir, manifest }: ManagedFolder): FolderManager {
  const there = lockFiles.filter(([file]) => repo.has(inFolder(dir, file)));
  const declared = declaredManager(manifest)?.name;
  const [lock, name] = there.find((each) => each[1] === declared) ?? there[0] ?? [];
  const manager = name ?? declared ?? 'npm';
  const isBerry = manager === 'yarn' && isBerryFolder(repo, dir, manifest);
  return { name: manager, ...(lock === undefined ? {} : { lock }), isBerry };
}

function isBerryFolder(repo: Repo, dir: string, manifest: Table): boolean {
  const declared = declaredManager(manifest)?.version;
  const lowest = declared === undefined || semver.validRange(declared) === null ? null : semver.minVersion(declared);
  if (lowest !== null) return lowest.major >= 2;
  return /^__metadata:/m.test(repo.text(inFolder(dir, 'yarn.lock')) ?? '') || repo.has(inFolder(dir, '.yarnrc.yml'));
}

/** What package.json names outright: `packageManager`, else `devEngines.packageManager`. */
function declaredManager(
  manifest: Table,
):
  | { readonly name: FolderManager['name']; readonly version?: string; readonly hash?: string; readonly key: string }
  | undefined {
  const text = manifest['packageManager'];
  const [, name, version, hash] =
    typeof text === 'string'
      ? (/^(npm|pnpm|yarn|bun)@(\d[^+\s]*)(?:\+(\w+\.[0-9a-fA-F]+))?/.exec(text.trim()) ?? [])
      : [];
  if (name !== undefined && version !== undefined)
    return {
      name: name as FolderManager['name'],
      version,
      ...(hash === undefined ? {} : { hash }),
      key: 'packageManager',
    };
  const part = tableAt(manifest, 'devEngines')?.['packageManager'];
  const one = tableAt(Array.isArray(part) ? (part as unknown[])[0] : part);
  const wanted = one?.['name'];
  if (wanted !== 'npm' && wanted !== 'pnpm' && wanted !== 'yarn' && wanted !== 'bun') return undefined;
  const range = one?.['version'];
  return { name: wanted, ...(typeof range === 'string' ? { version: range } : {}), key: 'devEngines.packageManager' };
}

/**
 * Which package managers a project's folders ask for and where: `packageManager` and `devEngines`, `volta`, `.tool-versions`, `engines`,
 * else what their lock file needs. npm is asked for only by those that name it. Of several folders the first one counts; that others differ is
 * a decision to look at.
 */
export function managerWishes(
  repo: Repo,
  folders: readonly ManagedFolder[],
): { readonly wishes: readonly ManagerWish[]; readonly decisions: readonly Decision[] } {
  const wishes: ManagerWish[] = [];
  const decisions: Decision[] = [];
  for (const name of ['npm', 'pnpm', 'yarn', 'bun'] as const) {
    const found = folders.flatMap((folder) => wishOf(repo, folder, name) ?? []);
    const [first, ...others] = found;
    if (first === undefined) continue;
    wishes.push(first);
    const other = others.find(({ version, key }) => version !== first.version && key !== 'lockfileVersion');
    const why = `${first.file}: ${first.key}`;
    if (other === undefined) decisions.push(decision(name, first.version, why));
    else
      decisions.push(
        decision(
          name,
          first.version,
          `${why}; ${other.file} asks for ${other.version}, and the image has one ${name}`,
          {
            severity: 'warning',
          },
        ),
      );
  }
  return { wishes, decisions };
}

function wishOf(repo: Repo, folder: ManagedFolder, name: ManagerName): ManagerWish | undefined {
  const { dir, manifest } = folder;
  const file = inFolder(dir, 'package.json');
  const declared = declaredManager(manifest);
  if (declared?.name === name && declared.version !== undefined && isRange(declared.version)) {
    const { version, hash, key } = declared;
    return { name, version, ...(hash === undefined ? {} : { hash }), file, key };
  }
  const manager = folderManager(repo, folder);
  if (name !== 'npm' && manager.name !== name) return undefined;
  const volta = tableAt(manifest, 'volta')?.[name];
  if (isRange(volta)) return { name, version: volta, file, key: `volta.${name}` };
  const tools = inFolder(dir, '.tool-versions');
  const named = new RegExp(`^${name}[ \\t]+(\\S+)`, 'm').exec(repo.text(tools) ?? '')?.[1];
  if (isRange(named)) return { name, version: named, file: tools, key: name };
  const engines = tableAt(manifest, 'engines')?.[name];
  if (name === 'npm')
    return isRange(engines) ? { name, version: engines, isBound: true, file, key: 'engines.npm' } : undefined;
  const own = name === 'bun' ? inFolder(dir, '.bun-version') : undefined;
  const written =
    own === undefined
      ? undefined
      : repo
          .text(own)
          ?.trim()
          .replace(/^v(?=\d)/, '');
  if (own !== undefined && isRange(written)) return { name, version: written, file: own, key: 'version' };
  const needed = neededByLock(repo, dir, manager);
  if (isRange(engines)) return { name, version: narrowed(engines, needed?.version), file, key: `engines.${name}` };
  if (needed !== undefined) return { name, ...needed };
  const line = name === 'pnpm' ? '10' : name === 'yarn' && manager.isBerry ? '4' : '1';
  return { name, version: line, file, key: 'packageManager' };
}

/** The release line of a package manager that writes a lock file's format; Yarn's may lie in the repository itself (`yarnPath`). */
function neededByLock(
  repo: Repo,
  dir: string,
  { name, lock, isBerry }: FolderManager,
): Pick<ManagerWish, 'version' | 'file' | 'key'> | undefined {
  if (name === 'yarn' && isBerry) {
    const settings = inFolder(dir, '.yarnrc.yml');
    const own = /^yarnPath:.*\byarn-(\d+\.\d+\.\d+)\.c?js/m.exec(repo.text(settings) ?? '')?.[1];
    if (own !== undefined) return { version: own, file: settings, key: 'yarnPath' };
  }
  if (lock === undefined) return undefined;
  const file = inFolder(dir, lock);
  const text = repo.text(file) ?? '';
  if (name === 'pnpm') {
    const format = Number(/^lockfileVersion:\s*['"]?([\d.]+)/m.exec(text)?.[1] ?? '9.0');
    return {
      version: format >= 9 ? '10' : format >= 6 ? '8' : format >= 5.4 ? '7' : '6',
      file,
      key: 'lockfileVersion',
    };
  }
  // The text file is bun's own since 1.2.
  if (name === 'bun') return { version: lock === 'bun.lock' ? '>=1.2 <2' : '1', file, key: 'lockfileVersion' };
  if (name !== 'yarn') return undefined;
  if (!isBerry) return { version: '1', file, key: 'yarn lockfile v1' };
  const format = Number(/^__metadata:\s*\n\s+version:\s*(\d+)/m.exec(text)?.[1] ?? '8');
  return { version: format >= 7 ? '4' : format >= 6 ? '3' : '2', file, key: '__metadata.version' };
}

/** A range, and of it the part that is in the other range, when there is such a part. */
function narrowed(range: string, other: string | undefined): string {
  if (other === undefined || semver.validRange(other) === null || !semver.intersects(range, other)) return range;
  return range
    .split('||')
    .map((part) => `${part.trim()} ${semver.validRange(other) ?? ''}`.trim())
    .filter((part) => semver.validRange(part) !== null)
    .join(' || ');
}

function isRange(text: unknown): text is string {
  return typeof text === 'string' && text.trim() !== '' && semver.validRange(text) !== null;
}
