import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextUpTo } from '../core/read-text-if-exists.ts';
import { holdsToolSettings, readToolSettings, type ToolSettings } from './tool-settings.ts';
import { readerOf, readerOfReference } from './file-kinds.ts';
import type { Skipped } from './finding.ts';
import type { FileDeclarations, Reader, IncludedFile } from './declaration.ts';

/** A declaring file and its declarations. */
export interface SurveyedFile {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
  readonly found: FileDeclarations;
}

/** Everything that a repository's files declare. */
export interface Survey {
  /** In byte order of their paths. */
  readonly files: readonly SurveyedFile[];
  /** What files say of tools that look for their settings themselves. */
  readonly settings: readonly ToolSettings[];
  readonly skipped: readonly Skipped[];
}

/** No file that people or package managers write is bigger; a dump that is called requirements.txt may be. */
const sizeLimitBytes = 32 << 20;

const settingsLimitBytes = 1 << 20;

/** Files in these folders are somebody else's or there to be wrong: what they declare is not the repository's. */
const excludedFolders =
  /(?:^|\/)(?:node_modules|bower_components|site-packages|vendor|vendored|_vendor|third[-_]?party|\.venv|venv|fixtures?|__fixtures__|testdata|test[-_]data|test[-_]fixtures|__snapshots__)\/|(?:^|\/)(?:tests?|testing)\/(?:.*\/)?(?:data|resources|samples|projects)\/|[{]{2}|%7B/i;

/** True for a file in a folder of fixtures or of other people's code. */
export function isExcludedPath(path: string): boolean {
  return excludedFolders.test(path);
}

/**
 * Reads every declaring file of a repository, and the files that those include by name. `files` are relative to `topDir`. What can't be
 * read, and what lies in a folder of fixtures or of other people's code, is in `skipped`.
 */
export async function surveyRepository(topDir: string, files: readonly string[]): Promise<Survey> {
  const listed = new Set(files);
  const found = new Map<string, SurveyedFile>();
  const skipped: Skipped[] = [];
  let excludedCount = 0;
  let pending = files.flatMap((path): readonly PendingFile[] => {
    const reader = readerOf(path);
    if (reader === undefined) return [];
    if (!isExcludedPath(path)) return [{ path, reader }];
    excludedCount += 1;
    return [];
  });
  while (pending.length > 0) {
    const read = await Promise.all(pending.map((file) => readOne(topDir, file)));
    pending = [];
    for (const result of read) {
      if ('reason' in result) skipped.push(result);
      else found.set(result.path, result);
    }
    const wanted = new Map<string, Reader>();
    for (const result of read)
      for (const reference of 'found' in result ? result.found.references : [])
        for (const path of namesOf(reference)) {
          const reader = readerOf(path) ?? readerOfReference(reference);
          if (listed.has(path) && !found.has(path)) wanted.set(path, reader);
        }
    pending = [...wanted].map(([path, reader]) => ({ path, reader }));
  }
  if (excludedCount > 0)
    skipped.push({
      what: `${excludedCount} ${excludedCount === 1 ? 'file' : 'files'} in folders of fixtures or of other people's code`,
      reason: 'what they declare is not this repository’s',
    });
  return {
    files: [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    settings: await settingsOf(topDir, files),
    skipped,
  };
}

/** The settings of tools; a file that can't be read has none. */
async function settingsOf(topDir: string, files: readonly string[]): Promise<readonly ToolSettings[]> {
  const paths = files.filter((path) => holdsToolSettings(path) && !isExcludedPath(path));
  return paths.flatMap((path) => {
    const text = readTextUpTo(join(topDir, path), settingsLimitBytes);
    return text === undefined ? [] : readToolSettings({ path, text });
  });
}

interface PendingFile {
  readonly path: string;
  readonly reader: Reader;
}

async function readOne(topDir: string, { path, reader }: PendingFile): Promise<SurveyedFile | Skipped> {
  try {
    const full = join(topDir, path);
    const entry = await lstat(full);
    if (entry.isSymbolicLink())
      return { what: path, reason: 'a symbolic link: what it leads to is read where it lies' };
    if (!entry.isFile()) return { what: path, reason: 'not a file' };
    if (entry.size > sizeLimitBytes) return { what: path, reason: `${entry.size >> 20} MB: no declaration is so long` };
    return { path, found: reader({ path, text: await readFile(full, 'utf8') }) };
  } catch (error) {
    return { what: path, reason: `can't be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}` };
  }
}

/** A composite action is named by its folder. */
function namesOf({ path, as }: IncludedFile): readonly string[] {
  return as === 'action' ? [`${path}/action.yml`, `${path}/action.yaml`] : [path];
}
