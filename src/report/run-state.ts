import { basename, dirname, join } from 'node:path';
import type { PlannedStep, RunEvent, StepFinished } from '../pipeline/events.ts';
import { runLogsName } from '../records/run-logs.ts';
import { excerpt, excerptLines, headline, lineAbout } from './excerpt.ts';
import type { Paint } from './paint.ts';
import { adviceLines, remedyLines, shortAdvice } from './remedy-lines.ts';
import { StepLog } from './step-log.ts';
import { count } from './words.ts';

/** A step that has ended, with what it printed. */
export interface EndedStep {
  readonly finished: StepFinished;
  readonly log: StepLog;
}

/** Where a run's logs are. */
export interface KeptLogs {
  /** The folder's name among those of all runs' logs. */
  readonly name: string;
  /** Bytes of each step's log. */
  readonly bytes: ReadonlyMap<string, number>;
}

/**
 * What reporters for people remember of a run. A command may run more than one pipeline (a push of several branches): each starts anew,
 * with a folder of logs of its own beside `logDir`.
 */
export class RunState {
  private readonly logDir: string;
  private readonly color: boolean;
  private dir: string;
  private plan: readonly PlannedStep[] = [];
  private readonly openLogs = new Map<string, StepLog>();
  private readonly runningSteps = new Map<string, number>();
  private readonly failedSteps = new Map<string, EndedStep>();
  private readonly savedBytes = new Map<string, number>();
  private ended = 0;
  private runCount = 0;
  private isOver = false;

  constructor({ logDir, color }: { readonly logDir: string; readonly color: boolean }) {
    this.logDir = logDir;
    this.dir = logDir;
    this.color = color;
  }

  /** Takes every event of the run; gives the step when the event is a step's end. */
  onEvent(event: RunEvent): EndedStep | undefined {
    switch (event.type) {
      case 'run-started':
        this.startAnew();
        this.plan = event.steps;
        return undefined;
      case 'step-started':
        this.runningSteps.set(event.step, performance.now());
        return undefined;
      case 'step-output':
        this.logOf(event.step).add(event.data);
        return undefined;
      case 'step-finished':
        return this.onStepEnded(event);
      case 'run-finished':
        // A run that ended before it began: the one before is over already.
        if (this.isOver) this.startAnew();
        this.isOver = true;
        return undefined;
      case 'note':
      case 'phase-started':
      case 'phase-progress':
      case 'phase-finished':
        return undefined;
      default:
        return event satisfies never;
    }
  }

  /** The steps of the plan. */
  steps(): readonly PlannedStep[] {
    return this.plan;
  }

  /** The steps that failed so far, in the plan's order. */
  failing(): readonly EndedStep[] {
    return this.plan.flatMap(({ name }) => this.failedSteps.get(name) ?? []);
  }

  /** The steps that run, oldest first, each with when it started on the clock of `performance.now()`. */
  running(): ReadonlyMap<string, number> {
    return this.runningSteps;
  }

  /** How many steps have ended. */
  endedCount(): number {
    return this.ended;
  }

  /** Where the logs of the latest run are; undefined when its steps printed nothing. */
  logs(): KeptLogs | undefined {
    return this.savedBytes.size === 0 ? undefined : { name: basename(this.dir), bytes: new Map(this.savedBytes) };
  }

  /** The width of the column of step names: that of the longest, at most 24. */
  nameWidth(): number {
    return Math.min(24, Math.max(0, ...this.plan.map(({ name }) => name.length)));
  }

  private startAnew(): void {
    this.plan = [];
    this.openLogs.clear();
    this.runningSteps.clear();
    this.failedSteps.clear();
    this.savedBytes.clear();
    this.ended = 0;
    this.runCount += 1;
    this.isOver = false;
    if (this.runCount > 1) this.dir = join(dirname(this.logDir), runLogsName(new Date()));
  }

  private logOf(step: string): StepLog {
    const open = this.openLogs.get(step);
    if (open !== undefined) return open;
    const log = new StepLog({ dir: this.dir, step, color: this.color });
    this.openLogs.set(step, log);
    return log;
  }

  private onStepEnded(event: StepFinished): EndedStep {
    this.runningSteps.delete(event.step);
    this.ended += 1;
    const step = { finished: event, log: this.logOf(event.step) };
    this.openLogs.delete(event.step);
    // What a cached step printed is in the log of the run that it passed in.
    if (event.outcome !== 'cached' && step.log.lineCount() > 0) {
      const saved = step.log.save();
      if ('bytes' in saved) this.savedBytes.set(event.step, saved.bytes);
    }
    if (event.outcome === 'failed') this.failedSteps.set(event.step, step);
    return step;
  }
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

/** Every failing step in two or three lines, for a run whose output fills more than a screen. */
export function recap(failing: readonly EndedStep[], width: number, paint: Paint): readonly string[] {
  return failing.flatMap(({ finished, log }) => {
    const name = finished.step.padEnd(width);
    return [
      `${paint.red(name)}  ${isBinary(log.lastLines()) ? '' : recapLine(finished, log.lastLines())}`.trimEnd(),
      ...shortAdvice(finished).map((line) => `${' '.repeat(width)}  ${paint.bold(line)}`),
    ];
  });
}

/** What the advice below it is for: the tool's own words of the place that the first remedy names, else its title; without a remedy the headline. */
function recapLine(finished: StepFinished, lines: readonly string[]): string {
  const [first] = finished.remedies ?? [];
  const [advice] = shortAdvice(finished);
  if (first === undefined || advice !== first.remedy) return headline(lines);
  return lineAbout(first, lines) ?? remedyLines(finished)[0] ?? first.title;
}

function nextLines(finished: StepFinished, paint: Paint): readonly string[] {
  const looks = { do: paint.bold, say: (text: string) => text, more: paint.dim };
  return adviceLines(finished).map(({ text, kind }) => looks[kind](text));
}
