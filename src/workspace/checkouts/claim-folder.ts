import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeFileWhole } from '../../core/write-file.ts';

/** A folder that this process alone may change for now. */
export interface Claim {
  /** Lets the next one in; never throws. */
  release(): Promise<void>;
}

const free = 'free\n';
// A claim is written in one go; one that is still empty after this is what a killed process left.
const writtenWithinMs = 10_000;

/**
 * Claims a folder, which is made when it is missing; undefined when a living process has it. Claims are numbered files
 * (`claim.7`), and the highest number holds: whoever takes over from a dead or finished one makes the next number, which only one process
 * can, and a highest number is never removed. So nobody needs to delete what another may just have renewed.
 */
export async function claimFolder(dir: string): Promise<Claim | undefined> {
  for (;;) {
    await mkdir(dir, { recursive: true });
    const last = await highestClaim(dir);
    if (last > 0) {
      const held = await isClaimed(join(dir, `claim.${last}`));
      if (held === undefined) continue;
      if (held) return undefined;
    }
    const mine = last + 1;
    const path = join(dir, `claim.${mine}`);
    try {
      await writeFile(path, await ownName(), { flag: 'wx' });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Another process was faster, or is just removing the folder.
      if (code === 'EEXIST' || code === 'ENOENT') continue;
      throw error;
    }
    if ((await highestClaim(dir)) !== mine) {
      await rm(path, { force: true });
      continue;
    }
    await removeOld(dir, mine);
    return { release: () => writeFileWhole(path, free).catch(() => {}) };
  }
}

/** When a folder was last claimed or released, in milliseconds since 1970; 0 when it never was. */
export async function lastClaimed(dir: string): Promise<number> {
  const last = await highestClaim(dir);
  return last === 0 ? 0 : await stat(join(dir, `claim.${last}`)).then(({ mtimeMs }) => mtimeMs, zero);
}

async function highestClaim(dir: string): Promise<number> {
  const names = await readdir(dir).catch(() => []);
  return Math.max(0, ...names.map((name) => Number(/^claim\.(\d+)$/.exec(name)?.[1] ?? 0)));
}

// The one before stays: who reads the folder while it changes may see only that.
async function removeOld(dir: string, mine: number): Promise<void> {
  for (const name of await readdir(dir)) {
    const number = Number(/^claim\.(\d+)(?:\..*\.tmp)?$/.exec(name)?.[1] ?? mine);
    if (number < mine - 1) await rm(join(dir, name), { force: true });
  }
}

/** Undefined when it has gone meanwhile. */
async function isClaimed(path: string): Promise<boolean | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
    if (text === '') return Date.now() - (await stat(path)).mtimeMs < writtenWithinMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (text === free) return false;
  const [host, pid, started] = text.trimEnd().split(' ');
  // A home folder that machines share: from here it is unknown whether the other machine's process still works.
  if (host !== hostname()) return true;
  return isAlive(Number(pid)) && (await startOf(Number(pid))) === started;
}

async function ownName(): Promise<string> {
  return `${hostname()} ${process.pid} ${await startOf(process.pid)}\n`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, so that another one with its number is not taken for it; `-` where the system does not say. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The program's name, in brackets, may hold spaces and brackets. The start is the 20th field after it.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
}

const zero = (): number => 0;
