/** The part of a step that says what it waits for. */
interface WaitingStep {
  readonly name?: string | undefined;
  readonly job?: string | undefined;
  readonly needs?: readonly string[] | undefined;
}

/**
 * What a step of the file needs: its `needs`, or, when it has none, the step before it in its job, as the steps of a CI job follow each other.
 * `needs: []` says that it waits for nothing.
 */
export function neededSteps(steps: readonly WaitingStep[], index: number): string[] {
  const step = steps[index];
  if (step?.needs !== undefined) return [...step.needs];
  const before = step?.job === undefined ? undefined : steps.slice(0, index).findLast(({ job }) => job === step.job);
  return before?.name === undefined ? [] : [before.name];
}
