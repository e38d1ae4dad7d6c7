import type { StepConfig } from '../../config/config.ts';
import { planSteps } from '../../config/plan.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Lock } from '../../lock/lock.ts';
import type { Shard, ShardPlan } from '../../pipeline/shard.ts';
import { resolveStepVariables, type StepVariables } from '../../pipeline/step-variables.ts';
import { lockForUp } from '../../cli/commands/lock.ts';
import type { CommandContext } from '../../cli/context.ts';
import { hideSecrets } from '../project/hide-secrets.ts';
import { locateProject, openProject, type OpenProject, type PendingEngine } from '../project/open-project.ts';
import { recordRun, type RunRecording } from './record-run.ts';
import type { ProjectRun } from './run-project.ts';

/** A run that is ready to begin, but for its environment. */
export interface PreparedRun extends ShardPlan {
  /** When planning began, as performance.now() gives it. */
  readonly begun: number;
  readonly opened: OpenProject;
  readonly surroundings: StepVariables;
  readonly lock: Lock;
  /** Looks at the files since the plan was made. */
  readonly recording: RunRecording;
}

/** Reads the config, plans the steps, takes their variables and the lock (which is made when there is none). Err says what is wrong with the question. */
export async function prepareRun(
  context: CommandContext,
  run: ProjectRun,
  engine: PendingEngine,
): Promise<Result<PreparedRun>> {
  const begun = performance.now();
  const { emit, signal, env } = context;
  const located = await locateProject(context);
  if (!located.ok) return located;
  // The files are looked at while the config is read.
  const recording = recordRun(context, located.value);
  const opened = await openProject(context, located.value, () => recording.listed());
  if (!opened.ok) return opened;
  const { project, config } = opened.value;
  const plan = planSteps(config.pipeline, run.steps);
  if (!plan.ok) return plan;
  if (plan.value.steps.length === 0) return err(nothingToRun(project.dir));
  const planned = run.repetition?.withoutNeeds === true ? withoutNeeds(plan.value.steps, run.steps) : plan.value.steps;
  const { steps, divided } = await dividedPlan(context, planned, run.shard);
  const surroundings = resolveStepVariables(steps, env);
  if (!surroundings.ok) return surroundings;
  hideSecrets(context, project.dir, surroundings.value);
  const { frozen } = run;
  const lock = await lockForUp({ projectDir: project.dir, config, engine: engine.engine, emit, signal, frozen });
  if (!lock.ok) return lock;
  recording.plan({ steps, surroundings: surroundings.value, lock: lock.value.lock });
  return ok({
    begun,
    opened: opened.value,
    steps,
    divided,
    surroundings: surroundings.value,
    lock: lock.value.lock,
    recording,
  });
}

/** A shard's part of the plan. None of it is no mistake: there may be more machines than parts. */
async function dividedPlan(
  { emit }: CommandContext,
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
