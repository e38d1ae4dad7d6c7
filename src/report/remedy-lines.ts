import { escalation } from '../core/escalation.ts';
import type { StepFinished } from '../pipeline/events.ts';

// As many ids as fit into a line that is meant to be copied.
const namedAtMost = 3;

/**
 * What to say of a failing step's remedies: three lines at most. What the most telling one is and where, what to do, and the command that
 * tells more, of the next ones too. Empty when nothing is known.
 */
export function remedyLines({ remedies = [] }: Pick<StepFinished, 'remedies'>): readonly string[] {
  const [first] = remedies;
  if (first === undefined) return [];
  const { title, remedy, count, file, line } = first;
  const place = [file, line].filter((part) => part !== null).join(':');
  const often = place === '' ? `${count} times` : `${place} and ${count - 1} more`;
  const shown = count > 1 ? often : place;
  const where = shown === '' ? '' : ` (${shown})`;
  const ids = remedies.slice(0, namedAtMost).map(({ id }) => id);
  return [`${title}${where}`, remedy, `More: parity explain ${ids.join(' ')}`];
}

/** A line of what to do: `do` is what to type or to write, `say` what it is, `more` where more is told. */
export interface AdviceLine {
  readonly text: string;
  readonly kind: 'do' | 'say' | 'more';
}

/** All that is said under a failing step: the project's own word, what is known of such a failure, and last whom to turn to. */
export function adviceLines(finished: Pick<StepFinished, 'next' | 'remedies'>): readonly AdviceLine[] {
  const [title, remedy, more] = remedyLines(finished);
  const { own, last } = partsOf(finished.next);
  return [
    ...own.map((text) => ({ text, kind: 'do' as const })),
    ...(title === undefined ? [] : [{ text: title, kind: 'say' as const }]),
    ...(remedy === undefined ? [] : [{ text: remedy, kind: 'do' as const }]),
    ...(more === undefined ? [] : [{ text: more, kind: 'more' as const }]),
    ...last.map((text) => ({ text, kind: 'do' as const })),
  ];
}

/** The same as short as it goes: the project's own word, else the most telling remedy in one line, else whom to turn to. */
export function shortAdvice({ next, remedies = [] }: Pick<StepFinished, 'next' | 'remedies'>): readonly string[] {
  const [first] = remedies;
  const { own, last } = partsOf(next);
  if (own.length > 0) return own;
  return first === undefined ? last : [first.remedy];
}

function partsOf(next: readonly string[]): { readonly own: readonly string[]; readonly last: readonly string[] } {
  return { own: next.filter((line) => line !== escalation), last: next.filter((line) => line === escalation) };
}
