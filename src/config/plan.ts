import type { Diagnostic } from '../core/diagnostic.ts';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { StepConfig } from './config.ts';
import { nearest } from './nearest.ts';

/** The steps of one run, each after all that it needs. */
export interface Plan {
  /** Topological and stable: of the steps that could come next, the one that the file has first. */
  readonly steps: readonly StepConfig[];
}

/**
 * Puts the selected steps, and everything they need, in order; no selection means all. Err `usage` for a name that no
 * step has, `config-invalid` for a need that no step has or a cycle, told as a trail `a → b → a`.
 */
export function planSteps(pipeline: readonly StepConfig[], selected: readonly string[]): Result<Plan> {
  const byName = new Map(pipeline.map((step) => [step.name, step]));
  const unknown = selected.filter((name) => !byName.has(name));
  if (unknown.length > 0) return err(unknownSteps(unknown, [...byName.keys()]));

  const problems = pipeline.flatMap((step) =>
    step.needs
      .filter((name) => !byName.has(name))
      .map((name) => complaint(step, 'unknown-step', `no step is called \`${name}\``, didYouMean(name, byName.keys()))),
  );
  const cycle = findCycle(pipeline);
  const first = cycle && byName.get(cycle[0] ?? '');
  if (cycle && first) {
    const hint = 'take one of these `needs` out';
    problems.push(complaint(first, 'needs-cycle', `steps need each other in a circle: ${cycle.join(' → ')}`, hint));
  }
  if (problems.length > 0) {
    return err(failure('config-invalid', problems[0]?.message ?? '', { diagnostics: problems }));
  }

  const wanted = new Set<string>();
  const queue = selected.length > 0 ? [...selected] : [...byName.keys()];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (wanted.has(name)) continue;
    wanted.add(name);
    queue.push(...(byName.get(name)?.needs ?? []));
  }
  const steps: StepConfig[] = [];
  const placed = new Set<string>();
  let left = [...byName.values()].filter((step) => wanted.has(step.name));
  while (left.length > 0) {
    const next = left.find((step) => step.needs.every((name) => placed.has(name)));
    if (next === undefined) throw new Error('parity: a cycle was not found before planning');
    steps.push(next);
    placed.add(next.name);
    left = left.filter((step) => step !== next);
  }
  return ok({ steps });
}

/**
 * The first cycle of needs in the file's order, as names whose last is the first again (`a`, `b`, `a`); undefined when
 * there is none. Names that no step has are passed over.
 */
export function findCycle(steps: readonly Pick<StepConfig, 'name' | 'needs'>[]): readonly string[] | undefined {
  const needs = new Map(steps.map((step) => [step.name, step.needs]));
  const done = new Set<string>();
  for (const step of steps) {
    // Depth first without recursion: a chain of needs may be longer than the call stack.
    const trail: string[] = [];
    const onTrail = new Set<string>();
    const stack: { readonly name: string; next: number }[] = [{ name: step.name, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1);
      if (top === undefined) break;
      if (top.next === 0) {
        if (done.has(top.name)) {
          stack.pop();
          continue;
        }
        trail.push(top.name);
        onTrail.add(top.name);
      }
      const need = needs.get(top.name)?.[top.next++];
      if (need === undefined) {
        done.add(top.name);
        onTrail.delete(top.name);
        trail.pop();
        stack.pop();
      } else if (onTrail.has(need)) {
        return [...trail.slice(trail.indexOf(need)), need];
      } else if (needs.has(need)) {
        stack.push({ name: need, next: 0 });
      }
    }
  }
  return undefined;
}

/** What to say after a name that does not exist: the near one, or all of them. */
export function didYouMean(name: string, names: Iterable<string>): string {
  const known = [...names];
  const meant = nearest(name, known);
  return meant === undefined ? `the steps are: ${known.join(', ')}` : `did you mean \`${meant}\`?`;
}

function unknownSteps(unknown: readonly string[], names: readonly string[]): ReturnType<typeof failure> {
  const parts = unknown.map((name) => {
    const meant = nearest(name, names);
    return meant === undefined ? `\`${name}\`` : `\`${name}\` (did you mean \`${meant}\`?)`;
  });
  return failure('usage', `no step is called ${parts.join(', ')}`, {
    next: names.length > 0 ? `parity up ${names.join(' ')}` : 'parity init',
    detail: `the steps are: ${names.join(', ')}`,
  });
}

function complaint(step: StepConfig, code: string, message: string, hint: string): Diagnostic {
  const span = step.span ?? { line: 1, column: 1, endLine: 1, endColumn: 2 };
  return { severity: 'error', code, message, file: 'parity.yaml', span, hint };
}
