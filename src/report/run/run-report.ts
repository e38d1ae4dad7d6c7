import { posix } from 'node:path';
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
  readonly finished: RunFinished;
  /** In the plan's order; none when the run ended before it had a plan. */
  readonly steps: readonly ReportedStep[];
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
}

/** Hears a run and makes what is reported of it. */
export interface RunListener {
  hear(event: RunEvent): void;
  /** What happened; undefined before the run has finished. */
  report(receipt: Receipt | undefined): RunReport | undefined;
}

// Of a step that failed more is worth reading than of others.
const failedLines = 200;
const otherLines = 40;

/** Starts to listen to a run that begins now; `clock` gives milliseconds since 1970. */
export function listenToRun(clock: () => number = Date.now): RunListener {
  const begun = clock();
  let planned: readonly PlannedStep[] = [];
  let project = '';
  let end: RunFinished | undefined;
  const outputs = new Map<string, CapturedOutput>();
  const steps = new Map<string, { startedMs: number | null; finished: StepFinished | null; excerpt: Excerpt }>();
  const stepOf = (name: string): NonNullable<ReturnType<typeof steps.get>> => {
    const known = steps.get(name) ?? { startedMs: null, finished: null, excerpt: { lines: [], shortened: false } };
    steps.set(name, known);
    return known;
  };
  return {
    hear(event) {
      if (end !== undefined) return;
      switch (event.type) {
        case 'run-started':
          planned = event.steps;
          project = posix.basename(event.project.replaceAll('\\', '/'));
          return;
        case 'step-started':
          stepOf(event.step).startedMs = Math.round(clock() - begun);
          return;
        case 'step-output': {
          const output = outputs.get(event.step) ?? captureOutput();
          outputs.set(event.step, output);
          output.add(event);
          return;
        }
        case 'step-finished': {
          const step = stepOf(event.step);
          step.finished = event;
          const text = outputs.get(event.step)?.text() ?? '';
          outputs.delete(event.step);
          step.excerpt = excerpt(cleanLines(text), event.outcome === 'failed' ? failedLines : otherLines);
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
        project,
        finished: end,
        steps: planned.map((each) => ({ planned: each, ...stepOf(each.name) })),
        receipt: receipt ?? null,
      };
    },
  };
}

function cleanLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => cleanLine(line, false));
}
