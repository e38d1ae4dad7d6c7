import { posix } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import type { Digest } from '../../core/digest.ts';
import type { Engine, EngineInfo } from '../../engine/engine.ts';
import type { Environment } from '../../environment/environment.ts';
import { areFilledBy, markVolume, unmarkVolume } from '../../environment/filled-volumes.ts';
import { imageIdOn } from '../../image/identity.ts';
import { distrustSteps } from '../../pipeline/cache/distrusted-steps.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import { openPassCache } from '../../pipeline/cache/results.ts';
import { captureOutput, type CapturedOutput } from '../../pipeline/captured-output.ts';
import { isCacheable } from '../../pipeline/fingerprint.ts';
import type { RunEvent, StepOutcome } from '../../pipeline/events.ts';
import type { CachedPasses } from '../../pipeline/run-pipeline.ts';
import { folderKey } from '../../workspace/mount-points.ts';
import type { AppContext } from '../context.ts';
import { findPasses, neededByRunning, withdrawForJobs, type FoundPasses, type PassSearch } from './find-passes.ts';
import type { RunObserver } from './run-observer.ts';
import type { SharedCache } from './shared-cache.ts';
import { openStepKeys, type SeenFiles, type StepKeys } from './step-keys.ts';
import { removeReplays } from '../replay/replay.ts';

/** What a run's steps are looked up by, and kept by. */
export interface StepCacheOptions extends PassSearch {
  /** Also reports what cached steps printed. */
  readonly logs: boolean;
  /** The commit that is checked out; null when the files are not exactly its own. Asked where passes are shared. */
  readonly commit: () => Promise<string | null>;
  /** Reads the files again, after the run: a pass whose inputs were edited meanwhile proves nothing. */
  readonly refreshedFiles: () => Promise<SeenFiles | undefined>;
}

// Of a large output the end is kept.
const logBytes = 256 * 1024;

/** Looks up a run's steps. Undefined when they have no keys: no lock that names the platform's image (before its first build). */
export async function openStepCache(
  context: AppContext,
  engine: EngineInfo,
  options: StepCacheOptions,
): Promise<StepCache | undefined> {
  const { platform } = engine;
  const stepKeys = platform === undefined ? undefined : await openStepKeys(platform, options);
  if (platform === undefined || stepKeys === undefined) return undefined;
  const keys = await stepKeys.of(options.seen);
  const keyOf = (name: string): string => keys.get(name) ?? '';
  const [first] = options.steps;
  if (first === undefined) return undefined;
  const imageOf = (step: StepConfig): Digest => stepKeys.imageOf(step).config;
  const found = await findPasses(context, options, { keyOf, imageOf, platform });
  return new StepCache({ imageId: imageIdOn(engine, stepKeys.imageOf(first)), options, stepKeys, keys, found });
}

interface StepCacheParts {
  readonly imageId: string;
  readonly options: StepCacheOptions;
  readonly stepKeys: StepKeys;
  /** Each step's key before the run, by its name. */
  readonly keys: ReadonlyMap<string, string>;
  readonly found: FoundPasses;
}

/** The passes that stand for steps of one run, and the writer of new ones. */
export class StepCache implements CachedPasses, RunObserver {
  readonly imageId: string;
  readonly logs: boolean;
  /** Passes of steps that run all the same, to check them. */
  readonly spotChecked: FoundPasses['spotChecked'];
  /** Passes of other machines that do not do here. */
  readonly elsewhere: FoundPasses['elsewhere'];
  /** Steps that run although they have a pass, by the later step of their job that runs. */
  readonly ofJobs: FoundPasses['ofJobs'];
  /** Passes that are too old for their steps' `cache:`. */
  readonly expired: FoundPasses['expired'];
  /** The steps of which no pass is believed. */
  readonly distrust: FoundPasses['distrust'];
  readonly #options: StepCacheOptions;
  readonly #stepKeys: StepKeys;
  readonly #keys: ReadonlyMap<string, string>;
  readonly #found: FoundPasses;
  readonly #passes: Map<string, Pass>;
  readonly #results = openPassCache();
  readonly #outcomes = new Map<string, StepOutcome>();
  readonly #outputs = new Map<string, CapturedOutput>();
  readonly #passed: Pass[] = [];
  readonly #failed: string[] = [];
  #opened: { readonly environment: Environment; readonly engine: Engine } | undefined;

  constructor({ imageId, options, stepKeys, keys, found }: StepCacheParts) {
    this.imageId = imageId;
    this.logs = options.logs;
    this.spotChecked = found.spotChecked;
    this.elsewhere = found.elsewhere;
    this.ofJobs = found.ofJobs;
    this.expired = found.expired;
    this.distrust = found.distrust;
    this.#options = options;
    this.#stepKeys = stepKeys;
    this.#keys = keys;
    this.#found = found;
    this.#passes = new Map(found.passes);
  }

  passOf(step: string): Pass | undefined {
    return this.#passes.get(step);
  }

  onEvent(event: RunEvent): void {
    if (event.type === 'step-finished') this.#outcomes.set(event.step, event.outcome);
    if (event.type === 'step-started') this.#outputs.set(event.step, captureOutput());
    else if (event.type === 'step-output') this.#outputs.get(event.step)?.add(event);
    // A step that ran out of time or memory says nothing of its inputs.
    else if (event.type === 'step-finished' && event.outcome === 'failed' && event.exitCode !== null)
      this.#failed.push(event.step);
    else if (event.type === 'step-finished' && event.outcome === 'passed') {
      if (!this.#found.cacheable.has(event.step) || this.#ranAfterFailure(event.step)) return;
      const { step, durationMs, diagnostics } = event;
      const log = this.#outputs.get(step)?.tail(logBytes) ?? '';
      const key = this.#keyOf(step);
      this.#passed.push({ version: 1, key, step, passedAt: Date.now(), durationMs, diagnostics, log });
    }
  }

  /** A step that always runs, after what it needs had failed: it may not have seen what that would have made. */
  #ranAfterFailure(name: string): boolean {
    const needs = this.#options.steps.find((step) => step.name === name)?.needs ?? [];
    return needs.some((need) => !/^(?:passed|cached|tolerated)$/.test(this.#outcomes.get(need) ?? 'passed'));
  }

  /** Withdraws passes whose volumes are gone or hold something else, where a step that will run needs them. */
  async checkVolumes(environment: Environment, engine: Engine): Promise<void> {
    this.#opened = { environment, engine };
    for (;;) {
      const needed = neededByRunning(this.#options.steps, this.#passes).filter(
        (step) => this.#passes.has(step.name) && step.volumes.length > 0,
      );
      const states = await Promise.all(
        needed.map(async (step) => ({
          step,
          isFilled: await areFilledBy(engine, volumesOf(step, environment), this.#keyOf(step.name)),
        })),
      );
      const lost = states.filter(({ isFilled }) => !isFilled);
      if (lost.length === 0) return;
      for (const { step } of lost) this.#passes.delete(step.name);
      withdrawForJobs(this.#options.steps, this.#passes);
    }
  }

  /** Until when all passes stand, in milliseconds since 1970; null when none has an end. */
  standsUntil(): number | null {
    const ends = this.#options.steps.flatMap(({ name, cacheSeconds }) => {
      const pass = this.#passes.get(name);
      return cacheSeconds === undefined || pass === undefined ? [] : [pass.passedAt + cacheSeconds * 1000];
    });
    return ends.length === 0 ? null : Math.min(...ends);
  }

  /** Reads the files again: true when every pass still stands for its step. */
  async stillHolds(): Promise<boolean> {
    const now = await this.#keysNow();
    return this.#options.steps.every(({ name }) => now.get(name) === this.#keyOf(name));
  }

  /**
   * Keeps what has passed in this run, unless its inputs changed while it ran, and withdraws what has failed. Gives the steps that ran as a spot
   * check of their passes, and failed.
   */
  async keep(): Promise<readonly StepConfig[]> {
    const { steps, ownerProject } = this.#options;
    await this.withdraw(this.#failed);
    if (this.#passed.length === 0 && !this.#failed.some((name) => this.spotChecked.has(name))) return [];
    const now = await this.#keysNow();
    const same = (name: string): boolean => now.get(name) === this.#keyOf(name);
    const contradicted = steps.filter(
      ({ name }) => this.spotChecked.has(name) && this.#failed.includes(name) && same(name),
    );
    if (contradicted.length > 0) await distrustSteps(ownerProject, contradicted, Date.now());
    const proven = this.#passed.filter(({ step }) => same(step));
    await Promise.all(proven.map((pass) => this.#keepPass(pass)));
    // One after the other: of two steps that fill a volume, the last one's mark stays.
    for (const pass of proven) await this.#markVolumes(pass);
    const { shared } = this.#found;
    if (shared?.writes === true) await this.#share(shared, { contradicted, same });
    return contradicted;
  }

  /** Withdraws the passes of steps that have failed since. */
  async withdraw(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#results.remove(this.#keyOf(name));
    if (names.length > 0) removeReplays();
  }

  async #keepPass(pass: Pass): Promise<void> {
    const step = this.#stepOf(pass);
    if (step !== undefined && isCacheable(step)) await this.#results.put(pass);
    else this.#options.ofSession?.set(pass.key, pass);
  }

  async #markVolumes(pass: Pass): Promise<void> {
    const step = this.#stepOf(pass);
    if (step === undefined || this.#opened === undefined) return;
    const { environment, engine } = this.#opened;
    for (const name of volumesOf(step, environment)) await markVolume(engine, name, pass.key);
  }

  /** Shares what has passed, and withdraws for others what has failed since. */
  async #share(
    shared: SharedCache,
    { contradicted, same }: { readonly contradicted: readonly StepConfig[]; readonly same: (name: string) => boolean },
  ): Promise<void> {
    const { shareable } = this.#found;
    const passes = this.#passed.filter(({ step }) => shareable.has(step) && same(step));
    const doubted = contradicted.flatMap(({ name }) => (shareable.has(name) ? (this.spotChecked.get(name) ?? []) : []));
    const all = [
      ...passes.map((pass) => ({ pass, outcome: 'passed' }) as const),
      ...doubted.map((pass) => ({ pass: { ...pass, passedAt: Date.now(), log: '' }, outcome: 'withdrawn' }) as const),
    ];
    if (all.length > 0) await shared.publish(all, { commit: await this.#options.commit() });
  }

  /** What the keys would be of the files as they are at this moment. */
  async #keysNow(): Promise<ReadonlyMap<string, string>> {
    const seen = await this.#options.refreshedFiles();
    return seen === undefined ? new Map() : await this.#stepKeys.of(seen);
  }

  #keyOf(name: string): string {
    return this.#keys.get(name) ?? '';
  }

  #stepOf(pass: Pass): StepConfig | undefined {
    return this.#options.steps.find(({ name }) => name === pass.step);
  }
}

/** Removes the mark of each volume that a step writes to when the step starts, so that no run trusts the volume until the step has passed. */
export class VolumeUnmarker implements RunObserver {
  readonly #steps: readonly StepConfig[];
  readonly #environment: Environment;

  constructor(steps: readonly StepConfig[], environment: Environment) {
    this.#steps = steps;
    this.#environment = environment;
  }

  onEvent(event: RunEvent): void {
    const step = event.type === 'step-started' ? this.#steps.find(({ name }) => name === event.step) : undefined;
    if (step !== undefined) volumesOf(step, this.#environment).forEach(unmarkVolume);
  }
}

function volumesOf({ cwd, job, toolchain, volumes: folders }: StepConfig, environment: Environment): readonly string[] {
  if (folders.length === 0) return [];
  const volumes = environment.volumesOf(toolchain);
  return folders.flatMap((folder) => {
    const path = posix.join(cwd, folder).replace(/\/+$/, '');
    return volumes.get(path) ?? (job === undefined ? undefined : volumes.get(folderKey({ path, job }))) ?? [];
  });
}
