import { normalisedName } from '../formats/package-name.ts';
import { tableAt, textsOf, type Table } from '../formats/table.ts';
import { tomlTable } from '../formats/toml.ts';

/**
 * What makes a project importable and known to importlib.metadata inside a container, as `pip install -e .` would, without
 * running its build backend: import roots for a .pth file, a dist-info folder and console scripts.
 */
export interface EditableProject {
  /** Normalised distribution name (PEP 503 with `_`), as dist-info folders spell it. */
  readonly name: string;
  readonly version: string;
  /** Folders relative to the project that go on sys.path, e.g. `src`; `.` for a flat layout. */
  readonly importRoots: readonly string[];
  /** Files of the dist-info folder by name: METADATA, entry_points.txt, INSTALLER, top_level.txt. */
  readonly distInfo: Readonly<Record<string, string>>;
  /** Console scripts: name → `module:attribute`. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Reads a file of the project by its relative path; undefined when it is not there. */
export type ReadProjectFile = (path: string) => string | undefined;

/** The version given to a project whose own can only be had by running its build backend. */
const unknownVersion = '0.0.0+parity';

/**
 * Describes the project of a pyproject.toml; undefined when the file names no project (no `[project]` and no
 * `[tool.poetry]` name) or is not TOML. A dynamic version is looked for where hatch, flit and setuptools look; one that only
 * a build backend can compute becomes `0.0.0+parity`.
 */
export function editableProject(pyproject: string, read: ReadProjectFile): EditableProject | undefined {
  const document = tomlTable(pyproject);
  const project = tableAt(document, 'project') ?? tableAt(document, 'tool', 'poetry');
  const name = text(project?.['name']);
  if (document === undefined || project === undefined || name === undefined) return undefined;

  const distribution = normalisedName(name).replaceAll('-', '_');
  const importRoots = findImportRoots(document, distribution, read);
  const version = text(project['version']) ?? dynamicVersion(document, distribution, importRoots, read);
  const scripts = strings(project['scripts']);
  return {
    name: distribution,
    version,
    importRoots,
    scripts,
    distInfo: {
      METADATA: metadata(name, version, project),
      'entry_points.txt': entryPoints(project, scripts),
      INSTALLER: 'parity\n',
      'top_level.txt': `${distribution}\n`,
    },
  };
}

function metadata(name: string, version: string, project: Table): string {
  const lines = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`];
  const summary = text(project['description']);
  if (summary !== undefined) lines.push(`Summary: ${summary.split('\n', 1)[0]}`);
  const python = text(project['requires-python']);
  if (python !== undefined) lines.push(`Requires-Python: ${python}`);
  for (const requirement of textsOf(project['dependencies'])) lines.push(`Requires-Dist: ${requirement}`);
  for (const [extra, requirements] of Object.entries(tableAt(project['optional-dependencies']) ?? {})) {
    lines.push(`Provides-Extra: ${extra}`);
    for (const requirement of textsOf(requirements)) lines.push(`Requires-Dist: ${withExtra(requirement, extra)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A requirement of an extra, its own marker kept (`a; python_version < "3.12"` → `a; (…) and extra == "x"`). */
function withExtra(requirement: string, extra: string): string {
  const semicolon = requirement.indexOf(';');
  if (semicolon < 0) return `${requirement}; extra == '${extra}'`;
  return `${requirement.slice(0, semicolon).trim()}; (${requirement.slice(semicolon + 1).trim()}) and extra == '${extra}'`;
}

function entryPoints(project: Table, scripts: Readonly<Record<string, string>>): string {
  const groups: [string, Readonly<Record<string, string>>][] = [
    ['console_scripts', scripts],
    ['gui_scripts', strings(project['gui-scripts'])],
    ...Object.entries(tableAt(project['entry-points']) ?? tableAt(project['plugins']) ?? {}).map(
      ([group, entries]): [string, Readonly<Record<string, string>>] => [group, strings(entries)],
    ),
  ];
  return groups
    .filter(([, entries]) => Object.keys(entries).length > 0)
    .map(
      ([group, entries]) =>
        `[${group}]\n${Object.entries(entries)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join('')}`,
    )
    .join('\n');
}

/** The folders to put on sys.path: what the build backend is told, else `src` when the package is there, else the project. */
function findImportRoots(document: Table, distribution: string, read: ReadProjectFile): readonly string[] {
  const setuptools = tableAt(document, 'tool', 'setuptools');
  const where = textsOf(tableAt(setuptools, 'packages', 'find')?.['where']);
  const packageDir = text(tableAt(setuptools, 'package-dir')?.['']);
  const configured = where.length > 0 ? where : packageDir === undefined ? [] : [packageDir];
  if (configured.length > 0) return configured;
  const inSrc = [
    `src/${distribution}/__init__.py`,
    `src/${distribution}.py`,
    `src/${distribution}/py.typed`,
    'src/__init__.py',
  ];
  if (
    read(inSrc[0] as string) !== undefined ||
    read(inSrc[1] as string) !== undefined ||
    read(inSrc[2] as string) !== undefined
  )
    return ['src'];
  const flat = read(`${distribution}/__init__.py`) !== undefined || read(`${distribution}.py`) !== undefined;
  if (flat || read('src/__init__.py') !== undefined) return ['.'];
  return ['src', '.'];
}

/** The version where the usual backends keep a dynamic one. */
function dynamicVersion(
  document: Table,
  distribution: string,
  roots: readonly string[],
  read: ReadProjectFile,
): string {
  const hatchPath = text(tableAt(document, 'tool', 'hatch', 'version')?.['path']);
  const pdmPath = text(tableAt(document, 'tool', 'pdm', 'version')?.['path']);
  const dynamic = tableAt(document, 'tool', 'setuptools', 'dynamic', 'version');
  const versionFile = text(dynamic?.['file']) ?? textsOf(dynamic?.['file'])[0];
  const attribute = text(dynamic?.['attr']);
  const fromFile = versionFile === undefined ? undefined : read(versionFile)?.trim();
  if (fromFile !== undefined && fromFile !== '') return fromFile;
  const modulePaths = roots.flatMap((root) => {
    const below = root === '.' ? '' : `${root}/`;
    const modules = attribute === undefined ? [] : [attribute.split('.').slice(0, -1).join('/')];
    return [...modules, distribution].flatMap((module) => [
      `${below}${module}.py`,
      `${below}${module}/__init__.py`,
      `${below}${module}/__version__.py`,
      `${below}${module}/_version.py`,
    ]);
  });
  for (const path of [hatchPath, pdmPath, ...modulePaths]) {
    const found = path === undefined ? undefined : versionIn(read(path));
    if (found !== undefined) return found;
  }
  return unknownVersion;
}

/** `__version__ = "1.2"`, `VERSION: str = '1.2'` … in a Python source. */
function versionIn(source: string | undefined): string | undefined {
  return /^(?:__version__|VERSION|version)\s*(?::[^=\n]+)?=\s*["']([^"'\n]+)["']/m.exec(source ?? '')?.[1];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function strings(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tableAt(value) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
