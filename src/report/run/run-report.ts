import { posix } from 'node:path';
import type { Phase } from '../../core/progress.ts';
import { parityVersion } from '../../core/version.ts';
import { captureOutput, type CapturedOutput } from '../../pipeline/captured-output.ts';
import type { PlannedStep, RunEvent, RunFinished, StepFinished } from '../../pipeline/events.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import { excerpt, type Excerpt } from '../excerpt.ts';
import { cleanLine } from '../step-log.ts';

/** A run as plain data: the junit, sarif and html reports are functions of it. Secrets are hidden. */
export interface RunReport {
  /** The parity that ran it. */
  readonly parity: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The project's folder without what is above it, for people. */
  readonly project: string;
  /** How many steps may run at once; null when the run ended before that was known. */
  readonly jobs: number | null;
  readonly finished: RunFinished;
  /** In the plan's order; none when the run ended before it had a plan. */
  readonly steps: readonly ReportedStep[];
  /** The set-up that it took, in the order in which it ended. */
  readonly phases: readonly ReportedPhase[];
  readonly notes: readonly Extract<RunEvent, { type: 'note' }>[];
  /** Null when the run ended too early to have one. */
  readonly receipt: Receipt | null;
}

/** One step of the plan. */
export interface ReportedStep {
  readonly planned: PlannedStep;
  /** Null when the run ended before it was its turn. */
  readonly finished: StepFinished | null;
  /** Milliseconds from the run's start; null when it never started. */
  readonly startedMs: number | null;
  /** The telling part of its output. */
  readonly excerpt: Excerpt;
  /** Its output line by line, with the colours that tools gave (SGR escapes); none unless logs were asked for. */
  readonly log: readonly string[];
}

/** One piece of a run's set-up. */
export interface ReportedPhase {
  readonly phase: Phase;
  /** What came of it: `built in 41 s`. */
  readonly result: string;
  readonly ok: boolean;
  /** Milliseconds from the run's start. */
  readonly startedMs: number;
  readonly durationMs: number;
}

/** What to collect. */
export interface CollectOptions {
  /** Gives milliseconds since 1970. */
  readonly clock?: () => number;
  /** Keeps the outputs of steps: of one that failed the first and the last 4 MiB, of others 512 KiB each. */
  readonly logs?: boolean;
}

// Of a step that failed more is worth reading than of others.
const failedLines = 200;
const otherLines = 40;
const failedEndBytes = 4 * 1024 * 1024;
const otherEndLength = 512 * 1024;
const gap = '\n… (parity left out the middle of this output) …\n';

type StepRecord = { -readonly [Field in 'startedMs' | 'finished' | 'excerpt' | 'log']: ReportedStep[Field] };

/** Collects what the reports of a run need from its events. The run begins when the collector is made. */
export class RunReportCollector {
  private readonly clock: () => number;
  private readonly keepsLogs: boolean;
  private readonly begunMs: number;
  private started: Extract<RunEvent, { type: 'run-started' }> | undefined;
  private end: RunFinished | undefined;
  private readonly outputs = new Map<string, CapturedOutput>();
  private readonly steps = new Map<string, StepRecord>();
  private readonly openPhases = new Map<string, number>();
  private readonly phases: ReportedPhase[] = [];
  private readonly notes: RunReport['notes'][number][] = [];

  constructor({ clock = Date.now, logs = false }: CollectOptions = {}) {
    this.clock = clock;
    this.keepsLogs = logs;
    this.begunMs = clock();
  }

  /** Takes the run's events in their order; ignores what comes after its end. */
  onEvent(event: RunEvent): void {
    if (this.end !== undefined) return;
    switch (event.type) {
      case 'run-started':
        this.started = event;
        return;
      case 'note':
        this.notes.push(event);
        return;
      case 'phase-started':
        this.openPhases.set(`${event.phase} ${event.id}`, this.sinceBegin());
        return;
      case 'phase-finished': {
        const { phase, result, ok, durationMs } = event;
        const startedMs = this.openPhases.get(`${phase} ${event.id}`) ?? Math.max(0, this.sinceBegin() - durationMs);
        this.phases.push({ phase, result, ok, startedMs, durationMs });
        return;
      }
      case 'step-started':
        this.stepOf(event.step).startedMs = this.sinceBegin();
        return;
      case 'step-output': {
        const output =
          this.outputs.get(event.step) ?? captureOutput(this.keepsLogs ? { endBytes: failedEndBytes, gap } : {});
        this.outputs.set(event.step, output);
        output.add(event);
        return;
      }
      case 'step-finished':
        this.onStepEnded(event);
        return;
      case 'run-finished':
        this.end = event;
        return;
      default:
        return;
    }
  }

  /** What happened; undefined before the run has finished. */
  report(receipt: Receipt | undefined): RunReport | undefined {
    if (this.end === undefined) return undefined;
    return {
      parity: parityVersion,
      startedAt: new Date(this.begunMs).toISOString(),
      project: posix.basename((this.started?.project ?? '').replaceAll('\\', '/')),
      jobs: this.started?.jobs ?? null,
      finished: this.end,
      steps: (this.started?.steps ?? []).map((each) => ({ planned: each, ...this.stepOf(each.name) })),
      phases: this.phases,
      notes: this.notes,
      receipt: receipt ?? null,
    };
  }

  private onStepEnded(event: StepFinished): void {
    const step = this.stepOf(event.step);
    step.finished = event;
    const text = this.outputs.get(event.step)?.text() ?? '';
    this.outputs.delete(event.step);
    const isFailed = event.outcome === 'failed';
    step.excerpt = excerpt(cleanLines(text, false), isFailed ? failedLines : otherLines);
    if (this.keepsLogs) step.log = cleanLines(isFailed ? text : shortened(text), true);
  }

  private stepOf(name: string): StepRecord {
    const record = this.steps.get(name) ?? {
      startedMs: null,
      finished: null,
      excerpt: { lines: [], shortened: false },
      log: [],
    };
    this.steps.set(name, record);
    return record;
  }

  /** Milliseconds. */
  private sinceBegin(): number {
    return Math.round(this.clock() - this.begunMs);
  }
}

function shortened(text: string): string {
  if (text.length <= 2 * otherEndLength) return text;
  const head = text.slice(0, otherEndLength);
  const tail = text.slice(-otherEndLength);
  return head.slice(0, head.lastIndexOf('\n') + 1).trimEnd() + gap + tail.slice(tail.indexOf('\n') + 1);
}

function cleanLines(text: string, color: boolean): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => cleanLine(line, color));
}
