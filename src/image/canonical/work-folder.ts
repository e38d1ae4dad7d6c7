import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../core/cache-folder.ts';
import { keepYoungGenerationSmall } from '../../core/young-generation.ts';

/** Runs work in a folder of parity's cache that is gone afterwards; what a killed process left there goes first. */
export async function inWorkFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  // Hundreds of megabytes stream through that work: the larger the young generation, the later they are let go.
  await keepYoungGenerationSmall();
  const parent = cacheFolder('images');
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent))
    if (!isAlive(Number(name.split('-')[0]))) await rm(join(parent, name), { recursive: true, force: true });
  const folder = await mkdtemp(join(parent, `${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process is one.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
