import type { Skipped } from './finding.ts';

/** What is really there, as the probes found it; a part that was not looked at is absent, and `skipped` says why. */
export interface Observed {
  /** Of the default toolchain. */
  readonly image?: ObservedImage;
  /** Of the toolchains with names; absent = none. */
  readonly images?: ReadonlyMap<string, ObservedImage>;
  readonly engine?: ObservedEngine;
  readonly host?: ObservedHost;
  readonly skipped: readonly Skipped[];
}

/** The image that parity would run steps in. */
export interface ObservedImage {
  /** As the engine names it: `sha256:…`. */
  readonly id: string;
  /** What the lock says it must be on this engine; null while no build has written it. */
  readonly lockedId: string | null;
  /** The image of the containers that are up for the project; absent when none are. */
  readonly runningId?: string;
  readonly platform: string;
  /** Of the interpreter in the image: `3.11.2`; absent when it could not be read. */
  readonly python?: string;
  /** Normalised name → version, from the metadata that the installer left (`*.dist-info/METADATA`). */
  readonly packages: ReadonlyMap<string, string>;
  /** As Node's own binary says it, without `v`; absent when there is none. */
  readonly node?: string;
  /** From npm's own package.json. */
  readonly npm?: string;
  /** From their own package.json, too. */
  readonly pnpm?: string;
  readonly yarn?: string;
  readonly bun?: string;
}

/** The engine that was chosen. */
export interface ObservedEngine {
  readonly address: string;
  readonly product: 'docker' | 'podman' | 'other';
  readonly version: string;
  /** `linux/amd64`. */
  readonly platform: string;
  /** The platform that this machine has itself; another one than the engine's means emulation or a remote engine. */
  readonly hostPlatform: string;
  /** Where the engine keeps its data, if that is on this machine: bytes that are free there. */
  readonly freeBytes?: number;
}

/** The machine that the developer works on. */
export interface ObservedHost {
  /** Tools first in PATH. */
  readonly tools: readonly HostTool[];
  /** Virtual environments in the project's folder (.venv, venv). */
  readonly venvs: readonly HostVenv[];
  readonly git: {
    /** core.autocrlf, lower case; absent when it is not set. */
    readonly autocrlf?: string;
    /** core.fileMode; absent when it is not set. */
    readonly fileMode?: boolean;
  };
  /** True when the folder's file system takes `A` and `a` for one name. */
  readonly isCaseInsensitive: boolean;
  /** What LC_ALL, LC_CTYPE or LANG say, the first that is set; absent when none is. */
  readonly locale?: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Variables that change what the tools do, that are set: name → value. */
  readonly env: ReadonlyMap<string, string>;
}

/** A tool of the host. */
export interface HostTool {
  /** `black`, `flake8`, `mypy`, `python`, `node` … */
  readonly program: string;
  /** Absolute. */
  readonly path: string;
  readonly version: string;
}

/** A virtual environment of the host. */
export interface HostVenv {
  /** Relative to the repository's top. */
  readonly path: string;
  readonly python?: string;
  /** Normalised name → version. */
  readonly packages: ReadonlyMap<string, string>;
}
