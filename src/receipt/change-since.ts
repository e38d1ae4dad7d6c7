import { selectInputs } from '../workspace/step-inputs.ts';
import { differingPaths } from './compare-files.ts';
import { compareCauses } from './compare-receipts.ts';
import type { Difference } from './difference.ts';
import type { RunPlan, RunPlanStep } from './receipt.ts';

/** Why a step has no pass that stands for it: what is another since it passed, and of which step it is an input. */
export interface ChangeSince {
  /** The step itself, or one that it needs. */
  readonly step: string;
  readonly difference: Difference;
}

/**
 * The first thing in which a step, or a step that it needs, differs from a run in which it passed: in the plan's order, then in order of cause.
 * Undefined when nothing that is recorded does.
 */
export function changeSince(passed: RunPlan, now: RunPlan, step: string): ChangeSince | undefined {
  const wanted = withNeeds(now, step);
  for (const name of now.steps.map((each) => each.name).filter((each) => wanted.has(each))) {
    const [difference] = compareCauses(only(passed, name), only(now, name));
    if (difference !== undefined) return { step: name, difference };
  }
  return undefined;
}

/** The files that changed since a run and that are not among a step's inputs, in byte order: what it may read unsaid. */
export function unreadChanges(passed: RunPlan, now: RunPlan, { cwd, inputs }: RunPlanStep): readonly string[] {
  const changed = differingPaths(passed.files, now.files);
  if (inputs === null) return [];
  const states = changed.map((path) => ({ path, mode: '100644', digest: '' }) as const);
  const read = new Set(selectInputs(states, { inputs, cwd, project: now.project }).map(({ path }) => path));
  return changed.filter((path) => !read.has(path));
}

/** The plan as if the run had been asked for one step. */
function only(plan: RunPlan, step: string): RunPlan {
  return { ...plan, steps: plan.steps.filter(({ name }) => name === step) };
}

function withNeeds({ steps }: RunPlan, step: string): ReadonlySet<string> {
  const wanted = new Set([step]);
  for (const name of wanted) for (const need of steps.find((each) => each.name === name)?.needs ?? []) wanted.add(need);
  return wanted;
}
