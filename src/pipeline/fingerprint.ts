import type { Config, NetworkAccess, StepConfig } from '../config/config.ts';
import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import type { Platform } from '../core/platform.ts';
import { containerVariables } from '../environment/container-plan.ts';
import type { Machine } from '../environment/machine.ts';

/**
 * All that decides what a step does. A step whose fingerprint has passed before is not run again. Nothing of the checkout's path, the host or the
 * time is in it, so that equal work has equal fingerprints everywhere.
 */
export interface Fingerprint {
  /** The form of the fingerprint: another one makes all earlier results worthless. */
  readonly version: 1;
  /** The image's config digest, the same on every engine. */
  readonly image: Digest;
  readonly platform: Platform;
  /** The command line as written; a changed `fix` or timeout runs nothing again. */
  readonly run: string;
  /** Of a step that uses a check of parity's own: the checks' code. */
  readonly check?: Digest;
  /** Of a repository with packages of its own: all that decides how these are built and installed. */
  readonly build?: Digest;
  /** The project's folder in the repository, and the step's in the project: where the command runs. */
  readonly project: string;
  readonly cwd: string;
  readonly network: NetworkAccess;
  /** It runs on the machine of a job, of which it sees what the steps left that it needs; other steps share one. */
  readonly machine: 'job' | 'shared';
  /** Every variable that the step gets by its value's digest, parity's own among them. Only ever hashed, for secrets are among them. */
  readonly variables: Readonly<Record<string, Digest>>;
  /** Into how many processes its tests are divided; tests that pass apart may not pass together. */
  readonly split: StepConfig['split'] | null;
  /** Folders of the step that live in volumes. */
  readonly volumes: readonly string[];
  /** What it talks to, when it may talk to services. */
  readonly services: readonly unknown[];
  /** Paths, modes and contents of its inputs. */
  readonly inputs: Digest;
  /** Keys of the steps that it needs: what they leave behind is an input, too. */
  readonly needs: Readonly<Record<string, string>>;
  /**
   * A clean checkout and a copy show less than a work tree (no ignored files): a pass in one is none in the other. A checkout of a machine's own
   * (`clean`) shows the same wherever it was made from.
   */
  readonly workspace: 'mount' | 'copy' | 'commit' | 'clean';
}

/** What is the same for all steps of a run. */
export interface FingerprintFacts extends Pick<Fingerprint, 'platform' | 'project' | 'workspace'> {
  /** The machine of a step: what it may reach, and whether it has a checkout of its own. */
  readonly machineOf: (step: StepConfig) => Pick<Machine, 'access' | 'clean'>;
  /** Of a step's toolchain. */
  readonly toolchainOf: (step: StepConfig) => StepToolchain;
  readonly services: Config['services'];
  readonly variables: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly inputsOf: (step: StepConfig) => Digest;
  /** Of the code of parity's own checks; needed when a step uses one. */
  readonly checks?: Digest | undefined;
}

/** What of a step's toolchain decides what the step does. */
export interface StepToolchain extends Pick<Fingerprint, 'image'> {
  /** Of the build of the repository's packages; undefined when it has none. */
  readonly build?: Digest | undefined;
}

/** The keys of a plan's steps, each after those that it needs: 64 hex digits, the digest of the step's fingerprint. */
export function stepKeys(plan: readonly StepConfig[], facts: FingerprintFacts): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const step of plan) keys.set(step.name, keyOf(fingerprintOf(step, facts, keys)));
  return keys;
}

function fingerprintOf(step: StepConfig, facts: FingerprintFacts, keys: ReadonlyMap<string, string>): Fingerprint {
  const { platform, project, workspace } = facts;
  const { image, build } = facts.toolchainOf(step);
  const machine = facts.machineOf(step);
  const variables = { ...containerVariables, ...facts.variables.get(step.name) };
  return {
    version: 1,
    image,
    platform,
    run: step.run,
    ...(step.uses === undefined || facts.checks === undefined ? {} : { check: facts.checks }),
    ...(build === undefined ? {} : { build }),
    project,
    cwd: step.cwd,
    network: machine.access,
    machine: step.job === undefined ? 'shared' : 'job',
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, sha256(value)])),
    split: step.split ?? null,
    volumes: step.volumes,
    services: machine.access === 'none' ? [] : facts.services.map((service) => ({ ...service, span: undefined })),
    inputs: facts.inputsOf(step),
    needs: Object.fromEntries(step.needs.map((name) => [name, keys.get(name) ?? ''])),
    workspace: machine.clean === true ? 'clean' : workspace,
  };
}

function keyOf(fingerprint: Fingerprint): string {
  return sha256(canonicalJson(fingerprint)).slice('sha256:'.length);
}

/** Whether a pass of the step that was made at a time (milliseconds since 1970) still stands now: `cache: 24h` says for how long. */
export function isInTime({ cacheSeconds }: Pick<StepConfig, 'cacheSeconds'>, passedAt: number, now: number): boolean {
  return cacheSeconds === undefined || now - passedAt < cacheSeconds * 1000;
}

/** Whether a pass of the step may stand for a later run: what it fetches from the network is no input that anybody sees. */
export function isCacheable({ cache, network }: Pick<StepConfig, 'cache' | 'network'>): boolean {
  return cache ?? network !== 'full';
}
