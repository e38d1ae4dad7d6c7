import { readFileSync } from 'node:fs';
import { storedReceipts } from './receipt-store.ts';
import { receiptVersion, type Receipt } from './receipt.ts';

/** The newest kept receipt of a project (absolute, real folder) in which a step ran and passed; undefined when there is none. */
export function lastPassOf(projectDir: string, step: string): Receipt | undefined {
  for (const file of storedReceipts(projectDir)) {
    const receipt = read(file);
    if (receipt?.steps.some(({ name, outcome }) => name === step && outcome === 'passed')) return receipt;
  }
  return undefined;
}

// Parity's own files, written whole; what is none of them all the same is passed over.
function read(file: string): Receipt | undefined {
  try {
    const receipt = JSON.parse(readFileSync(file, 'utf8')) as Receipt;
    return receipt.version === receiptVersion ? receipt : undefined;
  } catch {
    return undefined;
  }
}
