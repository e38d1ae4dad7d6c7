import type { Rule } from '../audit.ts';
import { placeOf } from '../judgement.ts';
import { namedVersion } from '../versions.ts';
import { endOfLife as endDates } from '../end-of-life.ts';

/** PD006. */
export const endOfLife: Rule = {
  id: 'PD006',
  name: 'end-of-life',
  severity: 'warning',
  sentence: 'A Python or Node that gets no security fixes any more is installed or tested.',
  check: ({ places, today }) =>
    (['python', 'node'] as const).flatMap((subject) =>
      (places.get(subject) ?? []).flatMap((place) => {
        if (place.value === undefined || (place.role !== 'install' && place.role !== 'support')) return [];
        if (place.how === 'a classifier') return [];
        const version = namedVersion({ scheme: place.scheme, value: place.value });
        const ended = version === undefined ? undefined : endDates(subject, version);
        if (version === undefined || ended === undefined || ended > today) return [];
        const name = subject === 'python' ? 'Python' : 'Node';
        return [
          {
            confidence: 'high' as const,
            topic: subject,
            message: `${name} ${version} (${place.how}) has had no security fixes since ${ended.toISOString().slice(0, 10)}`,
            declared: place.said,
            location: placeOf(place),
            related: [],
            hint: 'move to a supported version, or drop it',
          },
        ];
      }),
    ),
};
