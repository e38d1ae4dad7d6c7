import { access, constants, realpath, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeFileWhole } from '../../core/write-file.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import type { PageFacts } from '../../report/run/page/page-facts.ts';
import type { RunReport } from '../../report/run/run-report.ts';
import type { CommandContext } from '../../cli/context.ts';

/** What is known of a run beside its events; nothing of one that ended too early. */
export interface RunRecord {
  readonly receipt?: Receipt;
  readonly page?: PageFacts;
}

/** The reports that were asked of a run which is about to begin. */
export interface PendingReports {
  /** Writes them all, whatever the run's end was. Err names the first that can't be written. */
  write(record: RunRecord): Promise<Result<void>>;
}

/**
 * Makes ready for `--report`: hears the run, and looks whether the files can be written. What an earlier run left there goes, so that it is
 * never taken for this one's. Err `usage` or `io` before anything runs.
 */
export async function startReports(
  context: Pick<CommandContext, 'reports' | 'listen'>,
): Promise<Result<PendingReports>> {
  const reports: { readonly kind: string; readonly file: string }[] = [];
  for (const { kind, file } of context.reports) {
    const way = await prepareReportFile(kind, file);
    if (!way.ok) return way;
    reports.push({ kind, file: way.value });
  }
  if (reports.length === 0) return ok({ write: async () => ok(undefined) });
  const { collectRunReport } = await import('../../report/run/run-report.ts');
  const listener = collectRunReport({ logs: reports.some(({ kind }) => kind === 'html') });
  context.listen((event) => listener.onEvent(event));
  return ok({
    async write({ receipt, page }) {
      const report = listener.report(receipt);
      let first: Result<void> = ok(undefined);
      for (const { kind, file } of reports) {
        const written = report === undefined ? ok(undefined) : await writeReport(kind, file, report, page);
        if (first.ok) first = written;
      }
      return first;
    },
  });
}

/** Gives the file to write, which is what a symbolic link leads to. */
async function prepareReportFile(kind: string, file: string): Promise<Result<string>> {
  const sentence = `the ${kind} report ${file} can't be written`;
  try {
    const there = await stat(file).catch(missing);
    // Renaming a file over /dev/stdout would take it from the whole machine.
    if (/^\/(?:dev|proc|sys)\//.test(file) || there?.isFile() === false) {
      const what = there?.isDirectory() === true ? 'a folder' : 'no ordinary file';
      return err(failure('usage', `${sentence}: it is ${what}`, { next: `--report ${kind}=FILE names a file` }));
    }
    const target = there === undefined ? file : await realpath(file);
    let dir = dirname(target);
    while ((await stat(dir).catch(missing)) === undefined) dir = dirname(dir);
    await access(dir, constants.W_OK | constants.X_OK);
    await rm(target, { force: true });
    return ok(target);
  } catch (error) {
    return err(fileFailure(error, sentence));
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

async function writeReport(
  kind: string,
  file: string,
  report: RunReport,
  page: PageFacts | undefined,
): Promise<Result<void>> {
  if (kind === 'receipt') {
    if (report.receipt === null)
      return err(failure('io', `there is no receipt to write to ${file}: the run ended before it had one`));
    const { writeReceipt } = await import('../../receipt/write-receipt.ts');
    return await writeReceipt(file, report.receipt);
  }
  const text = await formatReport(kind, report, page);
  try {
    await writeFileWhole(file, text);
    return ok(undefined);
  } catch (error) {
    return err(fileFailure(error, `the ${kind} report ${file} can't be written`));
  }
}

async function formatReport(kind: string, report: RunReport, page: PageFacts | undefined): Promise<string> {
  switch (kind) {
    case 'junit':
      return (await import('../../report/run/junit.ts')).junitReport(report);
    case 'sarif':
      return (await import('../../report/run/sarif.ts')).sarifReport(report);
    case 'html':
      return (await import('../../report/run/page/page.ts')).htmlReport(report, page);
    default:
      throw new Error(`parity: no report ${kind}`);
  }
}
