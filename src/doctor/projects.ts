import { access } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import type { Config } from '../config/config.ts';
import { configFileName, excludesOf, findProject, type Project } from '../config/project.ts';
import { compareBytes } from '../core/digest.ts';
import { ok, type Result } from '../core/result.ts';
import type { Lock } from '../lock/lock.ts';
import { readLock } from '../lock/read.ts';
import { checkLock, describeChangedInputs } from '../lock/check-lock.ts';
import { lockFileName } from '../lock/write.ts';
import { isExcludedPath } from './survey.ts';

/** A project of the repository with its config and its lock. */
export interface KnownProject {
  /** Relative to the repository's top; `.` for the top itself. */
  readonly dir: string;
  readonly config: Config;
  readonly lock: Lock | undefined;
  /** What moved since the lock was resolved, in words. */
  readonly stale: readonly string[];
}

/**
 * The projects of a repository: every folder with a parity.yaml or a parity.lock.json among its files, and the one that the user stands in,
 * whose lock may be ignored by git; without any, that one with what its layout asks for. Err as `loadConfig` and readLock have it.
 */
export async function findProjects(options: {
  /** The repository's top, absolute. */
  readonly topDir: string;
  readonly files: readonly string[];
  /** The folder that the user stands in. */
  readonly startDir: string;
  readonly loadConfig: (project: Project) => Promise<Result<Config>>;
}): Promise<Result<readonly KnownProject[]>> {
  const { topDir, files, startDir, loadConfig } = options;
  const named = new Set<string>();
  const configured = new Set<string>();
  for (const path of files) {
    const isConfig = path === configFileName || path.endsWith(`/${configFileName}`);
    if (!isConfig && path !== lockFileName && !path.endsWith(`/${lockFileName}`)) continue;
    if (isExcludedPath(path)) continue;
    named.add(dirname(path));
    if (isConfig) configured.add(dirname(path));
  }
  const start = await findProject(startDir);
  if (!start.ok) return start;
  const dir = relative(topDir, start.value.dir).split(sep).join('/') || '.';
  const hasLock = await access(join(start.value.dir, lockFileName)).then(
    () => true,
    () => false,
  );
  if (start.value.configPath !== undefined) configured.add(dir);
  // A folder below a parity.yaml that is not its own is one that this file excludes.
  const isExcluded = start.value.configPath === undefined && [...configured].some((one) => isIn(one, dir));
  if (named.size === 0 || hasLock || isExcluded || start.value.configPath !== undefined) named.add(dir);
  const dirs = [...named].toSorted(compareBytes);
  const projects: KnownProject[] = [];
  for (const each of dirs) {
    const full = join(topDir, each);
    const config = await loadConfig(
      configured.has(each) ? { dir: full, configPath: join(full, configFileName) } : { dir: full },
    );
    if (!config.ok) return config;
    const lock = await readLock(full);
    if (!lock.ok) return lock;
    const status = lock.value === undefined ? undefined : await checkLock(lock.value, full, config.value);
    // Requirements that can't be understood are as stale as can be: parity lock says where and why.
    const stale =
      status === undefined || (status.ok && status.value.current)
        ? []
        : [status.ok ? describeChangedInputs(status.value.moved) : status.error.message];
    projects.push({ dir: each, config: config.value, lock: lock.value, stale });
  }
  return ok(projects);
}

const isIn = (folder: string, path: string): boolean => folder === '.' || path.startsWith(`${folder}/`);

/**
 * The repository's files without those that a project's `exclude` names and that lie in no known project of their own: nothing of this
 * repository is held to what they declare.
 */
export async function withoutExcluded(
  topDir: string,
  files: readonly string[],
  projects: readonly KnownProject[],
): Promise<readonly string[]> {
  const excluding = await Promise.all(
    projects.map(async ({ dir }) => ({ dir, excludes: await excludesOf(join(topDir, dir)) })),
  );
  if (excluding.every(({ excludes }) => excludes === undefined)) return files;
  const deepestFirst = excluding.toSorted((a, b) => b.dir.length - a.dir.length);
  return files.filter((path) => {
    const owner = deepestFirst.find(({ dir }) => isIn(dir, path));
    return owner?.excludes?.(posix.relative(owner.dir, posix.dirname(path))) === undefined;
  });
}
