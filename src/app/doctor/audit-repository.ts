import { projectFiles } from '../../config/detect/files.ts';
import { referenceNode, referencePins, referencePython } from '../../config/detect/reference.ts';
import { findProject } from '../../config/project.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { makeAudits } from '../../doctor/make-audits.ts';
import type { Observed } from '../../doctor/observed.ts';
import { findProjects, withoutExcluded, type KnownProject } from '../../doctor/projects.ts';
import type { Subject } from '../../doctor/declaration.ts';
import { makeReport, type DoctorReport } from '../../doctor/doctor-report.ts';
import { rules as allRules } from '../../doctor/rules.ts';
import { staleLocks } from '../../doctor/stale-locks.ts';
import { surveyRepository } from '../../doctor/survey.ts';
import { readUi } from '../../doctor/ui/read-ui.ts';
import { toolchainLock } from '../../lock/toolchain-lock.ts';
import { gitTopLevel } from '../../git/git.ts';
import { loadProjectConfig } from '../project/project-config.ts';

/** What an audit is asked: where to look, by which rules, and who looks at the image, the engine and the host. */
export interface AuditOptions {
  readonly cwd: string;
  /** Ids or names of the rules to ask; all when empty. */
  readonly rules: readonly string[];
  /** Looks at the image, the engine and the host, for each project. */
  readonly observe: (topDir: string, projects: readonly KnownProject[]) => Promise<readonly Observed[]>;
}

/** Audits the whole repository that the folder lies in. Err `usage` for a rule that is not there, else as examine. */
export async function auditRepository(
  options: AuditOptions,
): Promise<Result<{ readonly top: string; readonly rules: typeof allRules; readonly report: DoctorReport }>> {
  const rules = chosenRules(options.rules);
  if (!rules.ok) return rules;
  const top = await topOf(options.cwd);
  if (!top.ok) return top;
  const report = await examine(options, top.value, rules.value);
  return report.ok ? ok({ top: top.value, rules: rules.value, report: report.value }) : report;
}

/** The repository's top; the project's folder where there is no git. */
async function topOf(cwd: string): Promise<Result<string>> {
  const top = await gitTopLevel(cwd).catch(() => undefined);
  if (top?.ok === true) return top;
  const project = await findProject(cwd);
  return project.ok ? ok(project.value.dir) : project;
}

/** Audits a repository by its top, with rules that are chosen already. */
export async function examine(
  options: AuditOptions,
  topDir: string,
  rules: typeof allRules,
): Promise<Result<DoctorReport>> {
  const files = await projectFiles(topDir);
  if (!files.ok) return files;
  const known = { topDir, files: files.value, startDir: options.cwd, loadConfig: loadProjectConfig };
  const projects = await findProjects(known);
  if (!projects.ok) return projects;
  const own = await withoutExcluded(topDir, files.value, projects.value);
  const [survey, ui] = await Promise.all([surveyRepository(topDir, own), readUi(topDir, own)]);
  const isObserving = rules.some(({ observes }) => observes === true);
  const observed = isObserving ? await options.observe(topDir, projects.value) : [];
  const audits = makeAudits({
    survey,
    projects: projects.value.map(({ dir, config, lock, stale }, index) => ({
      dir,
      lock: lock === undefined ? undefined : toolchainLock(lock, undefined),
      toolchains: new Map(
        Object.keys(lock?.toolchains ?? {}).flatMap((name) => {
          const own = lock === undefined ? undefined : toolchainLock(lock, name);
          return own === undefined ? [] : [[name, own] as const];
        }),
      ),
      // A pipeline that was only detected was read out of CI's files: there is nothing to compare.
      pipeline: config.source.kind === 'file' ? config.pipeline : undefined,
      stale,
      observed: observed[index] ?? { skipped: [] },
    })),
    reference: referenceVersions(),
    ui,
    staleLocks: staleLocks(topDir, own),
    today: new Date(),
  });
  return ok(
    makeReport({
      audits,
      rules,
      ignored: new Map(projects.value.map(({ dir, config }) => [dir, config.doctor.ignore])),
      files: survey.files.length,
      skipped: survey.skipped,
    }),
  );
}

function referenceVersions(): ReadonlyMap<Subject, string> {
  const pins = Object.entries(referencePins).flatMap(([name, version]): readonly (readonly [Subject, string])[] =>
    version === undefined ? [] : [[`pypi:${name}`, version]],
  );
  return new Map<Subject, string>([['python', referencePython], ['node', referenceNode], ...pins]);
}

function chosenRules(asked: readonly string[]): Result<typeof allRules> {
  if (asked.length === 0) return ok(allRules);
  const unknown = asked.find((one) => !allRules.some(({ id, name }) => id === one.toUpperCase() || name === one));
  if (unknown !== undefined)
    return err(failure('usage', `there is no rule ${unknown}`, { next: 'parity doctor --list-rules' }));
  return ok(allRules.filter(({ id, name }) => asked.some((one) => id === one.toUpperCase() || name === one)));
}
