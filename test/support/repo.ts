import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A tree of files: path → text. */
export type Tree = Readonly<Record<string, string>>;

/** Writes a tree into a new temporary folder (real path, with a space and an umlaut in it) that goes when the test is over. */
export function folderOf(tree: Tree): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'parity repo ü-')));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  addFiles(dir, tree);
  return dir;
}

/** Adds files to a folder; missing folders are made. */
export function addFiles(dir: string, tree: Tree): void {
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}
