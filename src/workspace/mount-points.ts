import { lstatSync } from 'node:fs';
import { lstat, mkdir, realpath, rmdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { StepConfig } from '../config/config.ts';
import { failure } from '../core/failure.ts';
import { fileFailure } from '../core/file-failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { noteMountPoints } from './checkouts/checkout-folders.ts';
import { isInside } from './workspace.ts';

/** A folder of the project that lives in an engine volume. */
export interface VolumeFolder {
  /** Relative to the project, normalised, with `/`. */
  readonly path: string;
  /** The job whose own it is; absent where a step without a job has it, too: then all have the same. */
  readonly job?: string;
}

/** A text that tells volumes of one environment apart. */
export function folderKey({ path, job }: VolumeFolder): string {
  return job === undefined ? path : `${path} of ${job}`;
}

/** The folders that the steps want in volumes, each once (once for each job where only steps of jobs do), parents first. Err `config-invalid` for one outside the project. */
export function volumeFolders(
  steps: readonly Pick<StepConfig, 'name' | 'cwd' | 'volumes' | 'job'>[],
): Result<readonly VolumeFolder[]> {
  const jobsOf = new Map<string, Set<string | undefined>>();
  for (const step of steps) {
    for (const volume of step.volumes) {
      const path = posix.join(step.cwd, volume).replace(/\/+$/, '');
      if (
        posix.isAbsolute(volume) ||
        path === '.' ||
        path === '..' ||
        path.startsWith('../') ||
        path.split('/').includes('.git')
      )
        return err(
          failure('config-invalid', `step "${step.name}": the volume "${volume}" is not a folder inside the project`, {
            next: 'name a folder below the step’s cwd, such as node_modules',
          }),
        );
      jobsOf.set(path, (jobsOf.get(path) ?? new Set()).add(step.job));
    }
  }
  return ok(
    [...jobsOf].sort(byPath).flatMap(([path, jobs]): readonly VolumeFolder[] => {
      const own = [...jobs].flatMap((job) => (job === undefined ? [] : [job]));
      return jobs.has(undefined) ? [{ path }] : own.sort().map((job) => ({ path, job }));
    }),
  );
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/**
 * Makes the folders that the engine will mount volumes on, as the caller: an engine would make them as root. Err
 * `config-invalid` when a file or a symbolic link that leaves the project is in the way, `io` when one can't be made.
 */
export async function makeMountPoints(hostProject: string, folders: readonly VolumeFolder[]): Promise<Result<void>> {
  try {
    const paths = folders.map(({ path }) => path);
    await noteMountPoints(hostProject, paths);
  } catch (error) {
    return err(fileFailure(error, `The folders of ${hostProject} that volumes are mounted on cannot be noted`));
  }
  for (const { path } of folders) {
    let at = hostProject;
    for (const part of path.split('/')) {
      at = join(at, part);
      try {
        await mkdir(at).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        });
        const isLink = (await lstat(at)).isSymbolicLink();
        const real = await realpath(at);
        if (
          !(await lstat(real)).isDirectory() ||
          !isInside(real, hostProject) ||
          (isLink && at === join(hostProject, path))
        )
          return err(
            failure(
              'config-invalid',
              `The volume "${path}" cannot be mounted: ${at} is not a plain folder of the project`,
              {
                next: `move ${at} away, or take it out of "volumes"`,
              },
            ),
          );
      } catch (error) {
        return err(failure('io', `The folder ${at} cannot be made`, { detail: String(error) }));
      }
    }
  }
  return ok(undefined);
}

/**
 * Which folders they are: a folder that was removed and made again is another one, though it has the same path. Empty for one that is not
 * there.
 */
export function mountPointIdentities(hostProject: string, folders: readonly VolumeFolder[]): readonly string[] {
  return folders.map(({ path }) => {
    const seen = lstatSync(join(hostProject, path), { bigint: true, throwIfNoEntry: false });
    return seen === undefined ? '' : `${seen.dev}:${seen.ino}:${seen.birthtimeNs}`;
  });
}

/** Removes the mount points that are empty and nobody else's; what holds anything stays. */
export async function removeEmptyMountPoints(hostProject: string, folders: readonly VolumeFolder[]): Promise<void> {
  for (const { path } of folders.toReversed()) await rmdir(join(hostProject, path)).catch(() => undefined);
}
