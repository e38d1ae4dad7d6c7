import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import type { StepFinished } from '../../pipeline/events.ts';
import { describeStepEnd } from '../words.ts';
import { annotation, type AnnotationKind } from './workflow-commands.ts';

// https://docs.github.com/actions/reference/limits: what a step of a job may show of each kind; the rest it drops.
const shownOfKind = 10;
// Longer ones are cut by GitHub without a word.
const longestMessage = 4000;

/** The annotations of a run, and how many errors and warnings GitHub would not show. */
export interface RunAnnotations {
  /** Workflow commands, a line each. */
  readonly lines: readonly string[];
  readonly notShown: Readonly<Record<AnnotationKind, number>>;
}

/**
 * An annotation for what tools said in each step, at its place in the code; for a failing step of which nothing is known, one without a
 * place. GitHub shows few: each step's first comes before any step's second, and what has a place before what has none.
 */
export function runAnnotations(steps: readonly StepFinished[]): RunAnnotations {
  const order: Readonly<Record<AnnotationKind, number>> = { error: 0, warning: 1, notice: 2 };
  const all = inTurns(steps.map(ofStep)).toSorted((a, b) => order[a.kind] - order[b.kind]);
  const notShown = { error: 0, warning: 0, notice: 0 };
  const seen = { error: 0, warning: 0, notice: 0 };
  const lines: string[] = [];
  for (const { kind, line } of all) {
    seen[kind] += 1;
    if (seen[kind] > shownOfKind) notShown[kind] += 1;
    else lines.push(line);
  }
  for (const { diagnosticsLeftOut = 0 } of steps) notShown.error += diagnosticsLeftOut;
  return { lines, notShown };
}

interface StepAnnotation {
  readonly kind: AnnotationKind;
  readonly line: string;
}

function ofStep(step: StepFinished): readonly StepAnnotation[] {
  const placed = step.diagnostics.filter(({ file }) => file !== null);
  const placeless = step.diagnostics.filter(({ file }) => file === null);
  const annotations = [...placed, ...placeless].map((one) => ofDiagnostic(one, step));
  if (step.outcome !== 'failed' || annotations.some(({ kind }) => kind === 'error')) return annotations;
  const title = `parity: ${step.step} failed`;
  return [
    { kind: 'error', line: annotation('error', [describeStepEnd(step), ...step.next].join('\n'), { title }) },
    ...annotations,
  ];
}

function ofDiagnostic(one: ToolDiagnostic, { step, outcome, next }: StepFinished): StepAnnotation {
  const severity = outcome === 'tolerated' && one.severity === 'error' ? 'warning' : one.severity;
  const kind = severity === 'note' ? 'notice' : severity;
  const advice = outcome === 'failed' && kind === 'error' ? next : [];
  const what = one.test ?? one.code;
  const title = `${one.tool}${what === null ? '' : ` ${what}`} (${step})`;
  const place = {
    title,
    ...(one.file === null ? {} : { file: one.file }),
    ...(one.line === null ? {} : { line: one.line }),
    ...(one.column === null ? {} : { col: one.column }),
  };
  return { kind, line: annotation(kind, cut([one.message, ...advice].join('\n')), place) };
}

function cut(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
}

/** Every list's first, then every list's second … */
function inTurns<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat();
}
