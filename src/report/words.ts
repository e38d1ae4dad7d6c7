import type { BuildProgress, Phase, ProgressEvent, TransferProgress } from '../core/progress.ts';
import type { RunFinished, StepFinished, StepOutcome } from '../pipeline/events.ts';
import type { Paint } from './paint.ts';

/** A duration for people: `40 ms`, `6.2 s`, `1 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** A size for people, in decimal units as engines show it: `812 B`, `1.2 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A count with its noun: `1 line`, `1,240 lines`. */
export function count(number: number, noun: string): string {
  return `${String(number).replace(/\B(?=(\d{3})+$)/g, ',')} ${noun}${number === 1 ? '' : 's'}`;
}

/** Why a step ended as it did, for the end of its line: of a pass from elsewhere whose it is; empty for one that simply passed. */
export function describeStepEnd(step: StepFinished): string {
  const why = describeReason(step);
  return step.outcome === 'tolerated' ? `${why}; its failure is allowed` : why;
}

function describeReason(step: StepFinished): string {
  switch (step.reason) {
    case 'timeout':
      return 'timed out';
    case 'out-of-memory':
      return step.peakMemoryBytes === null
        ? 'killed: out of memory'
        : `killed: out of memory (its peak: ${size(step.peakMemoryBytes)})`;
    case 'needs':
      return `needs ${step.because ?? 'a step'}, which did not pass`;
    case 'fail-fast':
      return 'not started after the first failure (--fail-fast)';
    case 'interrupted':
      return 'interrupted';
    case 'environment-lost':
      return 'its environment went away';
    case 'service':
      return 'a service of it cannot be had';
    case null:
      break;
    default:
      return step.reason satisfies never;
  }
  if (step.cachedFrom !== undefined)
    return `from ${step.cachedFrom.by}, ${step.cachedFrom.at.slice(0, 16).replace('T', ' ')}`;
  if (step.outcome === 'passed' || step.outcome === 'cached') return '';
  if (step.signal !== null) return `killed by ${step.signal}`;
  return step.exitCode === null ? '' : `exit code ${step.exitCode}`;
}

/** The paint of an outcome. */
export function paintOutcome(outcome: StepOutcome, paint: Paint): (text: string) => string {
  switch (outcome) {
    case 'passed':
      return paint.green;
    case 'failed':
      return paint.red;
    case 'cached':
      return paint.cyan;
    case 'tolerated':
    case 'skipped':
    case 'cancelled':
      return paint.yellow;
    default:
      return outcome satisfies never;
  }
}

/** The run in one line: `4 failed, 3 passed in 6.2 s`. */
export function summary(run: RunFinished, paint: Paint): string {
  const order: readonly StepOutcome[] = ['failed', 'tolerated', 'cancelled', 'skipped', 'passed', 'cached'];
  const parts = order
    .filter((outcome) => (run.counts[outcome] ?? 0) > 0)
    .map((outcome) => paintOutcome(outcome, paint)(`${run.counts[outcome]} ${outcome}`));
  const all = parts.length === 0 ? 'nothing ran' : parts.join(', ');
  return `${all} in ${duration(run.durationMs)}`;
}

const phaseWords: Readonly<Record<Phase, string>> = {
  checkout: 'checkout',
  lock: 'lock',
  base: 'base',
  image: 'image',
  environment: 'environment',
  service: 'service',
  workspace: 'workspace',
  fix: 'fix',
};

/** What a phase is called. */
export function phaseName(phase: Phase): string {
  return phaseWords[phase];
}

/** A piece of progress in a few words: `[3/12] RUN …`, `loading 120 MB of 260 MB (46%)`; undefined for a tool's own output. */
export function describeProgress(progress: TransferProgress | BuildProgress): string | undefined {
  switch (progress.type) {
    case 'step': {
      const place = progress.total === undefined ? `${progress.index}` : `${progress.index}/${progress.total}`;
      return `[${place}] ${progress.title}${progress.cached ? ' (cached)' : ''}`;
    }
    case 'layer': {
      const { status, currentBytes: now, totalBytes: total } = progress;
      if (now === undefined) return status;
      if (total === undefined || total === 0) return `${status} ${size(now)}`;
      return `${status} ${size(now)} of ${size(total)} (${Math.floor((100 * now) / total)}%)`;
    }
    case 'text':
      return progress.text.trim();
    case 'output':
      return undefined;
    default:
      return progress satisfies never;
  }
}

/** A note's lines: the message, what follows indented, then what to do about it. */
export function noteLines(note: Extract<ProgressEvent, { type: 'note' }>, paint: Paint): readonly string[] {
  const word = note.severity === 'warning' ? paint.yellow('warning:') : paint.dim('note:');
  const [first = '', ...rest] = note.message.trimEnd().split('\n');
  return [
    `${word} ${first}`,
    ...rest.map((line) => `  ${line}`),
    ...(note.hint ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `  ${line}`),
  ];
}
