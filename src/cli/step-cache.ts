import { posix } from 'node:path';
import type { Config, StepConfig } from '../config/config.ts';
import { looksSecret } from '../core/secret-looks.ts';
import type { Engine } from '../engine/engine.ts';
import type { Environment } from '../environment/environment.ts';
import { areFilled, markVolume, unmarkVolume } from '../environment/filled-volumes.ts';
import { imageIdOn, lockedImage } from '../image/identity.ts';
import { readRecipe } from '../image/recipe.ts';
import { lockDigest } from '../lock/digest.ts';
import type { Lock } from '../lock/lock.ts';
import { readLock } from '../lock/read.ts';
import { lockFileName } from '../lock/write.ts';
import { auditedSteps } from '../pipeline/cache/audit.ts';
import { distrustSteps, isDistrusted, readDistrust, type Distrust } from '../pipeline/cache/distrust.ts';
import type { Pass } from '../pipeline/cache/pass.ts';
import { openResults } from '../pipeline/cache/results.ts';
import { captureOutput, type CapturedOutput } from '../pipeline/captured-output.ts';
import { isCacheable, stepKeys, type Fingerprint } from '../pipeline/fingerprint.ts';
import type { RunEvent } from '../pipeline/events.ts';
import type { CachedPasses } from '../pipeline/run.ts';
import type { Surroundings } from '../pipeline/surroundings.ts';
import { inputsDigest } from '../workspace/inputs.ts';
import type { FileState } from '../workspace/file-state.ts';
import type { CommandContext } from './context.ts';
import { openSharedCache, type SharedCache } from './shared-cache.ts';
import type { RememberedEngine } from './remembered-engine.ts';

/** What the steps of a run will see. */
export interface SeenFiles {
  readonly files: readonly FileState[];
  /** The project's folder relative to the workspace's root; `.` for the root. */
  readonly project: string;
}

/** What a run's steps are looked up by. */
export interface StepCacheOptions {
  readonly projectDir: string;
  /** The project (absolute, real) that the run belongs to: a commit workspace has a folder of its own. */
  readonly belongsTo: string;
  readonly config: Config;
  readonly steps: readonly StepConfig[];
  readonly surroundings: Surroundings;
  readonly seen: SeenFiles;
  readonly workspace: Fingerprint['workspace'];
  /** Believes no pass, and keeps new ones all the same: a cold run proves what passes with nothing there. */
  readonly isFresh: boolean;
  /** Passes of this very session by key: while it lasts, they stand for steps that have the network, too. */
  readonly ofSession?: Map<string, Pass>;
  /** The commit that is checked out; null when the files are not exactly its own. Asked where passes are shared. */
  readonly commit: () => Promise<string | null>;
  /** Looks again, after the run: what was edited meanwhile proves nothing. */
  readonly seeAgain: () => Promise<SeenFiles | undefined>;
}

/** The passes that stand for steps of one run, and the keeping of new ones. */
export interface StepCache extends CachedPasses {
  /** Withdraws passes whose volumes are gone or hold something else, where a step that will run needs them. */
  checkVolumes(environment: Environment, engine: Engine): Promise<void>;
  /** Keeps what has passed in this run, unless its inputs changed while it ran; withdraws what has failed. */
  keep(): Promise<void>;
  /** Passes of steps that are run all the same, by name. */
  readonly audited: ReadonlyMap<string, Pass>;
  /** Passes of other machines that do not do: a step that runs needs what they left behind there. By name. */
  readonly elsewhere: ReadonlyMap<string, Pass>;
  /** The steps of which no pass is believed. */
  readonly distrust: ReadonlyMap<string, Distrust>;
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
  remembered: RememberedEngine,
  options: StepCacheOptions,
): Promise<StepCache | undefined> {
  const { projectDir, config, steps, surroundings } = options;
  const { platform } = remembered;
  const [recipe, lock] = await Promise.all([readRecipe(projectDir, config), readLock(projectDir)]);
  if (!recipe.ok || !lock.ok || lock.value === undefined || platform === undefined) return undefined;
  const image = lockedImage(lock.value, platform, recipe.value);
  if (image === undefined) return undefined;
  const keysOf = (seen: SeenFiles, pins: Lock): ReadonlyMap<string, string> => {
    const files = withPins(seen, pins);
    return stepKeys(steps, {
      image: image.config,
      platform,
      project: seen.project,
      workspace: options.workspace,
      services: config.services,
      variables: surroundings.byStep,
      inputsOf: (step) => inputsDigest(files, { ...step, project: seen.project }),
    });
  };
  const keys = keysOf(options.seen, lock.value);
  const keyOf = (name: string): string => keys.get(name) ?? '';
  const distrust = await readDistrust(options.belongsTo);
  const { isFresh, ofSession } = options;
  const believed = steps.filter((step) => !isDistrusted(step, distrust));
  const cacheable = believed.filter((step) => isCacheable(step) || ofSession !== undefined);
  const results = openResults();
  const passes = new Map<string, Pass>();
  const wanted = isFresh ? [] : cacheable;
  // Steps that do the same share one pass: it has the name of the one that ran.
  for (const step of wanted) {
    const { name } = step;
    const pass = isCacheable(step) ? await results.get(keyOf(name)) : ofSession?.get(keyOf(name));
    if (pass !== undefined) passes.set(name, { ...pass, step: name });
  }
  const secretless = withoutSecrets(steps, surroundings.byStep);
  const shareable = new Set(
    steps.filter((step) => isCacheable(step) && secretless.has(step.name)).map(({ name }) => name),
  );
  const place = { cache: config.cache, projectDir: options.belongsTo, image: image.config, platform };
  const shared = openSharedCache(context, place);
  const unknown = wanted.filter(({ name }) => shareable.has(name) && !passes.has(name));
  const found = await shared?.find([...new Set(unknown.map(({ name }) => keyOf(name)))]);
  // The next run asks nobody.
  for (const pass of found?.values() ?? []) await results.put(pass);
  for (const { name } of unknown) {
    const pass = found?.get(keyOf(name));
    if (pass !== undefined) passes.set(name, { ...pass, step: name });
  }
  const audited = new Map<string, Pass>();
  const usual = context.env['PARITY_CACHE_AUDIT'];
  const audit = { hits: [...passes.keys()], othersRun: passes.size < steps.length, share: config.cache.audit, usual };
  for (const name of auditedSteps(audit)) {
    const pass = passes.get(name);
    if (pass !== undefined) audited.set(name, pass);
    passes.delete(name);
  }

  const elsewhere = new Map<string, Pass>();
  for (const { name } of neededByRunning(steps, passes)) {
    const pass = passes.get(name);
    if (pass?.origin === undefined) continue;
    elsewhere.set(name, pass);
    passes.delete(name);
  }

  const heard = new Map<string, CapturedOutput>();
  const passed: Pass[] = [];
  const failed: string[] = [];
  const contradicted: StepConfig[] = [];
  let opened: { readonly environment: Environment; readonly engine: Engine } | undefined;
  context.listen(hear);

  return {
    imageId: imageIdOn(remembered, image),
    passes,
    logs: context.verbose,
    audited,
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
            isFilled: await areFilled(engine, volumesOf(step, environment), keyOf(step.name)),
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
    async keep() {
      for (const step of failed) await results.remove(keyOf(step));
      if (passed.length === 0 && !failed.some((name) => audited.has(name))) return;
      const now = await keysNow();
      const same = (name: string): boolean => now.get(name) === keyOf(name);
      contradicted.push(...steps.filter(({ name }) => audited.has(name) && failed.includes(name) && same(name)));
      if (contradicted.length > 0) await distrustSteps(options.belongsTo, contradicted, Date.now());
      for (const pass of passed) {
        if (!same(pass.step)) continue;
        const step = steps.find(({ name }) => name === pass.step);
        if (step !== undefined && isCacheable(step)) await results.put(pass);
        else ofSession?.set(pass.key, pass);
        if (step === undefined || opened === undefined) continue;
        for (const name of volumesOf(step, opened.environment)) await markVolume(opened.engine, name, pass.key);
      }
      if (shared?.writes === true) await share(shared, same);
    },
  };

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
    const [seen, pins] = await Promise.all([options.seeAgain(), readLock(projectDir)]);
    return seen === undefined || !pins.ok || pins.value === undefined ? new Map() : keysOf(seen, pins.value);
  }

  function hear(event: RunEvent): void {
    if (event.type === 'step-started') heard.set(event.step, captureOutput());
    else if (event.type === 'step-output') heard.get(event.step)?.add(event);
    // A step that ran out of time or memory says nothing of its inputs.
    else if (event.type === 'step-finished' && event.outcome === 'failed' && event.exitCode !== null)
      failed.push(event.step);
    else if (event.type === 'step-finished' && event.outcome === 'passed') {
      if (!cacheable.some(({ name }) => name === event.step)) return;
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

/** The lock counts by what it pins: the first build of an image writes the image's digests into it, and a fingerprint has those anyway. */
function withPins({ files, project }: SeenFiles, lock: Lock): readonly FileState[] {
  const path = posix.join(project, lockFileName);
  return files.map((file) => (file.path === path ? { ...file, digest: lockDigest(lock) } : file));
}

function volumesOf(step: StepConfig, { volumes }: Environment): readonly string[] {
  return step.volumes.flatMap((folder) => volumes.get(posix.join(step.cwd, folder).replace(/\/+$/, '')) ?? []);
}

/**
 * The names of steps into whose keys no secret goes, their own or one of a step that they need: where others read the key, a weak secret could
 * be guessed from it.
 */
function withoutSecrets(
  steps: readonly StepConfig[],
  variables: ReadonlyMap<string, Readonly<Record<string, string>>>,
): ReadonlySet<string> {
  const free = new Set<string>();
  for (const { name, secrets, passEnv, needs } of steps) {
    const values = variables.get(name) ?? {};
    const isFree = secrets.length === 0 && !passEnv.some((variable) => looksSecret(variable, values[variable] ?? ''));
    if (isFree && needs.every((need) => free.has(need))) free.add(name);
  }
  return free;
}

/** The steps that those which will run need, directly or not. */
function neededByRunning(steps: readonly StepConfig[], passes: ReadonlyMap<string, Pass>): readonly StepConfig[] {
  const byName = new Map(steps.map((step) => [step.name, step]));
  const needed = new Set<string>();
  const queue = steps.filter(({ name }) => !passes.has(name)).flatMap(({ needs }) => needs);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    queue.push(...(byName.get(name)?.needs ?? []));
  }
  return steps.filter(({ name }) => needed.has(name));
}
