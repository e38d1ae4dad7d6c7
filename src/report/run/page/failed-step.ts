import type { ToolDiagnostic } from '../../../core/tool-diagnostic.ts';
import type { StepFinished } from '../../../pipeline/events.ts';
import { formatPlace } from '../../plain-failure.ts';
import { count, duration, describeStepEnd } from '../../words.ts';
import type { ReportedStep } from '../run-report.ts';
import { codeFrame } from './code-frame.ts';
import { failedOutput } from './log.ts';
import { markup, type Markup } from './markup.ts';
import { anchorOf, sign } from './outcome.ts';
import type { SourceLines } from './page-facts.ts';
import { whatToDo } from './what-to-do.ts';

// What is in sight, and what the page holds at all: the receipt has every one.
const shownProblems = 10;
const mostProblems = 100;

/** A step that failed: why, what to do, each problem at its place in the code, what it printed. */
export function failedStep({ planned, finished, log }: ReportedStep, index: number, sources: SourceLines): Markup {
  if (finished === null) return markup``;
  const { diagnostics, diagnosticsLeftOut = 0, next, remedies, durationMs } = finished;
  const problems = diagnostics.length + diagnosticsLeftOut;
  const many = problems === 0 ? [] : [count(problems, 'problem')];
  const about = [describeStepEnd(finished), duration(durationMs), ...many].join(' · ');
  const id = anchorOf(index);
  return markup`<article class="card failed" id="${id}" aria-labelledby="${id}-name">
<h3 id="${id}-name">${sign('failed')} ${planned.name} <small>${about}</small></h3>
<p class="command"><code>${planned.run}</code></p>
${whatToDo(next, remedies)}${problemList('What is wrong', finished, sources)}${failedOutput(planned.name, log)}</article>
`;
}

/** Problems with their code: the first in sight, more folded; undefined for none. */
export function problemList(
  title: string,
  { diagnostics, diagnosticsLeftOut = 0 }: StepFinished,
  sources: SourceLines,
): Markup | undefined {
  if (diagnostics.length === 0) return undefined;
  const known = diagnostics.slice(0, mostProblems);
  const items = known.map((one) => problem(one, sources));
  const shown = items.slice(0, shownProblems);
  const more = items.slice(shownProblems);
  const unseen = diagnostics.length - known.length + diagnosticsLeftOut;
  const folded =
    more.length === 0
      ? undefined
      : markup`<details><summary>${count(more.length, 'more problem')}</summary>
<ol class="problems" start="${shown.length + 1}">
${more}</ol>
</details>
`;
  return markup`<h4>${title}</h4>
<ol class="problems">
${shown}</ol>
${folded}${unseen === 0 ? undefined : markup`<p class="dim">${count(unseen, 'problem')} beyond these: --reporter json tells them.</p>\n`}`;
}

function problem(one: ToolDiagnostic, sources: SourceLines): Markup {
  const place = formatPlace(one);
  const [first = '', ...rest] = one.message.split('\n');
  const where = place === '' ? undefined : markup` <code class="place">${place}</code>`;
  const test = one.test === undefined ? undefined : markup` <code>${one.test}</code>`;
  const about = [one.tool, ...(one.code === null ? [] : [one.code])].join(' ');
  const more = rest.length === 0 ? undefined : markup`<pre class="more">${rest.join('\n')}</pre>\n`;
  return markup`<li>
<p><span class="badge ${one.severity}">${one.severity}</span>${where}${test} <span class="dim">${about}</span></p>
<p class="message">${first}</p>
${more}${codeFrame(one, sources)}</li>
`;
}
