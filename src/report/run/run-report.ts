import { posix } from 'node:path';
import type { Phase } from '../../core/progress.ts';
import { parityVersion } from '../../core/version.ts';
import { captureOutput, type CapturedOutput } from '../../pipeline/captured-output.ts';
import type { PlannedStep, RunEvent, RunFinished, StepFinished } from '../../pipeline/events.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import { excerpt, type Excerpt } from '../excerpt.ts';
import { cleanLine } from '../step-log.ts';

/** A run as its reports tell it: junit, sarif and html are functions of this. Secrets are hidden. */
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

/** Hears a run and makes what is reported of it. */
export interface RunReportCollector {
  onEvent(event: RunEvent): void;
  /** What happened; undefined before the run has finished. */
  report(receipt: Receipt | undefined): RunReport | undefined;
}

/** How to listen. */
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

/** Starts to listen to a run that begins now. */
export function collectRunReport({ clock = Date.now, logs = false }: CollectOptions = {}): RunReportCollector {
  const begun = clock();
  const sinceBegin = (): number => Math.round(clock() - begun);
  let started: Extract<RunEvent, { type: 'run-started' }> | undefined;
  let end: RunFinished | undefined;
  const outputs = new Map<string, CapturedOutput>();
  const steps = new Map<string, StepRecord>();
  const open = new Map<string, number>();
  const phases: ReportedPhase[] = [];
  const notes: RunReport['notes'][number][] = [];
  const stepOf = (name: string): StepRecord => {
    const known = steps.get(name) ?? {
      startedMs: null,
      finished: null,
      excerpt: { lines: [], shortened: false },
      log: [],
    };
    steps.set(name, known);
    return known;
  };
  return {
    onEvent(event) {
      if (end !== undefined) return;
      switch (event.type) {
        case 'run-started':
          started = event;
          return;
        case 'note':
          notes.push(event);
          return;
        case 'phase-started':
          open.set(`${event.phase} ${event.id}`, sinceBegin());
          return;
        case 'phase-finished': {
          const { phase, result, ok, durationMs } = event;
          const startedMs = open.get(`${phase} ${event.id}`) ?? Math.max(0, sinceBegin() - durationMs);
          phases.push({ phase, result, ok, startedMs, durationMs });
          return;
        }
        case 'step-started':
          stepOf(event.step).startedMs = sinceBegin();
          return;
        case 'step-output': {
          const output = outputs.get(event.step) ?? captureOutput(logs ? { endBytes: failedEndBytes, gap } : {});
          outputs.set(event.step, output);
          output.add(event);
          return;
        }
        case 'step-finished': {
          const step = stepOf(event.step);
          step.finished = event;
          const text = outputs.get(event.step)?.text() ?? '';
          outputs.delete(event.step);
          const isFailed = event.outcome === 'failed';
          step.excerpt = excerpt(cleanLines(text, false), isFailed ? failedLines : otherLines);
          if (logs) step.log = cleanLines(isFailed ? text : shortened(text), true);
          return;
        }
        case 'run-finished':
          end = event;
          return;
        default:
          return;
      }
    },
    report(receipt) {
      if (end === undefined) return undefined;
      return {
        parity: parityVersion,
        startedAt: new Date(begun).toISOString(),
        project: posix.basename((started?.project ?? '').replaceAll('\\', '/')),
        jobs: started?.jobs ?? null,
        finished: end,
        steps: (started?.steps ?? []).map((each) => ({ planned: each, ...stepOf(each.name) })),
        phases,
        notes,
        receipt: receipt ?? null,
      };
    },
  };
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
