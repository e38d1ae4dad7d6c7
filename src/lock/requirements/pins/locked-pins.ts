import type { Diagnostic } from '../../../core/diagnostic.ts';
import { compareBytes, isDigest, type Digest } from '../../../core/digest.ts';
import { platforms, type Platform } from '../../../core/platform.ts';
import type { MarkerEnvironment } from '../../../formats/evaluate-marker.ts';
import { normalisedName } from '../../../formats/package-name.ts';
import type { Place } from '../requirement.ts';
import { relockCommand } from '../dependency-lock-freshness.ts';
import { placeInLock, type DependencyLock } from '../dependency-lock.ts';
import { packageSource, type PackageSource, type WrittenSource } from '../package-source.ts';

/** One version that a lock file of another tool holds and that is installed. */
export interface LockedPin {
  /** Normalised. */
  readonly name: string;
  /** Empty where only building its source tells. */
  readonly version: string;
  /** PEP 508; absent where it is installed on every platform. */
  readonly marker?: string;
  /** The only distributions that may be installed; empty where the lock file names none. */
  readonly hashes: readonly Digest[];
  /** Present when it comes from no index. */
  readonly source?: PackageSource;
  /** Present when its tool was told to take it against what other packages say (uv's and pdm's overrides). */
  readonly overrides?: true;
  /** The lock file's path, relative to the project. */
  readonly file: string;
  readonly place: Place;
}

/** What a lock file says to install. */
export interface LockedPins {
  readonly pins: readonly LockedPin[];
  readonly problems: readonly Diagnostic[];
  /** What a person should know. */
  readonly notes: readonly string[];
}

/** A package as a lock file has it, for one environment. */
export interface PickedPackage {
  readonly name: string;
  /** Empty where only building its source tells. */
  readonly version: string;
  readonly hashes: readonly Digest[];
  readonly source?: PackageSource;
}

/** What is installed of a lock file in one environment. */
export interface Picked {
  readonly packages: readonly PickedPackage[];
  readonly problems: readonly Diagnostic[];
}

/** Reads a lock file for one environment. */
export type PickLocked = (lock: DependencyLock, environment: MarkerEnvironment) => Picked;

/** What markers see on a platform with CPython of this exact version. */
export function markerEnvironment(
  platform: Platform,
  pythonVersion: string,
  names: { readonly extras: readonly string[]; readonly groups: readonly string[] },
): MarkerEnvironment {
  return {
    values: {
      os_name: 'posix',
      sys_platform: 'linux',
      platform_system: 'Linux',
      platform_machine: machines[platform],
      platform_python_implementation: 'CPython',
      implementation_name: 'cpython',
      implementation_version: pythonVersion,
      python_full_version: pythonVersion,
      python_version: pythonVersion.split('.').slice(0, 2).join('.'),
      platform_release: '',
      platform_version: '',
    },
    extras: new Set(names.extras),
    groups: new Set(names.groups),
  };
}

const machines: Readonly<Record<Platform, string>> = { 'linux/amd64': 'x86_64', 'linux/arm64': 'aarch64' };

/** Reads a lock file for every platform and joins what it says. Pure. */
export function pinsForPlatforms(
  lock: DependencyLock,
  environments: Readonly<Record<Platform, MarkerEnvironment>>,
  pick: PickLocked,
): LockedPins {
  const found = new Map<string, PickedPackage & { readonly on: Platform[] }>();
  const problems = new Map<string, Diagnostic>();
  for (const platform of platforms) {
    const picked = pick(lock, environments[platform]);
    for (const one of picked.packages) {
      const key = `${one.name} ${one.version}`;
      const known = found.get(key) ?? { ...one, on: [] };
      known.on.push(platform);
      found.set(key, known);
    }
    for (const one of picked.problems) problems.set(`${one.file}:${one.span.line} ${one.message}`, one);
  }
  const pins = [...found.values()].map(({ name, version, hashes, source, on }): LockedPin => {
    const only = on.length < platforms.length ? on[0] : undefined;
    return {
      name,
      version,
      hashes,
      ...(source === undefined ? {} : { source }),
      ...(only === undefined ? {} : { marker: `platform_machine == '${machines[only]}'` }),
      file: lock.file,
      place: placeInLock(lock, name, version),
    };
  });
  return {
    pins: pins.sort((a, b) => compareBytes(a.name, b.name) || compareBytes(a.version, b.version)),
    problems: [...problems.values()],
    notes: [],
  };
}

/** The SHA-256 digests among a lock file's hashes, `sha256:…` or bare. */
export function digestsOf(hashes: readonly unknown[]): readonly Digest[] {
  return hashes
    .map((hash) => (typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) ? `sha256:${hash}` : hash))
    .filter((hash): hash is Digest => typeof hash === 'string' && isDigest(hash));
}

/** The problem of a package that a lock file takes from elsewhere than an index. */
export function notFromIndex(lock: DependencyLock, name: string, from: string): Diagnostic {
  return {
    severity: 'error',
    code: 'requirement-unsupported',
    message: `${normalisedName(name)} comes from ${from}, and an image takes its packages from an index, by hash`,
    hint: `publish ${normalisedName(name)} to your package index and let ${lock.file} take a version of it`,
    ...placeInLock(lock, name),
  };
}

/** What a lock file takes from a repository or an address; the problem where it does not say which commit or which file. */
export function pickSource(
  lock: DependencyLock,
  { name, version }: Pick<PickedPackage, 'name' | 'version'>,
  written: WrittenSource,
): PickedPackage | Diagnostic {
  const source = packageSource(normalisedName(name), written, `${relockCommand(lock)}, then: parity lock`);
  if (!('message' in source))
    return { name: normalisedName(name), version, hashes: source.commit === undefined ? written.hashes : [], source };
  const { message, hint, isSecret } = source;
  const { sourceLine, ...at } = placeInLock(lock, name);
  const shown = isSecret === true || sourceLine === undefined ? {} : { sourceLine };
  return { severity: 'error', code: 'requirement-unsupported', message, hint, ...at, ...shown };
}
