import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256, shortDigest } from '../core/digest.ts';
import { cacheDir } from '../core/paths.ts';
import type { Receipt } from './receipt.ts';
import { formatReceipt } from './write.ts';

const keptRuns = 50;
// Of a repository with a hundred thousand files one receipt has ten megabytes.
const keptBytes = 64 * 1024 * 1024;

/** The folder of a project's receipts in parity's cache; the project's folder absolute and real. */
function keptFolder(projectDir: string): string {
  return join(cacheDir(), 'receipts', shortDigest(sha256(projectDir)));
}

/**
 * Keeps a receipt of a project, for `parity compare`, and lets go of old ones: the last fifty stay, fewer of a huge repository. What can't be
 * kept is missed by nobody.
 */
export function keepReceipt(projectDir: string, receipt: Receipt): void {
  const folder = keptFolder(projectDir);
  const file = join(folder, `${receipt.startedAt.replace(/[:.]/g, '-')}-${process.pid}.json`);
  // At once: the command is over but for this.
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.tmp`, formatReceipt(receipt));
    renameSync(`${file}.tmp`, file);
    let bytes = 0;
    for (const [index, old] of keptFiles(projectDir).entries()) {
      bytes += statSync(old, { throwIfNoEntry: false })?.size ?? 0;
      if (index > 0 && (index >= keptRuns || bytes > keptBytes)) rmSync(old, { force: true });
    }
  } catch (error) {
    // The cache folder can't be written, or it is full: the run is none the worse for it.
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
}

/** The kept receipts of a project, absolute paths, the newest first. */
export function keptFiles(projectDir: string): readonly string[] {
  const folder = keptFolder(projectDir);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort((a, b) => (a < b ? 1 : -1))
    .map((name) => join(folder, name));
}
