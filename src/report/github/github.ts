import { appendFileSync, statSync } from 'node:fs';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Failure } from '../../core/failure.ts';
import type { PlannedStep, RunFinished } from '../../pipeline/events.ts';
import { excerpt } from '../excerpt.ts';
import { plainReporter } from '../plain.ts';
import type { Reporter, ReportOutput } from '../reporter.ts';
import type { EndedStep } from '../run-state.ts';
import { count } from '../words.ts';
import { runAnnotations } from './annotations.ts';
import { jobSummary, type SummarisedRun, type SummarisedStep } from './job-summary.ts';
import { annotation, groupEnd, groupStart, inertStream } from './workflow-commands.ts';

/** What GitHub's runner offers beside the log. */
export interface GithubOutput extends ReportOutput {
  /** Where the job's summary is gathered ($GITHUB_STEP_SUMMARY). */
  readonly summaryFile?: string;
  readonly linkTo?: SummarisedRun['linkTo'];
  /** The path from the repository's top of a file that a diagnostic of parity's own names; undefined when it is not there. */
  readonly fileFromTop?: (file: string) => string | undefined;
  /** Makes the token of a `::stop-commands::`; random by default. */
  readonly token?: () => string;
}

// https://docs.github.com/actions/reference/workflow-commands-for-github-actions: what a step may add to the summary.
const summaryBytes = 1024 * 1024;
// More of a step's output in the log helps nobody, and makes GitHub's page unusable.
const foldedLines = 10_000;

/**
 * The plain reporter for GitHub's logs: each step's output is folded under its line, what failed stands open at the end with an annotation
 * for each problem at its place in the code, and the job's summary has it all in a table. What steps print is never obeyed as a command.
 */
export function githubReporter(output: GithubOutput): Reporter {
  const raw = (line: string): void => output.out.write(`${line}\n`);
  const out = inertStream(output.out, output.token);
  const err = inertStream(output.err, output.token);
  let planned: readonly PlannedStep[] = [];
  const ended = new Map<string, SummarisedStep>();
  const tellEnded = (line: string, { finished, log }: EndedStep): void => {
    const failed = finished.outcome === 'failed';
    ended.set(finished.step, { finished, excerpt: failed ? excerpt(log.lastLines()).lines : [] });
    if (output.quiet && !failed) return;
    const total = log.lineCount();
    if (total === 0) {
      out.write(`${line}\n`);
      return;
    }
    raw(groupStart(line));
    const hidden = total - foldedLines;
    if (hidden > 0) out.write(`(without the first ${count(hidden, 'line')})\n`);
    let index = 0;
    let text = '';
    for (const each of log.lines()) {
      index += 1;
      if (index > hidden) text += `${each}\n`;
    }
    out.write(text);
    raw(groupEnd);
  };
  const plain = plainReporter({ ...output, out, err }, tellEnded);

  const conclude = (run: RunFinished): void => {
    const steps = planned.flatMap(({ name }) => ended.get(name) ?? []);
    const { lines, notShown } = runAnnotations(steps.map(({ finished }) => finished));
    for (const line of lines) raw(line);
    if (notShown.error + notShown.warning > 0) raw(`(${unshown(notShown)}: GitHub shows ten of each kind)`);
    if (run.failure !== undefined) annotate(run.failure);
    plain.event(run);
    writeSummary({ run, steps, ...(output.linkTo === undefined ? {} : { linkTo: output.linkTo }) });
  };

  const annotate = (failure: Failure): void => {
    if (failure.reason === 'interrupted') return;
    const diagnostics = failure.diagnostics ?? [];
    for (const diagnostic of diagnostics) raw(ownAnnotation(diagnostic, output.fileFromTop));
    const words = [failure.message, failure.detail, failure.next].filter((part) => part !== undefined).join('\n');
    if (diagnostics.length === 0) raw(annotation('error', words, { title: `parity: ${failure.reason}` }));
  };

  const writeSummary = (run: SummarisedRun): void => {
    const { summaryFile } = output;
    if (summaryFile === undefined) return;
    try {
      const text = jobSummary(run, summaryBytes - sizeOf(summaryFile));
      if (text !== '') appendFileSync(summaryFile, text);
    } catch (error) {
      err.write(
        `warning: the job's summary can't be written: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  };

  return {
    ...plain,
    event(event) {
      if (event.type === 'run-finished') {
        conclude(event);
        return;
      }
      if (event.type === 'run-started') planned = event.steps;
      plain.event(event);
    },
    result(text, how) {
      if (how === 'obeyed') raw(text);
      else plain.result(text);
    },
    failed(failure) {
      annotate(failure);
      plain.failed(failure);
    },
  };
}

/** A problem in parity's own files. */
function ownAnnotation(diagnostic: Diagnostic, fileFromTop: GithubOutput['fileFromTop']): string {
  const { severity, code, message, hint, file, span } = diagnostic;
  const found = fileFromTop?.(file);
  const place = { line: span.line, endLine: span.endLine, col: span.column, endColumn: span.endColumn };
  const words = [message, ...(hint === undefined ? [] : [hint])].join('\n');
  return annotation(severity === 'note' ? 'notice' : severity, words, {
    title: `parity ${code}`,
    ...(found === undefined ? {} : { file: found, ...place }),
  });
}

function unshown({ error, warning }: { readonly error: number; readonly warning: number }): string {
  const kinds = [
    ...(error > 0 ? [count(error, 'more error')] : []),
    ...(warning > 0 ? [count(warning, 'more warning')] : []),
  ];
  return kinds.join(' and ');
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
