import { existsSync, lstatSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { readTextUpTo } from '../../core/read-text-if-exists.ts';
import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';
import { parseEnvFile } from '../../formats/env-file.ts';
import { filesChangedSince, ignoredFiles, ignoreRules, type ChangedFile } from '../../git/changes.ts';
import { trackedFiles } from '../../git/git.ts';
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
  let gathering: Promise<LocalFiles> | undefined;
  const local = (): Promise<LocalFiles> => (gathering ??= gather(trees, changed));
  const lines = async (files: readonly NamedFile[]): Promise<readonly string[]> => {
    const ignored = files.filter(({ state }) => state === 'ignored' || state === 'variables').map(({ path }) => path);
    return uncommittedLines(files, {
      commit: commit.slice(0, 7),
      typed: (path) => relative(cwd, join(topLevel, path)),
      ignoredBy: await ignoreRules(topLevel, ignored.slice(0, 10)),
    });
  };
  return {
    changed,
    async advise({ step, diagnostics, tail }) {
      const folders = [posix.join(project, step.cwd), project].map((folder) => (folder === '.' ? '' : folder));
      return await lines(namedFiles({ diagnostics, output: tail, folders }, await local()));
    },
    async about(path) {
      if (existsSync(join(checkout(), path)) && !changed.some((file) => file.path === path)) return undefined;
      const known = changed.find((file) => file.path === path);
      const state = known?.state ?? (existsSync(join(topLevel, path)) ? 'ignored' : undefined);
      if (state === undefined) return undefined;
      const [line] = await lines([{ path, state, inIgnoredFolder: false }]);
      return line;
    },
  };
}

async function gather({ topLevel, checkout }: ComparedTrees, changed: readonly ChangedFile[]): Promise<LocalFiles> {
  const [ignored, committed] = await Promise.all([ignoredFiles(topLevel), trackedFiles(checkout())]);
  return {
    changed: [...changed, ...(ignored.ok ? ignored.value : []).map((path) => ({ path, state: 'ignored' as const }))],
    committed: committed.ok ? committed.value : [],
    exists: (path) => existsSync(join(topLevel, path)),
    isFolder: (path) => lstatSync(join(topLevel, path), { throwIfNoEntry: false })?.isDirectory() === true,
    variablesOf: (path) => new Set(parseEnvFile(readTextUpTo(join(topLevel, path), largestEnvFile) ?? '').keys()),
  };
}
