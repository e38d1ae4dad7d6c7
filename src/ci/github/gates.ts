import type { CiStep } from '../model.ts';

/**
 * Steps that may fail by themselves and whose failure a later step of the job turns into the job's: `if: steps.lint.outcome == 'failure'` with
 * `run: exit 1`. Gives their ids.
 */
export function gatedSteps(steps: readonly CiStep[]): ReadonlySet<string> {
  const gated = new Set<string>();
  for (const step of steps) {
    if (step.kind !== 'run' || !/(?:^|[\n;&|])\s*(?:exit [1-9]\d*|false)\s*$/.test(step.script.value.text ?? ''))
      continue;
    for (const [, id = ''] of (step.condition?.value.text ?? '').matchAll(
      /\bsteps\.([\w-]+)\.outcome\s*(?:==\s*'failure'|!=\s*'success')/g,
    ))
      gated.add(id);
  }
  return gated;
}

/** True for a step that only is such a gate. */
export function isGate(step: CiStep): boolean {
  return gatedSteps([step]).size > 0;
}
