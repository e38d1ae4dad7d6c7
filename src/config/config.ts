import type { Span } from '../core/span.ts';
import type { BuiltInCheck } from './built-in-checks.ts';

/** parity.yaml, read and checked; paths are relative to the project's folder with `/`. Defaults are filled in. */
export interface Config {
  /** Where it came from: a file, or the layout (no file there). */
  readonly source:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'detected'; readonly notes: readonly string[]; readonly ci?: DetectedFromCi };
  /** Of every step that names none. */
  readonly toolchain: Toolchain;
  /** The others, in the file's order, each with its name; absent = none. */
  readonly toolchains?: readonly NamedToolchain[];
  readonly image: ImageConfig;
  readonly services: readonly Service[];
  /** In the file's order. */
  readonly pipeline: readonly StepConfig[];
  readonly cache: CacheConfig;
  readonly doctor: DoctorConfig;
  /** The team's own remedies, in the file's order; absent = none. */
  readonly remedies?: readonly RemedyConfig[];
  /** What the file says of CI, as it says it; absent = nothing. */
  readonly ci?: CiConfig;
}

/** The CI that a detected pipeline was taken from. */
export interface DetectedFromCi {
  /** Relative to the repository's top. */
  readonly files: readonly string[];
  readonly jobs: readonly string[];
  /** Lines for people: what was not carried over, with its place and the reason. */
  readonly leftOut: readonly string[];
}

/** What the file says to `parity ci`; what it leaves out has its default in src/ci/settings. */
export interface CiConfig {
  /** Shell command that puts `parity` into PATH on a CI machine. */
  readonly install?: string;
  /** The CI system whose documented variables the steps find. */
  readonly variables?: 'github' | 'gitlab';
  /** `clean`: the steps of a run see a checkout of what git does not ignore; absent = the work tree, but for steps of a job. */
  readonly checkout?: 'clean';
  readonly shards?: number;
  readonly branches?: readonly string[];
  /** Commits of history; 0 = all. */
  readonly depth?: number;
  readonly timeoutSeconds?: number;
  /** Names of CI's own secrets. */
  readonly registry?: { readonly username: string; readonly password: string };
  readonly github: { readonly runner?: string | readonly string[]; readonly codeScanning?: boolean };
  readonly gitlab: {
    readonly executor?: 'docker' | 'shell';
    readonly image?: string;
    readonly engine?: string;
    readonly tags?: readonly string[];
  };
}

/** How passes of earlier runs are used. */
export interface CacheConfig {
  /** The share of cached steps that are run all the same, 0 to 1; absent = parity decides. */
  readonly audit?: number;
  /** Where machines share passes: a folder (absolute, `~/…`, or relative to the project) or `oci://registry/repository`; absent = nowhere. */
  readonly remote?: string;
  /** Who shares what passed: CI only (the default), everybody, or nobody. */
  readonly write?: 'ci' | 'always' | 'never';
  /** Public keys (`ed25519:…`) of those whose passes are believed; at least one where there is a remote. */
  readonly trust?: readonly string[];
}

/** What the file says to `parity doctor`. */
export interface DoctorConfig {
  readonly ignore: readonly IgnoredFinding[];
}

/** A remedy of the team's own. At least one of `match` and `tool` is there. */
export interface RemedyConfig {
  readonly id: string;
  readonly title: string;
  readonly remedy: string;
  readonly link?: string;
  readonly tool?: string;
  readonly code?: string;
  /** A regular expression that has been found good, maybe with `(?i)` in front. */
  readonly match?: string;
}

/** Findings that are known and meant. */
export interface IgnoredFinding {
  /** `PD004`. */
  readonly rule: string;
  /** A pattern as in .gitignore, relative to the project's folder; absent = everywhere. */
  readonly path?: string;
  readonly reason: string;
}

/** What the image has to hold. */
export interface Toolchain {
  /** Absent for the default one. What it does not name is not detected for one with a name. */
  readonly name?: string;
  /** `3.11` or `3.11.9`. */
  readonly python: string;
  /** `24`, `24.9.0` or a semver range; absent when the project has no use for Node. */
  readonly node?: string;
  /** The package managers that the image has beside Node, each once; npm is there without being asked for. Absent = none. */
  readonly managers?: readonly ManagerWish[];
  /** Requirement lines (PEP 508). */
  readonly tools: readonly string[];
  /** Requirement sources: a requirements file, `pyproject.toml`, `pyproject.toml[extra,…]` or `pyproject.toml:group`. */
  readonly requirements: readonly string[];
  /** Debian packages. */
  readonly system: readonly string[];
  /** How the repository's own packages are built and installed; absent = without network, those that are found. */
  readonly build?: BuildConfig;
}

/** A toolchain that steps ask for by its name. */
export interface NamedToolchain extends Toolchain {
  readonly name: string;
}

/** How the repository's own packages are built and installed. */
export interface BuildConfig {
  readonly network: 'none' | 'full';
  /** Folders of the packages that are installed; absent = those that are found; empty = none. */
  readonly projects?: readonly string[];
  /** Folders of those that are installed as their wheels; absent = none but where a requirements or lock file says so. */
  readonly wheels?: readonly string[];
}

/** Package managers of Node that an image can have. */
export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** A package manager, and who says which one. */
export interface ManagerWish {
  readonly name: ManagerName;
  /** A version or a semver range; `latest` is any. */
  readonly version: string;
  /** What its package hashes to, as package.json's packageManager says it: `sha512.<hex>`. */
  readonly hash?: string;
  /** True where the npm that Node brings is right as long as it is in the range. */
  readonly isBound?: true;
  /** The file that says so, relative to the project, and its key: `package.json` and `packageManager`. */
  readonly file: string;
  readonly key: string;
  /** Only of what CI's file says, which an import writes into parity.yaml. 1-based. */
  readonly line?: number;
}

/** How the image is made and shared. */
export interface ImageConfig {
  /** `auto`, `registry`, `debian`, or an image reference. */
  readonly base: string;
  readonly repository?: string;
  /** The project's own Dockerfile.parity, when it has one. */
  readonly dockerfile?: string;
}

/** A service that steps talk to. */
export interface Service {
  readonly name: string;
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** What starts it, in place of its image's own. */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** Shell command, run inside the service's container until it exits 0. */
  readonly ready?: string;
  readonly readyTimeoutSeconds: number;
  /** Ports it listens on. */
  readonly ports: readonly number[];
  readonly span?: Span;
}

/** What of the network a step may reach. */
export type NetworkAccess = 'none' | 'services' | 'full';

/** One step of the pipeline. */
export interface StepConfig {
  readonly name: string;
  /** A bash command line (bash -euo pipefail), as written. */
  readonly run: string;
  /** The check of parity's own that `run` starts. */
  readonly uses?: BuiltInCheck;
  /** The command that mends what the step complains of. */
  readonly fix?: string;
  /** Printed when the step fails, e.g. `Run: black core/`; defaults to `Run: <fix>` when there is a fix. */
  readonly onFailure?: string;
  /** Folder the command runs in, relative to the project; `.` by default. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names taken from the host's environment when set there. */
  readonly passEnv: readonly string[];
  /** Like passEnv, and their values are masked everywhere; a missing one is an error. */
  readonly secrets: readonly string[];
  readonly needs: readonly string[];
  /** The machine that it shares with the steps of the same job; absent = with all that have none. */
  readonly job?: string;
  /** The name of the toolchain in whose image it runs; absent = the default one. */
  readonly toolchain?: string;
  /** Globs relative to cwd; absent = every file git does not ignore. */
  readonly inputs?: readonly string[];
  /** Folders relative to cwd that live in engine volumes. */
  readonly volumes: readonly string[];
  readonly network: NetworkAccess;
  readonly cache?: boolean;
  /** How long a pass stands since it was made; absent = while its inputs stay as they are. */
  readonly cacheSeconds?: number;
  /** Into how many processes each pytest of the command is divided; `auto` = as many as there may be steps at once. */
  readonly split?: 'auto' | number;
  readonly timeoutSeconds?: number;
  /** What goes on when it fails: the run and whatever needs it (`step`), or the run and what is not of its job (`job`); absent = neither. */
  readonly allowFailure?: 'step' | 'job';
  /** It runs whatever became of what it needs, once that is over; `started`: unless nothing that its needs name has begun. */
  readonly always?: true | 'started';
  readonly span?: Span;
}
