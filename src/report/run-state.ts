import { basename, dirname, join } from 'node:path';
import type { PlannedStep, RunEvent, StepFinished } from '../pipeline/events.ts';
import { runLogsName } from '../records/run-logs.ts';
import { excerpt, excerptLines, headline } from './excerpt.ts';
import type { Paint } from './paint.ts';
import { adviceLines, shortAdvice } from './remedy-lines.ts';
import { createStepLog, type StepLog } from './step-log.ts';
import { count } from './words.ts';

/** A step that has ended, with what it printed. */
export interface EndedStep {
  readonly finished: StepFinished;
  readonly log: StepLog;
}

/** What reporters for people remember of a run. */
export interface RunState {
  /** Takes the events that matter to it; gives the step when it was a step's end. */
  onEvent(event: RunEvent): EndedStep | undefined;
  readonly steps: () => readonly PlannedStep[];
  /** The steps that failed so far, in the plan's order. */
  readonly failing: () => readonly EndedStep[];
  /** The names of the steps that run, oldest first. */
  readonly running: () => readonly string[];
  readonly endedCount: () => number;
  /** Where the logs of the run are that was last heard of; undefined when nothing of it was printed. */
  readonly logs: () => KeptLogs | undefined;
  /** The width that the longest step name takes. */
  readonly nameWidth: () => number;
}

/** Where a run's logs are. */
export interface KeptLogs {
  /** The folder's name among those of all runs' logs. */
  readonly name: string;
  /** Bytes of each step's log. */
  readonly bytes: ReadonlyMap<string, number>;
}

/** Starts a story; what steps print is kept in `logDir`, that of a further run in a folder beside it. */
export function createRunState(options: { readonly logDir: string; readonly color: boolean }): RunState {
  let steps: readonly PlannedStep[] = [];
  const logs = new Map<string, StepLog>();
  const running = new Set<string>();
  const failed = new Map<string, EndedStep>();
  const kept = new Map<string, number>();
  let ended = 0;
  let dir = options.logDir;
  // A command may run more than one pipeline (a push of several branches): each tells of itself alone.
  let runs = 0;
  let isOver = false;
  const begin = (): void => {
    steps = [];
    logs.clear();
    running.clear();
    failed.clear();
    kept.clear();
    ended = 0;
    runs += 1;
    isOver = false;
    if (runs > 1) dir = join(dirname(options.logDir), runLogsName(new Date()));
  };
  const logOf = (step: string): StepLog => {
    const known = logs.get(step);
    if (known !== undefined) return known;
    const log = createStepLog({ dir, step, color: options.color });
    logs.set(step, log);
    return log;
  };
  return {
    onEvent(event) {
      if (event.type === 'run-started' || (event.type === 'run-finished' && isOver)) begin();
      if (event.type === 'run-started') steps = event.steps;
      if (event.type === 'run-finished') isOver = true;
      if (event.type === 'step-started') running.add(event.step);
      if (event.type === 'step-output') logOf(event.step).add(event.data);
      if (event.type !== 'step-finished') return undefined;
      running.delete(event.step);
      ended += 1;
      const step = { finished: event, log: logOf(event.step) };
      logs.delete(event.step);
      // What a cached step printed is in the log of the run that it passed in.
      if (event.outcome !== 'cached' && step.log.lineCount() > 0) {
        const saved = step.log.save();
        if ('bytes' in saved) kept.set(event.step, saved.bytes);
      }
      if (event.outcome === 'failed') failed.set(event.step, step);
      return step;
    },
    steps: () => steps,
    failing: () => steps.flatMap(({ name }) => failed.get(name) ?? []),
    running: () => [...running],
    endedCount: () => ended,
    logs: () => (kept.size === 0 ? undefined : { name: basename(dir), bytes: new Map(kept) }),
    nameWidth: () => Math.min(24, Math.max(0, ...steps.map(({ name }) => name.length))),
  };
}

/** A failing step's own output, where the rest of it is, and what to type next. */
export function failureBlock({ finished, log }: EndedStep, verbose: boolean, paint: Paint): readonly string[] {
  if (isBinary(log.lastLines()))
    return [savedLine(log, 'bytes that are no text', paint), ...nextLines(finished, paint)];
  const shown = verbose ? { lines: [...log.lines()], shortened: false } : excerpt(log.lastLines(), excerptLines);
  const lines = [...shown.lines];
  if (shown.shortened || (!verbose && log.lineCount() > log.lastLines().length)) {
    lines.push(savedLine(log, `all ${count(log.lineCount(), 'line')}`, paint));
  }
  if (lines.length === 0) lines.push(paint.dim('(it printed nothing)'));
  return [...lines, ...nextLines(finished, paint)];
}

function savedLine(log: StepLog, what: string, paint: Paint): string {
  const saved = log.save();
  return paint.dim(`(${what}: ${'path' in saved ? saved.path : `not kept: ${saved.trouble}`})`);
}

// Every tenth character one that no text decoder made sense of: an image, an archive, a key.
function isBinary(lines: readonly string[]): boolean {
  const text = lines.slice(-excerptLines).join('').slice(-10_000);
  return (text.match(/\uFFFD/g)?.length ?? 0) > text.length / 10;
}

/** Every failing step in two or three lines, for when their output fills more than a screen. */
export function recap(failing: readonly EndedStep[], width: number, paint: Paint): readonly string[] {
  return failing.flatMap(({ finished, log }) => {
    const name = finished.step.padEnd(width);
    return [
      `${paint.red(name)}  ${isBinary(log.lastLines()) ? '' : headline(log.lastLines())}`.trimEnd(),
      ...shortAdvice(finished).map((line) => `${' '.repeat(width)}  ${paint.bold(line)}`),
    ];
  });
}

function nextLines(finished: StepFinished, paint: Paint): readonly string[] {
  const looks = { do: paint.bold, say: (text: string) => text, more: paint.dim };
  return adviceLines(finished).map(({ text, kind }) => looks[kind](text));
}
