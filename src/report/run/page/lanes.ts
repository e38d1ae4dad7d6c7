/** A stretch of a run's time, milliseconds from its start. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

// An end and a start are read off the clock one after the other: what follows at once must not seem to overlap.
const slackMs = 5;

/** Divides stretches over as few lanes as there were at once, each into the first lane that is free, by their starts. */
export function lanesOf<T extends Stretch>(stretches: readonly T[]): readonly (readonly T[])[] {
  const lanes: T[][] = [];
  for (const stretch of [...stretches].sort((a, b) => a.startMs - b.startMs)) {
    const free = lanes.find((lane) => (lane.at(-1)?.endMs ?? 0) <= stretch.startMs + slackMs);
    if (free === undefined) lanes.push([stretch]);
    else free.push(stretch);
  }
  return lanes;
}

/** Where to mark an axis that ends at `wholeMs`: round times from 0 on, at most seven of them. */
export function ticksOf(wholeMs: number): readonly number[] {
  const spacing = roundSteps.find((step) => wholeMs / step <= 6) ?? Math.ceil(wholeMs / 6 / 3_600_000) * 3_600_000;
  return Array.from({ length: Math.floor(wholeMs / spacing) + 1 }, (_, index) => index * spacing);
}

const roundSteps = [
  10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];
