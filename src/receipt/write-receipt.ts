import { compareBytes } from '../core/digest.ts';
import { fileFailure } from '../core/file-failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { writeFileWhole } from '../core/write-file.ts';
import type { FileState } from '../workspace/file-state.ts';
import type { Receipt } from './receipt.ts';

/** A receipt as its file has it: keys sorted by bytes, two spaces, a final newline. Equal receipts give equal bytes. */
export function formatReceipt(receipt: Receipt): string {
  return `${format(receipt, '')}\n`;
}

// So many files make a part of a receipt's text.
const filesInPart = 1000;

/**
 * The same text in parts, for whoever has the list that the receipt's files were made from, in path order: neither a record of a hundred thousand
 * files nor its text is ever there as a whole.
 */
export function* receiptParts(receipt: Receipt, listed: readonly FileState[]): Generator<string> {
  // Path order is not the order of keys for names that are not UTF-8, or beyond UTF-16's order.
  if (listed.length === 0 || listed.some(({ path }) => beyondOrder.test(path))) {
    yield formatReceipt(receipt);
    return;
  }
  const lineOf = ({ path, mode, digest }: FileState): string => `    ${JSON.stringify(path)}: "${mode} ${digest}"`;
  const keys = Object.keys(receipt).filter((key) => key === 'files' || receipt[key as keyof Receipt] !== undefined);
  let text = '{\n';
  for (const [index, key] of keys.sort(compareBytes).entries()) {
    if (index > 0) text += ',\n';
    if (key !== 'files') {
      text += `  ${JSON.stringify(key)}: ${format(receipt[key as keyof Receipt], '  ')}`;
      continue;
    }
    text += '  "files": {\n';
    for (let at = 0; at < listed.length; at += filesInPart) {
      const lines = listed.slice(at, at + filesInPart).map(lineOf);
      yield `${text}${lines.join(',\n')}`;
      text = ',\n';
    }
    text = '\n  }';
  }
  yield `${text}\n}\n`;
}

// Not by JSON.stringify: an object puts keys that look like numbers first, and files may be called so.
function format(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${inner}${format(item, inner)}`).join(',\n')}\n${indent}]`;
  }
  const members = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(members).filter((key) => members[key] !== undefined);
  if (keys.length === 0) return '{}';
  // The thousands of files are in order already, and a list of texts is written faster at once.
  if (!keys.every((key, index) => index === 0 || isAscending(keys[index - 1] ?? '', key))) keys.sort(compareBytes);
  else if (indent === '  ' && keys.every((key) => typeof members[key] === 'string'))
    return JSON.stringify({ '': members }, undefined, 2).slice('{\n  "": '.length, -'\n}'.length);
  const lines = keys.map((key) => `${inner}${JSON.stringify(key)}: ${format(members[key], inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

// From here on, UTF-16 sorts otherwise than UTF-8.
const beyondOrder = /[\uD800-\uFFFF]/;

function isAscending(before: string, after: string): boolean {
  return before < after && !beyondOrder.test(after);
}

/** Writes a receipt as a whole file; missing folders are made. Err `disk-full` or `io`. */
export async function writeReceipt(file: string, receipt: Receipt): Promise<Result<void>> {
  try {
    await writeFileWhole(file, formatReceipt(receipt));
    return ok(undefined);
  } catch (error) {
    return err(fileFailure(error, `the receipt ${file} can't be written`));
  }
}
