import type { Finding } from './finding.ts';
import type { Baseline } from './baseline.ts';
import type {
  FileDeclarations,
  LocatedCommandDeclaration,
  LocatedDeclaration,
  LocatedInclude,
  Subject,
} from './declaration.ts';
import type { StepConfig } from '../config/config.ts';
import type { Severity } from '../core/diagnostic.ts';
import type { Lock } from '../lock/lock.ts';
import type { Observed } from './observed.ts';
import type { StaleLock } from './stale-locks.ts';
import type { ToolSettings } from './tool-settings.ts';
import type { UiFacts } from './ui/facts.ts';

/** All that rules may look at: one project of a repository, or what of the repository belongs to none. Plain values. */
export interface Audit {
  /** The project's folder, relative to the repository's top; `.` for the top itself. */
  readonly project: string;
  /** As if the default toolchain were the only one. */
  readonly lock: Lock | undefined;
  /** Those of the toolchains with names; absent = none. */
  readonly toolchains?: ReadonlyMap<string, Lock>;
  /** What the project's pipeline runs; undefined when its config can't be read. */
  readonly pipeline: readonly StepConfig[] | undefined;
  /** By subject, in the order of paths and places. */
  readonly places: ReadonlyMap<Subject, readonly LocatedDeclaration[]>;
  /** The baseline of each subject; none for one that nothing pins. */
  readonly baselines: ReadonlyMap<Subject, Baseline>;
  readonly commands: readonly LocatedCommandDeclaration[];
  /** Which files take in which others. */
  readonly includes: readonly LocatedInclude[];
  readonly settings: readonly ToolSettings[];
  readonly problems: readonly (FileDeclarations['problems'][number] & { readonly path: string })[];
  /** What moved since the lock was resolved, as text; empty when it is current or there is none. */
  readonly stale: readonly string[];
  readonly observed: Observed;
  readonly ui: UiFacts;
  /** The lock files of Python packages that are not of their manifests. */
  readonly staleLocks: readonly StaleLock[];
  /** The day of the audit. */
  readonly today: Date;
}

/** One check. Pure: what it needs is in the audit. */
export interface Rule {
  /** Stable: `PD001`. */
  readonly id: string;
  /** Stable, for people: `pin-differs`. */
  readonly name: string;
  readonly severity: Severity;
  /** True when it looks at what was observed: the image, the engine, the host. */
  readonly observes?: true;
  /** What it finds, in one sentence. */
  readonly sentence: string;
  readonly check: (audit: Audit) => readonly RuleFinding[];
}

/** A finding as a rule gives it; `runRules` adds the rule's id and severity and the project. */
export type RuleFinding = Omit<Finding, 'rule' | 'severity' | 'project'>;
