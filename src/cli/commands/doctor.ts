import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { projectFiles } from '../../config/detect/files.ts';
import { referenceNode, referencePins, referencePython } from '../../config/detect/reference.ts';
import { findProject } from '../../config/project.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import { makeAudits } from '../../doctor/make-audits.ts';
import type { Edit } from '../../doctor/finding.ts';
import { applyEdits } from '../../doctor/apply-edits.ts';
import { groupBy } from '../../doctor/group-by.ts';
import type { Observed } from '../../doctor/observed.ts';
import { findProjects, type KnownProject } from '../../doctor/projects.ts';
import type { Subject } from '../../doctor/declaration.ts';
import { makeReport, type DoctorReport } from '../../doctor/doctor-report.ts';
import { rules as allRules } from '../../doctor/rules.ts';
import { surveyRepository } from '../../doctor/survey.ts';
import { readUi } from '../../doctor/ui/read-ui.ts';
import { gitTopLevel } from '../../git/git.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import type { ReportRequest } from '../options.ts';

/** What `parity doctor` was asked. */
export interface DoctorFlags {
  readonly fix: boolean;
  /** With `fix`: only show what would be rewritten. */
  readonly dryRun: boolean;
  /** Ids or names of the rules to ask; all when empty. */
  readonly rules: readonly string[];
  readonly listRules: boolean;
  /** Warnings count like errors for the exit code. */
  readonly strict: boolean;
}

/** What `parity doctor` needs. */
export interface DoctorOptions extends DoctorFlags {
  readonly cwd: string;
  /** Looks at the image, the engine and the host, for each project. */
  readonly observe: (topDir: string, projects: readonly KnownProject[]) => Promise<readonly Observed[]>;
  readonly reports: readonly ReportRequest[];
  readonly format: 'text' | 'json' | 'github';
  readonly color: boolean;
  readonly quiet: boolean;
  readonly print: CommandContext['print'];
  /** A line for stderr. */
  readonly tell: (text: string) => void;
}

/**
 * `parity doctor`: the audit of the whole repository that the folder lies in. Exit code 1 for errors, and for warnings with `strict`;
 * Err for a config or a lock that can't be read (`ask`), never for an engine that is not there.
 */
export async function doctorCommand(options: DoctorOptions): Promise<Result<number>> {
  if (options.listRules) return await listRules(options);
  const audited = await auditRepository(options);
  if (!audited.ok) return audited;
  const { top, rules } = audited.value;
  let { report } = audited.value;
  if (options.fix) {
    const edits = report.findings.flatMap(({ fix }) => (fix === undefined ? [] : [fix]));
    const fixed = await rewrite(top, edits, options);
    if (!fixed.ok) return fixed;
    if (fixed.value > 0 && !options.dryRun) {
      const again = await examine(options, top, rules);
      if (!again.ok) return again;
      report = again.value;
    }
  }
  await tellReport(report, options);
  const { error, warning } = report.counts;
  return ok(error > 0 || (options.strict && warning > 0) ? exitCodes.no : exitCodes.yes);
}

/** What an audit is asked: where to look, by which rules, and who looks at the image, the engine and the host. */
export type AuditOptions = Pick<DoctorOptions, 'cwd' | 'rules' | 'observe'>;

/** Audits the whole repository that the folder lies in. Err `usage` for a rule that is not there, else as doctorCommand. */
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

async function examine(options: AuditOptions, topDir: string, rules: typeof allRules): Promise<Result<DoctorReport>> {
  const files = await projectFiles(topDir);
  if (!files.ok) return files;
  const [survey, ui, projects] = await Promise.all([
    surveyRepository(topDir, files.value),
    readUi(topDir, files.value),
    findProjects({ topDir, files: files.value, startDir: options.cwd }),
  ]);
  if (!projects.ok) return projects;
  const isObserving = rules.some(({ observes }) => observes === true);
  const observed = isObserving ? await options.observe(topDir, projects.value) : [];
  const audits = makeAudits({
    survey,
    projects: projects.value.map(({ dir, config, lock, stale }, index) => ({
      dir,
      lock,
      // A pipeline that was only detected was read out of CI's files: there is nothing to compare.
      pipeline: config.source.kind === 'file' ? config.pipeline : undefined,
      stale,
      observed: observed[index] ?? { skipped: [] },
    })),
    reference: referenceVersions(),
    ui,
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

async function listRules({ format, print }: DoctorOptions): Promise<Result<number>> {
  const listed = allRules.map(({ id, name, severity, sentence }) => ({ id, name, severity, sentence }));
  if (format === 'json') print(JSON.stringify({ type: 'doctor-rules', rules: listed }));
  else {
    const width = Math.max(...listed.map(({ name }) => name.length));
    print(
      listed
        .map(({ id, name, severity, sentence }) => `${id}  ${severity.padEnd(7)}  ${name.padEnd(width)}  ${sentence}`)
        .join('\n'),
    );
  }
  return ok(exitCodes.yes);
}

/** Makes the edits, or only shows them; gives how many. */
async function rewrite(topDir: string, edits: readonly Edit[], options: DoctorOptions): Promise<Result<number>> {
  const { createTwoFilesPatch } = await import('diff');
  let made = 0;
  for (const [path, of] of groupBy(edits, (edit) => edit.path)) {
    const full = join(topDir, path);
    try {
      const text = await readFile(full, 'utf8');
      const fixed = applyEdits(text, of);
      if (fixed.made === 0) continue;
      made += fixed.made;
      if (!options.dryRun) await writeFileWhole(await realpath(full), fixed.text, (await stat(full)).mode & 0o7777);
      const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, text, fixed.text, undefined, undefined, {
        context: 1,
      });
      if (options.format !== 'json') options.tell(patch.replace(/^=+\n/, '').trimEnd());
    } catch (error) {
      return err(failure('io', `${path} can't be rewritten: ${(error as Error).message}`));
    }
  }
  if (options.format !== 'json') {
    const verb = options.dryRun ? 'would be rewritten (nothing was)' : 'rewritten';
    options.tell(
      made === 0 ? 'nothing that parity can rewrite for certain' : `${made} ${made === 1 ? 'pin' : 'pins'} ${verb}`,
    );
  }
  return ok(made);
}

async function tellReport(report: DoctorReport, options: DoctorOptions): Promise<void> {
  for (const { file } of options.reports) {
    const { doctorSarif } = await import('../../report/doctor/sarif.ts');
    await writeFileWhole(resolve(options.cwd, file), doctorSarif(report));
  }
  if (options.format === 'json') {
    const { doctorJson } = await import('../../report/doctor/json.ts');
    options.print(JSON.stringify(doctorJson(report)));
    return;
  }
  if (options.format === 'github') {
    const { doctorAnnotations } = await import('../../report/doctor/github.ts');
    const lines = doctorAnnotations(report);
    if (lines !== '') options.print(lines, 'obeyed');
  }
  const [{ doctorText }, { createPaint }] = await Promise.all([
    import('../../report/doctor/text.ts'),
    import('../../report/paint.ts'),
  ]);
  options.print(doctorText(report, { paint: createPaint(options.color), quiet: options.quiet }));
}
