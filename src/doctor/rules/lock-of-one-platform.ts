import { posix } from 'node:path';
import { shellWord } from '../../core/shell-word.ts';
import type { Rule } from '../audit.ts';
import { groupBy } from '../group-by.ts';
import type { PlatformGap } from '../ui/facts.ts';

// What CI and parity's images need.
const usual = /linux-x64-(?:gnu|glibc)|linux-x64$|linux-x64/;

/** PD018. */
export const lockOfOnePlatform: Rule = {
  id: 'PD018',
  name: 'lock-of-one-platform',
  severity: 'warning',
  sentence: 'A package-lock.json lacks optional packages that its own entries name: npm installs them on no platform.',
  check: ({ ui }) =>
    [...groupBy(ui.platformGaps, ({ path }) => path).values()].flatMap((gaps) => {
      const first = gaps.find(({ name }) => usual.test(name)) ?? gaps[0];
      if (first === undefined) return [];
      const { path, span, name, by } = first;
      const others = gaps.filter((gap) => gap !== first && gap.by !== by && usual.test(gap.name)).slice(0, 3);
      const more = gaps.length - 1;
      return [
        {
          confidence: 'high',
          topic: 'file',
          message: `${by} needs ${name} on its platform, and ${posix.basename(path)} does not have it${more > 0 ? `, nor ${more} more` : ''}`,
          declared: name,
          location: { path, span, raw: name, note: `optionalDependencies of ${by}` },
          related: others.map((gap) => ({
            path,
            span: gap.span,
            raw: gap.name,
            note: `optionalDependencies of ${gap.by}`,
          })),
          hint: anew(path),
        },
      ];
    }),
};

function anew(path: PlatformGap['path']): string {
  const dir = posix.dirname(path);
  const enter = dir === '.' ? '' : `cd ${shellWord(dir)} && `;
  return `${enter}rm -rf node_modules ${posix.basename(path)} && npm install, and commit ${posix.basename(path)}`;
}
