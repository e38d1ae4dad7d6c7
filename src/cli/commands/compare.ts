import { resolve } from 'node:path';
import { findProject } from '../../config/project.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { compareReceipts } from '../../receipt/compare-receipts.ts';
import { storedReceipts } from '../../receipt/receipt-store.ts';
import { readReceipt, type NamedReceipt } from '../../receipt/read-receipt.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import { compareText } from '../../report/compare-text.ts';
import { describeDifference } from '../../report/describe-difference.ts';
import { createPaint } from '../../report/paint.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';

/** `parity compare`: why two runs differ; without a second receipt, the last run of this project counts. Gives 0 when they are equal but for times, else 1. */
export async function compare(
  context: CommandContext,
  { first, second }: { readonly first: string; readonly second?: string },
): Promise<Result<number>> {
  if (first === '-' && second === '-') return err(failure('usage', 'only one of the receipts can come from stdin'));
  const reading = { cwd: (path: string) => resolve(context.cwd, path), stdin: context.terminal.stdin };
  const there = await readReceipt(first, reading);
  if (!there.ok) return there;
  const here = second === undefined ? await lastRun(context, there.value.receipt) : await readReceipt(second, reading);
  if (!here.ok) return here;
  const comparison = compareReceipts(there.value.receipt, here.value.receipt);
  const runs = { there: there.value, here: here.value };
  if (context.terminal.json) {
    const differences = comparison.differences.map((difference) => ({
      ...difference,
      message: describeDifference(difference, runs).what,
      next: describeDifference(difference, runs).next,
    }));
    const names = { there: runs.there.name, here: runs.here.name };
    const found = { first: differences[0] ?? null, ...comparison, differences };
    context.terminal.print(JSON.stringify({ type: 'compared', schemaVersion: 1, ...names, ...found }));
  } else {
    context.terminal.print(
      compareText(comparison, runs, { paint: createPaint(context.terminal.color), verbose: context.terminal.verbose }),
    );
  }
  return ok(comparison.equal ? exitCodes.yes : exitCodes.no);
}

/** The last kept run of the project that ran a step which failed in the other, or any of its steps; else simply the last one. */
async function lastRun(context: CommandContext, other: Receipt): Promise<Result<NamedReceipt>> {
  const project = await findProject(context.cwd);
  if (!project.ok) return project;
  const failed = other.steps.filter(({ outcome }) => outcome === 'failed');
  const wanted = new Set((failed.length === 0 ? other.steps : failed).map(({ name }) => name));
  let last: NamedReceipt | undefined;
  for (const file of storedReceipts(project.value.dir)) {
    const read = await readReceipt(file, { cwd: (path) => path, stdin: context.terminal.stdin });
    // One that a power cut left in pieces, or another parity wrote, is none.
    if (!read.ok) continue;
    const found = { name: 'the last run here', receipt: read.value.receipt };
    if (found.receipt.steps.some(({ name }) => wanted.has(name))) return ok(found);
    last ??= found;
  }
  if (last !== undefined) return ok(last);
  return err(
    failure('usage', `no run of ${project.value.dir} is known to compare with`, {
      next: 'parity up, then this again; or name a second receipt',
    }),
  );
}
