import type { StepConfig } from '../config/config.ts';

/** The steps of its job that a step needs, directly or not, in the plan's order: what they left on the machine is there when it starts. */
export function neededInJob(steps: readonly StepConfig[], step: StepConfig): readonly StepConfig[] {
  if (step.job === undefined) return [];
  const byName = new Map(steps.map((each) => [each.name, each]));
  const found = new Set<string>();
  const queue = [...step.needs];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    queue.push(...(byName.get(name)?.needs ?? []));
  }
  return steps.filter(({ name, job }) => job === step.job && found.has(name));
}
