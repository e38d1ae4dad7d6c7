import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../../core/digest.ts';
import type { Receipt } from '../../../receipt/receipt.ts';
import { frameLines } from '../../../report/run/page/code-frame.ts';
import type { SourceLines } from '../../../report/run/page/page-facts.ts';

// Past this many files a page has more code than anybody reads.
const mostFiles = 200;
const largestFile = 4 * 1024 * 1024;

/**
 * Reads the lines around what the tools complain of. Only files that the receipt lists (git does not ignore them, so no .env file is
 * shown), and only while they are what the steps saw: a line number of another content would mislead. `hide` hides secrets.
 */
export async function readSourceLines(
  root: string,
  receipt: Receipt,
  hide: (text: string) => string,
): Promise<SourceLines> {
  const wanted = wantedLines(receipt);
  const sources = new Map<string, ReadonlyMap<number, string>>();
  for (const [file, numbers] of [...wanted].slice(0, mostFiles)) {
    const text = await readSeen(root, file, receipt.files[file]);
    if (text === undefined) continue;
    // As a whole, since a private key is known by its first line.
    const lines = hide(text).replace(/\n$/, '').split('\n');
    const shown = [...numbers]
      .filter((number) => number >= 1 && number <= lines.length)
      .map((number): readonly [number, string] => [number, (lines[number - 1] ?? '').replace(/\r$/, '')]);
    sources.set(file, new Map(shown));
  }
  return sources;
}

function wantedLines({ steps }: Receipt): ReadonlyMap<string, ReadonlySet<number>> {
  const wanted = new Map<string, Set<number>>();
  for (const { file, line } of steps.flatMap(({ diagnostics }) => diagnostics.slice(0, 100))) {
    if (file === null || line === null) continue;
    const numbers = wanted.get(file) ?? new Set();
    wanted.set(file, numbers);
    for (let at = line - frameLines.before; at <= line + frameLines.after; at += 1) numbers.add(at);
  }
  return wanted;
}

/** A file's text, if it is an ordinary file and what the receipt has of it. */
async function readSeen(root: string, file: string, listed: string | undefined): Promise<string | undefined> {
  const [mode, digest] = listed?.split(' ') ?? [];
  if (mode === undefined || mode === '120000') return undefined;
  const bytes = await readFile(join(root, file)).catch(() => undefined);
  if (bytes === undefined || bytes.length > largestFile || sha256(bytes) !== `sha256:${digest ?? ''}`) return undefined;
  return bytes.toString('utf8');
}
