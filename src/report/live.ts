import type { Ora } from 'ora';
import type { Phase } from '../core/progress.ts';
import type { RunEvent, RunFinished, StepOutcome } from '../pipeline/events.ts';
import { cellWidth, cutToCells } from './cells.ts';
import { formatFailure } from './failures.ts';
import { createPaint } from './paint.ts';
import type { Reporter, ReportOutput } from './reporter.ts';
import { createRunState, failureBlock, recap, type EndedStep } from './run-state.ts';
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

/** For a terminal: one moving line for what runs, a settled line for each step, a failing step's own output right under it. */
export function liveReporter(output: ReportOutput & { readonly unicode: boolean }): Reporter {
  const { out, err, quiet, verbose } = output;
  const paint = createPaint(output.color);
  const story = createRunState(output);
  const symbols = output.unicode ? unicodeSymbols : asciiSymbols;
  const phases = new Map<string, ActivePhase>();
  const runningSince = new Map<string, number>();
  let linesSinceFailure = 0;
  let spinner: Ora | undefined;
  let closed = false;

  // Loaded only when there is something to wait for; the timer keeps no finished process alive.
  const patience = setTimeout(() => {
    void startMoving();
  }, patienceMs);
  patience.unref();
  const frames = setInterval(refresh, frameMs);
  frames.unref();

  async function startMoving(): Promise<void> {
    // A terminal that nobody gave a size (columns: 0) can't have a line erased: ora would try for ever.
    if (!process.stderr.columns) return;
    const { default: ora } = await import('ora');
    if (closed) return;
    spinner = ora({ stream: process.stderr, discardStdin: false, color: output.color ? 'cyan' : false });
    refresh();
  }

  function refresh(): void {
    if (spinner === undefined) return;
    const text = movingText();
    if (text === '') {
      if (spinner.isSpinning) spinner.stop();
      return;
    }
    spinner.text = text;
    if (!spinner.isSpinning) spinner.start();
  }

  function movingText(): string {
    const now = performance.now();
    // Room for the spinner, and for the ^C that a terminal prints where the cursor is.
    const width = process.stderr.columns - 6;
    const phase = [...phases.values()].at(-1);
    if (story.running().length === 0) {
      if (phase === undefined) return '';
      const time = duration(now - phase.since);
      return fit(
        `${phaseName(phase.phase)}: ${phase.progress === '' ? phase.title : phase.progress}`,
        ` ${time}`,
        width,
      );
    }
    const oldest = Math.min(...story.running().map((name) => runningSince.get(name) ?? now));
    const doing = phase === undefined ? '' : `, ${phaseName(phase.phase)}: ${phase.title}`;
    const tail = ` ${story.endedCount()}/${story.steps().length} ${duration(now - oldest)}`;
    return fit(`${story.running().join(', ')}${doing}`, tail, width);
  }

  const say = (line: string): void => {
    if (story.failing().length > 0) linesSinceFailure += 1;
    out.write(`${line}\n`);
  };
  const mention = (line: string): void => {
    if (!quiet) err.write(`${line}\n`);
  };

  const settle = (step: EndedStep): void => {
    const { finished, log } = step;
    runningSince.delete(finished.step);
    const mark = paintOutcome(finished.outcome, paint)(symbols[finished.outcome]);
    const name = finished.step.padEnd(story.nameWidth());
    const why = describeStepEnd(finished);
    const time = finished.durationMs === 0 ? '' : duration(finished.durationMs);
    if (!quiet || finished.outcome === 'failed')
      say(`${mark} ${name}  ${paint.dim(time.padStart(8))}${why === '' ? '' : `  ${why}`}`.trimEnd());
    if (finished.outcome === 'failed')
      for (const line of failureBlock(step, verbose, paint)) say(line === '' ? '' : `  ${line}`);
    else {
      if (verbose) for (const line of log.lines()) say(`  ${line}`);
      log.drop();
    }
  };

  const failed = (failure: Parameters<Reporter['failed']>[0]): void => {
    err.write(`${formatFailure(failure, paint)}\n`);
  };

  const conclude = (run: RunFinished): void => {
    phases.clear();
    spinner?.stop();
    const failing = story.failing();
    if (linesSinceFailure > (process.stdout.rows ?? 24) - 4 && run.outcome !== 'cancelled') {
      say('');
      for (const line of recap(failing, story.nameWidth(), paint)) say(line);
    }
    if (run.failure !== undefined) failed(run.failure);
    if (story.endedCount() === 0) return;
    if (failing.length > 0) say('');
    say(summary(run, paint));
  };

  return {
    event(event: RunEvent) {
      const ended = story.onEvent(event);
      // The moving line is drawn again under whatever is printed: it must not tell of what is over.
      if (event.type === 'step-finished') refresh();
      switch (event.type) {
        case 'run-started':
          linesSinceFailure = 0;
          return;
        case 'step-output':
          return;
        case 'note':
          for (const line of noteLines(event, paint)) mention(line);
          return;
        case 'phase-started':
          phases.set(`${event.phase} ${event.id}`, {
            phase: event.phase,
            title: event.title,
            since: performance.now(),
            progress: '',
          });
          break;
        case 'phase-progress': {
          const active = phases.get(`${event.phase} ${event.id}`);
          const words = describeProgress(event.progress);
          if (active !== undefined && words !== undefined) active.progress = words;
          if (verbose && event.progress.type === 'output') mention(`  ${event.progress.text.trimEnd()}`);
          return;
        }
        case 'phase-finished': {
          phases.delete(`${event.phase} ${event.id}`);
          // Why it failed is the run's failure, told in full at the end.
          const result = event.ok ? event.result : 'failed';
          const mark = event.ok ? paint.green(symbols.passed) : paint.red(symbols.failed);
          if (verbose || !event.ok || event.durationMs >= quickMs)
            mention(`${mark} ${phaseName(event.phase)}: ${result} ${paint.dim(`(${duration(event.durationMs)})`)}`);
          break;
        }
        case 'step-started':
          runningSince.set(event.step, performance.now());
          break;
        case 'step-finished':
          if (ended !== undefined) settle(ended);
          break;
        case 'run-finished':
          conclude(event);
          break;
        default:
          return event satisfies never;
      }
      refresh();
    },
    failed,
    logs: story.logs,
    result(text) {
      spinner?.stop();
      out.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    async close() {
      closed = true;
      clearTimeout(patience);
      clearInterval(frames);
      spinner?.stop();
    },
  };
}

const unicodeSymbols: Readonly<Record<StepOutcome, string>> = {
  passed: '✓',
  failed: '✗',
  cached: '≡',
  skipped: '↷',
  cancelled: '◼',
};
const asciiSymbols: Readonly<Record<StepOutcome, string>> = {
  passed: 'ok',
  failed: 'x ',
  cached: '= ',
  skipped: '- ',
  cancelled: '# ',
};

/** The text and its tail in one line of at most `width` cells; the text is cut first. */
export function fit(text: string, tail: string, width: number): string {
  const line = text.replace(/\s+/g, ' ');
  const room = width - cellWidth(tail);
  if (room < 4) return cutToCells(line, width);
  return cutToCells(line, room) + tail;
}
