import { appendFileSync, statSync } from 'node:fs';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Failure } from '../../core/failure.ts';
import type { PlannedStep, RunEvent, RunFinished } from '../../pipeline/events.ts';
import { excerpt } from '../excerpt.ts';
import { PlainReporter } from '../plain.ts';
import type { Reporter, ReportOutput, ReportStream } from '../reporter.ts';
import type { EndedStep, KeptLogs } from '../run-state.ts';
import { count } from '../words.ts';
import { runAnnotations } from './annotations.ts';
import { jobSummary, type SummarisedRun, type SummarisedStep } from './job-summary.ts';
import { annotation, groupEnd, groupStart, inertStream } from './workflow-commands.ts';

/** What GitHub's runner offers beside the log. */
export interface GithubOutput extends ReportOutput {
  /** The file of the job's summary ($GITHUB_STEP_SUMMARY): steps append to it. */
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
 * The plain reporter for GitHub's logs. It folds each step's output under its line. What failed stands open at the end, with an annotation
 * for each problem at its place in the code, and the job's summary has it all in a table. The runner never takes what steps print for a
 * command.
 */
export class GithubReporter implements Reporter {
  private readonly output: GithubOutput;
  private readonly out: ReportStream;
  private readonly err: ReportStream;
  private readonly plain: PlainReporter;
  private readonly ended = new Map<string, SummarisedStep>();
  private planned: readonly PlannedStep[] = [];

  constructor(output: GithubOutput) {
    this.output = output;
    this.out = inertStream(output.out, output.token);
    this.err = inertStream(output.err, output.token);
    const { out, err } = this;
    this.plain = new PlainReporter({ ...output, out, err }, (line, step) => this.onStepEnded(line, step));
  }

  event(event: RunEvent): void {
    if (event.type === 'run-finished') {
      this.reportRunEnd(event);
      return;
    }
    if (event.type === 'run-started') this.planned = event.steps;
    this.plain.event(event);
  }

  result(text: string, how?: 'obeyed'): void {
    if (how === 'obeyed') this.writeCommand(text);
    else this.plain.result(text);
  }

  failed(failure: Failure): void {
    this.annotate(failure);
    this.plain.failed(failure);
  }

  logs(): KeptLogs | undefined {
    return this.plain.logs();
  }

  close(): Promise<void> {
    return this.plain.close();
  }

  private onStepEnded(line: string, { finished, log }: EndedStep): void {
    const failed = finished.outcome === 'failed';
    this.ended.set(finished.step, { finished, excerpt: failed ? excerpt(log.lastLines()).lines : [] });
    if (this.output.quiet && !failed) return;
    const total = log.lineCount();
    if (total === 0) {
      this.out.write(`${line}\n`);
      return;
    }
    this.writeCommand(groupStart(line));
    const hidden = total - foldedLines;
    if (hidden > 0) this.out.write(`(without the first ${count(hidden, 'line')})\n`);
    let index = 0;
    let text = '';
    for (const each of log.lines()) {
      index += 1;
      if (index > hidden) text += `${each}\n`;
    }
    this.out.write(text);
    this.writeCommand(groupEnd);
  }

  private reportRunEnd(run: RunFinished): void {
    const { linkTo } = this.output;
    const steps = this.planned.flatMap(({ name }) => this.ended.get(name) ?? []);
    const { lines, notShown } = runAnnotations(steps.map(({ finished }) => finished));
    for (const line of lines) this.writeCommand(line);
    if (notShown.error + notShown.warning > 0)
      this.writeCommand(`(${unshown(notShown)}: GitHub shows ten of each kind)`);
    if (run.failure !== undefined) this.annotate(run.failure);
    this.plain.event(run);
    this.writeSummary({ run, steps, ...(linkTo === undefined ? {} : { linkTo }) });
  }

  private annotate(failure: Failure): void {
    if (failure.reason === 'interrupted') return;
    const diagnostics = failure.diagnostics ?? [];
    for (const diagnostic of diagnostics) this.writeCommand(ownAnnotation(diagnostic, this.output.fileFromTop));
    const message = [failure.message, failure.detail, failure.next].filter((part) => part !== undefined).join('\n');
    if (diagnostics.length === 0)
      this.writeCommand(annotation('error', message, { title: `parity: ${failure.reason}` }));
  }

  private writeSummary(run: SummarisedRun): void {
    const { summaryFile } = this.output;
    if (summaryFile === undefined) return;
    try {
      const text = jobSummary(run, summaryBytes - sizeOf(summaryFile));
      if (text !== '') appendFileSync(summaryFile, text);
    } catch (error) {
      this.err.write(
        `warning: the job's summary can't be written: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  }

  /** Writes a line as it is, so that the runner takes it for a command. */
  private writeCommand(line: string): void {
    this.output.out.write(`${line}\n`);
  }
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
