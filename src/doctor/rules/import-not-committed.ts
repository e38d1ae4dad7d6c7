import { shellWord } from '../../core/shell-word.ts';
import type { Rule } from '../audit.ts';

/** PD015. */
export const importNotCommitted: Rule = {
  id: 'PD015',
  name: 'import-not-committed',
  severity: 'warning',
  sentence: 'A committed file of a UI imports one that exists here but is not in git.',
  check: ({ ui }) =>
    ui.strayImports
      .filter(({ state }) => state !== 'other-case')
      .map(({ path, span, raw, found, state }) => ({
        confidence: state === 'untracked' ? 'high' : 'medium',
        topic: 'file',
        message:
          state === 'untracked'
            ? `${raw} is ${found}, which exists here but is not committed`
            : `${raw} is ${found}, which git ignores: it is not there in CI`,
        location: { path, span, raw, note: 'imported here' },
        related: [],
        hint:
          state === 'untracked'
            ? `git add ${shellWord(found)}`
            : `make it in a step, or: git add -f ${shellWord(found)}   (git check-ignore -v ${shellWord(found)} says why)`,
      })),
};
