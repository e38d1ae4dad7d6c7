import type { LockedBase, LockedDebianPackage } from '../base/locked-base.ts';
import type { ProjectIndex } from '../base/network-settings.ts';
import type { Digest } from '../core/digest.ts';
import type { Platform } from '../core/platform.ts';
import type { PackageSource } from './requirements/package-source.ts';

export type { LockedBase, LockedDebianPackage } from '../base/locked-base.ts';

/** The lock format that this parity writes. */
export const lockVersion = 1;

/** The format of a lock with named toolchains, and the newest that this parity reads. */
export const toolchainsLockVersion = 2;

/** parity.lock.json. Keys are written sorted, two spaces, final newline; no registry address, no time of writing. */
export interface Lock {
  readonly version: typeof lockVersion | typeof toolchainsLockVersion;
  /** The parity that wrote it. */
  readonly parity: string;
  /**
   * Digest of every input it was resolved from: each part of the config that matters (`toolchain.python`, `toolchain.tools`,
   * `image.base` …) and each requirements file, by path relative to the project.
   */
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly base: LockedBase;
  readonly python: {
    /** Exact, as the base has it. */
    readonly version: string;
    /** Tools and requirements resolved together, universal over platforms, sorted by name then version. */
    readonly packages: readonly LockedPythonPackage[];
    /** What builds the repository's own packages; absent when it has none. */
    readonly build?: LockedBuild;
  };
  /** The uv that resolves and installs, with the hashes of its wheels. */
  readonly uv: { readonly version: string; readonly hashes: readonly Digest[] };
  readonly node?: LockedNode;
  /** Debian packages on top of the base (the config's `system`, what parity itself needs, and their dependencies). */
  readonly system: Readonly<Record<Platform, readonly LockedDebianPackage[]>>;
  /** What the recipe yields per platform; `null` until that platform's first build (see `parity build`). */
  readonly platforms: Readonly<Record<Platform, { readonly image: LockedImage | null }>>;
  /** The toolchains with names, each resolved apart from all others (see toolchainLock); absent = none. */
  readonly toolchains?: Readonly<Record<string, LockedToolchain>>;
}

/** What of a lock is known while what builds the repository's own packages is still being resolved. */
export interface KnownPackages extends Pick<Lock, 'base' | 'system'> {
  readonly python: Pick<Lock['python'], 'version' | 'packages'>;
  /** The package indexes that the project names. */
  readonly index: ProjectIndex;
}

/** A toolchain with a name: what a lock holds, without what is the same as in the default toolchain. */
export interface LockedToolchain
  extends Pick<Lock, 'inputs' | 'python' | 'node' | 'platforms'>, Partial<Pick<Lock, 'base' | 'uv' | 'system'>> {}

/** The image that a lock yields on a platform, and by which recipe. */
export interface LockedImage {
  /** Digest of its config: its ID on an engine with a graph driver, and on Podman. */
  readonly config: Digest;
  /** Digest of its manifest: its ID on an engine with the containerd image store, and its name in a registry. */
  readonly manifest: Digest;
  /** Digest of the recipe; another recipe (another parity, a changed Dockerfile.parity) yields another image. */
  readonly recipe: Digest;
}

/** One Python package. */
export interface LockedPythonPackage {
  readonly name: string;
  readonly version: string;
  /** PEP 508 marker, when it does not apply everywhere. */
  readonly marker?: string;
  /** All the distributions' hashes, sorted; of a commit, the digest of its tree (images/toolchain.py). */
  readonly hashes: readonly Digest[];
  /** Present when it comes from no index: the repository's or the file's address. */
  readonly source?: PackageSource;
  /** Present when a platform has no wheel that the hashes allow: the toolchain stage must have a compiler there. */
  readonly sdist?: true;
  /** Who asks for it: package names, `toolchain.tools`, or the path of a requirements file. Sorted. */
  readonly via: readonly string[];
}

/** Node and its package managers. */
export interface LockedNode {
  readonly version: string;
  readonly platforms: Readonly<Record<Platform, LockedNpmPackage>>;
  readonly npm: LockedNpmPackage;
  /** The package managers beside npm, by their programs' names; absent = none. Yarn's package is `yarn`, from 2 on `@yarnpkg/cli-dist`. */
  readonly managers?: LockedManagers;
}

/** Package managers that a lock can hold beside npm. */
export interface LockedManagers extends Readonly<Partial<Record<'pnpm' | 'yarn', LockedNpmPackage>>> {
  /** A program of each platform, and no script that runs on Node. */
  readonly bun?: Pick<LockedNode, 'version' | 'platforms'>;
}

/** The repository's own packages, which are built and not downloaded, and what their build needs. */
export interface LockedBuild {
  /** In the order in which they are built. */
  readonly projects: readonly LockedProject[];
  /** What their builds need, resolved together, as `python.packages` has it. */
  readonly packages: readonly LockedPythonPackage[];
}

/** A package of the repository. */
export interface LockedProject {
  /** Its folder relative to the project; `.` for the project itself. */
  readonly path: string;
  /** Normalised; absent when only its build tells. */
  readonly name?: string;
  /** Its build backend: `module` or `module:object` (PEP 517). */
  readonly backend: string;
  /** Folders of it in which the backend lies. */
  readonly backendPath?: readonly string[];
  /** Present when its version comes from git's tags and commits. */
  readonly versionFrom?: 'git';
  /** False when it is installed as its wheel, as `pip install .` does it; absent = editable. */
  readonly editable?: false;
}

/** One npm package. */
export interface LockedNpmPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity, `sha512-…`. */
  readonly integrity: string;
}
