import { posix } from 'node:path';
import type { Rule } from '../audit.ts';
import { ciInstalls } from '../ci-installs.ts';
import { locationOf } from '../comparisons.ts';
import type { LocatedDeclaration } from '../declaration.ts';
import { groupBy } from '../group-by.ts';
import { isPackage, namedVersion, verdict } from '../versions.ts';

interface Contradiction {
  readonly one: LocatedDeclaration;
  readonly other: LocatedDeclaration;
}

/** PD027. With a lock each place is held against it, and has a finding of its own. */
export const jobsContradict: Rule = {
  id: 'PD027',
  name: 'jobs-contradict',
  severity: 'warning',
  sentence: 'Two jobs of CI install contradicting versions: no single toolchain of parity holds both.',
  check: (audit) => {
    if (audit.lock !== undefined) return [];
    const jobs = new Map<string, Set<string>>();
    for (const { path, job, command } of ciInstalls(audit)) {
      const name = `${command.path} ${job}`;
      jobs.set(path, (jobs.get(path) ?? new Set<string>()).add(name));
    }
    const areApart = (one: string, other: string): boolean =>
      ![...(jobs.get(one) ?? [])].some((job) => jobs.get(other)?.has(job) === true);
    const found = [...audit.places.values()].flatMap((places) => {
      const installed = places.filter(
        ({ role, value, path }) => role === 'install' && value !== undefined && jobs.has(path),
      );
      return installed.flatMap((one, index) =>
        installed
          .slice(index + 1)
          .filter((other) => areApart(one.path, other.path) && contradict(one, other))
          .map((other): Contradiction => ({ one, other })),
      );
    });
    return [...groupBy(found, ({ one, other }) => `${one.path}\0${other.path}`).values()].flatMap((list) => {
      const [first] = list;
      if (first === undefined) return [];
      const { one, other } = first;
      const more = list.length === 1 ? '' : `, and ${list.length - 1} more`;
      return [
        {
          confidence: 'high' as const,
          topic: one.subject,
          message: `${where(jobs, other)} installs ${named(other)}, ${where(jobs, one)} ${named(one)} (${one.path}:${one.span.line})${more}: one toolchain can't hold both`,
          declared: other.raw,
          location: locationOf(other),
          related: [locationOf(one)],
          hint: hintFor(one.path, other.path),
        },
      ];
    });
  },
};

function contradict(one: LocatedDeclaration, other: LocatedDeclaration): boolean {
  const against = (pin: LocatedDeclaration, range: LocatedDeclaration): boolean => {
    const version = namedVersion({ scheme: pin.scheme, value: pin.value ?? '' });
    if (version === undefined) return false;
    return ['excludes', 'other'].includes(
      verdict({ scheme: range.scheme, value: range.value ?? '' }, version, {
        isWhole: isPackage(pin.subject),
      }),
    );
  };
  return against(one, other) || against(other, one);
}

function where(jobs: ReadonlyMap<string, ReadonlySet<string>>, { path }: LocatedDeclaration): string {
  const [first = ''] = jobs.get(path) ?? [];
  return `CI (${first.slice(first.lastIndexOf(' ') + 1)})`;
}

function named({ subject, value }: LocatedDeclaration): string {
  return `${subject.replace(/^\w+:/, '')}${value ?? ''}`;
}

function hintFor(one: string, other: string): string {
  const [first, second] = [posix.dirname(one), posix.dirname(other)];
  return first === second
    ? 'parity init gives each a toolchain of its own; or let both ask for the same version'
    : `parity init gives each a toolchain of its own; or give ${first === '.' ? 'the top' : first} and ${second === '.' ? 'the top' : second} a parity.yaml each (parity init there): then each has its own lock`;
}
