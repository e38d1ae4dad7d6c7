import { failure } from '../core/failure.ts';
import { err, type Result } from '../core/result.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { writeReceipt } from '../receipt/write-receipt.ts';

/** Writes the receipt of a run; null: the run ended before it had one. Err `disk-full` or `io`. */
export async function writeRunReceipt(file: string, receipt: Receipt | null): Promise<Result<void>> {
  if (receipt === null)
    return err(failure('io', `there is no receipt to write to ${file}: the run ended before it had one`));
  return await writeReceipt(file, receipt);
}
