import type { Digest } from '../../core/digest.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import { evaluateMarker } from '../../formats/evaluate-marker.ts';
import type { DependencyLock } from '../requirements/dependency-lock.ts';
import { markerEnvironment, type LockedPin } from '../requirements/pins/locked-pins.ts';
import type { PlatformPackage } from './compiled-output.ts';
import { wheelFits } from './wheel-tags.ts';

/** For which Python packages are picked. */
export interface HeldTarget {
  readonly pythonVersion: string;
  /** Absent where the image's C library is another. */
  readonly glibc?: string;
}

/**
 * What each platform would install of the pins of lock files: their markers and the names of their wheels say it, without an index. Undefined
 * where something of that is not said (a pin without hashes, a lock file without file names, a C library without tags known here): then
 * uv has to be asked. Pure.
 */
export function heldDistributions(
  pins: readonly LockedPin[],
  locks: readonly Pick<DependencyLock, 'text'>[],
  { pythonVersion, glibc }: HeldTarget,
): Readonly<Record<Platform, readonly PlatformPackage[]>> | undefined {
  if (glibc === undefined) return undefined;
  const names = new Map(locks.flatMap(({ text }) => fileNames(text)));
  // What comes from a repository or an address is read there.
  if (pins.some(({ source }) => source !== undefined)) return undefined;
  if (pins.some(({ hashes }) => hashes.length === 0 || hashes.some((hash) => !names.has(hash)))) return undefined;
  const found: Partial<Record<Platform, PlatformPackage[]>> = {};
  for (const platform of platforms) {
    const environment = markerEnvironment(platform, pythonVersion, { extras: [], groups: [] });
    const target = { platform, pythonVersion, glibc };
    const own: PlatformPackage[] = [];
    for (const { name, version, marker, hashes } of pins) {
      const applies = evaluateMarker(marker ?? '', environment);
      if (applies === undefined) return undefined;
      if (!applies) continue;
      const fileOf = (hash: Digest): string => names.get(hash) ?? '';
      const wheels = hashes.filter((hash) => wheelFits(fileOf(hash), target));
      const sdists = hashes.filter((hash) => /\.(?:tar\.gz|tgz|tar\.bz2|tar\.xz|zip)$/.test(fileOf(hash)));
      own.push({ name, version, wheels, sdists });
    }
    found[platform] = own;
  }
  return found as Readonly<Record<Platform, readonly PlatformPackage[]>>;
}

// uv.lock: { url = "https://…/six-1.17.0-py2.py3-none-any.whl", hash = "sha256:…", size = … }; a flat index has path, and poetry.lock and pdm.lock file.
const distribution = /\{\s*(?:url|path|filename|file) = "([^"]+)",[^{}]*?\bhash = "(sha256:[0-9a-f]{64})"/g;

/** The file's name by its hash, for each distribution that a lock file names. */
function fileNames(text: string): readonly (readonly [Digest, string])[] {
  return [...text.matchAll(distribution)].map(([, place = '', hash = '']) => {
    const name =
      place
        .replace(/[?#].*$/, '')
        .split('/')
        .at(-1) ?? '';
    return [hash as Digest, decoded(name)] as const;
  });
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
