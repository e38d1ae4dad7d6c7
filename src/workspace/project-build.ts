import { join, posix } from 'node:path';
import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { isBuildFile, isCloseToRoot, topLevelName } from '../formats/build-files.ts';
import { mentionedPaths } from '../formats/mentioned-paths.ts';
import { versionFacts } from '../git/version-facts.ts';
import type { FileState } from './file-state.ts';

/** A package of the repository, as the lock has it. */
export interface BuiltProject {
  /** Relative to the project; `.` for the project itself. */
  readonly path: string;
  readonly name?: string;
  readonly backend: string;
  readonly backendPath?: readonly string[];
  readonly versionFrom?: 'git';
  /** False when it is installed as its wheel; absent = editable. */
  readonly editable?: false;
}

/** The repository's packages, built and installed in an environment. */
export interface ProjectBuild {
  readonly projects: readonly BuiltProject[];
  /** What the build may reach. */
  readonly network: 'none' | 'full';
  /** The digest of all that decides the result but for the image: another one, and it is done again. */
  readonly key: Digest;
}

/** What a build's key is made from. */
export interface BuildInputs {
  readonly projects: readonly BuiltProject[];
  readonly network: 'none' | 'full';
  /** The project's folder on the host. */
  readonly projectDir: string;
  /** The same relative to the workspace's root; `.` for the root. */
  readonly project: string;
  /** The workspace's files. */
  readonly files: readonly FileState[];
}

/**
 * The key of a build. An editable installation finds sources where they are, so they don't count; what counts is what a backend reads: its
 * build files and what these name, sources that are compiled, the names of what can be imported, and git's tags where the version comes from
 * them. Of a project that is installed as its wheel every file counts: which of them a wheel has, only its backend knows.
 */
export async function projectBuildKey(inputs: BuildInputs): Promise<Digest> {
  const { projects, network, projectDir, project } = inputs;
  const isFromGit = projects.some(({ versionFrom }) => versionFrom === 'git');
  const git = isFromGit ? await versionFacts(projectDir) : '';
  const own = projects.map((each) => {
    const folder = posix.join(project, each.path);
    const top = folder === '.' ? '' : `${folder}/`;
    const files = new Map<string, FileState>();
    for (const file of inputs.files) if (file.path.startsWith(top)) files.set(file.path.slice(top.length), file);
    if (each.editable === false) return [each, statesOf(files, [...files.keys()])];
    return [each, projectInputs(files, join(projectDir, each.path), each.backendPath ?? [])];
  });
  return sha256(canonicalJson([1, network, git, own]));
}

/** What counts of one project: files by path, mode and digest, and names of what can be imported. */
function projectInputs(
  files: ReadonlyMap<string, FileState>,
  folder: string,
  backendPath: readonly string[],
): readonly unknown[] {
  const wanted = new Set<string>();
  const names = new Set<string>();
  const inBackend = backendPath.map((path) => (path === '.' ? '' : `${path.replace(/^\.\/|\/+$/g, '')}/`));
  for (const path of files.keys()) {
    const name = topLevelName(path);
    if (name !== undefined) names.add(name);
    const isBackend = path.endsWith('.py') && inBackend.some((top) => path.startsWith(top));
    if (isBuildFile(path) || isCloseToRoot(path) || isBackend || holdsVersion(path)) wanted.add(path);
  }
  for (const name of ['pyproject.toml', 'setup.py', 'setup.cfg'])
    for (const path of files.has(name)
      ? mentionedPaths(readTextIfExists(join(folder, name)) ?? '', (path) => files.has(path))
      : [])
      wanted.add(path);
  return [statesOf(files, [...wanted]), [...names].sort()];
}

function statesOf(files: ReadonlyMap<string, FileState>, paths: readonly string[]): readonly unknown[] {
  return paths.toSorted().map((path) => [path, files.get(path)?.mode, files.get(path)?.digest]);
}

/** Where backends look for a version that the sources have. */
function holdsVersion(path: string): boolean {
  return /^(?:(?:src|lib|python)\/)?\w+\/(?:__init__|__about__|__version__|_version|version|VERSION|about)(?:\.\w+)?$/.test(
    path,
  );
}
