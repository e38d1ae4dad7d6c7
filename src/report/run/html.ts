import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import { createPaint } from '../paint.ts';
import { failureWords, placeOf } from '../said.ts';
import { count, duration, size, summary, whyEnded } from '../words.ts';
import { style } from './html-style.ts';
import { markup, type Markup } from './markup.ts';
import type { ReportedStep, RunReport } from './run-report.ts';

// A page of thousands of lines is no help; the log and the receipt have them all.
const mostDiagnostics = 100;

/** The run as one page that loads nothing and runs nothing: its outcome, what failed and what to do, all steps in time, what decided it. */
export function htmlReport(report: RunReport): string {
  const { finished, steps, project, startedAt } = report;
  const failed = steps.filter((step) => step.finished?.outcome === 'failed');
  const headline = steps.length === 0 ? 'could not go on' : summary(finished, createPaint(false));
  const begun = `${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const name = project === '' ? undefined : markup`<strong>${project}</strong> · `;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${headline} · ${project === '' ? 'parity' : project}</title>
<style>${{ html: style }}</style>
</head>
<body>
<header>
<h1><span class="${finished.outcome}">${outcomeWords[finished.outcome]}</span>: ${headline}</h1>
<p class="dim">${name}<time datetime="${startedAt}">${begun}</time> · parity ${report.parity}</p>
</header>
<main>
${failureOf(report)}${failed.length === 0 ? undefined : markup`<h2>What failed</h2>\n`}${failed.map(failedStep)}${stepsTable(report)}${steps.map(quietStep)}${facts(report)}
</main>
</body>
</html>
`;
  return page.html;
}

const outcomeWords = { passed: 'Passed', failed: 'Failed', cancelled: 'Cancelled' } as const;

function failureOf({ finished: { failure } }: RunReport): Markup | undefined {
  return failure === undefined ? undefined : markup`<pre class="error">${failureWords(failure).join('\n')}</pre>\n`;
}

function failedStep({ planned, finished, excerpt }: ReportedStep): Markup | undefined {
  if (finished === null) return undefined;
  const { diagnostics, diagnosticsLeftOut = 0, next } = finished;
  const shown = diagnostics.slice(0, mostDiagnostics);
  const more = diagnostics.length - shown.length + diagnosticsLeftOut;
  return markup`<section class="step" aria-label="${planned.name}">
<h3>${planned.name} <span class="failed">${whyEnded(finished)}</span></h3>
<p><code>${planned.run}</code></p>
${said(shown)}${more === 0 ? undefined : markup`<p>${count(more, 'more problem')}</p>\n`}${
    next.length === 0 ? undefined : markup`<pre><strong>${next.join('\n')}</strong></pre>\n`
  }${output(excerpt)}</section>
`;
}

function said(diagnostics: readonly ToolDiagnostic[]): Markup | undefined {
  return diagnostics.length === 0 ? undefined : markup`<ul>\n${diagnostics.map(diagnosticItem)}</ul>\n`;
}

function diagnosticItem(one: ToolDiagnostic): Markup {
  const place = placeOf(one);
  const [first = '', ...rest] = one.message.split('\n');
  const where = place === '' ? undefined : markup`<code>${place}</code> `;
  const test = one.test === undefined ? undefined : markup`<code>${one.test}</code> `;
  const about = markup`<span class="dim">(${[one.tool, ...(one.code === null ? [] : [one.code])].join(' ')})</span>`;
  const more = rest.length === 0 ? undefined : markup`<pre>${rest.join('\n')}</pre>`;
  return markup`<li><span class="${one.severity}">${one.severity}</span> ${where}${test}${first} ${about}${more}</li>\n`;
}

function output({ lines, shortened }: ReportedStep['excerpt']): Markup {
  if (lines.length === 0) return markup`<p class="dim">(it printed nothing)</p>\n`;
  const cut = shortened ? markup`<p class="dim">There is more of it in the log.</p>\n` : undefined;
  return markup`<pre>${lines.join('\n')}</pre>\n${cut}`;
}

function stepsTable({ steps, finished }: RunReport): Markup | undefined {
  if (steps.length === 0) return undefined;
  const whole = Math.max(1, finished.durationMs, ...steps.map(endOf));
  return markup`<h2>Steps</h2>
<table>
<thead><tr><th scope="col">step</th><th scope="col">outcome</th><th scope="col">time</th><th scope="col">when</th></tr></thead>
<tbody>
${steps.map((step) => row(step, whole))}</tbody>
</table>
`;
}

function row(step: ReportedStep, whole: number): Markup {
  const { planned, finished } = step;
  const outcome = finished?.outcome ?? 'waiting';
  const time = finished === null || finished.durationMs === 0 ? '' : duration(finished.durationMs);
  const why = finished === null ? '' : whyEnded(finished);
  const word = markup`<span class="${outcome}">${finished === null ? 'not run' : outcome}</span>`;
  const reason = why === '' ? undefined : markup` <span class="dim">${why}</span>`;
  return markup`<tr><th scope="row">${planned.name}</th><td>${word}${reason}</td><td class="time">${time}</td><td class="bar">${bar(step, whole)}</td></tr>
`;
}

function bar(step: ReportedStep, whole: number): Markup | undefined {
  const { startedMs, finished } = step;
  if (startedMs === null || finished === null) return undefined;
  const percent = (ms: number): string => ((100 * ms) / whole).toFixed(2);
  const words = `${duration(startedMs)} to ${duration(endOf(step))}`;
  const place = `left:${percent(startedMs)}%;width:${percent(finished.durationMs)}%`;
  return markup`<div class="track ${finished.outcome}" role="img" aria-label="${words}"><span style="${place}"></span></div>`;
}

function endOf({ startedMs, finished }: ReportedStep): number {
  return startedMs === null ? 0 : startedMs + (finished?.durationMs ?? 0);
}

/** What other steps printed, folded; what their tools warned of first. */
function quietStep({ planned, finished, excerpt }: ReportedStep): Markup | undefined {
  if (finished === null || finished.outcome === 'failed' || excerpt.lines.length === 0) return undefined;
  const diagnostics = finished.diagnostics.slice(0, mostDiagnostics);
  const words = diagnostics.length === 0 ? 'output' : `output, ${count(diagnostics.length, 'warning')}`;
  return markup`<details><summary>${planned.name}: ${words}</summary>
${said(diagnostics)}${output(excerpt)}</details>
`;
}

function facts({ finished, receipt }: RunReport): Markup {
  const known: readonly (readonly [string, string])[] = [
    ['image', finished.imageId ?? 'none'],
    ...(receipt === null ? [] : receiptFacts(receipt)),
    ['duration', duration(finished.durationMs)],
  ];
  return markup`<h2>What decided it</h2>
<dl>
${known.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}

function receiptFacts(receipt: Receipt): readonly (readonly [string, string])[] {
  const { commit, dirty, lock, platform, engine, machine, options, files } = receipt;
  const shard = options.shard === null ? '' : `, part ${options.shard.index} of ${options.shard.of}`;
  return [
    ['commit', commit === null ? 'none' : `${commit}${dirty ? ' with changes that are not committed' : ''}`],
    ['lock', lock],
    ['platform', platform],
    ['engine', `${engine.product} ${engine.version}`],
    ['machine', `${count(machine.cpus, 'CPU')}, ${size(machine.memoryBytes)}`],
    ['run', `${options.cold ? 'cold' : 'warm'}, ${count(options.jobs, 'step')} at once${shard}`],
    ['files', count(Object.keys(files).length, 'file')],
  ];
}
