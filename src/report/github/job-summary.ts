import { parityVersion } from '../../core/version.ts';
import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import type { RunFinished, StepFinished, StepOutcome } from '../../pipeline/events.ts';
import { createPaint } from '../paint.ts';
import { adviceLines } from '../remedy-lines.ts';
import { count, duration, summary, describeStepEnd } from '../words.ts';

/** A run for the job summary. */
export interface SummarisedRun {
  readonly run: RunFinished;
  /** In the plan's order. */
  readonly steps: readonly SummarisedStep[];
  /** The address of a file's line, where the code can be looked at. */
  readonly linkTo?: (file: string, line: number | null) => string;
}

/** A step, and the telling lines of its output if it failed. */
export interface SummarisedStep {
  readonly finished: StepFinished;
  readonly excerpt: readonly string[];
}

const marks: Readonly<Record<StepOutcome, string>> = {
  passed: '✅',
  failed: '❌',
  tolerated: '⚠️',
  cached: '☑️',
  skipped: '⏭️',
  cancelled: '⏹️',
};
const mostDiagnostics = 20;
const excerptLines = 30;

/** The run in Markdown: a table of the steps, then of each failing step what its tools said and what to type next; at most `limit` bytes. */
export function jobSummary({ run, steps, linkTo }: SummarisedRun, limit: number): string {
  const title = `## ${marks[run.outcome]} parity: ${steps.length === 0 ? 'could not go on' : summary(run, createPaint(false))}\n`;
  const table = [
    '| step | outcome | time | |',
    '|---|---|--:|---|',
    ...steps.map(({ finished }) => {
      const time = finished.durationMs === 0 ? '' : duration(finished.durationMs);
      const cells = [code(finished.step), `${marks[finished.outcome]} ${finished.outcome}`, time];
      return `| ${[...cells, plain(describeStepEnd(finished))].join(' | ')} |`;
    }),
    '',
  ].join('\n');
  const sections = [
    ...(run.failure === undefined ? [] : [failureSection(run.failure)]),
    ...steps.filter(({ finished }) => finished.outcome === 'failed').map((step) => stepSection(step, linkTo)),
  ];
  const image = run.imageId === null ? '' : `image ${code(run.imageId)} · `;
  const end = `\n<sub>${image}parity ${parityVersion}</sub>\n\n`;
  return fitted([title, ...(steps.length === 0 ? [] : [table]), ...sections], end, limit);
}

function failureSection({ message, detail, next }: NonNullable<RunFinished['failure']>): string {
  return `${plain(message)}\n${detail === undefined ? '' : fenced(detail.split('\n').slice(-excerptLines))}${nextBlock(next?.split('\n') ?? [])}`;
}

function stepSection({ finished, excerpt }: SummarisedStep, linkTo: SummarisedRun['linkTo']): string {
  const { step, diagnostics, diagnosticsLeftOut = 0 } = finished;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const rows = errors.slice(0, mostDiagnostics).map((one) => row(one, linkTo));
  const more = errors.length - rows.length + diagnosticsLeftOut;
  const body =
    rows.length > 0
      ? `\n${rows.join('\n')}\n${more > 0 ? `\n${count(more, 'more problem')}\n` : ''}`
      : fenced(excerpt.slice(-excerptLines));
  return `\n### ${plain(step)}\n${body}${nextBlock(adviceLines(finished).map(({ text }) => text))}`;
}

function row(
  { tool, code: of, message, file, line, column, test }: ToolDiagnostic,
  linkTo: SummarisedRun['linkTo'],
): string {
  const [first = '', ...rest] = message.split('\n');
  const place = [file, line, column].filter((part) => part !== null).join(':');
  const shown = file === null ? '' : linkTo === undefined ? code(place) : `[${code(place)}](${linkTo(file, line)})`;
  const about = [tool, ...(of === null ? [] : [of])].join(' ');
  const words = [shown, ...(test === undefined ? [] : [code(test)]), `${plain(first)} (${plain(about)})`];
  return `- ${words.filter((word) => word !== '').join(' ')}${rest.length === 0 ? '' : indented(fenced(rest.slice(0, 8)))}`;
}

function nextBlock(next: readonly string[]): string {
  return next.length === 0 ? '' : fenced(next);
}

/** A block of code whose fence is longer than any in it. */
function fenced(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const longest = Math.max(2, ...[...lines.join('\n').matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `\n${fence}text\n${lines.join('\n')}\n${fence}\n`;
}

function indented(block: string): string {
  return block.trimEnd().replaceAll('\n', '\n  ');
}

function code(text: string): string {
  return `<code>${plain(text)}</code>`;
}

/** Text as it is: what Markdown or HTML could read something into becomes an entity. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>()#+!|~&$@]/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}

function fitted(parts: readonly string[], end: string, limit: number): string {
  const bytes = (text: string): number => Buffer.byteLength(text);
  const shortened = '\n_Shortened: there is more in the log._\n';
  let left = limit - bytes(end) - bytes(shortened);
  const kept: string[] = [];
  for (const part of parts) {
    left -= bytes(part);
    if (left < 0) return kept.length === 0 ? '' : `${kept.join('')}${shortened}${end}`;
    kept.push(part);
  }
  return `${kept.join('')}${end}`;
}
