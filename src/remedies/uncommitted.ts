import { shellWord } from '../core/shell-word.ts';
import { missingVariables } from './missing-variables.ts';
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
  /** True when the user's work tree has this folder. */
  readonly isFolder: (path: string) => boolean;
  /** The names of the variables that a .env file of the user's work tree sets. */
  readonly variablesOf: (path: string) => ReadonlySet<string>;
}

/** A file that a failing step's output names and that explains the failure. */
export type NamedFile =
  | (LocalFile & {
      /** The folder that git ignores as a whole, in which it lies, with a `/` at its end. */
      readonly ignoredFolder?: string;
    })
  /** The commit has it with other letter case than the step asked for. */
  | { readonly path: string; readonly state: 'other-case'; readonly requested: string }
  /** A folder that is here and not in the commit: git keeps no empty ones. */
  | { readonly path: string; readonly state: 'folder' }
  /** A .env file that sets what the step missed. */
  | {
      readonly path: string;
      readonly state: 'variables';
      readonly isIgnored: boolean;
      readonly names: readonly string[];
    };

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
  const isCommittedFolder = committedFolders(local.committed);
  const missingFolders = new Set(references.flatMap((each) => missingFolder(each, local, isCommittedFolder) ?? []));
  for (const file of environmentFiles(failing, local)) add(file);
  for (const wanted of ['file', 'content', 'nothing'] as const)
    for (const reference of references.filter((each) => each.wanted === wanted)) {
      const folder = folderAmong(missingFolders, reference.paths);
      const found = folder === undefined ? localFile(reference, byPath, folders, local) : undefined;
      if (folder !== undefined) add({ path: folder, state: 'folder' });
      else if (found !== undefined) add(found);
      else if (reference.wanted === 'file' && !reference.paths.some((path) => committed.has(path))) {
        const requested = reference.paths.find((path) => byLowerCase.has(path.toLowerCase()));
        const path = requested === undefined ? undefined : byLowerCase.get(requested.toLowerCase());
        if (requested !== undefined && path !== undefined) add({ path, state: 'other-case', requested });
      }
    }
  return [...named.values()];
}

function committedFolders(committed: readonly string[]): (path: string) => boolean {
  const folders = new Set<string>();
  for (const path of committed)
    for (let at = path.lastIndexOf('/'); at > 0 && !folders.has(path.slice(0, at)); at = path.lastIndexOf('/', at - 1))
      folders.add(path.slice(0, at));
  return (path) => path === '' || path === '.' || folders.has(path);
}

/**
 * The folder that is here and not in the commit, for want of which a file could not be written. A file that is here was read, unless the
 * output shows that it was written: then it is of the last run.
 */
function missingFolder(
  reference: FileReference,
  local: LocalFiles,
  isCommittedFolder: (path: string) => boolean,
): string | undefined {
  if (reference.wanted !== 'file' || reference.ends.length > 0) return undefined;
  for (const path of reference.paths) {
    if (path.split('/').some((part) => generatedFolders.has(part))) continue;
    if (path !== '' && !isCommittedFolder(path) && local.isFolder(path)) return path;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (isCommittedFolder(folder) || !local.isFolder(folder)) continue;
    if (reference.isWritten === true || !local.exists(path)) return folder;
  }
  return undefined;
}

function folderAmong(missing: ReadonlySet<string>, paths: readonly string[]): string | undefined {
  return [...missing].find((folder) => paths.some((path) => path === folder || path.startsWith(`${folder}/`)));
}

// Not examples to copy, which are committed.
const envFileName = /^(?:.*\/)?\.env(?:rc|\.(?!example$|sample$|template$|dist$)[\w.-]+)?$/;

/** The .env files that the commit lacks, in the step's folders and above, and that set what the output says is not set. */
function environmentFiles({ output, folders }: FailingOutput, local: LocalFiles): readonly NamedFile[] {
  const candidates = local.changed.filter(
    ({ path, state }) => (state === 'ignored' || state === 'untracked') && envFileName.test(path),
  );
  if (candidates.length === 0) return [];
  const missing = missingVariables(output);
  return candidates.flatMap(({ path, state }): readonly NamedFile[] => {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder !== '' && !folders.some((each) => each === folder || each.startsWith(`${folder}/`))) return [];
    const set = local.variablesOf(path);
    const names = missing.filter((name) => set.has(name));
    return names.length === 0 ? [] : [{ path, state: 'variables', isIgnored: state === 'ignored', names }];
  });
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
    if (fits(file)) return file;
    const folder = folders.find((each) => path.startsWith(each.path));
    const inIt = { path, state: 'ignored' } as const;
    if (folder !== undefined && fits(inIt) && local.exists(path)) return { ...inIt, ignoredFolder: folder.path };
  }
  if (reference.wanted === 'nothing' || reference.ends.length === 0) return undefined;
  const ending = [...byPath.values()].filter(
    (file) => fits(file) && reference.ends.some((end) => file.path === end || file.path.endsWith(`/${end}`)),
  );
  // Two that would do: the output does not say which.
  const [only, other] = ending;
  return other === undefined ? only : undefined;
}

/** What a sentence about a file needs to know. */
export interface Wording {
  /** The checked commit, short. */
  readonly commit: string;
  /** A file's path as the user would type it where they stand. */
  readonly typed: (path: string) => string;
  /** Which line makes git ignore a file, or a folder with a `/` at its end: `.gitignore:3: *.local.json`. */
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
      const { ignoredFolder } = file;
      const because = (rule: string | undefined): string => (rule === undefined ? '' : ` (${rule})`);
      const own = because(ignoredBy.get(path));
      if (ignoredFolder === undefined) return `${path} exists here but git ignores it${own}: git add -f ${word}`;
      // A folder that is ignored as a whole is mostly something that a build makes; else it is code, and more than one file of it is missed.
      const rule = ignoredBy.get(ignoredFolder);
      if (rule === undefined)
        return `${path} exists here but git ignores it${own}: make it in a step, or: git add -f ${word}`;
      const keep = keepFolder(ignoredFolder, rule, typed);
      return `${path} exists here but git ignores ${ignoredFolder}${because(rule)}: make it in a step, or: ${keep}`;
    }
    case 'modified':
      return `${path} has changes here that are not committed: git commit ${word}`;
    case 'deleted':
      return `${path} is deleted here but not in the commit: git rm ${word}`;
    case 'elsewhere':
      return `${path} exists here but not in ${commit}`;
    case 'folder':
      return `the folder ${path} is here but not in the commit, git keeps no empty ones: make it in the code, or: touch ${shellWord(typed(`${path}/.gitkeep`))} && git add -f ${shellWord(typed(`${path}/.gitkeep`))}`;
    case 'variables': {
      const rule = ignoredBy.get(path);
      const why = file.isIgnored ? `git ignores it${rule === undefined ? '' : ` (${rule})`}` : 'it is not committed';
      const names = listed(file.names);
      return `${path} exists here but ${why} and sets ${names}: give the step ${names} in parity.yaml (env, passEnv or secrets)`;
    }
    case 'other-case':
      return `${file.requested} is not there, but ${path} is: CI tells capital letters from small ones`;
    default:
      return file satisfies never;
  }
}

/** Has git take up a folder that a line of a .gitignore hides: what git ignores inside of it stays ignored. */
function keepFolder(folder: string, rule: string, typed: Wording['typed']): string {
  // Lines of a folder's own file count more than those of the files above it; any of them more than the user's own.
  const file = /^(?!\/)(?<file>(?:.*\/)?\.gitignore):\d+: /.exec(rule)?.groups?.['file'] ?? '.gitignore';
  const inside = folder.slice(file.length - '.gitignore'.length);
  return `echo ${shellWord(`!/${inside}`)} >> ${shellWord(typed(file))} && git add ${shellWord(typed(folder))}`;
}

const namedAtMost = 3;

function listed(names: readonly string[]): string {
  const more = names.length - namedAtMost;
  return `${names.slice(0, namedAtMost).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
