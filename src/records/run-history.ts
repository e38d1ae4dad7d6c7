import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, privateModes } from '../core/cache-folder.ts';
import { isObject, readJson, shaped } from '../core/json.ts';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { parityVersion } from '../core/version.ts';
import { historyVersion, type HistoryEntry, type HistoryFact } from './history-entry.ts';

// The audit trail: a file of JSON lines for each project, `<key>.jsonl`, and one for what concerns the whole machine. Lines are only ever appended,
// each whole and with one write, so that two at once do not mix. A file that has grown large is put aside, and the oldest of those go.
// Imported by what tells an unchanged run again: nothing here may need more than the file system.

/** Whose audit the machine's own is. */
export const machineKey = 'machine';

// About three thousand runs.
const fileBytes = 1024 * 1024;
const keptAside = 3;

/** Adds a line. What can't be written is missed by nobody: no run fails for it. Gives the entry's ID. */
export function appendHistory(key: string, fact: HistoryFact, at: number = Date.now()): string {
  const id = Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const entry: HistoryEntry = {
    version: historyVersion,
    id,
    at: new Date(at).toISOString(),
    parity: parityVersion,
    ...fact,
  };
  try {
    append(join(historyFolder(), `${key}.jsonl`), `${JSON.stringify(entry)}\n`);
  } catch (error) {
    // The cache folder can't be written, or it is full.
    if (!(error instanceof Error) || !('code' in error)) throw error;
  }
  return id;
}

/** A project's entries and, with `machine`, the machine's own, the oldest first. What is no whole line of a known form is passed over. */
export function readHistory(
  key: string,
  { machine = true }: { readonly machine?: boolean } = {},
): readonly HistoryEntry[] {
  const keys = machine ? [key, machineKey] : [key];
  const entries = keys.flatMap((each) => filesOf(each).flatMap((file) => linesOf(join(historyFolder(), file))));
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Lets go of the audit of projects that nobody has worked on for so long; gives how many files went. */
export function pruneHistory(olderThanMs: number, now: number = Date.now()): number {
  let gone = 0;
  for (const name of namesIn(historyFolder())) {
    const file = join(historyFolder(), name);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined || now - stat.mtimeMs < olderThanMs) continue;
    rmSync(file, { force: true });
    gone += 1;
  }
  return gone;
}

function historyFolder(): string {
  return cacheFolder('audit');
}

function append(file: string, line: string): void {
  const descriptor = openForAppending(file);
  try {
    const { size, ino } = fstatSync(descriptor);
    // A full disk or a power cut may have left half a line: the next one must not be lost with it.
    writeSync(descriptor, endsOpen(descriptor, size) ? `\n${line}` : line);
    if (size > fileBytes) putAside(file, ino);
  } finally {
    closeSync(descriptor);
  }
}

function openForAppending(file: string): number {
  try {
    return openSync(file, 'a+', privateModes.historyFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(file), { recursive: true });
    return openSync(file, 'a+', privateModes.historyFile);
  }
}

function endsOpen(descriptor: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 10;
}

function putAside(file: string, ino: number): void {
  // Another process may have done it between the two.
  if (statSync(file, { throwIfNoEntry: false })?.ino !== ino) return;
  renameSync(file, file.replace(/\.jsonl$/, `.${Date.now()}-${process.pid}.jsonl`));
  const key = file.slice(dirname(file).length + 1).replace(/\.jsonl$/, '');
  const aside = filesOf(key).filter((name) => name !== `${key}.jsonl`);
  for (const old of aside.slice(0, -keptAside)) rmSync(join(dirname(file), old), { force: true });
}

/** A key's files, the oldest first. */
function filesOf(key: string): readonly string[] {
  const aside = namesIn(historyFolder()).filter((name) => name.startsWith(`${key}.`) && name !== `${key}.jsonl`);
  return [...aside.sort(), `${key}.jsonl`];
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
  } catch {
    return [];
  }
}

function linesOf(file: string): readonly HistoryEntry[] {
  return (readTextIfExists(file) ?? '').split('\n').flatMap((line) => {
    const entry = entryOf(line);
    return entry === undefined ? [] : [entry];
  });
}

const types: ReadonlySet<unknown> = new Set<HistoryFact['type']>(['run', 'image', 'lock', 'clean', 'down']);

function entryOf(line: string): HistoryEntry | undefined {
  // A line may be torn, or somebody else's.
  return line === '' ? undefined : readJson(line, shaped(isEntry));
}

function isEntry(value: unknown): value is HistoryEntry {
  if (!isObject(value) || value['version'] !== historyVersion) return false;
  const { at, id, type, steps } = value;
  if (typeof at !== 'string' || typeof id !== 'string' || !types.has(type)) return false;
  return type !== 'run' || Array.isArray(steps);
}
