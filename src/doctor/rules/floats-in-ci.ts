import type { Audit, Rule } from '../audit.ts';
import { ciInstalls, type CiInstall } from '../ci-installs.ts';
import { isPinnedElsewhere, locationOf } from '../comparisons.ts';
import type { LocatedDeclaration } from '../declaration.ts';
import { groupBy } from '../group-by.ts';
import { isDeciding, isPlugin } from '../tools.ts';
import { floats } from './floats.ts';

const namedAtMost = 3;

/** PD017. One finding a file: where one tool floats, mostly several do. */
export const floatsInCi: Rule = {
  id: 'PD017',
  name: 'floats-in-ci',
  severity: 'note',
  sentence: 'CI installs a tool or a plug-in of one from a range that has no end: its next release may fail a check.',
  check: (audit) => {
    const installs = ciInstalls(audit);
    // What other places pin has a finding of its own.
    const told = new Set(floats.check(audit).map(({ location }) => JSON.stringify([location?.path, location?.span])));
    const floating = [...audit.places.values()]
      .flat()
      .filter((place) => isEndless(place) && isTool(place) && !told.has(JSON.stringify([place.path, place.span])))
      .flatMap((place) => {
        const install = installs.find((each) => isOf(each, place));
        return install === undefined || isPinnedElsewhere(audit, place) ? [] : [{ place, install }];
      })
      .toSorted((a, b) => a.place.span.line - b.place.span.line);
    return [...groupBy(floating, ({ place }) => place.path).values()].flatMap((list) => {
      const [first, ...others] = list;
      if (first === undefined) return [];
      const { place, install } = first;
      const rest = others.slice(0, namedAtMost).map((other) => named(other.place));
      const more = others.length - rest.length;
      const also = rest.length === 0 ? '' : `; so do ${rest.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
      return [
        {
          confidence: 'high' as const,
          topic: place.subject,
          message: `${named(place)} floats, and CI (${install.job}) installs whatever is newest that day${also}`,
          declared: place.raw,
          location: locationOf(place),
          related: others.slice(0, namedAtMost).map((other) => locationOf(other.place)),
          hint: hintOf(audit, place),
        },
      ];
    });
  },
};

function isTool({ subject }: LocatedDeclaration): boolean {
  return subject.startsWith('pypi:') && (isDeciding(subject) || isPlugin(subject));
}

/** Any version, or a floor alone. */
function isEndless({ value, role }: LocatedDeclaration): boolean {
  return role === 'install' && value !== undefined && !/(?:^|,)(?:==|~=|<)/.test(value);
}

function isOf({ path, parts }: CiInstall, place: LocatedDeclaration): boolean {
  if (path !== place.path) return false;
  return parts === undefined || parts.some((part) => place.how.endsWith(`] ${part}`));
}

function named({ subject, value }: LocatedDeclaration): string {
  return `${subject.replace(/^pypi:/, '')}${value ?? ''}`;
}

function hintOf({ baselines }: Audit, { subject }: LocatedDeclaration): string {
  const name = subject.replace(/^pypi:/, '');
  const version = baselines.get(subject)?.version;
  return `pin it (${name}==${version ?? 'VERSION'}), compile the file (uv pip compile), or let CI run parity up`;
}
