import type { Result } from '../core/result.ts';
import type { PageFacts } from './run/page/page-facts.ts';
import type { RunReport } from './run/run-report.ts';

/** A run that is over: what a report is made from. */
export interface FinishedRun {
  readonly report: RunReport;
  /** What only the HTML page shows; absent when no report needs it, or when the run ended too early. */
  readonly page?: PageFacts | undefined;
}

/** One kind of `--report`. */
export interface ReportKind {
  /** What parity has to collect for it beside the events and the receipt: the steps' whole output, the facts of the HTML page. */
  readonly needs: { readonly log?: true; readonly page?: true };
  /** Writes the file as a whole. Loads only this kind's code. Err `disk-full` or `io`. */
  readonly write: (file: string, run: FinishedRun) => Promise<Result<void>>;
}

/** The kinds of report that a run of a pipeline writes, in the order of the help text. To add one: a line here, its file, its test. */
export const reportKinds = {
  junit: {
    needs: {},
    write: textFile('junit', async ({ report }) => (await import('./run/junit.ts')).junitReport(report)),
  },
  sarif: {
    needs: {},
    write: textFile('sarif', async ({ report }) => (await import('./run/sarif.ts')).sarifReport(report)),
  },
  html: {
    needs: { log: true, page: true },
    write: textFile('html', async ({ report, page }) => (await import('./run/page/page.ts')).htmlReport(report, page)),
  },
  receipt: {
    needs: {},
    write: async (file, { report }) => (await import('./write-run-receipt.ts')).writeRunReceipt(file, report.receipt),
  },
} as const satisfies Readonly<Record<string, ReportKind>>;

/** All kinds, in the table's order. */
export const runReportKinds: readonly string[] = Object.keys(reportKinds);

/** The entry of a kind; throws for a name that is in no table, which the command line has refused before. */
export function reportKind(kind: string): ReportKind {
  if (!Object.hasOwn(reportKinds, kind)) throw new Error(`parity: no report ${kind}`);
  return reportKinds[kind as keyof typeof reportKinds];
}

function textFile(kind: string, format: (run: FinishedRun) => Promise<string>): ReportKind['write'] {
  return async (file, run) => {
    const { writeTextReport } = await import('./write-text-report.ts');
    return await writeTextReport({ kind, file }, await format(run));
  };
}
