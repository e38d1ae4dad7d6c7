import type { IgnoredFinding } from '../config/config.ts';
import type { Severity } from '../core/diagnostic.ts';
import type { Audit, Rule } from './audit.ts';
import type { Finding, Skipped } from './finding.ts';
import type { Baseline } from './baseline.ts';
import { runRules } from './run-rules.ts';
import type { LocatedDeclaration, Subject } from './declaration.ts';

/** The result of one `parity doctor`; its formatters are functions of this. */
export interface DoctorReport {
  readonly findings: readonly Finding[];
  /** The baselines, by project, then subject. */
  readonly baselines: ReadonlyMap<string, ReadonlyMap<Subject, Baseline>>;
  /** Every declared version that was read, whether it drifted or not. */
  readonly declarations: readonly LocatedDeclaration[];
  readonly counts: Readonly<Record<Severity, number>> & {
    /** Findings that parity.yaml ignores. */
    readonly ignored: number;
    /** Findings that `--fix` can mend. */
    readonly fixable: number;
    /** Declaring files that were read. */
    readonly files: number;
  };
  readonly skipped: readonly Skipped[];
  /** The rules that ran. */
  readonly rules: readonly Rule[];
}

/** Runs the rules on the audits and counts. `ignored` is by project, `files` the number of files read. Pure. */
export function makeReport(options: {
  readonly audits: readonly Audit[];
  readonly rules: readonly Rule[];
  readonly ignored: ReadonlyMap<string, readonly IgnoredFinding[]>;
  readonly files: number;
  readonly skipped: readonly Skipped[];
}): DoctorReport {
  const { audits, rules, ignored, files, skipped } = options;
  const { findings, ignored: ignoredCount } = runRules(audits, { rules, ignored });
  const of = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    findings,
    baselines: new Map(audits.map(({ project, baselines: projectBaselines }) => [project, projectBaselines])),
    declarations: audits.flatMap(({ places }) => [...places.values()].flat()),
    counts: {
      error: of('error'),
      warning: of('warning'),
      note: of('note'),
      ignored: ignoredCount,
      fixable: findings.filter(({ fix }) => fix !== undefined).length,
      files,
    },
    skipped: [...skipped, ...audits.flatMap(({ observed }) => observed.skipped)],
    rules,
  };
}
