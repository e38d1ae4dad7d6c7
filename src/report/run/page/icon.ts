import type { RunOutcome } from '../../../pipeline/events.ts';

const drawings: Readonly<Record<RunOutcome, readonly [color: string, lines: string]>> = {
  passed: ['#15803d', 'M4.5 8.5l2.5 2.5 4.5-5.5'],
  failed: ['#b3261e', 'M5 5l6 6M11 5l-6 6'],
  cancelled: ['#7a5200', 'M4.5 8h7'],
};

/** The outcome as a picture for the browser's tab, an address that holds all of it. */
export function icon(outcome: RunOutcome): string {
  const [color, lines] = drawings[outcome];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="${color}"/><path d="${lines}" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
