import { fetchingBuild } from '../../config/detect/build-network.ts';
import { inFolder } from '../../config/detect/repo.ts';
import { lockSource } from '../../config/lock-source.ts';
import { ownPackages, type OwnPackages, type OwnPackagesFacts } from './own-packages.ts';

/** What says how the repository's own packages are built. */
export interface OwnBuildFacts extends OwnPackagesFacts {
  /** What CI does not say is as detection has it. */
  readonly asDetected: boolean;
  /** For a toolchain with a name, which has the project itself only where a source names it. */
  readonly isNamed?: boolean;
}

/** How CI installs the repository's own packages, and whether their builds use the network as they do in CI. Pure but for `readText`. */
export function ownBuild(facts: OwnBuildFacts): OwnPackages {
  const own: OwnPackages = facts.asDetected ? { decisions: [] } : ownPackages(facts);
  const read = (path: string): string | undefined => facts.readText(inFolder(facts.prefix, path));
  const fetches = fetchingBuild(ownFolders(own.build?.projects, facts, read), read);
  if (fetches === undefined) return own;
  return { build: { ...own.build, network: 'full' }, decisions: [...own.decisions, fetches] };
}

/** The folders whose packages may be built here. */
function ownFolders(
  projects: readonly string[] | undefined,
  { sources, isNamed = false }: OwnBuildFacts,
  read: (path: string) => string | undefined,
): readonly string[] {
  if (projects !== undefined) return projects;
  return [
    ...(isNamed ? [] : ['.']),
    ...sources.flatMap((source) => {
      const file = lockSource(source)?.file;
      const [path = ''] = (file ?? source).split(/[[:\s]/, 1);
      const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
      const members = file === undefined ? [] : [...(read(file) ?? '').matchAll(local)].map((match) => match[1] ?? '');
      return [folder, ...members.map((member) => inFolder(folder, member))];
    }),
  ];
}

/** A package of the repository, as lock files name its folder. */
const local = /\b(?:editable|directory|virtual) = "([^"]+)"/g;
