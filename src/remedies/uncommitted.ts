import { shellWord } from '../core/shell-word.ts';
import { findFileReferences, type FailingOutput, type FileReference } from './file-references.ts';

/** A file of the user's work tree that the commit has not, or has otherwise. Paths are relative to the repository's top, `/` between. */
export interface LocalFile {
  /** With a `/` at its end for a whole folder that git ignores. */
  readonly path: string;
  /** `elsewhere`: committed, but not in the commit that is checked. */
  readonly state: 'untracked' | 'ignored' | 'modified' | 'deleted' | 'elsewhere';
}

/** What the user has and the commit has not. */
export interface LocalFiles {
  readonly changed: readonly LocalFile[];
  /** All files of the commit. */
  readonly committed: readonly string[];
  /** True when the user's work tree has this file. */
  readonly exists: (path: string) => boolean;
}

/** A file that a failing step's output names and that explains the failure. */
export type NamedFile =
  | (LocalFile & { readonly inIgnoredFolder: boolean })
  /** The commit has it with other letter case than the step asked for. */
  | { readonly path: string; readonly state: 'other-case'; readonly requested: string };

// What tools make or install there; committing it is never the remedy.
const generatedFolders = new Set([
  'node_modules',
  '.venv',
  'venv',
  'site-packages',
  '__pycache__',
  '.git',
  '.tox',
  '.nox',
  '.cache',
]);

/**
 * The files that a failing step's output names and that the user has otherwise than the commit, in the output's order, each once: what it
 * missed and is here uncommitted, what lacked something and has uncommitted changes, what it found fault with and is changed or deleted here.
 */
export function namedFiles(failing: FailingOutput, local: LocalFiles): readonly NamedFile[] {
  const named = new Map<string, NamedFile>();
  const byPath = new Map(local.changed.map((file) => [file.path, file]));
  const folders = local.changed.filter(({ path, state }) => state === 'ignored' && path.endsWith('/'));
  const committed = new Set(local.committed);
  const byLowerCase = new Map(local.committed.map((path) => [path.toLowerCase(), path]));
  const add = (file: NamedFile): void => void (named.has(file.path) || named.set(file.path, file));
  const references = findFileReferences(failing, local.committed);
  for (const wanted of ['file', 'content', 'nothing'] as const)
    for (const reference of references.filter((each) => each.wanted === wanted)) {
      const found = localFile(reference, byPath, folders, local);
      if (found !== undefined) add(found);
      else if (reference.wanted === 'file' && !reference.paths.some((path) => committed.has(path))) {
        const requested = reference.paths.find((path) => byLowerCase.has(path.toLowerCase()));
        const path = requested === undefined ? undefined : byLowerCase.get(requested.toLowerCase());
        if (requested !== undefined && path !== undefined) add({ path, state: 'other-case', requested });
      }
    }
  return [...named.values()];
}

const statesFor: Readonly<Record<FileReference['wanted'], readonly LocalFile['state'][]>> = {
  file: ['untracked', 'ignored', 'elsewhere'],
  content: ['modified', 'untracked', 'elsewhere'],
  nothing: ['modified', 'deleted'],
};

function localFile(
  reference: FileReference,
  byPath: ReadonlyMap<string, LocalFile>,
  folders: readonly LocalFile[],
  local: LocalFiles,
): NamedFile | undefined {
  const fits = (file: LocalFile | undefined): file is LocalFile =>
    file !== undefined &&
    statesFor[reference.wanted].includes(file.state) &&
    !file.path.split('/').some((part) => generatedFolders.has(part));
  for (const path of reference.paths) {
    const file = byPath.get(path);
    if (fits(file)) return { ...file, inIgnoredFolder: false };
    const folder = folders.find((each) => path.startsWith(each.path));
    const inIt = { path, state: 'ignored' } as const;
    if (folder !== undefined && fits(inIt) && local.exists(path)) return { ...inIt, inIgnoredFolder: true };
  }
  if (reference.wanted === 'nothing' || reference.ends.length === 0) return undefined;
  const ending = [...byPath.values()].filter(
    (file) => fits(file) && reference.ends.some((end) => file.path === end || file.path.endsWith(`/${end}`)),
  );
  // Two that would do: the output does not say which.
  const [only, other] = ending;
  return only === undefined || other !== undefined ? undefined : { ...only, inIgnoredFolder: false };
}

/** What a sentence about a file needs to know. */
export interface Wording {
  /** The checked commit, short. */
  readonly commit: string;
  /** A file's path as the user would type it where they stand. */
  readonly typed: (path: string) => string;
  /** Which line makes git ignore a file: `.gitignore:3: *.local.json`. */
  readonly ignoredBy: ReadonlyMap<string, string>;
}

const shownAtMost = 5;

/** Each file as one line: what is the matter with it, and the command that mends it. */
export function uncommittedLines(files: readonly NamedFile[], wording: Wording): readonly string[] {
  const lines = files.slice(0, shownAtMost).map((file) => line(file, wording));
  return files.length <= shownAtMost ? lines : [...lines, `and ${files.length - shownAtMost} more: git status`];
}

function line(file: NamedFile, { commit, typed, ignoredBy }: Wording): string {
  const { path } = file;
  const word = shellWord(typed(path));
  switch (file.state) {
    case 'untracked':
      return `${path} exists here but is not committed: git add ${word}`;
    case 'ignored': {
      const rule = ignoredBy.get(path);
      const because = rule === undefined ? '' : ` (${rule})`;
      // A folder that is ignored as a whole is mostly something that a build makes.
      const add = `${file.inIgnoredFolder ? 'make it in a step, or: ' : ''}git add -f ${word}`;
      return `${path} exists here but git ignores it${because}: ${add}`;
    }
    case 'modified':
      return `${path} has changes here that are not committed: git commit ${word}`;
    case 'deleted':
      return `${path} is deleted here but not in the commit: git rm ${word}`;
    case 'elsewhere':
      return `${path} exists here but not in ${commit}`;
    case 'other-case':
      return `${file.requested} is not there, but ${path} is: CI tells capital letters from small ones`;
    default:
      return file satisfies never;
  }
}
