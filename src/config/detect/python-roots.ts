import { posix } from 'node:path';
import { iniSettings } from './ini-settings.ts';
import { inFolder, isTestFile, within, type Repo } from './repo.ts';
import { tableAt, type Table } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';

/** A folder whose Python is checked as one, from which its commands run. */
export interface PythonRoot {
  /** Relative to the project; `.` for the project itself. */
  readonly dir: string;
  /** Its pyproject.toml, read. */
  readonly pyproject: Table | undefined;
  /** Python files, relative to `dir`. */
  readonly files: readonly string[];
  /** What black and flake8 are given: top-level folders with Python (`core/`) and top-level files. */
  readonly targets: readonly string[];
  /** What mypy is given where its config does not say: the targets without tests, docs and set-up files. */
  readonly packages: readonly string[];
  /** For PYTHONPATH: `.`, or the `src` folders. */
  readonly importRoots: readonly string[];
  /**
   * The folder of the reference layout (`core/` with its own requirements.txt, beside a mypy.ini), without `/`;
   * undefined for every other layout.
   */
  readonly referenceFolder: string | undefined;
}

const strongMarkers = ['setup.py', 'Pipfile', 'manage.py'];
const weakMarkers =
  /^(?:\.?mypy\.ini|\.?pytest\.ini|tox\.ini|setup\.cfg|\.flake8|pyproject\.toml|\.?ruff\.toml|conftest\.py|noxfile\.py)$/;
const asideFolders =
  /^(?:tests?|testing|docs?|documentation|examples?|samples?|demos?|scripts?|tools?|bin|ci|dev|benchmarks?|perf|contrib|notebooks?|migrations|alembic|\.github|\.circleci)$/;

/** Finds the folders whose Python is checked as one: the project itself, or, in a monorepo, each of its Python projects. */
export function pythonRoots(repo: Repo): readonly PythonRoot[] {
  const python = repo.files.filter((path) => path.endsWith('.py'));
  if (python.length === 0) return [];
  const rootIsProject = isStrong(repo, '.');
  const below = subprojects(repo);
  if (!rootIsProject && below.length > 0) {
    const inside = (path: string): boolean => below.some(({ dir }) => within(dir, path) !== undefined);
    const stray = python.filter(
      (path) => !inside(path) && !asideFolders.test(path.split('/')[0] ?? '') && path.includes('/'),
    );
    const rootIsWeak = repo.files.some((path) => weakMarkers.test(path));
    const strongEnough = below.some(({ strong }) => strong) || !rootIsWeak;
    if (stray.length === 0 && strongEnough) return below.map(({ dir }) => rootOf(repo, dir));
  }
  return [rootOf(repo, '.')];
}

/** The outermost folders below the project that are Python projects of their own; examples and docs are none. */
function subprojects(repo: Repo): readonly { readonly dir: string; readonly strong: boolean }[] {
  // Every folder that has Python in it or below it.
  const dirs = new Set<string>();
  for (const path of repo.files) {
    if (!path.endsWith('.py')) continue;
    for (let dir = posix.dirname(path); dir !== '.' && !dirs.has(dir); dir = posix.dirname(dir)) dirs.add(dir);
  }
  const found: { dir: string; strong: boolean }[] = [];
  for (const dir of [...dirs].sort()) {
    if (found.some((outer) => within(outer.dir, dir) !== undefined)) continue;
    if (dir.split('/').some((part) => asideFolders.test(part))) continue;
    const strong = isStrong(repo, dir);
    if (strong || (repo.has(`${dir}/requirements.txt`) && !isPackage(repo, dir))) found.push({ dir, strong });
  }
  return found;
}

/** True when the folder says itself that it is a Python project. */
function isStrong(repo: Repo, dir: string): boolean {
  if (strongMarkers.some((name) => repo.has(inFolder(dir, name)))) return true;
  const pyproject = tomlTable(repo.text(inFolder(dir, 'pyproject.toml')));
  if (tableAt(pyproject, 'project') !== undefined || tableAt(pyproject, 'tool', 'poetry') !== undefined) return true;
  return iniSettings(repo.text(inFolder(dir, 'setup.cfg'))).has('metadata');
}

/** True when a folder is imported by its own name: it has an __init__.py, or its files import it. */
function isPackage(repo: Repo, dir: string): boolean {
  if (repo.has(`${dir}/__init__.py`)) return true;
  const imports = new RegExp(`^\\s*(?:from|import)\\s+${posix.basename(dir).replaceAll('.', '\\.')}(?:[.\\s]|$)`, 'm');
  return repo.files.some((path) => path.endsWith('.py') && imports.test(repo.text(path) ?? ''));
}

function rootOf(repo: Repo, dir: string): PythonRoot {
  const files = repo.files.filter((path) => path.endsWith('.py')).flatMap((path) => within(dir, path) ?? []);
  const tops = [...new Set(files.map((path) => (path.includes('/') ? `${path.split('/')[0]}/` : path)))];
  const main = tops.filter((top) => top.endsWith('/') && !asideFolders.test(top.slice(0, -1)));
  const pyproject = tomlTable(repo.text(inFolder(dir, 'pyproject.toml')));
  const roots = importRoots(repo, dir, files);
  return {
    dir,
    pyproject,
    files,
    targets: tops.length > 12 ? ['.'] : tops,
    packages: roots.includes('.') ? mainPackages(files, main) : roots.map((path) => `${path}/`),
    importRoots: roots,
    referenceFolder: referenceFolder(repo, dir, main),
  };
}

function mainPackages(files: readonly string[], main: readonly string[]): readonly string[] {
  if (main.length > 0) return main;
  const modules = files.filter(
    (path) => !path.includes('/') && !/^(?:setup|conftest|noxfile|tasks|test_.*|.*_test)\.py$/.test(path),
  );
  if (modules.length > 0) return modules;
  return [...new Set(files.map((path) => (path.includes('/') ? `${path.split('/')[0]}/` : path)))];
}

/** `src` folders that hold packages, as declared or as laid out; otherwise the root itself. */
function importRoots(repo: Repo, dir: string, files: readonly string[]): readonly string[] {
  const roots = new Set<string>();
  for (const path of files) {
    const match = /^((?:[\w.-]+\/){0,2}src)\/[^/]+(?:\/|\.py$)/.exec(path);
    if (match?.[1] === undefined || asideFolders.test(path.split('/')[0] ?? '')) continue;
    // `src` that is itself imported (`from src.app import …`) is a package, not a root.
    if (!repo.has(inFolder(dir, `${match[1]}/__init__.py`))) roots.add(match[1]);
  }
  if (roots.size === 0 || roots.size > 30) return ['.'];
  const flat = files.some((path) => {
    const [top = ''] = path.split('/');
    return path.endsWith('/__init__.py') && path.split('/').length === 2 && !asideFolders.test(top);
  });
  return flat ? [...roots, '.'] : [...roots];
}

function referenceFolder(repo: Repo, dir: string, main: readonly string[]): string | undefined {
  if (!repo.has(inFolder(dir, 'mypy.ini')) || main.length !== 1) return undefined;
  const folder = main[0]?.slice(0, -1);
  return folder !== undefined && repo.has(inFolder(dir, `${folder}/requirements.txt`)) ? folder : undefined;
}

/** Test files of a root, relative to it. */
export function testFiles(root: PythonRoot): readonly string[] {
  return root.files.filter((path) => isTestFile(path) || /(^|\/)tests?\.py$/.test(path));
}
