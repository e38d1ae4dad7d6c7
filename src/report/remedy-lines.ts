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
