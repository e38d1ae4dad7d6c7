import { posix } from 'node:path';
import { shellWord } from '../../core/shell-word.ts';
import type { Rule, RuleFinding } from '../audit.ts';
import { groupBy } from '../group-by.ts';
import type { StaleLock } from '../stale-locks.ts';
import type { LockGap } from '../ui/facts.ts';

const shownAtMost = 3;

/** PD014. */
export const lockOutOfStep: Rule = {
  id: 'PD014',
  name: 'lock-out-of-step',
  severity: 'error',
  sentence: 'A lock file is not of its package.json or pyproject.toml: npm ci, uv sync --locked and their like refuse.',
  check: ({ ui, staleLocks }) => [
    ...[...groupBy(ui.lockGaps, ({ path }) => path).values()].flatMap(ofPackageJson),
    ...staleLocks.flatMap(ofPython),
  ],
};

function ofPackageJson(gaps: readonly LockGap[]): readonly RuleFinding[] {
  const [first, ...others] = gaps;
  if (first === undefined) return [];
  const { path, span, raw, lock } = first;
  return [
    {
      confidence: 'high',
      topic: 'file',
      message: `${lock} is out of step with ${path}: ${listed(gaps.map(describeGap))}`,
      declared: raw,
      location: { path, span, raw, note: `${first.name} ${raw}` },
      related: others
        .slice(0, shownAtMost - 1)
        .map((gap) => ({ path, span: gap.span, raw: gap.raw, note: `${gap.name} ${gap.raw}` })),
      hint: `${enter(posix.dirname(lock))}${relock(posix.basename(lock))}, and commit ${posix.basename(lock)}`,
    },
  ];
}

function ofPython({ lock, manifest, differences, hint }: StaleLock): readonly RuleFinding[] {
  const [first, ...others] = differences;
  if (first === undefined) return [];
  const { path, span, raw } = first;
  return [
    {
      confidence: 'high',
      topic: 'file',
      message: `${lock} is out of step with ${manifest}: ${listed(differences.map(({ says }) => `it ${says}`))}`,
      ...(raw === '' ? {} : { declared: raw }),
      location: { path, span, raw, note: `${lock} ${first.says}` },
      related: others
        .slice(0, shownAtMost - 1)
        .map((other) => ({ path: other.path, span: other.span, raw: other.raw, note: `${lock} ${other.says}` })),
      hint,
    },
  ];
}

function listed(texts: readonly string[]): string {
  const more = texts.length - shownAtMost;
  return `${texts.slice(0, shownAtMost).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function describeGap({ name, raw, locked }: LockGap): string {
  if (raw === '') return `it has ${name} ${locked ?? ''}, which is not asked for any more`;
  return locked === undefined ? `it has no ${name}` : `${name} ${locked} is not ${raw}`;
}

/** The command that makes a lock file anew, keeping what still fits. */
function relock(lock: string): string {
  if (lock === 'pnpm-lock.yaml') return 'pnpm install --lockfile-only';
  if (lock === 'yarn.lock') return 'yarn install';
  if (lock === 'bun.lock') return 'bun install --lockfile-only';
  return 'npm install --package-lock-only';
}

function enter(dir: string): string {
  return dir === '.' ? '' : `cd ${shellWord(dir)} && `;
}
