import type { Ora } from 'ora';
import type { Failure } from '../core/failure.ts';
import type { Phase } from '../core/progress.ts';
import type { RunEvent, RunFinished, StepOutcome } from '../pipeline/events.ts';
import { cellWidth, cutToCells } from './cells.ts';
import { formatFailure } from './failures.ts';
import { createPaint, type Paint } from './paint.ts';
import type { Reporter, ReportOutput } from './reporter.ts';
import { RunState, failureBlock, recap, type EndedStep, type KeptLogs } from './run-state.ts';
import { duration, noteLines, paintOutcome, phaseName, describeProgress, summary, describeStepEnd } from './words.ts';

// A run that is over sooner needs no moving line, and loading ora takes as long as six small steps.
const patienceMs = 150;
const quickMs = 300;
const frameMs = 100;

interface ActivePhase {
  readonly phase: Phase;
  readonly title: string;
  readonly since: number;
  progress: string;
}

const unicodeSymbols: Readonly<Record<StepOutcome, string>> = {
  passed: '✓',
  failed: '✗',
  tolerated: '!',
  cached: '≡',
  skipped: '↷',
  cancelled: '◼',
};
const asciiSymbols: Readonly<Record<StepOutcome, string>> = {
  passed: 'ok',
  failed: 'x ',
  tolerated: '! ',
  cached: '= ',
  skipped: '- ',
  cancelled: '# ',
};

/** What the live reporter needs besides: whether the terminal can show symbols beyond ASCII. */
export interface LiveOutput extends ReportOutput {
  readonly unicode: boolean;
}

/** For a terminal: one moving line for what runs, a settled line for each step, a failing step's own output right under it. */
export class LiveReporter implements Reporter {
  private readonly output: LiveOutput;
  private readonly paint: Paint;
  private readonly state: RunState;
  private readonly symbols: Readonly<Record<StepOutcome, string>>;
  private readonly phases = new Map<string, ActivePhase>();
  private linesSinceFailure = 0;
  private spinner: Ora | undefined;
  private isClosed = false;
  private readonly patience: NodeJS.Timeout;
  private readonly frames: NodeJS.Timeout;

  constructor(output: LiveOutput) {
    this.output = output;
    this.paint = createPaint(output.color);
    this.state = new RunState(output);
    this.symbols = output.unicode ? unicodeSymbols : asciiSymbols;
    // ora is loaded only when there is something to wait for; the timers keep no finished process alive.
    this.patience = setTimeout(() => void this.startMoving(), patienceMs);
    this.patience.unref();
    this.frames = setInterval(() => this.refresh(), frameMs);
    this.frames.unref();
  }

  event(event: RunEvent): void {
    const ended = this.state.onEvent(event);
    // ora draws the moving line again under whatever is printed: it must not show what is over.
    if (event.type === 'step-finished') this.refresh();
    switch (event.type) {
      case 'run-started':
        this.linesSinceFailure = 0;
        return;
      case 'step-output':
        return;
      case 'note':
        for (const line of noteLines(event, this.paint)) this.writeProgress(line);
        return;
      case 'phase-started': {
        const { phase, title } = event;
        this.phases.set(keyOf(event), { phase, title, since: performance.now(), progress: '' });
        break;
      }
      case 'phase-progress':
        this.onPhaseProgress(event);
        return;
      case 'phase-finished':
        this.onPhaseEnded(event);
        break;
      case 'step-started':
        break;
      case 'step-finished':
        if (ended !== undefined) this.reportStepEnd(ended);
        break;
      case 'run-finished':
        this.reportRunEnd(event);
        break;
      default:
        return event satisfies never;
    }
    this.refresh();
  }

  failed(failure: Failure): void {
    this.output.err.write(`${formatFailure(failure, this.paint)}\n`);
  }

  logs(): KeptLogs | undefined {
    return this.state.logs();
  }

  result(text: string): void {
    this.spinner?.stop();
    this.output.out.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.patience);
    clearInterval(this.frames);
    this.spinner?.stop();
  }

  private onPhaseProgress(event: Extract<RunEvent, { type: 'phase-progress' }>): void {
    const active = this.phases.get(keyOf(event));
    const described = describeProgress(event.progress);
    if (active !== undefined && described !== undefined) active.progress = described;
    if (this.output.verbose && event.progress.type === 'output')
      this.writeProgress(`  ${event.progress.text.trimEnd()}`);
  }

  private onPhaseEnded(event: Extract<RunEvent, { type: 'phase-finished' }>): void {
    this.phases.delete(keyOf(event));
    if (!this.output.verbose && event.ok && event.durationMs < quickMs) return;
    const { paint, symbols } = this;
    // Why it failed is the run's failure, which stands in full at the end.
    const result = event.ok ? event.result : 'failed';
    const mark = event.ok ? paint.green(symbols.passed) : paint.red(symbols.failed);
    this.writeProgress(`${mark} ${phaseName(event.phase)}: ${result} ${paint.dim(`(${duration(event.durationMs)})`)}`);
  }

  private reportStepEnd(step: EndedStep): void {
    const { quiet, verbose } = this.output;
    const { paint } = this;
    const { finished, log } = step;
    const mark = paintOutcome(finished.outcome, paint)(this.symbols[finished.outcome]);
    const name = finished.step.padEnd(this.state.nameWidth());
    const why = describeStepEnd(finished);
    const time = finished.durationMs === 0 ? '' : duration(finished.durationMs);
    if (!quiet || finished.outcome === 'failed')
      this.writeResult(`${mark} ${name}  ${paint.dim(time.padStart(8))}${why === '' ? '' : `  ${why}`}`.trimEnd());
    if (finished.outcome === 'failed')
      for (const line of failureBlock(step, verbose, paint)) this.writeResult(line === '' ? '' : `  ${line}`);
    else {
      if (verbose) for (const line of log.lines()) this.writeResult(`  ${line}`);
      log.drop();
    }
  }

  private reportRunEnd(run: RunFinished): void {
    this.phases.clear();
    this.spinner?.stop();
    const failing = this.state.failing();
    if (this.linesSinceFailure > (process.stdout.rows ?? 24) - 4 && run.outcome !== 'cancelled') {
      this.writeResult('');
      for (const line of recap(failing, this.state.nameWidth(), this.paint)) this.writeResult(line);
    }
    if (run.failure !== undefined) this.failed(run.failure);
    if (this.state.endedCount() === 0) return;
    if (failing.length > 0) this.writeResult('');
    this.writeResult(summary(run, this.paint));
  }

  private writeResult(line: string): void {
    if (this.state.failing().length > 0) this.linesSinceFailure += 1;
    this.output.out.write(`${line}\n`);
  }

  private writeProgress(line: string): void {
    if (!this.output.quiet) this.output.err.write(`${line}\n`);
  }

  private async startMoving(): Promise<void> {
    // On a terminal that has no size (columns: 0) no line can be erased: ora would try for ever.
    if (!process.stderr.columns) return;
    const { default: ora } = await import('ora');
    if (this.isClosed) return;
    this.spinner = ora({ stream: process.stderr, discardStdin: false, color: this.output.color ? 'cyan' : false });
    this.refresh();
  }

  private refresh(): void {
    const { spinner } = this;
    if (spinner === undefined) return;
    const text = this.movingText();
    if (text === '') {
      if (spinner.isSpinning) spinner.stop();
      return;
    }
    spinner.text = text;
    if (!spinner.isSpinning) spinner.start();
  }

  private movingText(): string {
    const now = performance.now();
    // Room for the spinner, and for the ^C that a terminal prints where the cursor is.
    const width = process.stderr.columns - 6;
    const phase = [...this.phases.values()].at(-1);
    const running = this.state.running();
    if (running.size === 0) {
      if (phase === undefined) return '';
      const time = duration(now - phase.since);
      const text = `${phaseName(phase.phase)}: ${phase.progress === '' ? phase.title : phase.progress}`;
      return fit(text, ` ${time}`, width);
    }
    const oldest = Math.min(...running.values());
    const doing = phase === undefined ? '' : `, ${phaseName(phase.phase)}: ${phase.title}`;
    const tail = ` ${this.state.endedCount()}/${this.state.steps().length} ${duration(now - oldest)}`;
    return fit(`${[...running.keys()].join(', ')}${doing}`, tail, width);
  }
}

function keyOf({ phase, id }: { readonly phase: Phase; readonly id: string }): string {
  return `${phase} ${id}`;
}

/** The text and its tail in one line of at most `width` cells; the text is cut first. */
export function fit(text: string, tail: string, width: number): string {
  const line = text.replace(/\s+/g, ' ');
  const room = width - cellWidth(tail);
  if (room < 4) return cutToCells(line, width);
  return cutToCells(line, room) + tail;
}
