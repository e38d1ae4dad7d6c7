import { existsSync, readdirSync, realpathSync, statSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { readTextIfExists, readTextUpTo } from '../core/read-text-if-exists.ts';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';

/** The name of the config file. */
export const configFileName = 'parity.yaml';

/** The folder that parity works on. */
export interface Project {
  /** Absolute and real (no symbolic links). */
  readonly dir: string;
  /** Absolute; absent when there is no parity.yaml and the layout decides. */
  readonly configPath?: string;
}

/**
 * Files that stand where a project's commands are run from. A requirements.txt or package.json is none of them: those lie
 * in parts of a project (`core/`, `core/admin_ui`) too.
 */
const projectMarkers = [
  'pyproject.toml',
  'setup.py',
  'setup.cfg',
  'mypy.ini',
  'tox.ini',
  'pytest.ini',
  'manage.py',
  'Pipfile',
];

/**
 * The project of a folder: that of the nearest parity.yaml from there up to the git top level, unless its `exclude` names the
 * folder or one above it. Where there is none, the
 * nearest folder that holds a Python project's file (pyproject.toml, mypy.ini …), as pytest and uv would find it, or that of the uv workspace
 * above whose uv.lock has it; then the
 * git top level; without git the folder itself. Err `usage` when the folder is not one.
 */
export async function findProject(startDir: string): Promise<Result<Project>> {
  let start: string;
  try {
    start = realpathSync.native(startDir);
    if (!statSync(start).isDirectory()) return err(failure('usage', `${startDir} is a file, not a folder`));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'EACCES' ? 'may not be read' : code === 'ENOENT' ? 'does not exist' : `cannot be used (${code})`;
    return err(failure('usage', `the folder ${startDir} ${why}`));
  }
  const top = gitTop(start);
  const home = realHome();
  const owner = statSync(start).uid;
  let marked: string | undefined;
  for (let dir = start; ; dir = dirname(dir)) {
    const names = namesIn(dir);
    if (names.has(configFileName) && isFile(join(dir, configFileName))) {
      const own = dir === start ? undefined : await excludedFolder(dir, start);
      // A project of its own: what marks it lies between the start and the folder that is excluded.
      if (own !== undefined) return ok({ dir: marked ?? own });
      return ok({ dir, configPath: join(dir, configFileName) });
    }
    if (names.has('parity.yml') && isFile(join(dir, 'parity.yml'))) {
      const next = `mv ${JSON.stringify(join(dir, 'parity.yml'))} ${JSON.stringify(join(dir, configFileName))}`;
      return err(failure('config-invalid', `parity reads parity.yaml, but ${dir} has parity.yml`, { next }));
    }
    if (marked === undefined && projectMarkers.some((name) => names.has(name))) marked = dir;
    else if (marked !== undefined && marked !== dir && names.has('uv.lock') && isUvMember(dir, marked)) marked = dir;
    if (top !== undefined) {
      if (dir === top) return ok({ dir: marked ?? top });
    } else if (!mayLookAbove(dir, home, owner)) {
      return ok({ dir: marked ?? start });
    }
  }
}

/** The outermost folder on the way from a parity.yaml's folder down to `start` that its `exclude` names; undefined for none. */
async function excludedFolder(dir: string, start: string): Promise<string | undefined> {
  const excluded = (await excludesOf(dir))?.(relative(dir, start).split(sep).join('/'));
  return excluded === undefined ? undefined : join(dir, excluded);
}

/**
 * What the `exclude` of a folder's parity.yaml says (as git reads .gitignore): a function that gives the outermost folder on the way down to a
 * path that it names, both relative to the folder, `/` between. Undefined where it names none. A file that can't be read excludes nothing:
 * whoever loads it says what is wrong.
 */
export async function excludesOf(dir: string): Promise<((path: string) => string | undefined) | undefined> {
  const text = readTextIfExists(join(dir, configFileName)) ?? '';
  if (!/^["']?exclude\b/m.test(text)) return undefined;
  const [{ parse }, { default: ignore }] = await Promise.all([import('../formats/yaml-package.ts'), import('ignore')]);
  let patterns: unknown;
  try {
    patterns = (parse(text) as { exclude?: unknown } | null)?.exclude;
  } catch {
    return undefined;
  }
  if (!Array.isArray(patterns)) return undefined;
  const excluded = ignore().add(patterns.filter((pattern): pattern is string => typeof pattern === 'string'));
  return (path) => {
    const names = path === '' || path === '.' ? [] : path.split('/');
    const folders = names.map((_, index) => names.slice(0, index + 1).join('/'));
    return folders.find((folder) => excluded.ignores(`${folder}/`));
  };
}

/**
 * Outside git, a file further up counts only when the same person owns its folder and nobody else may write there, and
 * never in or above the home folder: it names commands to run.
 */
function mayLookAbove(dir: string, home: string, owner: number): boolean {
  const parent = dirname(dir);
  if (parent === dir || parent === home || dir === home) return false;
  const above = statOf(parent);
  return above !== undefined && above.uid === owner && (above.mode & 0o022) === 0;
}

// A lock file of 3,000 packages has 3 MB.
const lockLimitBytes = 32 << 20;

/** Whether the uv.lock of a folder has the package of a folder below as one of its own: uv then works with that lock file there, too. */
export function isUvMember(workspaceDir: string, memberDir: string): boolean {
  const text = readTextUpTo(join(workspaceDir, 'uv.lock'), lockLimitBytes);
  if (text === undefined) return false;
  const path = relative(workspaceDir, memberDir).split(sep).join('/');
  return text.includes(`source = { editable = "${path}" }`) || text.includes(`source = { virtual = "${path}" }`);
}

/** The nearest folder from here up that has a `.git`, folder or file; undefined for none. */
export function gitTop(start: string): string | undefined {
  for (let dir = start; ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git'))) return dir;
    if (dirname(dir) === dir) return undefined;
  }
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile() === true;
}

// Each of these answers in microseconds; a promise of it would wait for its turn, and every command waits for all of them.

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function namesIn(dir: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(dir));
  } catch {
    return new Set();
  }
}

function realHome(): string {
  try {
    return realpathSync.native(homedir());
  } catch {
    return homedir();
  }
}
