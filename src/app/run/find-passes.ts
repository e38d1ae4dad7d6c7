import type { StepConfig } from '../../config/config.ts';
import type { Digest } from '../../core/digest.ts';
import type { Platform } from '../../core/platform.ts';
import { looksSecret } from '../../core/secret-patterns.ts';
import { spotCheckedSteps } from '../../pipeline/cache/spot-check.ts';
import { isDistrusted, readDistrust, type Distrust } from '../../pipeline/cache/distrusted-steps.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import { openPassCache } from '../../pipeline/cache/results.ts';
import { isCacheable, isInTime } from '../../pipeline/fingerprint.ts';
import { neededInJob } from '../../pipeline/needed-in-job.ts';
import type { AppContext } from '../context.ts';
import { openSharedCache, type SharedCache } from './shared-cache.ts';
import type { SeenFiles, StepKeyFacts } from './step-keys.ts';

/** What the passes of a run's steps are looked for by. */
export interface PassSearch extends StepKeyFacts {
  /** The project (absolute, real) that the run belongs to: a commit workspace has a folder of its own. */
  readonly ownerProject: string;
  readonly seen: SeenFiles;
  /** Believes no pass, and keeps new ones all the same: a cold run proves what passes with nothing there. */
  readonly isFresh: boolean;
  /** Passes of this very session by key: while it lasts, they stand for steps that have the network, too. */
  readonly ofSession?: Map<string, Pass>;
}

/** What was found of earlier passes for the steps of a run; all by the steps' names. */
export interface FoundPasses {
  /** Those that stand for their steps. Some may be withdrawn before the steps' turn comes. */
  readonly passes: ReadonlyMap<string, Pass>;
  /** Those of steps that are run all the same. */
  readonly spotChecked: ReadonlyMap<string, Pass>;
  /** Those of other machines that do not do: a step that runs needs what they left behind there. */
  readonly elsewhere: ReadonlyMap<string, Pass>;
  /** Steps that have a pass and are run all the same, since a later step of their job runs: its name. */
  readonly ofJobs: ReadonlyMap<string, string>;
  /** Those that stood for as long as their steps' `cache:` says, and do no more. */
  readonly expired: ReadonlyMap<string, Pass>;
  /** The steps of which no pass is believed. */
  readonly distrust: ReadonlyMap<string, Distrust>;
  /** The steps whose passes are kept. */
  readonly cacheable: ReadonlySet<string>;
  /** The steps whose passes may be shared with other machines. */
  readonly shareable: ReadonlySet<string>;
  /** Where they are shared; undefined when they are not. */
  readonly shared: SharedCache | undefined;
}

/** Looks for the passes of steps by their keys: in parity's own cache, then where other machines share theirs. */
export async function findPasses(
  context: AppContext,
  search: PassSearch,
  by: {
    readonly keyOf: (step: string) => string;
    readonly imageOf: (step: StepConfig) => Digest;
    readonly platform: Platform;
  },
): Promise<FoundPasses> {
  const { steps, config, variables, ownerProject: belongsTo, isFresh, ofSession } = search;
  const { keyOf, imageOf, platform } = by;
  const distrust = readDistrust(belongsTo);
  const believed = steps.filter((step) => !isDistrusted(step, distrust));
  const cacheable = believed.filter((step) => isCacheable(step) || ofSession !== undefined);
  const results = openPassCache();
  const passes = new Map<string, Pass>();
  const expired = new Map<string, Pass>();
  const now = Date.now();
  const take = (step: StepConfig, pass: Pass | undefined): void => {
    if (pass === undefined) return;
    const to = isInTime(step, pass.passedAt, now) ? passes : expired;
    to.set(step.name, { ...pass, step: step.name });
  };
  const wanted = isFresh ? [] : cacheable;
  // Steps that do the same share one pass: it has the name of the one that ran.
  for (const step of wanted) {
    const { name } = step;
    take(step, isCacheable(step) ? await results.get(keyOf(name)) : ofSession?.get(keyOf(name)));
  }
  const secretless = withoutSecrets(steps, variables.byStep);
  const shareable = new Set(
    steps.filter((step) => isCacheable(step) && secretless.has(step.name)).map(({ name }) => name),
  );
  const images = new Map(steps.map((step) => [keyOf(step.name), imageOf(step)] as const));
  const shared = openSharedCache(context, { cache: config.cache, projectDir: belongsTo, images, platform });
  const unknown = wanted.filter(({ name }) => shareable.has(name) && !passes.has(name));
  const found = await shared?.find([...new Set(unknown.map(({ name }) => keyOf(name)))]);
  // The next run finds them here, without the network.
  for (const pass of found?.values() ?? []) await results.put(pass);
  for (const step of unknown) take(step, found?.get(keyOf(step.name)));
  for (const name of passes.keys()) expired.delete(name);
  const audited = takeSpotChecked(context, steps, passes, config.cache.audit);
  const elsewhere = new Map<string, Pass>();
  const ofJobs = withdrawForJobs(steps, passes);
  for (;;) {
    const lost = neededByRunning(steps, passes).filter(({ name }) => passes.get(name)?.origin !== undefined);
    if (lost.length === 0) break;
    for (const { name } of lost) {
      const pass = passes.get(name);
      if (pass !== undefined) elsewhere.set(name, pass);
      passes.delete(name);
    }
    for (const [name, later] of withdrawForJobs(steps, passes)) ofJobs.set(name, later);
  }
  const names = new Set(cacheable.map(({ name }) => name));
  return { passes, spotChecked: audited, elsewhere, ofJobs, expired, distrust, cacheable: names, shareable, shared };
}

/** Takes out the passes that are put to the test. */
function takeSpotChecked(
  { env }: AppContext,
  steps: readonly StepConfig[],
  passes: Map<string, Pass>,
  share: number | undefined,
): ReadonlyMap<string, Pass> {
  const audited = new Map<string, Pass>();
  const othersRun = passes.size < steps.length;
  for (const name of spotCheckedSteps({
    hits: [...passes.keys()],
    othersRun,
    share,
    fromEnvironment: env['PARITY_CACHE_AUDIT'],
  })) {
    const pass = passes.get(name);
    if (pass !== undefined) audited.set(name, pass);
    passes.delete(name);
  }
  return audited;
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

/**
 * Takes out the passes of steps that a step of their own job needs which will run: what they leave on the machine, processes, /tmp, variables, is
 * not kept. Gives, by each one's name, the step that needs it.
 */
export function withdrawForJobs(steps: readonly StepConfig[], passes: Map<string, Pass>): Map<string, string> {
  const withdrawn = new Map<string, string>();
  for (const step of steps.toReversed()) {
    if (step.job === undefined || passes.has(step.name)) continue;
    for (const { name } of neededInJob(steps, step)) if (passes.delete(name)) withdrawn.set(name, step.name);
  }
  return withdrawn;
}

/** The steps that those which will run need, directly or not. */
export function neededByRunning(
  steps: readonly StepConfig[],
  passes: Pick<ReadonlySet<string>, 'has'>,
): readonly StepConfig[] {
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
