import { resolve } from 'node:path';
import { err, ok, type Result } from '../../core/result.ts';
import { failure } from '../../core/failure.ts';
import { mergeReceipts } from '../../receipt/merge-receipts.ts';
import { readReceipt, type NamedReceipt } from '../../receipt/read-receipt.ts';
import { formatReceipt, writeReceipt } from '../../receipt/write-receipt.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';

/** `parity receipt merge`: the receipts of one run's shards as one, into a file or on stdout. Gives 0, whatever the run's outcome was. */
export async function mergeCommand(
  context: CommandContext,
  { files, output }: { readonly files: readonly string[]; readonly output?: string },
): Promise<Result<number>> {
  if (files.filter((file) => file === '-').length > 1)
    return err(failure('usage', 'only one of the receipts can come from stdin'));
  const receipts: NamedReceipt[] = [];
  for (const file of files) {
    const read = await readReceipt(file, { cwd: (path) => resolve(context.cwd, path), stdin: context.terminal.stdin });
    if (!read.ok) return read;
    receipts.push(read.value);
  }
  const merged = mergeReceipts(receipts);
  if (!merged.ok) return merged;
  if (output === undefined) {
    context.terminal.print(formatReceipt(merged.value));
    return ok(exitCodes.yes);
  }
  const written = await writeReceipt(resolve(context.cwd, output), merged.value);
  if (!written.ok) return written;
  const { outcome, steps } = merged.value;
  if (context.terminal.json)
    context.terminal.print(JSON.stringify({ type: 'merged', output, shards: receipts.length, outcome }));
  else context.terminal.print(`wrote ${output}: ${receipts.length} shards, ${steps.length} steps, ${outcome}`);
  return ok(exitCodes.yes);
}
