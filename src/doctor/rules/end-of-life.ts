import type { Rule } from '../audit.ts';
import { endOfLife as endOf } from '../end-of-life.ts';
import { groupBy } from '../group-by.ts';
import { locationOf } from '../comparisons.ts';
import { namedVersion } from '../versions.ts';
import type { LocatedDeclaration } from '../declaration.ts';

/** PD006. One finding for a version in a file, however often it stands there. */
export const endOfLife: Rule = {
  id: 'PD006',
  name: 'end-of-life',
  severity: 'warning',
  sentence: 'A Python or Node that gets no security fixes any more is installed or tested.',
  check: ({ places, today }) =>
    (['python', 'node'] as const).flatMap((subject) => {
      const ended = (places.get(subject) ?? []).flatMap((place) => {
        const found = endedVersion(subject, place, today);
        return found === undefined ? [] : [{ place, ...found }];
      });
      return [...groupBy(ended, ({ place, version }) => `${place.path}\0${version}`).values()].flatMap((list) => {
        const [first, ...others] = list;
        if (first === undefined) return [];
        const { place, version, day } = first;
        const name = subject === 'python' ? 'Python' : 'Node';
        const more = others.length === 0 ? '' : `, and ${others.length} more here`;
        return [
          {
            confidence: 'high' as const,
            topic: subject,
            message: `${name} ${version} (${place.how}${more}) has had no security fixes since ${day}`,
            declared: place.raw,
            location: locationOf(place),
            related: others.map((other) => locationOf(other.place)),
            hint: 'move to a supported version, or drop it',
          },
        ];
      });
    }),
};

function endedVersion(
  subject: 'python' | 'node',
  { value, role, how, scheme }: LocatedDeclaration,
  today: Date,
): { readonly version: string; readonly day: string } | undefined {
  if (value === undefined || (role !== 'install' && role !== 'support') || how === 'a classifier') return undefined;
  const version = namedVersion({ scheme, value });
  const ended = version === undefined ? undefined : endOf(subject, version);
  if (version === undefined || ended === undefined || ended > today) return undefined;
  return { version, day: ended.toISOString().slice(0, 10) };
}
