import type { Platform } from '../core/platform.ts';
import { ok, type Result } from '../core/result.ts';
import type { Lock, LockedImage } from './lock.ts';
import { writeLock } from './write.ts';

/** Writes a platform's image into the project's lock, if it is not there yet; gives the lock as it is then. Errors as writeLock. */
export async function recordImage(
  projectDir: string,
  lock: Lock,
  platform: Platform,
  image: LockedImage,
): Promise<Result<{ readonly lock: Lock; readonly changed: boolean }>> {
  const recorded: Lock = { ...lock, platforms: { ...lock.platforms, [platform]: { image } } };
  const written = await writeLock(projectDir, recorded);
  return written.ok ? ok({ lock: recorded, changed: written.value.changed }) : written;
}
