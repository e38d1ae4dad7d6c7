import type { StepConfig } from '../../config/config.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { isDistrusted, type Distrust } from '../../pipeline/cache/distrusted-steps.ts';
import { lastPassOf } from '../../receipt/last-pass.ts';
import type { AppContext } from '../context.ts';
import { contradiction, explainStep } from './explain-step.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { ProjectRun } from './project-run.ts';
import type { StepCache } from './step-cache.ts';

/** Says why a step runs, where that was asked, and wherever a pass is not believed or put to the test. */
export async function explainSteps(
  { events: { emit } }: AppContext,
  { explainStep: asked, keepFor }: ProjectRun,
  { steps, opened, recorder }: PreparedRun,
  { cache, info }: { readonly cache: StepCache | undefined; readonly info: EngineInfo | undefined },
): Promise<void> {
  const distrust = cache?.distrust ?? new Map<string, Distrust>();
  const isOdd = (step: StepConfig): boolean =>
    isDistrusted(step, distrust) || cache?.spotChecked.has(step.name) === true;
  const explained = steps.filter((step) => step.name === asked || isOdd(step));
  if (explained.length === 0) return;
  const project = keepFor ?? opened.project.dir;
  const now = info === undefined ? undefined : await recorder.runPlan(info);
  for (const step of explained) {
    const last = lastPassOf(project, step.name);
    const passes = { pass: cache?.passOf(step.name), audited: cache?.spotChecked.get(step.name) };
    const elsewhere = cache?.elsewhere.get(step.name);
    const expired = cache?.expired.get(step.name);
    const forJob = cache?.ofJobs.get(step.name);
    const message = explainStep({ step, ...passes, elsewhere, expired, forJob, distrust, last, now });
    emit({ type: 'note', severity: 'note', message });
  }
}

/** Says loudly that a step failed although nothing that it is said to read has changed since it passed. */
export async function warnOfContradictions(
  { events: { emit } }: AppContext,
  { keepFor }: ProjectRun,
  { opened, recorder }: PreparedRun,
  contradicted: readonly StepConfig[],
  info: EngineInfo,
): Promise<void> {
  if (contradicted.length === 0) return;
  const now = await recorder.runPlan(info);
  for (const step of contradicted) {
    const last = lastPassOf(keepFor ?? opened.project.dir, step.name);
    emit({ type: 'note', severity: 'warning', ...contradiction(step, last, now) });
  }
}

/** Why each step ran, for the HTML page. */
export async function explanationsForPage(
  { cold, noCache, shard, keepFor }: ProjectRun,
  { steps, opened, recorder }: PreparedRun,
  cache: StepCache | undefined,
  info: EngineInfo,
): Promise<ReadonlyMap<string, string>> {
  const { explainStepsForPage } = await import('./page/collect-page.ts');
  const options = { cold, noCache: noCache === true, isShard: shard !== undefined };
  const now = await recorder.runPlan(info);
  return explainStepsForPage({ steps, cache, projectDir: keepFor ?? opened.project.dir, now, options });
}
