import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Project } from '../../config/load.ts';
import { configFileName } from '../../config/project.ts';
import { sha256 } from '../../core/digest.ts';
import { ok, type Result } from '../../core/result.ts';
import { lockDigest } from '../../lock/digest.ts';
import type { Lock } from '../../lock/lock.ts';
import { readLock } from '../../lock/read.ts';
import { lockFileName } from '../../lock/write.ts';
import { readContents } from '../../workspace/workspace-contents.ts';
import type { FileState } from '../../workspace/file-state.ts';
import type { Snapshot } from './snapshot.ts';

/** Where to look. */
export interface SnapshotOptions {
  readonly root: string;
  readonly project: Project;
  /** The project's folder relative to the root; `.` for the root. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Looks at all that steps may read at this moment. Err as readContents. */
export async function takeSnapshot(options: SnapshotOptions): Promise<Result<Snapshot>> {
  const contents = await readContents(options.root, { signal: options.signal });
  return contents.ok ? ok(await snapshotOf(contents.value.files, options)) : contents;
}

/**
 * Files as a snapshot. The config and the lock are in it even where git ignores them; the lock counts by what it pins, for the first build of
 * an image is written into it. `lock`: the one that a run went by.
 */
export async function snapshotOf(
  files: readonly FileState[],
  { project, folder }: Pick<SnapshotOptions, 'project' | 'folder'>,
  lock?: Lock,
): Promise<Snapshot> {
  const snapshot = new Map(files.map(({ path, mode, digest }) => [path, `${mode} ${digest}`]));
  const config = posix.join(folder, configFileName);
  if (!snapshot.has(config)) {
    const text = await readFile(join(project.dir, configFileName)).catch(() => undefined);
    if (text !== undefined) snapshot.set(config, sha256(text));
  }
  const pins = lock ?? (await readPins(project.dir));
  // Of a lock that can't be read, the bytes count.
  if (pins !== undefined) snapshot.set(posix.join(folder, lockFileName), lockDigest(pins));
  return snapshot;
}

async function readPins(projectDir: string): Promise<Lock | undefined> {
  const lock = await readLock(projectDir);
  return lock.ok ? lock.value : undefined;
}
