import { existsSync, lstatSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { readTextUpTo } from '../../core/read-text-if-exists.ts';
import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import { parseEnvFile } from '../../formats/env-file.ts';
import { filesChangedSince, ignoredFiles, ignoreRules, type ChangedFile } from '../../git/changes.ts';
import { trackedFiles, unignoredFiles } from '../../git/git.ts';
import { namedFiles, uncommittedLines, type LocalFiles, type NamedFile } from '../../remedies/uncommitted.ts';

/** A commit, its checkout and the work tree that the user has of it. */
export interface ComparedTrees {
  /** The user's work tree, absolute. */
  readonly topLevel: string;
  /** The checkout's top, absolute; asked for when something has failed there. */
  readonly checkout: () => string;
  readonly commit: string;
  /** The folder that the user stands in, absolute: paths in commands start there. */
  readonly cwd: string;
}

/** What the user's work tree has otherwise than a commit. */
export interface LocalDifference {
  /** Changed files, ignored ones aside; empty when git can't tell. */
  readonly changed: readonly ChangedFile[];
  /** The lines to say of a step that failed in the commit's checkout: which files it names that the commit lacks. */
  readonly advise: (failing: {
    readonly step: Pick<StepConfig, 'cwd'>;
    readonly diagnostics: readonly ToolDiagnostic[];
    readonly tail: string;
  }) => Promise<readonly string[]>;
  /** The line to say of one file that the commit should have; undefined when the work tree has it no otherwise. `path` from the top. */
  readonly about: (path: string) => Promise<string | undefined>;
}

const largestEnvFile = 256 * 1024;

/** Compares a work tree with a commit; `project` is the project's folder from the top (`` = the top). What is costly waits for a failure. */
export async function compareTrees(trees: ComparedTrees, project: string): Promise<LocalDifference> {
  const { topLevel, checkout, commit, cwd } = trees;
  const differing = await filesChangedSince(topLevel, commit);
  const changed = differing.ok ? differing.value : [];
  return {
    changed,
    advise: adviceOf({ topLevel, commit, cwd }, project, () =>
      gather(topLevel, { changed, committed: () => trackedFiles(checkout()) }),
    ),
    async about(path) {
      if (existsSync(join(checkout(), path)) && !changed.some((file) => file.path === path)) return undefined;
      const known = changed.find((file) => file.path === path);
      const state = known?.state ?? (existsSync(join(topLevel, path)) ? 'ignored' : undefined);
      if (state === undefined) return undefined;
      const [line] = await linesOf([{ path, state }], { topLevel, commit, cwd });
      return line;
    },
  };
}

/**
 * What to say of a step that failed in a clean copy of the work tree, which has all but what git ignores and empty folders: which of those it
 * names. `project` is the project's folder from the top.
 */
export function adviceOnCleanCopies(
  { topLevel, cwd }: Pick<ComparedTrees, 'topLevel' | 'cwd'>,
  project: string,
): LocalDifference['advise'] {
  // Nothing is missing there for not being committed, so no sentence names a commit.
  return adviceOf({ topLevel, commit: '', cwd }, project, () =>
    gather(topLevel, { changed: [], committed: () => unignoredFiles(topLevel) }),
  );
}

function adviceOf(
  place: Omit<ComparedTrees, 'checkout'>,
  project: string,
  files: () => Promise<LocalFiles>,
): LocalDifference['advise'] {
  let gathering: Promise<LocalFiles> | undefined;
  return async ({ step, diagnostics, tail }) => {
    const folders = [posix.join(project, step.cwd), project].map((folder) => (folder === '.' ? '' : folder));
    const local = await (gathering ??= files());
    return await linesOf(namedFiles({ diagnostics, output: tail, folders }, local), place);
  };
}

async function linesOf(
  files: readonly NamedFile[],
  { topLevel, commit, cwd }: Omit<ComparedTrees, 'checkout'>,
): Promise<readonly string[]> {
  const ignored = files.flatMap((file) => {
    if (file.state !== 'ignored' && file.state !== 'variables') return [];
    return 'ignoredFolder' in file && file.ignoredFolder !== undefined ? [file.path, file.ignoredFolder] : [file.path];
  });
  return uncommittedLines(files, {
    commit: commit.slice(0, 7),
    typed: (path) => relative(cwd, join(topLevel, path)),
    ignoredBy: await ignoreRules(topLevel, ignored.slice(0, 10)),
  });
}

/** `committed` gives the files that the step saw before it began. */
async function gather(
  topLevel: string,
  {
    changed,
    committed: seen,
  }: Pick<LocalFiles, 'changed'> & { readonly committed: () => ReturnType<typeof trackedFiles> },
): Promise<LocalFiles> {
  const [ignored, committed] = await Promise.all([ignoredFiles(topLevel), seen()]);
  return {
    changed: [...changed, ...(ignored.ok ? ignored.value : []).map((path) => ({ path, state: 'ignored' as const }))],
    committed: committed.ok ? committed.value : [],
    exists: (path) => existsSync(join(topLevel, path)),
    isFolder: (path) => lstatSync(join(topLevel, path), { throwIfNoEntry: false })?.isDirectory() === true,
    variablesOf: (path) => new Set(parseEnvFile(readTextUpTo(join(topLevel, path), largestEnvFile) ?? '').keys()),
  };
}
