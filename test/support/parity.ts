import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program that users start. */
export const parityBin = fileURLToPath(new URL('../../bin/parity.js', import.meta.url));

/** How a started parity ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a start. */
export interface StartOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `pipe` for a program that is told something; it reads nothing otherwise. */
  readonly stdin?: 'pipe';
}

/** Runs the built parity with nothing of this machine's environment but PATH; waits for its end. */
export async function parity(args: readonly string[], options: StartOptions): Promise<Ended> {
  return await startParity(args, options).ended;
}

/** Starts the built parity; `ended` settles once it is gone and its streams are read. */
export function startParity(
  args: readonly string[],
  options: StartOptions,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [parityBin, ...args], {
    cwd: options.cwd,
    env: scrubbedEnv(options),
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

/** PATH, a home and a cache folder below the working folder, and what the test sets. */
export function scrubbedEnv(options: StartOptions): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: join(options.cwd, '.home'),
    PARITY_CACHE_DIR: join(options.cwd, '.parity-cache'),
    // What runs is left to no chance.
    PARITY_CACHE_AUDIT: '0%',
    ...options.env,
  };
}

/** A fresh folder, its real path, and how to remove it. */
export function scratchFolder(): { readonly dir: string; remove(): void } {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'parity test ')));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
