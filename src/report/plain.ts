import type { Failure } from '../core/failure.ts';
import type { RunEvent, RunFinished } from '../pipeline/events.ts';
import { formatFailure } from './failures.ts';
import { createPaint, type Paint } from './paint.ts';
import type { Reporter, ReportOutput } from './reporter.ts';
import { RunState, failureBlock, recap, type EndedStep, type KeptLogs } from './run-state.ts';
import { duration, noteLines, paintOutcome, phaseName, describeProgress, summary, describeStepEnd } from './words.ts';

// A set-up phase that took less is not worth a line: a warm run has several of them.
const quickMs = 300;
// After this long without a line the reporter names what still runs: CI systems kill silent jobs, and people wonder.
const silenceMs = 30_000;
// More lines than a screen shows: then the end repeats the failures in short.
const screenLines = 40;

/** Takes the place of a step's line and, with verbose, of its output. */
export type StepEndListener = (line: string, step: EndedStep) => void;

/**
 * Whole lines in order, for CI and pipes. Set-up and notes go to stderr. Stdout gets a line for each step as it ends, then each failing
 * step's own output as one block with what to type next, then the summary.
 */
export class PlainReporter implements Reporter {
  private readonly output: ReportOutput;
  private readonly onStepEnded: StepEndListener | undefined;
  private readonly paint: Paint;
  private readonly state: RunState;
  private lastLineAt = performance.now();
  private readonly heartbeat: NodeJS.Timeout;

  constructor(output: ReportOutput, onStepEnded?: StepEndListener) {
    this.output = output;
    this.onStepEnded = onStepEnded;
    this.paint = createPaint(output.color);
    this.state = new RunState(output);
    this.heartbeat = setInterval(() => this.reportSilence(), silenceMs / 6);
    this.heartbeat.unref();
  }

  event(event: RunEvent): void {
    const ended = this.state.onEvent(event);
    const { verbose } = this.output;
    switch (event.type) {
      case 'run-started':
        if (verbose) this.writeProgress(`${event.configSource}: ${event.steps.length} steps, ${event.jobs} at once`);
        return;
      case 'note':
        for (const line of noteLines(event, this.paint)) this.writeProgress(line);
        return;
      case 'phase-started':
        if (verbose || event.phase === 'image' || event.phase === 'base')
          this.writeProgress(`${phaseName(event.phase)}: ${event.title}`);
        return;
      case 'phase-progress':
        this.onPhaseProgress(event);
        return;
      case 'phase-finished':
        // Why it failed is the run's failure, which stands in full at the end.
        if (verbose || !event.ok || event.durationMs >= quickMs)
          this.writeProgress(
            `${phaseName(event.phase)}: ${event.ok ? event.result : 'failed'} (${duration(event.durationMs)})`,
          );
        return;
      case 'step-started':
        if (verbose) this.writeProgress(`started   ${event.step}: ${event.command.trim()}`);
        return;
      case 'step-output':
        return;
      case 'step-finished':
        if (ended !== undefined) this.reportStepEnd(ended);
        return;
      case 'run-finished':
        this.reportRunEnd(event);
        return;
      default:
        return event satisfies never;
    }
  }

  failed(failure: Failure): void {
    this.output.err.write(`${formatFailure(failure, this.paint)}\n`);
  }

  logs(): KeptLogs | undefined {
    return this.state.logs();
  }

  result(text: string): void {
    this.output.out.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
  }

  private onPhaseProgress({ phase, progress }: Extract<RunEvent, { type: 'phase-progress' }>): void {
    const { verbose } = this.output;
    if (progress.type === 'output') {
      if (verbose) this.writeProgress(`  ${progress.text.trimEnd()}`);
      return;
    }
    if (progress.type !== 'step' || (!verbose && isBookkeeping(progress))) return;
    this.writeProgress(`${phaseName(phase)}: ${oneLine(describeProgress(progress) ?? '')}`);
  }

  private reportStepEnd(step: EndedStep): void {
    const { quiet, verbose } = this.output;
    const { finished, log } = step;
    const word = paintOutcome(finished.outcome, this.paint)(finished.outcome.padEnd(9));
    const name = finished.step.padEnd(this.state.nameWidth());
    const time = finished.outcome === 'skipped' || finished.durationMs === 0 ? '' : duration(finished.durationMs);
    const line = `${word} ${name}  ${time.padStart(8)}  ${describeStepEnd(finished)}`.trimEnd();
    if (this.onStepEnded !== undefined) {
      this.lastLineAt = performance.now();
      this.onStepEnded(line, step);
    } else if (!quiet || finished.outcome === 'failed') this.writeResult(line);
    if (finished.outcome === 'failed') return;
    if (verbose && this.onStepEnded === undefined) for (const each of log.lines()) this.writeResult(`  ${each}`);
    log.drop();
  }

  private reportRunEnd(run: RunFinished): void {
    let lines = 0;
    const failing = this.state.failing();
    for (const step of failing) {
      const block = failureBlock(step, this.output.verbose, this.paint);
      const why = describeStepEnd(step.finished);
      this.writeResult('');
      this.writeResult(this.paint.red(`--- ${step.finished.step}${why === '' ? '' : `: ${why}`}`));
      for (const line of block) this.writeResult(line);
      lines += block.length + 2;
    }
    if (failing.length > 1 && lines > screenLines) {
      this.writeResult('');
      for (const line of recap(failing, this.state.nameWidth(), this.paint)) this.writeResult(line);
    }
    if (run.failure !== undefined) this.failed(run.failure);
    if (this.state.endedCount() === 0) return;
    if (failing.length > 0) this.writeResult('');
    this.writeResult(summary(run, this.paint));
  }

  private reportSilence(): void {
    const now = performance.now();
    const running = [...this.state.running()].map(([step, startedAt]) => `${step} (${duration(now - startedAt)})`);
    if (running.length > 0 && now - this.lastLineAt >= silenceMs)
      this.writeProgress(`still running: ${running.join(', ')}`);
  }

  private writeResult(line: string): void {
    this.lastLineAt = performance.now();
    this.output.out.write(`${line}\n`);
  }

  private writeProgress(line: string): void {
    if (this.output.quiet) return;
    this.lastLineAt = performance.now();
    this.output.err.write(`${line}\n`);
  }
}

/** An instruction of a build that takes no time and says nothing: cached, or metadata. */
function isBookkeeping({ title, cached }: { readonly title: string; readonly cached: boolean }): boolean {
  return cached || !/^(?:\[[^\]]*\] )?(?:RUN|COPY|ADD|FROM)\b/i.test(title);
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
