import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { configFileName } from '../config/project.ts';
import { compareBytes } from '../core/digest.ts';
import { ok, type Result } from '../core/result.ts';
import type { Lock } from '../lock/lock.ts';
import { readLock } from '../lock/read.ts';
import { checkLock, describeMoved } from '../lock/verify.ts';
import { lockFileName } from '../lock/write.ts';
import { isStrange } from './survey.ts';

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
 * The projects of a repository: every folder with a parity.yaml or a parity.lock.json; without any, the top itself with what its layout
 * asks for. Err as loadConfig and readLock have it.
 */
export async function findProjects(topDir: string, files: readonly string[]): Promise<Result<readonly KnownProject[]>> {
  const named = new Set<string>();
  const configured = new Set<string>();
  for (const path of files) {
    const isConfig = path === configFileName || path.endsWith(`/${configFileName}`);
    if (!isConfig && path !== lockFileName && !path.endsWith(`/${lockFileName}`)) continue;
    if (isStrange(path)) continue;
    named.add(dirname(path));
    if (isConfig) configured.add(dirname(path));
  }
  const dirs = named.size === 0 ? ['.'] : [...named].toSorted(compareBytes);
  const projects: KnownProject[] = [];
  for (const dir of dirs) {
    const full = join(topDir, dir);
    const config = await loadConfig(
      configured.has(dir) ? { dir: full, configPath: join(full, configFileName) } : { dir: full },
    );
    if (!config.ok) return config;
    const lock = await readLock(full);
    if (!lock.ok) return lock;
    const status = lock.value === undefined ? undefined : await checkLock(lock.value, full, config.value);
    // Requirements that can't be understood are as stale as can be: parity lock says where and why.
    const stale =
      status === undefined || (status.ok && status.value.current)
        ? []
        : [status.ok ? describeMoved(status.value.moved) : status.error.message];
    projects.push({ dir, config: config.value, lock: lock.value, stale });
  }
  return ok(projects);
}
