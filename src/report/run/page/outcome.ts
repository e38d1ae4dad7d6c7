import type { StepFinished, StepOutcome } from '../../../pipeline/events.ts';
import { describeStepEnd } from '../../words.ts';
import { markup, type Markup } from './markup.ts';

/** How a step stands in a report: its outcome, or `waiting` when the run ended before its turn. */
export type Standing = StepOutcome | 'waiting';

/** A sign for each standing, so that colour alone says nothing. */
export const signs: Readonly<Record<Standing, string>> = {
  passed: '✓',
  failed: '✕',
  tolerated: '!',
  cached: '↺',
  skipped: '–',
  cancelled: '◼',
  waiting: '·',
};

/** How a step stands. */
export function standingOf(finished: StepFinished | null): Standing {
  return finished?.outcome ?? 'waiting';
}

/** A step's standing as a badge, with the reason beside it when there is one. */
export function outcomeBadge(finished: StepFinished | null): Markup {
  const standing = standingOf(finished);
  const word = standing === 'waiting' ? 'not run' : standing;
  const why = finished === null ? '' : describeStepEnd(finished);
  const reason = why === '' ? undefined : markup` <span class="dim">${why}</span>`;
  return markup`<span class="badge ${standing}">${sign(standing)} ${word}</span>${reason}`;
}

/** A standing's sign, which screen readers pass over: a word stands beside it. */
export function sign(standing: Standing): Markup {
  return markup`<span aria-hidden="true">${signs[standing]}</span>`;
}

/** Where on the page a step's own part is. */
export function anchorOf(index: number): string {
  return `step-${index + 1}`;
}
