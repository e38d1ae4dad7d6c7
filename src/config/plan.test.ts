import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StepConfig } from './config.ts';
import { findCycle, planSteps } from './plan.ts';

function step(name: string, ...needs: string[]): StepConfig {
  const none = { cwd: '.', env: {}, passEnv: [], secrets: [], volumes: [], network: 'none' } as const;
  return { name, run: name, needs, ...none, span: { line: 1, column: 1, endLine: 1, endColumn: 2 } };
}

function names(steps: readonly StepConfig[], ...selected: string[]): readonly string[] | string {
  const plan = planSteps(steps, selected);
  return plan.ok ? plan.value.steps.map(({ name }) => name) : plan.error.message;
}

const shop = [
  step('format'),
  step('ui-build', 'ui-install'),
  step('tests', 'format'),
  step('ui-install'),
  step('deploy', 'ui-build', 'tests'),
];

describe('planSteps', () => {
  test('all steps, each after what it needs, in the order of the file otherwise', () => {
    expect(names(shop)).toEqual(['format', 'tests', 'ui-install', 'ui-build', 'deploy']);
  });

  test('selected steps come with what they need, and nothing else', () => {
    expect(names(shop, 'ui-build')).toEqual(['ui-install', 'ui-build']);
    expect(names(shop, 'tests', 'tests', 'format')).toEqual(['format', 'tests']);
  });

  test('no steps at all is an empty plan', () => {
    expect(names([])).toEqual([]);
  });

  test('an unknown name: the near one, and all of them', () => {
    expect(planSteps(shop, ['test', 'zzz'])).toEqual({
      ok: false,
      error: {
        reason: 'usage',
        message: 'no step is called `test` (did you mean `tests`?), `zzz`',
        detail: 'the steps are: format, ui-build, tests, ui-install, deploy',
        next: 'parity up format ui-build tests ui-install deploy',
      },
    });
  });

  test('a need that no step has', () => {
    const plan = planSteps([step('a', 'bb'), step('bbb')], []);
    expect(plan).toMatchObject({
      error: { reason: 'config-invalid', diagnostics: [{ code: 'unknown-step', hint: 'did you mean `bbb`?' }] },
    });
  });

  test('a cycle is told as a trail with a place, even when what is selected is not on it', () => {
    const plan = planSteps([step('a'), step('b', 'd'), step('c', 'b'), step('d', 'c')], ['a']);
    expect(plan).toMatchObject({
      error: {
        reason: 'config-invalid',
        message: 'steps need each other in a circle: b → d → c → b',
        diagnostics: [{ code: 'needs-cycle', span: { line: 1 } }],
      },
    });
  });

  test('any graph without cycles: complete, in an order that holds, and the same each time', () => {
    const graph = fc
      .integer({ min: 1, max: 12 })
      .chain((count) =>
        fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }).map((edges) => ({ count, edges })),
      );
    fc.assert(
      fc.property(graph, fc.infiniteStream(fc.nat()), ({ count, edges }, order) => {
        // Edges from a higher to a lower number only: no cycle.
        const needs = (id: number): string[] => [
          ...new Set(edges.filter(([a, b]) => a > b && a === id).map(([, b]) => `s${b}`)),
        ];
        const steps = Array.from({ length: count }, (_, id) => step(`s${id}`, ...needs(id)))
          .map((one) => [order.next().value as number, one] as const)
          .sort((a, b) => a[0] - b[0])
          .map(([, one]) => one);
        const plan = planSteps(steps, []);
        if (!plan.ok) throw new Error(plan.error.message);
        const at = new Map(plan.value.steps.map(({ name }, index) => [name, index]));
        expect(at.size).toBe(count);
        for (const { name, needs: wanted } of steps) {
          for (const need of wanted) expect(at.get(need)).toBeLessThan(at.get(name) ?? -1);
        }
      }),
    );
  });
});

test('findCycle: a chain of 20,000 needs is no trouble', () => {
  const chain = Array.from({ length: 20_000 }, (_, id) => ({ name: `s${id}`, needs: [`s${id + 1}`] }));
  expect(findCycle(chain)).toBeUndefined();
  expect(findCycle([...chain, { name: 's20000', needs: ['s19999'] }])).toEqual(['s19999', 's20000', 's19999']);
});
