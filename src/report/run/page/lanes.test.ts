import { array, assert, nat, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lanesOf, ticksOf, type Stretch } from './lanes.ts';

describe('lanes of a timeline', () => {
  it('puts what runs at once in rows of its own, and the next into the row that is free first', () => {
    const stretch = (name: string, startMs: number, endMs: number) => ({ name, startMs, endMs });
    const lanes = lanesOf([
      stretch('types', 0, 900),
      stretch('lint', 0, 200),
      stretch('ui', 500, 700),
      // The clock was read a moment before the other one's end was told.
      stretch('tests', 198, 500),
      stretch('last', 900, 1000),
    ]);
    expect(lanes.map((lane) => lane.map(({ name }) => name))).toEqual([
      ['types', 'last'],
      ['lint', 'tests', 'ui'],
    ]);
  });

  it('never lets two in a row overlap, and has no more rows than there were at once', () => {
    const stretches = array(
      tuple(nat(1000), nat(500)).map(([start, length]): Stretch => ({
        startMs: start * 10,
        endMs: start * 10 + length * 10 + 10,
      })),
    );
    assert(
      property(stretches, (all) => {
        const lanes = lanesOf(all);
        for (const lane of lanes)
          lane.forEach(({ startMs }, index) => expect(startMs).toBeGreaterThanOrEqual(lane[index - 1]?.endMs ?? 0));
        const atOnce = all.map(({ startMs }) => all.filter((one) => one.startMs <= startMs && one.endMs > startMs));
        expect(lanes.flat().length).toBe(all.length);
        expect(lanes.length).toBe(Math.max(0, ...atOnce.map(({ length }) => length)));
      }),
    );
  });

  it('marks round times, few of them', () => {
    expect(ticksOf(6200)).toEqual([0, 2000, 4000, 6000]);
    expect(ticksOf(47)).toEqual([0, 10, 20, 30, 40]);
    expect(ticksOf(90_000_000).length).toBeLessThanOrEqual(7);
  });
});
