import type { Platform } from '../core/platform.ts';
import { ok, type Result } from '../core/result.ts';
import type { ToolchainName } from '../config/toolchains.ts';
import type { Lock, LockedImage } from './lock.ts';
import { readLock } from './read.ts';
import { toolchainLock, withToolchain } from './toolchain-lock.ts';
import { writeLock } from './write.ts';

/**
 * Writes a platform's image into the project's lock, if it is not there yet; gives the lock as it is then. `lock` is the toolchain's own; where
 * the file has several, what it says of the others stays. Errors as readLock and writeLock.
 */
export async function recordImage(
  projectDir: string,
  { lock, toolchain }: { readonly lock: Lock; readonly toolchain?: ToolchainName },
  platform: Platform,
  image: LockedImage,
): Promise<Result<{ readonly lock: Lock; readonly changed: boolean }>> {
  const state: Lock = { ...lock, platforms: { ...lock.platforms, [platform]: { image } } };
  const file = await readLock(projectDir);
  if (!file.ok) return file;
  // Another process may have written a lock without this toolchain meanwhile: its next run says so.
  const known = file.value !== undefined && toolchainLock(file.value, toolchain) !== undefined;
  const recorded = known && file.value !== undefined ? withToolchain(file.value, toolchain, state) : state;
  const written = await writeLock(projectDir, recorded);
  return written.ok ? ok({ lock: recorded, changed: written.value.changed }) : written;
}
