import type { RunEvent, RunFinished } from '../pipeline/events.ts';
import { formatFailure } from './failures.ts';
import { createPaint } from './paint.ts';
import type { Reporter, ReportOutput } from './reporter.ts';
import { createRunState, failureBlock, recap, type EndedStep } from './run-state.ts';
import { duration, noteLines, paintOutcome, phaseName, describeProgress, summary, describeStepEnd } from './words.ts';

// A set-up phase that took less is not worth a line: a warm run has several of them.
const quickMs = 300;
// After this long without a line, say what still runs: CI systems kill silent jobs, and people wonder.
const silenceMs = 30_000;
// More lines than a screen shows: then the failures are told once more, in short, at the end.
const screenLines = 40;

/**
 * Whole lines in order, for CI and pipes: set-up and notes on stderr; on stdout a line for each step as it ends, then each
 * failing step's own output as one block with what to type next, then the summary. `tellEnded` takes the place of a step's line and, with
 * verbose, its output.
 */
export function plainReporter(output: ReportOutput, onStepEnded?: (line: string, step: EndedStep) => void): Reporter {
  const { out, err, quiet, verbose } = output;
  const paint = createPaint(output.color);
  const story = createRunState(output);
  const startedAt = performance.now();
  let lastLineAt = startedAt;
  const say = (line: string): void => {
    lastLineAt = performance.now();
    out.write(`${line}\n`);
  };
  const mention = (line: string): void => {
    if (quiet) return;
    lastLineAt = performance.now();
    err.write(`${line}\n`);
  };
  const heartbeat = setInterval(() => {
    const running = story.running();
    if (running.length > 0 && performance.now() - lastLineAt >= silenceMs)
      mention(`still running: ${running.join(', ')} (${duration(performance.now() - startedAt)})`);
  }, silenceMs / 6);
  heartbeat.unref();

  const settle = (step: EndedStep): void => {
    const { finished, log } = step;
    const word = paintOutcome(finished.outcome, paint)(finished.outcome.padEnd(9));
    const name = finished.step.padEnd(story.nameWidth());
    const time = finished.outcome === 'skipped' || finished.durationMs === 0 ? '' : duration(finished.durationMs);
    const line = `${word} ${name}  ${time.padStart(8)}  ${describeStepEnd(finished)}`.trimEnd();
    if (onStepEnded !== undefined) {
      lastLineAt = performance.now();
      onStepEnded(line, step);
    } else if (!quiet || finished.outcome === 'failed') say(line);
    if (finished.outcome === 'failed') return;
    if (verbose && onStepEnded === undefined) for (const each of log.lines()) say(`  ${each}`);
    log.drop();
  };

  const conclude = (run: RunFinished): void => {
    let lines = 0;
    const failing = story.failing();
    for (const step of failing) {
      const block = failureBlock(step, verbose, paint);
      const why = describeStepEnd(step.finished);
      say('');
      say(paint.red(`--- ${step.finished.step}${why === '' ? '' : `: ${why}`}`));
      for (const line of block) say(line);
      lines += block.length + 2;
    }
    if (failing.length > 1 && lines > screenLines) {
      say('');
      for (const line of recap(failing, story.nameWidth(), paint)) say(line);
    }
    if (run.failure !== undefined) failed(run.failure);
    if (story.endedCount() === 0) return;
    if (failing.length > 0) say('');
    say(summary(run, paint));
  };

  const failed = (failure: Parameters<Reporter['failed']>[0]): void => {
    err.write(`${formatFailure(failure, paint)}\n`);
  };

  return {
    event(event: RunEvent) {
      const ended = story.onEvent(event);
      switch (event.type) {
        case 'run-started':
          if (verbose) mention(`${event.configSource}: ${event.steps.length} steps, ${event.jobs} at once`);
          return;
        case 'note':
          for (const line of noteLines(event, paint)) mention(line);
          return;
        case 'phase-started':
          if (verbose || event.phase === 'image' || event.phase === 'base')
            mention(`${phaseName(event.phase)}: ${event.title}`);
          return;
        case 'phase-progress': {
          if (event.progress.type === 'output') {
            if (verbose) mention(`  ${event.progress.text.trimEnd()}`);
            return;
          }
          if (event.progress.type !== 'step' || (!verbose && isBookkeeping(event.progress))) return;
          mention(`${phaseName(event.phase)}: ${oneLine(describeProgress(event.progress) ?? '')}`);
          return;
        }
        case 'phase-finished':
          // Why it failed is the run's failure, told in full at the end.
          if (verbose || !event.ok || event.durationMs >= quickMs)
            mention(`${phaseName(event.phase)}: ${event.ok ? event.result : 'failed'} (${duration(event.durationMs)})`);
          return;
        case 'step-started':
          if (verbose) mention(`started   ${event.step}: ${event.command.trim()}`);
          return;
        case 'step-output':
          return;
        case 'step-finished':
          if (ended !== undefined) settle(ended);
          return;
        case 'run-finished':
          conclude(event);
          return;
        default:
          return event satisfies never;
      }
    },
    failed,
    logs: story.logs,
    result: (text) => out.write(text.endsWith('\n') ? text : `${text}\n`),
    async close() {
      clearInterval(heartbeat);
    },
  };
}

/** An instruction of a build that takes no time and tells nothing: cached, or metadata. */
function isBookkeeping({ title, cached }: { readonly title: string; readonly cached: boolean }): boolean {
  return cached || !/^(?:\[[^\]]*\] )?(?:RUN|COPY|ADD|FROM)\b/i.test(title);
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
