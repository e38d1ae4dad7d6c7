import type { Comparison } from '../receipt/difference.ts';
import type { ReceiptStep } from '../receipt/receipt.ts';
import type { Reproduction } from '../receipt/reproduction.ts';
import { compareText } from './compare-text.ts';
import { describeEnding, type ComparedRuns } from './describe-difference.ts';
import type { Paint } from './paint.ts';

/** Says whether a step ended as it did; when it did not, what differs between the runs. */
export function reproText(
  { reproduced, there, here, because }: Reproduction,
  { name }: ReceiptStep,
  comparison: Comparison,
  runs: ComparedRuns,
  paint: Paint,
): string {
  if (reproduced) return paint.bold(`reproduced: ${name} ${describeEnding(here)} here, too`);
  const why = because === null ? '' : `, since ${because} failed`;
  const headline = `not reproduced: ${name} ${describeEnding(there)} in ${runs.there.name} and ${describeEnding(here)} here${why}`;
  return `${paint.bold(headline)}\n\n${compareText(comparison, runs, { paint })}`;
}
