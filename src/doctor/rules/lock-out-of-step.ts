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
      const { path, span, raw, lock } = first;
      const more = gaps.length - shownAtMost;
      const listed = gaps.slice(0, shownAtMost).map(describeGap).join(', ');
      return [
        {
          confidence: 'high',
          topic: 'file',
          message: `${lock} is out of step with ${path}: ${listed}${more > 0 ? ` and ${more} more` : ''}`,
          declared: raw,
          location: { path, span, raw, note: `${first.name} ${raw}` },
          related: others
            .slice(0, shownAtMost - 1)
            .map((gap) => ({ path, span: gap.span, raw: gap.raw, note: `${gap.name} ${gap.raw}` })),
          hint: `${enter(posix.dirname(lock))}npm install --package-lock-only, and commit ${posix.basename(lock)}`,
        },
      ];
    }),
};

function describeGap({ name, raw, locked }: LockGap): string {
  return locked === undefined ? `it has no ${name}` : `${name} ${locked} is not ${raw}`;
}

function enter(dir: string): string {
  return dir === '.' ? '' : `cd ${shellWord(dir)} && `;
}
