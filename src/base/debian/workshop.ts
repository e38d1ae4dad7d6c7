import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { delimiter, join } from 'node:path';
import { access, constants } from 'node:fs/promises';
import { failure } from '../../core/failure.ts';
import { cacheDir, packageRoot } from '../../core/paths.ts';
import { debianArchitecture, platformOf, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { hostCertificates } from '../network.ts';
import { openContainerWorkshop } from './container-workshop.ts';
import { scriptFailure } from './script-failure.ts';

/** A place where the scripts of images/debian can run: this machine when it has apt and mmdebstrap, else a Debian container. */
export interface Workshop {
  readonly kind: 'host' | 'container';
  /** The work folder on this machine; removed by `close`. */
  readonly dir: string;
  /** Runs a script. `args` gets the work folder's path where the script runs. Err words `what` and the script's output. */
  run(task: ScriptTask): Promise<Result<void>>;
  /** Removes the work folder and the container. */
  close(): Promise<void>;
}

/** One run of a script. */
export interface ScriptTask {
  readonly script: 'sources.sh' | 'resolve.sh' | 'resolve-inside.sh' | 'fetch.sh' | 'bootstrap.sh';
  readonly args: (work: string) => readonly string[];
  /** Files and folders below the work folder that the script reads. */
  readonly reads: readonly string[];
  /** Files and folders below the work folder that the script writes and the caller wants. */
  readonly writes: readonly string[];
  /** The failing sentence's start. */
  readonly what: string;
}

/** What a workshop is opened with. */
export interface WorkshopOptions {
  readonly engine: Engine;
  /** For the container's image where the host lacks the tools. */
  readonly suite: string;
  /** A base has to be made on its own architecture; resolving works on any. */
  readonly platform?: Platform;
  /** Run in a container of exactly this image, with nothing added to it. */
  readonly image?: string;
  readonly onOutput: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a workshop. `PARITY_DEBIAN_WORKSHOP=host|container` decides where it would be decided by what is there. Err
 * `host-tool-missing` when neither the host nor the engine can do it.
 */
export async function openWorkshop(options: WorkshopOptions): Promise<Result<Workshop>> {
  const parent = join(cacheDir(), 'debian');
  const dir = join(parent, `work-${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    await sweepDeadWork(parent);
    await mkdir(dir, { recursive: true });
    const certificates = await hostCertificates();
    if (!certificates.ok) return certificates;
    if (certificates.value !== undefined) await writeFile(join(dir, 'ca.crt'), certificates.value.pem);
  } catch (error) {
    return err(cacheFailure(parent, error));
  }
  const wanted = process.env['PARITY_DEBIAN_WORKSHOP'];
  const inContainer = options.image !== undefined || wanted === 'container';
  if (!inContainer && (wanted === 'host' || (await hostIsAble(options.platform)))) {
    return ok(hostWorkshop(dir, options));
  }
  const opened = await openContainerWorkshop(dir, options);
  if (!opened.ok) await rm(dir, { recursive: true, force: true });
  return opened;
}

/** The failure for a file system error below parity's cache folder. */
export function cacheFailure(path: string, error: unknown): ReturnType<typeof failure> {
  const text = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|EDQUOT/.test(text))
    return failure('disk-full', `no space left for parity's cache in ${path}`, {
      detail: text,
      next: 'free some space, or set PARITY_CACHE_DIR to a folder on another disk',
    });
  return failure('io', `parity's cache in ${path} cannot be used`, {
    detail: text,
    next: 'set PARITY_CACHE_DIR to a folder that you can write',
  });
}

/** Where the scripts are on this machine. */
export function scriptFolder(): string {
  return join(packageRoot(), 'images', 'debian');
}

function hostWorkshop(dir: string, options: WorkshopOptions): Workshop {
  return {
    kind: 'host',
    dir,
    run: (task) => runOnHost(dir, task, options),
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

async function runOnHost(dir: string, task: ScriptTask, options: WorkshopOptions): Promise<Result<void>> {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C.UTF-8', PARITY_CA_FILE: join(dir, 'ca.crt') };
  delete env['APT_CONFIG'];
  if (!(await exists(join(dir, 'ca.crt')))) delete env['PARITY_CA_FILE'];
  // A process group of its own, so that an interruption reaches apt and mmdebstrap, which clean up after themselves.
  const child = spawn('sh', [join(scriptFolder(), task.script), ...task.args(dir)], {
    env,
    cwd: dir,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const take = (text: string): void => {
    output = (output + text).slice(-64_000);
    options.onOutput(text);
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const stop = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  if (options.signal?.aborted === true) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  const code = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (exit, signal) => resolve(exit ?? signal ?? 1));
  });
  options.signal?.removeEventListener('abort', stop);
  if (options.signal?.aborted === true) return err(failure('interrupted', `${task.what}: interrupted`));
  return code === 0 ? ok(undefined) : err(scriptFailure(task.what, output || String(code)));
}

async function hostIsAble(platform: Platform | undefined): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const own = platformOf('linux', arch());
  if (platform !== undefined && (own === undefined || debianArchitecture(own) !== debianArchitecture(platform)))
    return false;
  for (const tool of ['apt-get', 'dpkg-deb', 'mmdebstrap', 'awk']) if (!(await onPath(tool))) return false;
  if (!(await exists('/usr/lib/apt/apt-helper'))) return false;
  // Without root, mmdebstrap needs user namespaces, and a range of sub-ids for them.
  if (process.getuid?.() === 0) return true;
  return await new Promise<boolean>((resolve) => {
    const probe = spawn('unshare', ['--user', '--map-auto', '--map-root-user', 'true'], { stdio: 'ignore' });
    probe.on('error', () => resolve(false));
    probe.on('close', (code) => resolve(code === 0));
  });
}

async function onPath(tool: string): Promise<boolean> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await exists(join(folder, tool), constants.X_OK))) return true;
  }
  return false;
}

async function exists(path: string, mode: number = constants.F_OK): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}

/** Removes the work folders of processes that are no more (killed before they could). */
async function sweepDeadWork(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = Number(/^work-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
