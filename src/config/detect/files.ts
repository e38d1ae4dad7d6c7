import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { unignoredFiles, unignoredFilesNamed, type GitProblem } from '../../git/git.ts';

/** Folders of third-party code, tracked by git or not. */
const foreignFolders = new Set([
  'node_modules',
  'bower_components',
  'site-packages',
  'venv',
  'vendor',
  'vendored',
  '_vendor',
  'third_party',
  'third-party',
  'thirdparty',
  '__pycache__',
]);

/** Folders of generated files, left out only without git: with git, a package may be called `build` or `env`. */
const madeFolders = new Set(['env', 'virtualenv', 'dist', 'build', 'target', 'coverage', 'htmlcov']);

/** Enough for any project without git; it bounds the walk of a home folder that was given by mistake. */
const walkLimit = 50_000;

/** Lists all files of a project that git does not ignore, relative to its folder; undefined when it has no list. */
export type Listing = () => Promise<readonly string[] | undefined>;

/**
 * The files of a project, relative to its folder: what git does not ignore, or, without git, what a walk finds outside
 * hidden and foreign folders. Err `repository-invalid` when git refuses to answer.
 */
export async function projectFiles(dir: string): Promise<Result<readonly string[]>> {
  const listed = await unignoredFiles(dir);
  if (listed.ok) return ok(listed.value);
  return listed.error.reason === 'git-refused' ? err(refused(listed.error)) : ok(await walk(dir));
}

/** The project's files with one of these names, in any folder; a listed file may have been deleted. Err as projectFiles. */
export async function projectFilesNamed(dir: string, names: readonly string[]): Promise<Result<readonly string[]>> {
  const listed = await unignoredFilesNamed(dir, names);
  if (listed.ok) return ok(listed.value);
  if (listed.error.reason === 'git-refused') return err(refused(listed.error));
  return ok((await walk(dir)).filter((path) => names.includes(posix.basename(path))));
}

function refused({ message, next }: GitProblem): Failure {
  return failure('repository-invalid', message, next === undefined ? {} : { next });
}

async function walk(dir: string): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = [''];
  for (const folder of folders) {
    const entries = await readdir(join(dir, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (isOwnFolder(entry.name) && !madeFolders.has(entry.name) && !existsSync(join(dir, path, 'pyvenv.cfg'))) {
          folders.push(path);
        }
      } else if (files.length < walkLimit) files.push(path);
    }
  }
  return files;
}

/** True for a file outside hidden and third-party folders, or in a CI system's folder: it may say how the project is checked. */
export function isProjectFile(path: string): boolean {
  const folders = path.split('/').slice(0, -1);
  if (folders[0] === '.github' || folders[0] === '.circleci') return true;
  return folders.every(isOwnFolder);
}

function isOwnFolder(name: string): boolean {
  if (name === '.github' || name === '.circleci') return true;
  return !name.startsWith('.') && !foreignFolders.has(name);
}
