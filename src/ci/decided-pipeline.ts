import type { Span } from '../core/span.ts';

/** A place that a person can open. */
export interface CiPlace {
  /** Relative to the repository's top. */
  readonly file: string;
  readonly span: Span;
}

/** Something of a CI file that an import does not carry over, and why. */
export interface LeftOut {
  readonly place: CiPlace;
  /** In a few words: `step "Deploy" of job release`. */
  readonly what: string;
  readonly why: string;
}

/** Files that a step would make which is not carried over, or a program that it would put into PATH. */
export interface MissingFiles {
  /** The step, for people. */
  readonly what: string;
  /** Where it stands among the job's steps: what comes later may read them. */
  readonly line: number;
  readonly paths: readonly string[];
  readonly program?: string;
}

/** A script that CI runs for a change, with everything in it decided. */
export interface DecidedStep {
  readonly place: CiPlace;
  readonly job: string;
  /** By which later steps name its outputs. */
  readonly id?: string;
  /** The name that its author gave it. */
  readonly title?: string;
  /** Distinguishes the matrix legs that are all imported: `lint`. */
  readonly leg?: string;
  /** The shell script; no expressions are left in it. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Variables that are taken from the caller when set there, as a pull request from a fork has them empty. */
  readonly passEnv: readonly string[];
  readonly secrets: readonly string[];
  /** Relative to the repository's top. */
  readonly cwd: string;
  readonly timeoutSeconds?: number;
  /** The file's text that lets it fail: `continue-on-error: true`; absent when its failure counts. */
  readonly mayFail?: string;
  /** With `mayFail`: it is the job that may fail, and the rest of it is not run then. */
  readonly mayFailAsJob?: boolean;
  /** Whether the shell gives the status of a pipe's first failing command. */
  readonly pipefail: boolean;
  /** Several entries of one GitLab script share a shell; those of one group stand one after another. */
  readonly session?: string;
  /** Requirement lines that an action brings with it: `black==25.9.0` of `psf/black@25.9.0`. */
  readonly tools: readonly string[];
  /** True when it runs even after an earlier step failed. */
  readonly always: boolean;
  /** It comes after all other steps of its job, whatever became of them, unless the job never began. */
  readonly endsJob?: true;
  /** Its job begins whatever became of the jobs that it waits for. */
  readonly beginsAlways?: true;
  /** Files of earlier jobs set variables of it, whose names are not known. */
  readonly takesVariables?: boolean;
  /** It only puts files of another job in their place. */
  readonly arrives?: boolean;
}

/** A service beside a job, with everything in it decided. */
export interface DecidedService {
  readonly place: CiPlace;
  readonly name: string;
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** A command that succeeds when the service is ready. */
  readonly ready?: string;
  readonly readySeconds?: number;
  /** Ports it listens on. */
  readonly ports: readonly number[];
}

/** A version of Python or Node that a job asks for. */
export interface DecidedVersion {
  readonly place: CiPlace;
  /** As said: `3.11`, `20.x`, `lts/*`. */
  readonly said: string;
  /** `python-version of actions/setup-python`, for people. */
  readonly how: string;
  /** More versions that the same job sets up beside it; absent = none. */
  readonly others?: readonly string[];
}

/** A tool that an action sets up in a version of its own: pnpm of pnpm/action-setup, uv of setup-uv. */
export interface DecidedTool {
  readonly name: 'pnpm' | 'bun' | 'uv' | 'poetry';
  readonly version: DecidedVersion;
}

/** What a job does for a change, when it runs at all. */
export interface DecidedJob {
  readonly id: string;
  readonly place: CiPlace;
  readonly python?: DecidedVersion;
  readonly node?: DecidedVersion;
  /** An action puts uv into PATH, where programs that steps start may find it. */
  readonly hasUv?: true;
  /** The versions that its legs have, `3.12` and `22`, each once. */
  readonly offers: { readonly python: readonly string[]; readonly node: readonly string[] };
  /** Absent = none. */
  readonly setUp?: readonly DecidedTool[];
  readonly services: readonly DecidedService[];
  readonly steps: readonly DecidedStep[];
  readonly missing?: readonly MissingFiles[];
  /** It runs in a container image of its own, not on CI's machine. */
  readonly ownImage?: boolean;
  /** It may get files from other jobs, as artifacts or from a cache. */
  readonly receivesFiles?: boolean;
  /** Jobs whose files it gets. Absent = none. */
  readonly takesFrom?: readonly string[];
  /** What later jobs get of its files, for people: `dist/`. Absent: nothing, or what it is can't be told. */
  readonly handsOn?: string;
  /** Jobs whose end it waits for. */
  readonly needs: readonly string[];
  /** Jobs of earlier stages, whose end it waits for without naming them. Absent = none. */
  readonly follows?: readonly string[];
}

/** What CI does for a change, as far as it can be known without running it. */
export interface DecidedPipeline {
  /** The CI file, relative to the repository's top. */
  readonly file: string;
  /** In an order that respects `needs`. */
  readonly jobs: readonly DecidedJob[];
  readonly leftOut: readonly LeftOut[];
  /** Actions and keys that are no part of a pipeline here, by what they do: `checkout`, `cache`. */
  readonly understood: readonly string[];
}

/** What an import knows beside the CI file. */
export interface DecideFacts {
  /** The Python that the repository's own files ask for, else the reference's: `3.11`. */
  readonly wantedPython: string;
  readonly wantedNode: string;
  /** `owner/name`, by the address that git has for its origin. */
  readonly repository?: string;
  /** Gives the text of a file of the repository (relative to its top); undefined when there is none. */
  readonly readText: (path: string) => string | undefined;
  /** The files that git does not ignore, relative to the repository's top. Absent: whatever is asked for counts as there. */
  readonly files?: readonly string[];
}

/** Where the repository's top is in a step's container. */
export const workspaceRoot = '/workspace';
