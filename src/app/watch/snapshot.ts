import { posix } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { configFileName } from '../../config/project.ts';
import { compareBytes } from '../../core/digest.ts';
import { selectInputs } from '../../workspace/step-inputs.ts';

/** All that steps may read, at one moment: `mode digest` by path, relative to the workspace's root. */
export type Snapshot = ReadonlyMap<string, string>;

/** What a round goes by, for telling what a change touches. */
export interface RoundPlan {
  readonly steps: readonly StepConfig[];
  /** The project's folder relative to the workspace's root; `.` for the root itself. */
  readonly project: string;
  /** Paths of the lock and the recipe, relative to the root: what they say is for all steps. */
  readonly decisive: ReadonlySet<string>;
}

/** The paths that are not in both with the same content, in byte order. */
export function changedPaths(before: Snapshot, now: Snapshot): readonly string[] {
  const changed: string[] = [];
  for (const [path, state] of now) if (before.get(path) !== state) changed.push(path);
  for (const path of before.keys()) if (!now.has(path)) changed.push(path);
  return changed.sort(compareBytes);
}

/** The steps that read one of these paths, and those that need them. */
export function touchedSteps(paths: readonly string[], plan: RoundPlan): ReadonlySet<string> {
  const { steps, project, decisive } = plan;
  if (paths.some((path) => decisive.has(path) || posix.basename(path) === configFileName))
    return new Set(steps.map(({ name }) => name));
  const files = paths.map((path) => ({ path, mode: '100644', digest: '' }) as const);
  const touched = new Set<string>();
  // The plan has each step after those that it needs.
  for (const step of steps) {
    const reads = selectInputs(files, { ...step, project }).length > 0;
    if (reads || step.needs.some((name) => touched.has(name))) touched.add(step.name);
  }
  return touched;
}

/** What changed, for people: up to three names, relative to the project, then a number. */
export function changeWords(paths: readonly string[], project: string): string {
  if (paths.length > 3) return `${paths.length} files changed`;
  const names = paths.map((path) => (project === '.' ? path : posix.relative(project, path)));
  return `${names.join(', ')} changed`;
}
