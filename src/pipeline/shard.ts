import type { StepConfig } from '../config/config.ts';
import { pytestPlugins, withPytestPlugin } from '../environment/pytest-plugins.ts';
import { pytestCommand } from '../formats/pytest-command.ts';
import { shellCommands } from '../formats/shell.ts';

/** One machine's part of a pipeline that is divided over several. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** What a shard runs. */
export interface ShardPlan {
  /** In the plan's order; empty when there are fewer parts than shards. */
  readonly steps: readonly StepConfig[];
  /** Names of those steps of which it runs only its part of the tests. */
  readonly divided: ReadonlySet<string>;
}

/**
 * A shard's part of a plan. A step that runs pytest runs on every shard, with its part of the test files, and what it needs runs there,
 * too. The others are dealt out: steps that are tied by needs stay together, and each such group runs on one shard. Nothing but the plan
 * decides, so that machines which know nothing of one another divide it alike.
 */
export function shardSteps(plan: readonly StepConfig[], shard: Shard): ShardPlan {
  if (shard.of === 1) return { steps: plan, divided: new Set() };
  const needed = new Set(plan.flatMap(({ needs }) => needs));
  // What needs the tests needs all of them (a report on their coverage, for instance).
  const divided = new Set(plan.filter((step) => !needed.has(step.name) && isDivisible(step)).map(({ name }) => name));
  const everywhere = withNeeds(plan, divided);
  const mine = new Set(everywhere);
  const loads = Array.from({ length: shard.of }, () => 0);
  const groups = tiedGroups(plan.filter(({ name }) => !everywhere.has(name)));
  // Sorting is stable: groups of one size stay in the plan's order.
  for (const group of groups.sort((a, b) => b.length - a.length)) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest] = (loads[lightest] ?? 0) + group.length;
    if (lightest === shard.index - 1) for (const name of group) mine.add(name);
  }
  return { steps: plan.filter(({ name }) => mine.has(name)), divided };
}

/** The variables of a divided step's command: its own, and those by which pytest runs the shard's part alone. */
export function shardVariables(
  variables: Readonly<Record<string, string>>,
  { index, of }: Shard,
): Readonly<Record<string, string>> {
  const loaded = withPytestPlugin(variables, pytestPlugins.shard);
  return { ...loaded, PARITY_SHARD: `${index}/${of}` };
}

/** What to say when a divided step fails for its coverage; a threshold in a config file can't be seen from its command. */
export function shardAdvice(tail: string): readonly string[] {
  if (!/required test coverage of .* not reached|coverage failure: total of/i.test(tail)) return [];
  return [
    'A shard runs a part of the tests and has a part of the coverage. Put the threshold into the command (pytest --cov-fail-under=N): then all tests run on one shard',
  ];
}

/** Whether each machine can run a part of the step's tests: its command runs pytest, and looks at no total over all tests. */
function isDivisible({ run }: StepConfig): boolean {
  if (/\bPYTEST_ADDOPTS\+?=/.test(run)) return false;
  const commands = shellCommands(run).map(({ words }) => words.map(({ text }) => text));
  return (
    commands.some((words) => pytestCommand(words) !== undefined) &&
    !commands.flat().some((word) => /^--(?:cov-)?fail-under(?:=|$)/.test(word))
  );
}

function withNeeds(plan: readonly StepConfig[], names: ReadonlySet<string>): ReadonlySet<string> {
  const needs = new Map(plan.map((step) => [step.name, step.needs]));
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    queue.push(...(needs.get(name) ?? []));
  }
  return found;
}

/** Names of steps in groups: whoever needs another is in its group. In the order of each group's first step. */
function tiedGroups(steps: readonly StepConfig[]): string[][] {
  const groupOf = new Map(steps.map(({ name }) => [name, [name]]));
  for (const { name, needs } of steps) {
    for (const need of needs) {
      const [own, other] = [groupOf.get(name), groupOf.get(need)];
      if (own === undefined || other === undefined || own === other) continue;
      other.push(...own);
      for (const member of own) groupOf.set(member, other);
    }
  }
  return [...new Set(groupOf.values())];
}
