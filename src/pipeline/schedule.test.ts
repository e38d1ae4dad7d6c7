import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepOutcome } from './events.ts';
import {
  nextMoves,
  type ExpectedStep,
  type NotRun,
  type ScheduledStep,
  type ScheduleState,
  type StepState,
} from './schedule.ts';

/** Plans whose steps need only steps before them, in a shuffled order. */
const plans = fc.array(fc.array(fc.nat(11), { maxLength: 4 }), { minLength: 1, maxLength: 12 }).chain((needs) => {
  const steps = needs.map((each, index) => ({
    name: `s${index}`,
    needs: [...new Set(each.filter((need) => need < index))].map((need) => `s${need}`),
  }));
  return fc.shuffledSubarray(steps, { minLength: steps.length, maxLength: steps.length });
});

interface Trace {
  readonly states: Map<string, StepState>;
  readonly settled: NotRun[];
  readonly started: string[];
  readonly mostAtOnce: number;
}

/** Plays a whole run: `pick` chooses which running step ends next, `outcome` how. */
function play(
  steps: readonly ScheduledStep[],
  jobs: number,
  failFast: boolean,
  choices: { readonly pick: readonly number[]; readonly fails: readonly boolean[] },
  stopAfter: number,
): Trace {
  const states = new Map<string, StepState>(steps.map((step) => [step.name, 'waiting']));
  const settled: NotRun[] = [];
  const started: string[] = [];
  const running: string[] = [];
  let mostAtOnce = 0;
  for (let turn = 0; ; turn += 1) {
    if (turn > steps.length + 1) throw new Error('the schedule does not end');
    const stopped = started.length >= stopAfter ? ('interrupted' as const) : undefined;
    const moves = nextMoves({ steps, states, jobs, failFast, stopped });
    for (const each of moves.notRun) {
      expect(states.get(each.step)).toBe('waiting');
      states.set(each.step, each.outcome);
      settled.push(each);
    }
    for (const name of moves.start) {
      expect(states.get(name)).toBe('waiting');
      for (const need of steps.find((step) => step.name === name)?.needs ?? []) expect(states.get(need)).toBe('passed');
      states.set(name, 'running');
      started.push(name);
      running.push(name);
    }
    mostAtOnce = Math.max(mostAtOnce, running.length);
    expect(running.length).toBeLessThanOrEqual(jobs);
    if (moves.done) return { states, settled, started, mostAtOnce };
    expect(running.length).toBeGreaterThan(0);
    const [ended = ''] = running.splice((choices.pick[turn] ?? 0) % running.length, 1);
    states.set(ended, choices.fails[turn] === true ? 'failed' : 'passed');
  }
}

const choices = fc.record({
  pick: fc.array(fc.nat(11), { minLength: 14, maxLength: 14 }),
  fails: fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
});

describe('nextMoves', () => {
  it('ends, never runs more than jobs, starts a step only after all it needs, and says why a step did not run', () => {
    fc.assert(
      fc.property(
        plans,
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        choices,
        fc.nat(13),
        (steps, jobs, fast, how, stop) => {
          const { states, settled, started } = play(steps, jobs, fast, how, stop);
          expect(started.length + settled.length).toBe(steps.length);
          for (const { step, outcome, reason, because } of settled) {
            const { needs } = steps.find((each) => each.name === step) ?? { needs: [] };
            if (reason === 'interrupted') expect([outcome, started.length >= stop]).toEqual(['cancelled', true]);
            if (reason === 'fail-fast') {
              expect(fast).toBe(true);
              expect([...states.values()]).toContain('failed');
            }
            if (reason === 'needs') {
              expect(needs.some((need) => states.get(need) !== 'passed')).toBe(true);
              const root = states.get(because ?? '') ?? ('waiting' satisfies StepState);
              expect((['failed', 'skipped'] as StepOutcome[]).includes(root as StepOutcome)).toBe(true);
            }
          }
          if (stop > 12 && !fast)
            for (const { name, needs } of steps)
              if (needs.every((need) => states.get(need) === 'passed')) expect(started).toContain(name);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('uses every job there is work for', () => {
    const steps = ['a', 'b', 'c', 'd'].map((name) => ({ name, needs: [] }));
    const { mostAtOnce } = play(steps, 3, false, { pick: [], fails: [] }, 99);
    expect(mostAtOnce).toBe(3);
  });

  describe('with what earlier runs say', () => {
    const steps = [
      { name: 'format', needs: [] },
      { name: 'lint', needs: [] },
      { name: 'install', needs: [] },
      { name: 'tests', needs: [] },
      { name: 'ui', needs: ['install'] },
    ];
    const waiting = new Map<string, StepState>(steps.map(({ name }) => [name, 'waiting']));
    const expectedOf = (
      records: Readonly<Record<string, readonly [number, (number | null)?]>>,
    ): ReadonlyMap<string, ExpectedStep> =>
      new Map(
        Object.entries(records).map(([name, [durationMs, peakMemoryBytes = null]]) => [
          name,
          { durationMs, peakMemoryBytes },
        ]),
      );
    const all = expectedOf({ format: [300], lint: [500], install: [900], tests: [8000], ui: [9000] });
    const starts = (more: Partial<ScheduleState>): readonly string[] =>
      nextMoves({ steps, states: waiting, jobs: 4, failFast: false, ...more }).start;

    it('begins with what the end of the run waits for longest, whatever stands before it', () => {
      expect(starts({ expected: all })).toEqual(['install', 'tests', 'lint', 'format']);
      expect(starts({ expected: all, jobs: 2 })).toEqual(['install', 'tests']);
    });

    it('keeps the plan’s order when nothing is known, when all are equal, and with one job at a time', () => {
      const order = ['format', 'lint', 'install', 'tests'];
      expect(starts({})).toEqual(order);
      expect(starts({ expected: new Map() })).toEqual(order);
      const equal = expectedOf({ format: [5], lint: [5], install: [5], tests: [5], ui: [0] });
      expect(starts({ expected: equal })).toEqual(order);
      expect(starts({ expected: all, jobs: 1 })).toEqual(['format']);
    });

    it('takes a step that nobody has timed for one like the others', () => {
      const expected = expectedOf({ format: [100], lint: [900], install: [10], tests: [400], ui: [0] });
      const grown = [...steps, { name: 'new', needs: [] }];
      const states = new Map([...waiting, ['new', 'waiting'] as const]);
      // (100 + 900 + 10 + 400 + 0) / 5 = 282
      expect(starts({ steps: grown, states, expected, jobs: 6 })).toEqual([
        'lint',
        'tests',
        'new',
        'format',
        'install',
      ]);
    });

    it('holds a step back that has no room in memory beside those that run, and never all of them', () => {
      const expected = expectedOf({ tests: [900, 5], ui: [0, 1], install: [500, 4], lint: [100, 1], format: [50, 9] });
      expect(starts({ expected, memoryBytes: 6 })).toEqual(['tests', 'lint']);
      expect(starts({ expected, memoryBytes: 4 })).toEqual(['tests']);
      const running = new Map([...waiting, ['tests', 'running'] as const]);
      expect(starts({ states: running, expected, memoryBytes: 5 })).toEqual([]);
      expect(starts({ states: running, expected, memoryBytes: 6 })).toEqual(['lint']);
      const ended = new Map([...waiting, ...['tests', 'lint', 'install'].map((name) => [name, 'passed'] as const)]);
      expect(starts({ states: ended, expected, memoryBytes: 6 })).toEqual(['format']);
    });
  });

  it('runs the steps of one job one after another, whatever they need: they share files and ports', () => {
    const steps = [
      { name: 'a', needs: [], job: 'tests' },
      { name: 'b', needs: [], job: 'tests' },
      { name: 'c', needs: [], job: 'lint' },
      { name: 'd', needs: [] },
      { name: 'e', needs: [] },
    ];
    const states = new Map<string, StepState>(steps.map(({ name }) => [name, 'waiting']));
    const moves = (): readonly string[] => nextMoves({ steps, states, jobs: 8, failFast: false }).start;
    expect(moves()).toEqual(['a', 'c', 'd', 'e']);
    states.set('a', 'running');
    expect(moves()).toEqual(['c', 'd', 'e']);
    states.set('a', 'failed');
    expect(moves()).toEqual(['b', 'c', 'd', 'e']);
  });

  it('names the failed step at the root, not the skipped one in between', () => {
    const steps = [
      { name: 'install', needs: [] },
      { name: 'build', needs: ['install'] },
      { name: 'pack', needs: ['build'] },
    ];
    const states = new Map<string, StepState>([
      ['install', 'failed'],
      ['build', 'waiting'],
      ['pack', 'waiting'],
    ]);
    expect(nextMoves({ steps, states, jobs: 2, failFast: false })).toEqual({
      start: [],
      notRun: [
        { step: 'build', outcome: 'skipped', reason: 'needs', because: 'install' },
        { step: 'pack', outcome: 'skipped', reason: 'needs', because: 'install' },
      ],
      done: true,
    });
  });

  it('lets a needed step be cached', () => {
    const steps = [
      { name: 'a', needs: [] },
      { name: 'b', needs: ['a'] },
    ];
    const states = new Map<string, StepState>([
      ['a', 'cached'],
      ['b', 'waiting'],
    ]);
    expect(nextMoves({ steps, states, jobs: 1, failFast: true }).start).toEqual(['b']);
  });

  it('runs what always runs once all that it needs is over, however that ended', () => {
    const steps = [
      { name: 'tests', needs: [] },
      { name: 'coverage', needs: ['tests'], always: true as const },
      { name: 'deploy', needs: ['tests', 'coverage'] },
    ];
    const states = new Map<string, StepState>(steps.map(({ name }) => [name, 'waiting']));
    states.set('tests', 'running');
    expect(nextMoves({ steps, states, jobs: 9, failFast: false })).toMatchObject({ start: [], notRun: [] });
    states.set('tests', 'failed');
    expect(nextMoves({ steps, states, jobs: 9, failFast: false })).toMatchObject({
      start: ['coverage'],
      notRun: [{ step: 'deploy', outcome: 'skipped', because: 'tests' }],
    });
    const stopped = nextMoves({ steps, states, jobs: 9, failFast: false, stopped: 'interrupted' });
    expect(stopped.notRun.map(({ step }) => step)).toEqual(['coverage', 'deploy']);
  });

  it('runs what ends a started job after its failure, and not when the job never began', () => {
    const steps = [
      { name: 'build', needs: [] },
      { name: 'tests', needs: ['build'], job: 'tests' },
      { name: 'more', needs: ['tests'], job: 'tests' },
      { name: 'after', needs: ['tests', 'more'], job: 'tests', always: 'started' as const },
    ];
    const states = new Map<string, StepState>(steps.map(({ name }) => [name, 'waiting']));
    states.set('build', 'failed');
    expect(nextMoves({ steps, states, jobs: 1, failFast: false })).toMatchObject({
      start: [],
      notRun: [{ step: 'tests' }, { step: 'more' }, { step: 'after', outcome: 'skipped', because: 'build' }],
      done: true,
    });
    states.set('build', 'passed').set('tests', 'failed');
    expect(nextMoves({ steps, states, jobs: 1, failFast: false })).toMatchObject({
      start: ['after'],
      notRun: [{ step: 'more' }],
    });
  });

  it('goes on after a failure that is allowed: with all that needs it, or with what is not of its job', () => {
    const steps = [
      { name: 'lint', needs: [], job: 'new', allowFailure: 'job' as const },
      { name: 'test', needs: ['lint'], job: 'new', allowFailure: 'job' as const },
      { name: 'report', needs: ['test'], job: 'new' },
      { name: 'deploy', needs: ['report'], job: 'deploy' },
      { name: 'docs', needs: [], allowFailure: 'step' as const },
      { name: 'links', needs: ['docs'] },
    ];
    const states = new Map<string, StepState>(steps.map(({ name }) => [name, 'waiting']));
    states.set('lint', 'tolerated').set('docs', 'tolerated');
    const first = nextMoves({ steps, states, jobs: 9, failFast: true });
    expect(first.notRun).toEqual([
      { step: 'test', outcome: 'skipped', reason: 'needs', because: 'lint' },
      { step: 'report', outcome: 'skipped', reason: 'needs', because: 'lint' },
    ]);
    expect(first.start).toEqual(['deploy', 'links']);
    // The same once these are settled, and not for what was skipped for another reason.
    states.set('test', 'skipped').set('report', 'skipped');
    expect(nextMoves({ steps, states, jobs: 9, failFast: true }).start).toEqual(['deploy', 'links']);
    states.set('lint', 'failed');
    expect(nextMoves({ steps, states, jobs: 9, failFast: false }).notRun).toEqual([
      { step: 'deploy', outcome: 'skipped', reason: 'needs', because: 'report' },
    ]);
  });

  it('takes a circle and an unknown need for the bugs they are', () => {
    const circle = [
      { name: 'a', needs: ['b'] },
      { name: 'b', needs: ['a'] },
    ];
    const waiting = new Map<string, StepState>([
      ['a', 'waiting'],
      ['b', 'waiting'],
    ]);
    expect(() => nextMoves({ steps: circle, states: waiting, jobs: 1, failFast: false })).toThrow('circle');
    const unknown = [{ name: 'a', needs: ['x'] }];
    expect(() => nextMoves({ steps: unknown, states: new Map([['a', 'waiting']]), jobs: 1, failFast: false })).toThrow(
      'needed step x',
    );
  });
});
