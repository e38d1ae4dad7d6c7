import ignore from 'ignore';
import type { IgnoredFinding } from '../config/config.ts';
import { compareBytes } from '../core/digest.ts';
import type { Audit, Rule } from './audit.ts';
import type { Finding } from './finding.ts';

/** What the rules found. */
export interface RuleResults {
  /** By project, topic, place. */
  readonly findings: readonly Finding[];
  /** How many findings parity.yaml tells to leave out. */
  readonly ignored: number;
}

/** Asks the rules about every audit; `ignored` is by project, its paths relative to the project's folder. Pure. */
export function runRules(
  audits: readonly Audit[],
  {
    rules,
    ignored,
  }: { readonly rules: readonly Rule[]; readonly ignored: ReadonlyMap<string, readonly IgnoredFinding[]> },
): RuleResults {
  const all = audits.flatMap((audit) =>
    rules.flatMap(({ id, severity, check }) =>
      check(audit).map((finding): Finding => ({ rule: id, severity, project: audit.project, ...finding })),
    ),
  );
  const kept = all.filter((finding) => !(ignored.get(finding.project) ?? []).some((each) => isIgnored(each, finding)));
  return { findings: kept.toSorted(byPlace), ignored: all.length - kept.length };
}

function isIgnored({ rule, path }: IgnoredFinding, { rule: id, project, location }: Finding): boolean {
  if (rule !== id) return false;
  if (path === undefined) return true;
  if (location === undefined) return false;
  const inProject = project === '.' ? location.path : location.path.replace(`${project}/`, '');
  return ignore().add(path).ignores(inProject);
}

const severities = ['error', 'warning', 'note'] as const;

function byPlace(one: Finding, other: Finding): number {
  return (
    compareBytes(one.project, other.project) ||
    rank(one.topic) - rank(other.topic) ||
    compareBytes(one.topic, other.topic) ||
    severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
    compareBytes(one.location?.path ?? '', other.location?.path ?? '') ||
    (one.location?.span.line ?? 0) - (other.location?.span.line ?? 0) ||
    (one.location?.span.column ?? 0) - (other.location?.span.column ?? 0) ||
    compareBytes(one.rule, other.rule)
  );
}

/** Versions first, then commands, then what no edit of the repository mends. */
function rank(topic: Finding['topic']): number {
  const last = ['image', 'engine', 'host', 'file'].indexOf(topic);
  return last >= 0 ? last + 2 : topic.startsWith('command:') ? 1 : 0;
}
