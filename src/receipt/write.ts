import { compareBytes } from '../core/digest.ts';
import { fileFailure } from '../core/file-failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { writeFileWhole } from '../core/write-file.ts';
import type { FileState } from '../workspace/file-state.ts';
import type { Receipt } from './receipt.ts';

/**
 * A receipt as its file has it: keys sorted by bytes, two spaces, a final newline. Equal receipts give equal bytes. Whoever has the list that
 * the receipt's files were made from, in path order, spares the making of the record.
 */
export function formatReceipt(receipt: Receipt, listed?: readonly FileState[]): string {
  const files = listed === undefined ? undefined : formatFiles(listed);
  if (files === undefined) return `${format(receipt, '')}\n`;
  // By the names alone: the record of the files may be made when it is asked for.
  const members = Object.keys(receipt)
    .toSorted(compareBytes)
    .flatMap((key) => {
      const value = key === 'files' ? files : receipt[key as keyof Receipt];
      return value === undefined ? [] : [`  ${JSON.stringify(key)}: ${key === 'files' ? files : format(value, '  ')}`];
    });
  return `{\n${members.join(',\n')}\n}\n`;
}

/** A receipt's files as text; undefined where path order is not the order of its keys: for names that are not UTF-8 or beyond UTF-16's order. */
function formatFiles(files: readonly FileState[]): string | undefined {
  if (files.length === 0) return '{}';
  const lines = files.map(({ path, mode, digest }) => `    ${JSON.stringify(path)}: "${mode} ${digest}"`);
  const text = `{\n${lines.join(',\n')}\n  }`;
  return beyondOrder.test(text) || escapedSurrogate.test(text) ? undefined : text;
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
// As JSON has one that stands alone.
const escapedSurrogate = /\\ud[89a-f]/;

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
