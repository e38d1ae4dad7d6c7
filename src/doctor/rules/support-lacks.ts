import type { Rule } from '../audit.ts';
import { groupBy } from '../group-by.ts';
import { describeBaseline, locationOf, confidenceIn } from '../comparisons.ts';
import { verdict } from '../versions.ts';
import type { LocatedDeclaration } from '../declaration.ts';

/** PD009. */
export const supportLacks: Rule = {
  id: 'PD009',
  name: 'support-lacks',
  severity: 'warning',
  sentence: 'A matrix or a list of supported versions leaves out the locked one.',
  check: ({ places, baselines }) =>
    (['python', 'node'] as const).flatMap((subject) => {
      const baseline = baselines.get(subject);
      if (baseline === undefined || baseline.from === 'reference') return [];
      return lists(places.get(subject) ?? []).flatMap((list) => {
        const decided = list.filter((place) => place.value !== undefined);
        const [first] = decided;
        // One that can't be told may be the locked one.
        if (first === undefined || decided.length < list.length) return [];
        // One alone is no list, and the sections of tox are for some of its environments each.
        if (new Set(decided.map(({ value }) => value)).size < 2 || first.how.startsWith('[')) return [];
        const has = decided.some(({ scheme, value = '' }) =>
          ['same', 'admits'].includes(verdict({ scheme, value }, baseline.version)),
        );
        if (has) return [];
        const versions = decided.map((place) => place.value).join(', ');
        return [
          {
            confidence: confidenceIn(baseline),
            topic: subject,
            message: `${first.how} lists ${versions}, ${describeBaseline(baseline)}`,
            declared: first.raw,
            locked: baseline.version,
            location: locationOf(first),
            related: baseline.place === undefined ? [] : [locationOf(baseline.place)],
            hint: 'add the locked version to the list',
          },
        ];
      });
    }),
};

function lists(places: readonly LocatedDeclaration[]): readonly (readonly LocatedDeclaration[])[] {
  const support = places.filter(({ role }) => role === 'support');
  return [...groupBy(support, ({ path, how }) => `${path}\0${how}`).values()];
}
