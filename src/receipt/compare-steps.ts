import { compareBytes } from '../core/digest.ts';
import type { CommonStep, CommandDifference, EnvDifference } from './difference.ts';
import type { RunPlan, RunPlanStep } from './receipt.ts';
const fields = ['run', 'cwd', 'network', 'needs', 'toolchain', 'inputs'] as const;

/** Differences in the steps' definitions and variables; `notCompared` names the steps that only one run was asked for. */
export function compareSteps(
  there: RunPlan,
  here: RunPlan,
  common: readonly CommonStep<RunPlanStep>[],
): {
  readonly commands: readonly CommandDifference[];
  readonly env: readonly EnvDifference[];
  readonly notCompared: readonly string[];
} {
  const onlyThere = there.steps.filter(({ name }) => !common.some((step) => step.there.name === name));
  const onlyHere = here.steps.filter(({ name }) => !common.some((step) => step.here.name === name));
  const missing: CommandDifference[] = [
    ...(isPart(here) ? [] : onlyThere.map(({ name, run }) => ({ ...stepDifference(name), there: run }))),
    ...(isPart(there) ? [] : onlyHere.map(({ name, run }) => ({ ...stepDifference(name), here: run }))),
  ];
  const changed = common.flatMap((step) =>
    fields.flatMap((field): CommandDifference[] => {
      const [a, b] = [textOf(step.there, field), textOf(step.here, field)];
      return a === b ? [] : [{ kind: 'command', step: step.there.name, field, there: a, here: b }];
    }),
  );
  return {
    commands: [...missing, ...changed],
    env: compareEnv(common),
    notCompared: [...(isPart(here) ? onlyThere : []), ...(isPart(there) ? onlyHere : [])].map(({ name }) => name),
  };
}

/** A run that was asked for some steps only, or for one machine's. */
function isPart({ options }: RunPlan): boolean {
  return options.steps.length > 0 || options.shard !== null;
}

function stepDifference(step: string): CommandDifference {
  return { kind: 'command', step, field: 'step', there: null, here: null };
}

function textOf(step: RunPlanStep, field: (typeof fields)[number]): string | null {
  const value = step[field] ?? null;
  if (value === null || typeof value === 'string') return value;
  return value.join(', ');
}

function compareEnv(common: readonly CommonStep<RunPlanStep>[]): readonly EnvDifference[] {
  const found = new Map<string, EnvDifference>();
  for (const { there, here } of common) {
    const names = [...new Set([...Object.keys(there.env), ...Object.keys(here.env)])].sort(compareBytes);
    for (const name of names) {
      const [a, b] = [there, here].map(({ env }) => (Object.hasOwn(env, name) ? env[name] : null) ?? null) as [
        string | null,
        string | null,
      ];
      if (a === b) continue;
      const key = [name, a, b].join(' ');
      const before = found.get(key)?.steps ?? [];
      found.set(key, { kind: 'env', name, steps: [...before, there.name], there: a, here: b });
    }
  }
  return [...found.values()];
}
