import { access, constants, realpath, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, type Failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { reportKind } from '../../report/report-kinds.ts';
import type { RunEvent } from '../../pipeline/events.ts';
import type { RunReportCollector } from '../../report/run/run-report.ts';
import type { ProjectRunEnd } from './project-run.ts';
import type { RunObserver } from './run-observer.ts';

/** One `--report KIND=FILE`, the file absolute. */
export interface ReportRequest {
  readonly kind: string;
  readonly file: string;
}

/** Writes the reports that were asked of a run when it is over. */
export class ReportWriter implements RunObserver {
  readonly needs?: 'receipt' | 'page';
  /** Why the first report that can't be written can't be; known after the run. */
  failure: Failure | undefined;
  readonly #reports: readonly ReportRequest[];
  readonly #collector: RunReportCollector;

  constructor(reports: readonly ReportRequest[], collector: RunReportCollector) {
    this.needs = reports.some(({ kind }) => reportKind(kind).needs.page) ? 'page' : 'receipt';
    this.#reports = reports;
    this.#collector = collector;
  }

  onEvent(event: RunEvent): void {
    this.#collector.onEvent(event);
  }

  async onEnd({ receipt, page }: ProjectRunEnd): Promise<void> {
    const report = this.#collector.report(receipt);
    if (report === undefined) return;
    for (const { kind, file } of this.#reports) {
      const written = await reportKind(kind).write(file, { report, page });
      if (!written.ok) this.failure ??= written.error;
    }
  }
}

/**
 * Makes ready for `--report`: looks whether the files can be written. What an earlier run left there goes, so that it is never taken for this
 * one's. Undefined when no report is asked for. Err `usage` or `io` before anything runs.
 */
export async function openReports(requests: readonly ReportRequest[]): Promise<Result<ReportWriter | undefined>> {
  const reports: ReportRequest[] = [];
  for (const { kind, file } of requests) {
    const prepared = await prepareReportFile(kind, file);
    if (!prepared.ok) return prepared;
    reports.push({ kind, file: prepared.value });
  }
  if (reports.length === 0) return ok(undefined);
  const { RunReportCollector } = await import('../../report/run/run-report.ts');
  return ok(
    new ReportWriter(
      reports,
      new RunReportCollector({ logs: reports.some(({ kind }) => reportKind(kind).needs.log === true) }),
    ),
  );
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
