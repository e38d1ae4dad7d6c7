import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../core/cache-folder.ts';
import { cacheDir } from '../core/paths.ts';

/** A step's log in a file. */
export interface StoredLog {
  readonly step: string;
  readonly path: string;
  readonly bytes: number;
}

// Somebody may still be reading an earlier one, and a bundle wants several.
const keptRuns = 100;
const keptBytes = 512 * 1024 * 1024;
const keptMs = 30 * 24 * 3600 * 1000;

/** The folder of all runs' logs in parity's cache. */
export function runLogsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return cacheFolder('logs', cacheDir(env));
}

/** The name of the folder of a run's logs: by time, so that the newest is last in a listing; by process, since two runs may start at once. */
export function runLogsName(at: Date): string {
  return `${at.toISOString().replace(/[:.]/g, '-')}-${process.pid}`;
}

/** The logs of a run, by the name of their folder, in byte order of the steps' names; undefined when they are gone. */
export function readRunLogs(name: string): readonly StoredLog[] | undefined {
  const dir = join(runLogsFolder(), name);
  if (!isRunName(name)) return undefined;
  let files: readonly string[];
  try {
    files = readdirSync(dir).sort();
  } catch {
    return undefined;
  }
  return files.flatMap((file) => {
    const path = join(dir, file);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!file.endsWith('.log') || stat?.isFile() !== true) return [];
    return [{ step: decodeURIComponent(file.slice(0, -'.log'.length)), path, bytes: stat.size }];
  });
}

/**
 * Lets go of old logs: a hundred runs' are kept, for thirty days, and half a gigabyte of them; with `all` none but those of runs that are under
 * way. Without `measure` only their number and age count, which takes no look at any of them. Gives what went.
 */
export function pruneRunLogs(
  { all = false, measure = true }: { readonly all?: boolean; readonly measure?: boolean },
  now: number = Date.now(),
): { readonly runs: number; readonly freedBytes: number } {
  let [runs, freedBytes, bytes] = [0, 0, 0];
  const names = namesIn(runLogsFolder());
  for (const [index, name] of names.entries()) {
    const dir = join(runLogsFolder(), name);
    const isOld = index >= keptRuns || now - timeOf(name) > keptMs;
    const size = measure || isOld || all ? sizeOf(dir) : 0;
    bytes += size;
    if (!(all || isOld || (index > 0 && bytes > keptBytes)) || isUnderWay(name)) continue;
    rmSync(dir, { recursive: true, force: true });
    runs += 1;
    freedBytes += size;
    bytes -= size;
  }
  return { runs, freedBytes };
}

function isRunName(name: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T[\dZ-]+$/.test(name);
}

/** The newest first. */
function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter(isRunName)
      .sort((a, b) => (a < b ? 1 : -1));
  } catch {
    return [];
  }
}

function timeOf(name: string): number {
  const [, day = '', hours = '', minutes = '', seconds = '', ms = ''] =
    /^([\d-]{10})T(\d\d)-(\d\d)-(\d\d)-(\d\d\d)Z/.exec(name) ?? [];
  const time = Date.parse(`${day}T${hours}:${minutes}:${seconds}.${ms}Z`);
  return Number.isNaN(time) ? 0 : time;
}

function sizeOf(dir: string): number {
  try {
    return readdirSync(dir).reduce(
      (sum, file) => sum + (statSync(join(dir, file), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  } catch {
    return 0;
  }
}

/** True while the process that writes there may live: what it has open is not taken from under it. This process's own runs are over when it prunes. */
function isUnderWay(name: string): boolean {
  const pid = Number(name.slice(name.lastIndexOf('-') + 1));
  if (pid === process.pid || !Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
