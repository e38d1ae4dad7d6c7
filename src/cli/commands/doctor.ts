import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import type { Edit } from '../../doctor/finding.ts';
import { applyEdits } from '../../doctor/apply-edits.ts';
import { groupBy } from '../../doctor/group-by.ts';
import { type DoctorReport } from '../../doctor/doctor-report.ts';
import { rules as allRules } from '../../doctor/rules.ts';
import { auditRepository, examine, type AuditOptions } from '../../app/doctor/audit-repository.ts';
import { observeProjects } from '../../app/doctor/observe-projects.ts';
import { startConnecting } from '../../app/project/pending-engine.ts';
import type { CommandContext } from '../context.ts';
import type { Terminal } from '../terminal.ts';
import { exitCodes } from '../exit.ts';
import type { ReportRequest } from '../../app/run/write-reports.ts';

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

/** `parity doctor`. */
export async function doctor(
  context: CommandContext,
  flags: DoctorFlags & { readonly offline: boolean },
): Promise<Result<number>> {
  // Not with --offline: an engine over ssh would be called.
  const pending = flags.offline ? undefined : startConnecting(context);
  const { cwd, terminal, invocation } = context;
  const { reporter, reports } = invocation;
  try {
    return await doctorCommand({
      ...flags,
      cwd,
      reports,
      format: reporter === 'json' || reporter === 'github' ? reporter : 'text',
      color: terminal.color,
      quiet: terminal.quiet,
      print: terminal.print,
      observe: (topDir, projects) => observeProjects(context, { topDir, projects, pending }),
      tell: (text) => void terminal.stderr.write(`${text}\n`),
    });
  } finally {
    await pending?.close();
  }
}

/** What `parity doctor` needs. */
interface DoctorOptions extends DoctorFlags, AuditOptions {
  readonly reports: readonly ReportRequest[];
  readonly format: 'text' | 'json' | 'github';
  readonly color: boolean;
  readonly quiet: boolean;
  readonly print: Terminal['print'];
  /** A line for stderr. */
  readonly tell: (text: string) => void;
}

/**
 * `parity doctor`: the audit of the whole repository that the folder lies in. Exit code 1 for errors, and for warnings with `strict`;
 * Err for a config or a lock that can't be read (`ask`), never for an engine that is not there.
 */
async function doctorCommand(options: DoctorOptions): Promise<Result<number>> {
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
