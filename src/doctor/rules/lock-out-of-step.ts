import { posix } from 'node:path';
import { shellWord } from '../../core/shell-word.ts';
import type { Rule } from '../audit.ts';
import { groupBy } from '../group-by.ts';
import type { LockGap } from '../ui/facts.ts';

const shownAtMost = 3;

/** PD014. */
export const lockOutOfStep: Rule = {
  id: 'PD014',
  name: 'lock-out-of-step',
  severity: 'error',
  sentence: 'A package-lock.json does not have what its package.json asks for: npm ci refuses them.',
  check: ({ ui }) =>
    [...groupBy(ui.lockGaps, ({ path }) => path).values()].flatMap((gaps) => {
      const [first, ...others] = gaps;
      if (first === undefined) return [];
      const { path, span, said, lock } = first;
      const more = gaps.length - shownAtMost;
      const told = gaps.slice(0, shownAtMost).map(words).join(', ');
      return [
        {
          confidence: 'high',
          topic: 'file',
          message: `${lock} is out of step with ${path}: ${told}${more > 0 ? ` and ${more} more` : ''}`,
          declared: said,
          location: { path, span, said, note: `${first.name} ${said}` },
          related: others
            .slice(0, shownAtMost - 1)
            .map((gap) => ({ path, span: gap.span, said: gap.said, note: `${gap.name} ${gap.said}` })),
          hint: `${enter(posix.dirname(lock))}npm install --package-lock-only, and commit ${posix.basename(lock)}`,
        },
      ];
    }),
};

function words({ name, said, locked }: LockGap): string {
  return locked === undefined ? `it has no ${name}` : `${name} ${locked} is not ${said}`;
}

function enter(dir: string): string {
  return dir === '.' ? '' : `cd ${shellWord(dir)} && `;
}
