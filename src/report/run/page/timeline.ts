import { count, duration, phaseName } from '../../words.ts';
import type { RunReport } from '../run-report.ts';
import { lanesOf, ticksOf, type Stretch } from './lanes.ts';
import { markup, type Markup } from './markup.ts';
import { anchorOf, signs, type Standing } from './outcome.ts';

interface Bar extends Stretch {
  readonly label: string;
  readonly title: string;
  readonly look: Standing | 'phase' | 'phase failed';
  readonly anchor?: string;
}

// Set-up that took less than this is no more than a hair on the line.
const shortestPhaseMs = 20;

/** The run on a line of time, a row for each step that ran beside others; undefined when nothing took time. The table has the same in words. */
export function timeline(report: RunReport): Markup | undefined {
  const { jobs } = report;
  const steps = lanesOf(stepBars(report));
  if (steps.length === 0) return undefined;
  const phases = lanesOf(phaseBars(report));
  const ends = [...phases, ...steps].flat().map(({ endMs }) => endMs);
  const whole = Math.max(1, report.finished.durationMs, ...ends);
  const allowed = jobs === null ? '' : ` (${jobs} allowed)`;
  const atOnce =
    steps.length === 1 ? `One step at a time${allowed}.` : `Up to ${steps.length} steps at once${allowed}.`;
  const cached = report.finished.counts.cached;
  const others = cached === 0 ? '' : ` ${count(cached, 'step')} from the cache took no time.`;
  return markup`<section aria-labelledby="timeline">
<h2 id="timeline">Timeline</h2>
<p class="dim">${atOnce}${others}</p>
<div class="timeline" aria-hidden="true">
${phases.map((lane, index) => row(index === 0 ? 'set-up' : '', lane, whole))}${steps.map((lane, index) => row(`lane ${index + 1}`, lane, whole))}<div class="lane axis"><span></span><div class="track">${ticksOf(whole).map((tick) => tickOf(tick, whole))}</div></div>
</div>
</section>
`;
}

function row(name: string, lane: readonly Bar[], whole: number): Markup {
  return markup`<div class="lane"><span>${name}</span><div class="track">${lane.map((bar) => barOf(bar, whole))}</div></div>
`;
}

// Near the end there is room only before the mark.
const nearEnd = 0.9;

function tickOf(ms: number, whole: number): Markup {
  const side = ms / whole > nearEnd ? 'tick end' : 'tick';
  return markup`<span class="${side}" style="left:${percent(ms, whole)}">${ms === 0 ? '0' : duration(ms).replace('.0 ', ' ')}</span>`;
}

function barOf({ label, title, look, anchor, startMs, endMs }: Bar, whole: number): Markup {
  const place = `left:${percent(startMs, whole)};width:${percent(endMs - startMs, whole)}`;
  const text = markup`<span>${label}</span>`;
  return anchor === undefined
    ? markup`<span class="bar ${look}" style="${place}" title="${title}">${text}</span>`
    : markup`<a class="bar ${look}" style="${place}" title="${title}" tabindex="-1" href="#${anchor}">${text}</a>`;
}

function stepBars({ steps }: RunReport): readonly Bar[] {
  return steps.flatMap(({ planned: { name }, finished, startedMs }, index) => {
    if (finished === null || startedMs === null) return [];
    const { outcome, durationMs } = finished;
    const endMs = startedMs + durationMs;
    const title = `${name}: ${outcome}, ${duration(durationMs)} (from ${duration(startedMs)} to ${duration(endMs)})`;
    return [
      {
        label: `${signs[outcome]} ${name}`,
        title,
        look: outcome,
        anchor: anchorOf(index),
        startMs: startedMs,
        endMs,
      },
    ];
  });
}

function phaseBars({ phases }: RunReport): readonly Bar[] {
  return phases
    .filter(({ durationMs, ok }) => durationMs >= shortestPhaseMs || !ok)
    .map(({ phase, result, ok, startedMs, durationMs }) => ({
      label: phaseName(phase),
      title: `${phaseName(phase)}: ${result} (${duration(durationMs)})`,
      look: ok ? 'phase' : 'phase failed',
      startMs: startedMs,
      endMs: startedMs + durationMs,
    }));
}

function percent(ms: number, whole: number): string {
  return `${((100 * ms) / whole).toFixed(2)}%`;
}
