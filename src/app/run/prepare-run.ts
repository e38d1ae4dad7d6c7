import type { StepConfig } from '../../config/config.ts';
import { planSteps } from '../../config/plan.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Lock } from '../../lock/lock.ts';
import type { Shard, ShardPlan } from '../../pipeline/shard.ts';
import { resolveStepVariables, type StepVariables } from '../../pipeline/step-variables.ts';
import { lockForRun } from '../lock/lock-project.ts';
import type { AppContext } from '../context.ts';
import { hideSecrets } from '../project/hide-secrets.ts';
import { locateProject, openProject, type OpenProject } from '../project/open-project.ts';
import { type PendingEngine } from '../project/pending-engine.ts';
import type { StepsInCi } from './ci-variables.ts';
import type { ProjectRun } from './project-run.ts';
import type { RunObservers } from './run-observer.ts';
import { RunRecorder } from './run-recorder.ts';

/** A run that is ready to begin, but for its environment. */
export interface PreparedRun extends ShardPlan {
  /** When planning began, as performance.now() gives it. */
  readonly begun: number;
  readonly opened: OpenProject;
  readonly variables: StepVariables;
  /** Variables that all steps get when they start, and that are no part of their keys. */
  readonly ofCommit?: StepsInCi['ofCommit'];
  readonly lock: Lock;
  /** Reads the files since the plan was made, and observes the run. */
  readonly recorder: RunRecorder;
}

/**
 * Reads the config, plans the steps, takes their variables and the lock (which is made when there is none), and adds the run's recorder to its
 * observers. Err says what is wrong with the question.
 */
export async function prepareRun(
  context: AppContext,
  run: ProjectRun,
  { observers, engine }: { readonly observers: RunObservers; readonly engine: PendingEngine },
): Promise<Result<PreparedRun>> {
  const begun = performance.now();
  const { signal, env } = context;
  const located = await locateProject(context);
  if (!located.ok) return located;
  // The recorder reads the files while the config is read.
  const recorder = observers.add(new RunRecorder(context, located.value, run.caller?.takeGitPrefetch()));
  const verbose = run.caller?.verbose === true;
  const opened = await openProject(context, {
    located: located.value,
    listing: () => recorder.projectFiles(),
    verbose,
  });
  if (!opened.ok) return opened;
  const { project, config } = opened.value;
  const plan = planSteps(config.pipeline, run.steps);
  if (!plan.ok) return plan;
  if (plan.value.steps.length === 0) return err(nothingToRun(project.dir));
  const planned = run.repetition?.withoutNeeds === true ? withoutNeeds(plan.value.steps, run.steps) : plan.value.steps;
  const inCi = await inCiOf(context, opened.value, run, planned);
  const { steps, divided } = await dividedPlan(context, inCi?.steps ?? planned, run.shard);
  const variables = resolveStepVariables(steps, env);
  if (!variables.ok) return variables;
  hideSecrets(context, project.dir, variables.value);
  const { emit } = context.events;
  const locking = { projectDir: project.dir, config, engine: engine.engine, emit, signal };
  const locked = await lockForRun({ ...locking, frozen: run.frozen, partsAhead: true });
  if (!locked.ok) return locked;
  const { lock } = locked.value;
  const options = { steps: run.steps, shard: run.shard ?? null };
  recorder.plan({ steps, variables: variables.value, lock, options });
  return ok({
    begun,
    opened: opened.value,
    steps,
    divided,
    variables: variables.value,
    ...(inCi === undefined ? {} : { ofCommit: inCi.ofCommit }),
    lock,
    recorder,
  });
}

/** The steps with the variables of the CI system that the config names; undefined when it names none. */
async function inCiOf(
  { env }: AppContext,
  { config, project }: OpenProject,
  { keepFor }: ProjectRun,
  steps: readonly StepConfig[],
): Promise<StepsInCi | undefined> {
  const system = config.ci?.variables;
  if (system === undefined) return undefined;
  const { stepsInCi } = await import('./ci-variables.ts');
  return await stepsInCi(steps, { system, dir: project.dir, ownDir: keepFor ?? project.dir, env });
}

/** A shard's part of the plan. None of it is no mistake: there may be more machines than parts. */
async function dividedPlan(
  { events: { emit } }: AppContext,
  plan: readonly StepConfig[],
  shard: Shard | undefined,
): Promise<ShardPlan> {
  if (shard === undefined) return { steps: plan, divided: new Set() };
  const { shardSteps } = await import('../../pipeline/shard.ts');
  const division = shardSteps(plan, shard);
  if (division.steps.length === 0) {
    const message = `shard ${shard.index}/${shard.of} has nothing to run: the pipeline has fewer parts than shards`;
    emit({ type: 'note', severity: 'note', message, hint: 'fewer shards do the same (ci.shards in parity.yaml)' });
  }
  return division;
}

/** The steps that were asked for, without those that they need. */
function withoutNeeds(steps: readonly StepConfig[], names: readonly string[]): readonly StepConfig[] {
  if (names.length === 0) return steps;
  const wanted = new Set(names);
  return steps
    .filter(({ name }) => wanted.has(name))
    .map((step) => ({ ...step, needs: step.needs.filter((name) => wanted.has(name)) }));
}

function nothingToRun(dir: string): Failure {
  const message = `there is nothing to run in ${dir}: no parity.yaml, and its layout shows no pipeline`;
  return failure('config-invalid', message, { next: 'parity init, then name the steps in parity.yaml' });
}
