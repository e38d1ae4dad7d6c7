import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256, shortDigest } from '../core/digest.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import type { FileState } from '../workspace/file-state.ts';
import type { Receipt } from './receipt.ts';
import { receiptParts } from './write-receipt.ts';

const maxReceipts = 50;
// Of a repository with a hundred thousand files one receipt has ten megabytes.
const maxBytes = 64 * 1024 * 1024;

/** The folder of a project's receipts in parity's cache; the project's folder absolute and real. */
function receiptFolder(projectDir: string): string {
  return join(cacheFolder('receipts'), shortDigest(sha256(projectDir)));
}

/** The name under which this process keeps a receipt. */
export function receiptFileName({ startedAt }: Pick<Receipt, 'startedAt'>): string {
  return `${startedAt.replace(/[:.]/g, '-')}-${process.pid}.json`;
}

/**
 * Keeps a receipt of a project, for `parity compare`, and lets go of old ones: the last fifty stay, fewer of a huge repository. What can't be
 * kept is missed by nobody. `listed`: as receiptParts has it.
 */
export function storeReceipt(projectDir: string, receipt: Receipt, listed: readonly FileState[]): void {
  const folder = receiptFolder(projectDir);
  const file = join(folder, receiptFileName(receipt));
  // At once: the command is over but for this.
  try {
    mkdirSync(folder, { recursive: true });
    const written = writeParts(`${file}.tmp`, receiptParts(receipt, listed));
    renameSync(`${file}.tmp`, file);
    const names = receiptNames(folder);
    // Receipts of a small repository are nowhere near that: nothing is asked about them.
    const tooMany = written * maxReceipts > maxBytes ? beyondBytes(folder, names) : names.slice(maxReceipts);
    for (const old of tooMany) unlinkSync(join(folder, old));
  } catch (error) {
    // The cache folder can't be written, or it is full: the run is none the worse for it.
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
}

/** Writes a file part by part; gives its length in characters. */
function writeParts(path: string, parts: Iterable<string>): number {
  let length = 0;
  const file = openSync(path, 'w');
  try {
    for (const part of parts) {
      // As text: a buffer for each part would stay until the next garbage collection.
      if (writeSync(file, part) < Buffer.byteLength(part))
        throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
      length += part.length;
    }
  } finally {
    closeSync(file);
  }
  return length;
}

/** The kept receipts of a project, absolute paths, the newest first. */
export function storedReceipts(projectDir: string): readonly string[] {
  const folder = receiptFolder(projectDir);
  return existsSync(folder) ? receiptNames(folder).map((name) => join(folder, name)) : [];
}

function receiptNames(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort((a, b) => (a < b ? 1 : -1));
}

/** The receipts, the newest first, for which there is no more room; the newest itself stays. */
function beyondBytes(folder: string, names: readonly string[]): readonly string[] {
  let bytes = 0;
  return names.filter((name, index) => {
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
    return index > 0 && (index >= maxReceipts || bytes > maxBytes);
  });
}
