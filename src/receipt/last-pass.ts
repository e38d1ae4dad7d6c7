import { readCachedJson } from '../core/json-cache.ts';
import { isObject, memberOf, shaped } from '../core/json.ts';
import { storedReceipts } from './receipt-store.ts';
import { receiptVersion, type Receipt } from './receipt.ts';

/** The newest kept receipt of a project (absolute, real folder) in which a step ran and passed; undefined when there is none. */
export function lastPassOf(projectDir: string, step: string): Receipt | undefined {
  for (const file of storedReceipts(projectDir)) {
    const receipt = readCachedJson(file, shaped(isReceipt));
    if (receipt?.steps.some(({ name, outcome }) => name === step && outcome === 'passed')) return receipt;
  }
  return undefined;
}

// Parity wrote these files itself, each whole: a look at their main parts tells one from anything else, and needs no schema.
function isReceipt(value: unknown): value is Receipt {
  if (!isObject(value) || value['version'] !== receiptVersion) return false;
  const { startedAt, image, options, files, steps } = value;
  if (typeof startedAt !== 'string' || ![image, options, files].every(isObject)) return false;
  return Array.isArray(steps) && steps.every((step) => typeof memberOf(step, 'name') === 'string');
}
