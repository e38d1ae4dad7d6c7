import { createPaint } from '../../paint.ts';
import { plainFailureLines } from '../../plain-failure.ts';
import { summary } from '../../words.ts';
import type { RunReport } from '../run-report.ts';
import { failedStep } from './failed-step.ts';
import { decided, receiptPart } from './facts.ts';
import { icon } from './icon.ts';
import { markup, type Markup } from './markup.ts';
import { anchorOf, sign, signs, standingOf } from './outcome.ts';
import { noFacts, type PageFacts } from './page-facts.ts';
import { outputs, stepTable } from './step-table.ts';
import { style } from './style.ts';
import { timeline } from './timeline.ts';
import { versionsPart } from './versions.ts';
import { whatToDo, withCode } from './what-to-do.ts';

/** The run as one page that loads nothing and runs nothing: its outcome, what failed and what to do, all steps in time, what decided it. */
export function htmlReport(report: RunReport, facts: PageFacts = noFacts): string {
  const { finished, steps, project } = report;
  const failed = steps.flatMap((step, index) =>
    step.finished?.outcome === 'failed' ? [failedStep(step, index, facts.sources)] : [],
  );
  const parts: readonly (Markup | undefined)[] = [
    stopped(report),
    failed.length === 0
      ? undefined
      : markup`<section aria-labelledby="failed">\n<h2 id="failed">What failed</h2>\n${failed}</section>\n`,
    notes(report),
    timeline(report),
    stepTable(report, facts),
    outputs(report, facts),
    versionsPart(facts.versions),
    decided(report),
    receiptPart(report),
  ];
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<title>${signs[finished.outcome]} ${project === '' ? 'parity' : project}: ${headline(report)}</title>
<link rel="icon" href="${icon(finished.outcome)}">
<style>${{ html: style }}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
${banner(report)}<main id="main" tabindex="-1">
${parts}</main>
<footer><p>Written by parity ${report.parity}. This page loads nothing and runs nothing.</p></footer>
</body>
</html>
`;
  return page.html;
}

function headline({ finished, steps }: RunReport): string {
  return steps.length === 0 ? 'could not go on' : summary(finished, createPaint(false));
}

function banner(report: RunReport): Markup {
  const { finished, project, startedAt, receipt, steps } = report;
  const { outcome } = finished;
  const name = project === '' ? 'The run' : project;
  const begun = markup`<time datetime="${startedAt}">${startedAt.slice(0, 16).replace('T', ' ')} UTC</time>`;
  const commit =
    receipt === null || receipt.commit === null
      ? undefined
      : markup`<li>commit <code>${receipt.commit.slice(0, 12)}</code>${receipt.dirty ? ' with changes' : ''}</li>`;
  const where = receipt === null ? undefined : markup`<li>${receipt.platform}</li>`;
  return markup`<header class="banner ${outcome}">
<p class="sign">${sign(outcome)}</p>
<div>
<h1>${name} ${outcomeWords[outcome]}</h1>
<p class="headline">${headline(report)}</p>
<ul class="meta"><li>${begun}</li>${commit}${where}<li>parity ${report.parity}</li></ul>
</div>
</header>
${steps.length === 0 ? undefined : glance(report)}`;
}

const outcomeWords = { passed: 'passed', failed: 'failed', cancelled: 'was cancelled' } as const;

/** Every step and how it stands, leading to its part of the page, or to its row. */
function glance({ steps }: RunReport): Markup {
  const items = steps.map(({ planned, finished }, index) => {
    const standing = standingOf(finished);
    const word = standing === 'waiting' ? 'not run' : standing;
    return markup`<li><a class="pill ${standing}" href="#${anchorOf(index)}">${sign(standing)} ${planned.name}<span class="unseen"> ${word}</span></a></li>\n`;
  });
  return markup`<nav aria-label="Steps"><ul class="pills">
${items}</ul></nav>
`;
}

/** Why the run could not go on. */
function stopped({ finished: { failure } }: RunReport): Markup | undefined {
  if (failure === undefined) return undefined;
  const { next, ...rest } = failure;
  return markup`<section class="card error" aria-labelledby="stopped">
<h2 id="stopped">${failure.reason === 'interrupted' ? 'It was interrupted' : 'Why it could not go on'}</h2>
<pre class="error">${plainFailureLines(rest).join('\n')}</pre>
${whatToDo(next === undefined ? [] : [next])}</section>
`;
}

/** What parity had to say, warnings first. */
function notes({ notes: all }: RunReport): Markup | undefined {
  if (all.length === 0) return undefined;
  const ordered = [...all.filter((one) => one.severity === 'warning'), ...all.filter((one) => one.severity === 'note')];
  return markup`<section aria-labelledby="notes">
<h2 id="notes">Notes</h2>
<ul class="notes">
${ordered.map(({ severity, message, hint }) => {
  const tip = hint === undefined ? undefined : markup`<br><span class="dim said">${withCode(hint)}</span>`;
  return markup`<li><span class="badge ${severity}">${severity}</span> <span class="said">${withCode(message)}</span>${tip}</li>\n`;
})}</ul>
</section>
`;
}
