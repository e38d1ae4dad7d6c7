import type { StepConfig } from '../../config/config.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { isDistrusted, type Distrust } from '../../pipeline/cache/distrust.ts';
import { lastPassOf } from '../../receipt/last-pass.ts';
import type { CommandContext } from '../../cli/context.ts';
import { contradiction, explainStep } from './explain-step.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { ProjectRun } from './run-project.ts';
import type { StepCache } from './step-cache.ts';

/** Says why a step runs, where that was asked, and wherever a pass is not believed or put to the test. */
export async function explainSteps(
  { emit }: CommandContext,
  { explainStep: asked, keepFor }: ProjectRun,
  { steps, opened, recording }: PreparedRun,
  { cache, remembered }: { readonly cache: StepCache | undefined; readonly remembered: EngineInfo | undefined },
): Promise<void> {
  const distrust = cache?.distrust ?? new Map<string, Distrust>();
  const isOdd = (step: StepConfig): boolean =>
    isDistrusted(step, distrust) || cache?.spotChecked.has(step.name) === true;
  const told = steps.filter((step) => step.name === asked || isOdd(step));
  if (told.length === 0) return;
  const project = keepFor ?? opened.project.dir;
  const now = remembered === undefined ? undefined : await recording.planned(remembered);
  for (const step of told) {
    const last = lastPassOf(project, step.name);
    const passes = { pass: cache?.passes.get(step.name), audited: cache?.spotChecked.get(step.name) };
    const elsewhere = cache?.elsewhere.get(step.name);
    const message = explainStep({ step, ...passes, elsewhere, distrust, last, now });
    emit({ type: 'note', severity: 'note', message });
  }
}

/** Says loudly that a step failed although nothing that it is said to read has changed since it passed. */
export async function warnOfContradictions(
  { emit }: CommandContext,
  { keepFor }: ProjectRun,
  { opened, recording }: PreparedRun,
  { contradicted }: StepCache,
  info: EngineInfo,
): Promise<void> {
  if (contradicted.length === 0) return;
  const now = await recording.planned(info);
  for (const step of contradicted) {
    const last = lastPassOf(keepFor ?? opened.project.dir, step.name);
    emit({ type: 'note', severity: 'warning', ...contradiction(step, last, now) });
  }
}

/** Why each step ran; undefined where nobody asked for a page that tells it. */
export async function explanationsForPage(
  { reports }: CommandContext,
  { cold, noCache, shard, keepFor }: ProjectRun,
  { steps, opened, recording }: PreparedRun,
  cache: StepCache | undefined,
  info: EngineInfo,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (!reports.some(({ kind }) => kind === 'html')) return undefined;
  const { explainStepsForPage: whySteps } = await import('./page/collect-page.ts');
  const options = { cold, noCache: noCache === true, isShard: shard !== undefined };
  const now = await recording.planned(info);
  return whySteps({ steps, cache, projectDir: keepFor ?? opened.project.dir, now, options });
}
