import type { StepConfig } from '../config/config.ts';
import { compareBytes } from '../core/digest.ts';
import type { Lock } from '../lock/lock.ts';
import type { Audit } from './audit.ts';
import { groupBy } from './group-by.ts';
import { findBaselines } from './baseline.ts';
import type { Observed } from './observed.ts';
import type { LocatedDeclaration, Subject } from './declaration.ts';
import type { Survey } from './survey.ts';
import type { StaleLock } from './stale-locks.ts';
import type { UiFacts } from './ui/facts.ts';

/** A project of the repository: a folder with a parity.yaml or a parity.lock.json. */
export interface AuditedProject {
  /** Relative to the repository's top; `.` for the top itself. */
  readonly dir: string;
  /** As if the default toolchain were the only one. */
  readonly lock: Lock | undefined;
  /** Those of the toolchains with names. */
  readonly toolchains: ReadonlyMap<string, Lock>;
  readonly pipeline: readonly StepConfig[] | undefined;
  readonly stale: readonly string[];
  readonly observed: Observed;
}

const nothingObserved: Observed = { skipped: [] };

/**
 * Gives each declaring file to its project: that of the nearest folder above it. What lies above all projects belongs to the only one
 * there is; with several (or none) it is an audit of its own, held against the repository's own pins.
 */
export function makeAudits(options: {
  readonly survey: Survey;
  readonly projects: readonly AuditedProject[];
  readonly reference: ReadonlyMap<Subject, string>;
  readonly ui: UiFacts;
  readonly staleLocks: readonly StaleLock[];
  readonly today: Date;
}): readonly Audit[] {
  const { survey, projects, reference, ui, staleLocks, today } = options;
  const byDepth = projects.toSorted((a, b) => b.dir.length - a.dir.length);
  const [only, ...others] = projects;
  const outside = only !== undefined && others.length === 0 ? only.dir : '.';
  const projectOf = (path: string): string =>
    byDepth.find(({ dir }) => dir === '.' || path.startsWith(`${dir}/`))?.dir ?? outside;
  const files = groupBy(survey.files, ({ path }) => projectOf(path));
  const uiFiles = [
    ...[...ui.lockGaps, ...ui.strayImports, ...ui.typedFolders, ...ui.platformGaps, ...ui.foreignSources].map(
      ({ path }) => projectOf(path),
    ),
    ...staleLocks.map(({ manifest }) => projectOf(manifest)),
  ];
  const dirs = new Set([...projects.map(({ dir }) => dir), ...files.keys(), ...uiFiles]);
  return [...dirs].toSorted(compareBytes).map((project) => {
    const audited = projects.find(({ dir }) => dir === project);
    const own = files.get(project) ?? [];
    const declarations = own.flatMap(({ path, found }) =>
      found.declarations.map((declaration): LocatedDeclaration => ({ ...declaration, path })),
    );
    const places = groupBy(declarations, ({ subject }) => subject);
    const lock = audited?.lock;
    const toolchains = audited?.toolchains ?? new Map<string, Lock>();
    return {
      project,
      lock,
      toolchains,
      pipeline: audited?.pipeline,
      places,
      baselines: findBaselines(places, { locks: lock === undefined ? [] : [lock, ...toolchains.values()], reference }),
      commands: own.flatMap(({ path, found }) => found.commands.map((command) => ({ ...command, path }))),
      includes: own.flatMap(({ path, found }) => found.references.map((each) => ({ ...each, from: path }))),
      settings: survey.settings.filter(({ path }) => projectOf(path) === project),
      problems: own.flatMap(({ path, found }) => found.problems.map((problem) => ({ ...problem, path }))),
      stale: audited?.stale ?? [],
      observed: audited?.observed ?? nothingObserved,
      ui: {
        lockGaps: ui.lockGaps.filter(({ path }) => projectOf(path) === project),
        strayImports: ui.strayImports.filter(({ path }) => projectOf(path) === project),
        platformGaps: ui.platformGaps.filter(({ path }) => projectOf(path) === project),
        foreignSources: ui.foreignSources.filter(({ path }) => projectOf(path) === project),
        typedFolders: ui.typedFolders.filter(({ path }) => projectOf(path) === project),
      },
      staleLocks: staleLocks.filter(({ manifest }) => projectOf(manifest) === project),
      today,
    };
  });
}
