import { count, duration, size } from '../../words.ts';
import type { ReportedStep, RunReport } from '../run-report.ts';
import { problemList } from './failed-step.ts';
import { folded } from './log.ts';
import { markup, type Markup } from './markup.ts';
import { anchorOf, outcomeBadge, standingOf } from './outcome.ts';
import type { PageFacts } from './page-facts.ts';
import { withCode } from './what-to-do.ts';

/** All steps in the plan's order: how each ended, what it took, why it ran or did not have to. Undefined when there is no plan. */
export function stepTable({ steps }: RunReport, { why }: Pick<PageFacts, 'why'>): Markup | undefined {
  if (steps.length === 0) return undefined;
  return markup`<section aria-labelledby="steps">
<h2 id="steps">Steps</h2>
<table class="steps">
<thead><tr><th scope="col">Step</th><th scope="col">Outcome</th><th scope="col" class="number">Time</th><th scope="col" class="number wide">CPU</th><th scope="col" class="number wide">Memory</th></tr></thead>
<tbody>
${steps.map((step, index) => row(step, index, why.get(step.planned.name)))}</tbody>
</table>
</section>
`;
}

function row(step: ReportedStep, index: number, why: string | undefined): Markup {
  const { planned, finished, startedMs } = step;
  const isElsewhere = hasPart(step);
  const name = isElsewhere ? markup`<a href="#${anchorOf(index)}">${planned.name}</a>` : planned.name;
  const id = isElsewhere ? undefined : markup` id="${anchorOf(index)}"`;
  const time = finished === null || finished.durationMs === 0 ? '' : duration(finished.durationMs);
  const start = startedMs === null ? undefined : markup` <br><span class="dim">from ${duration(startedMs)}</span>`;
  const cpu = finished === null || finished.cpuMs === null ? '' : duration(finished.cpuMs);
  const memory = finished === null || finished.peakMemoryBytes === null ? '' : size(finished.peakMemoryBytes);
  // Of a step whose turn never came, its outcome says why.
  const hadTurn = ['passed', 'failed', 'tolerated', 'cached'].includes(standingOf(finished));
  const reason = why === undefined || !hadTurn ? undefined : markup`<br><span class="dim">${withCode(why)}</span>`;
  return markup`<tr${id}><th scope="row">${name}<br><code class="dim">${shortCommand(planned.run)}</code></th><td>${outcomeBadge(finished)}${reason}</td><td class="number">${time}${start}</td><td class="number wide">${cpu}</td><td class="number wide">${memory}</td></tr>
`;
}

function shortCommand(run: string): string {
  const [first = '', ...more] = run.trim().split('\n');
  const cut = first.length > 100 ? first.slice(0, 100) : first;
  return cut.length < first.length || more.length > 0 ? `${cut} …` : cut;
}

/** A step has a part of its own on the page when it failed, or when it said something. */
function hasPart({ finished, log }: ReportedStep): boolean {
  return finished !== null && (finished.outcome === 'failed' || log.length > 0 || finished.diagnostics.length > 0);
}

/** What the steps printed that did not fail, folded, warnings first; undefined when they were all silent. */
export function outputs(
  { steps, finished: { counts } }: RunReport,
  { sources }: Pick<PageFacts, 'sources'>,
): Markup | undefined {
  const parts = steps.flatMap((step, index) => {
    const { planned, finished, log } = step;
    if (!hasPart(step) || finished === null || finished.outcome === 'failed') return [];
    const warnings = finished.diagnostics.length + (finished.diagnosticsLeftOut ?? 0);
    const what = [count(log.length, 'line'), ...(warnings === 0 ? [] : [count(warnings, 'warning')])].join(', ');
    const summary = markup`<span class="${standingOf(finished)}">${planned.name}</span> <span class="dim">${what}</span>`;
    const list = problemList('What the tools warned of', finished, sources);
    return [markup`<div id="${anchorOf(index)}">${folded(summary, planned.name, log, list)}</div>\n`];
  });
  if (parts.length === 0) return undefined;
  return markup`<section class="folded" aria-labelledby="output">
<h2 id="output">${counts.failed > 0 ? 'Output of the other steps' : 'Output'}</h2>
${parts}</section>
`;
}
