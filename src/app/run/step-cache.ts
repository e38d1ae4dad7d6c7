import { posix } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import type { Engine, EngineInfo } from '../../engine/engine.ts';
import type { Environment } from '../../environment/environment.ts';
import { areFilledBy, markVolume, unmarkVolume } from '../../environment/filled-volumes.ts';
import { imageIdOn } from '../../image/identity.ts';
import { distrustSteps } from '../../pipeline/cache/distrust.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import { openResults } from '../../pipeline/cache/results.ts';
import { captureOutput, type CapturedOutput } from '../../pipeline/captured-output.ts';
import { isCacheable } from '../../pipeline/fingerprint.ts';
import type { RunEvent } from '../../pipeline/events.ts';
import type { CachedPasses } from '../../pipeline/run-pipeline.ts';
import type { CommandContext } from '../../cli/context.ts';
import { findPasses, neededByRunning, type FoundPasses, type PassSearch } from './find-passes.ts';
import type { SharedCache } from './shared-cache.ts';
import { openStepKeys, type SeenFiles, type StepKeys } from './step-keys.ts';
import { removeReplays } from '../replay/replay.ts';

/** What a run's steps are looked up by, and kept by. */
export interface StepCacheOptions extends PassSearch {
  /** The commit that is checked out; null when the files are not exactly its own. Asked where passes are shared. */
  readonly commit: () => Promise<string | null>;
  /** Looks again, after the run: what was edited meanwhile proves nothing. */
  readonly seeAgain: () => Promise<SeenFiles | undefined>;
}

/** The passes that stand for steps of one run, and the keeping of new ones. */
export interface StepCache extends CachedPasses, Pick<FoundPasses, 'spotChecked' | 'elsewhere' | 'distrust'> {
  readonly passes: FoundPasses['passes'];
  /** Withdraws passes whose volumes are gone or hold something else, where a step that will run needs them. */
  checkVolumes(environment: Environment, engine: Engine): Promise<void>;
  /** Keeps what has passed in this run, unless its inputs changed while it ran; withdraws what has failed. */
  keep(): Promise<void>;
  /** Withdraws the passes of steps that have failed since. */
  withdraw(steps: readonly string[]): Promise<void>;
  /** The steps that were run to see whether their passes hold, and failed; known after `keep`. */
  readonly contradicted: readonly StepConfig[];
  /** Looks again: true when every pass still stands for its step. */
  stillHolds(): Promise<boolean>;
}

// Of a large output the end is kept.
const logBytes = 256 * 1024;

/** Looks up a run's steps. Undefined when nothing can be told: no lock that names the platform's image (before its first build). */
export async function openStepCache(
  context: CommandContext,
  remembered: EngineInfo,
  options: StepCacheOptions,
): Promise<StepCache | undefined> {
  const { steps, ofSession } = options;
  const { platform } = remembered;
  if (platform === undefined) return undefined;
  const opening = await openStepKeys(platform, options);
  if (opening === undefined) return undefined;
  const stepKeys: StepKeys = opening;
  const keys = await stepKeys.of(options.seen);
  const keyOf = (name: string): string => keys.get(name) ?? '';
  const found = await findPasses(context, options, { keyOf, image: stepKeys.image.config, platform });
  const { passes, spotChecked: audited, elsewhere, distrust, cacheable, shareable, shared } = found;
  const results = openResults();

  const heard = new Map<string, CapturedOutput>();
  const passed: Pass[] = [];
  const failed: string[] = [];
  const contradicted: StepConfig[] = [];
  let opened: { readonly environment: Environment; readonly engine: Engine } | undefined;
  context.listen(hear);

  return {
    imageId: imageIdOn(remembered, stepKeys.image),
    passes,
    logs: context.verbose,
    spotChecked: audited,
    elsewhere,
    distrust,
    contradicted,
    async checkVolumes(environment, engine) {
      opened = { environment, engine };
      for (;;) {
        const needed = neededByRunning(steps, passes).filter(
          (step) => passes.has(step.name) && step.volumes.length > 0,
        );
        const states = await Promise.all(
          needed.map(async (step) => ({
            step,
            isFilled: await areFilledBy(engine, volumesOf(step, environment), keyOf(step.name)),
          })),
        );
        const lost = states.filter(({ isFilled }) => !isFilled);
        if (lost.length === 0) return;
        for (const { step } of lost) passes.delete(step.name);
      }
    },
    async stillHolds() {
      const now = await keysNow();
      return steps.every(({ name }) => now.get(name) === keyOf(name));
    },
    withdraw,
    async keep() {
      await withdraw(failed);
      if (passed.length === 0 && !failed.some((name) => audited.has(name))) return;
      const now = await keysNow();
      const same = (name: string): boolean => now.get(name) === keyOf(name);
      contradicted.push(...steps.filter(({ name }) => audited.has(name) && failed.includes(name) && same(name)));
      if (contradicted.length > 0) await distrustSteps(options.ownerProject, contradicted, Date.now());
      const proven = passed.filter(({ step }) => same(step));
      await Promise.all(proven.map(keepPass));
      // One after the other: of two steps that fill a volume, the last one's word stays.
      for (const pass of proven) await markVolumes(pass);
      if (shared?.writes === true) await share(shared, same);
    },
  };

  async function keepPass(pass: Pass): Promise<void> {
    const step = stepOf(pass);
    if (step !== undefined && isCacheable(step)) await results.put(pass);
    else ofSession?.set(pass.key, pass);
  }

  async function markVolumes(pass: Pass): Promise<void> {
    const step = stepOf(pass);
    if (step === undefined || opened === undefined) return;
    for (const name of volumesOf(step, opened.environment)) await markVolume(opened.engine, name, pass.key);
  }

  function stepOf(pass: Pass): StepConfig | undefined {
    return steps.find(({ name }) => name === pass.step);
  }

  async function withdraw(names: readonly string[]): Promise<void> {
    for (const name of names) await results.remove(keyOf(name));
    if (names.length > 0) removeReplays();
  }

  /** Shares what has passed, and that nobody is to believe any more what has failed since. */
  async function share(to: SharedCache, same: (name: string) => boolean): Promise<void> {
    const passes = passed.filter(({ step }) => shareable.has(step) && same(step));
    const doubted = contradicted.flatMap(({ name }) => (shareable.has(name) ? (audited.get(name) ?? []) : []));
    const all = [
      ...passes.map((pass) => ({ pass, outcome: 'passed' }) as const),
      ...doubted.map((pass) => ({ pass: { ...pass, passedAt: Date.now(), log: '' }, outcome: 'withdrawn' }) as const),
    ];
    if (all.length > 0) await to.publish(all, { commit: await options.commit() });
  }

  /** What the keys would be of what is there at this moment. */
  async function keysNow(): Promise<ReadonlyMap<string, string>> {
    const seen = await options.seeAgain();
    return seen === undefined ? new Map() : await stepKeys.of(seen);
  }

  function hear(event: RunEvent): void {
    if (event.type === 'step-started') heard.set(event.step, captureOutput());
    else if (event.type === 'step-output') heard.get(event.step)?.add(event);
    // A step that ran out of time or memory says nothing of its inputs.
    else if (event.type === 'step-finished' && event.outcome === 'failed' && event.exitCode !== null)
      failed.push(event.step);
    else if (event.type === 'step-finished' && event.outcome === 'passed') {
      if (!cacheable.has(event.step)) return;
      const { step, durationMs, diagnostics } = event;
      const log = heard.get(step)?.tail(logBytes) ?? '';
      passed.push({ version: 1, key: keyOf(step), step, passedAt: Date.now(), durationMs, diagnostics, log });
    }
  }
}

/** Sees to it, in a run with the cache or without it, that nobody trusts a volume that a step writes to until that step has passed. */
export function unmarkWrittenVolumes(
  context: CommandContext,
  steps: readonly StepConfig[],
  environment: Environment,
): void {
  context.listen((event) => {
    const step = event.type === 'step-started' ? steps.find(({ name }) => name === event.step) : undefined;
    if (step !== undefined) volumesOf(step, environment).forEach(unmarkVolume);
  });
}

function volumesOf(step: StepConfig, { volumes }: Environment): readonly string[] {
  return step.volumes.flatMap((folder) => volumes.get(posix.join(step.cwd, folder).replace(/\/+$/, '')) ?? []);
}
