import { join, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { sha256 } from '../../core/digest.ts';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import { readToml, TomlDocument } from '../../formats/toml.ts';
import { namedFiles } from '../build/named-files.ts';
import { readBuildSystem, type BuildSystem } from '../build/build-system.ts';
import { consult, factsOf, placeOf, problem, shownPath, type Reading, type Selection } from './reading.ts';
import type { Place } from './requirement.ts';

/** Why a folder's project is added. */
export interface ProjectWish {
  readonly place: Place;
  /** True when somebody says to install it; otherwise it has to say itself that it is a package. */
  readonly isAsked?: boolean;
  /** How it is to be installed, where that is said; of several that say it, one that says editable is obeyed. */
  readonly isEditable?: boolean;
  /** Set when only the build backend can tell what is needed. */
  readonly asksBackend?: Selection;
}

/** Adds the project of a folder (absolute) when it is a package; says whether it is. Throws as readText does. */
export async function addProject(reading: Reading, folder: string, wish: ProjectWish): Promise<boolean> {
  const path = shownPath(reading, folder) || '.';
  // The engine builds inside the workspace, which may be larger than the project; what lies above is no part of this project.
  if (path === '..' || path.startsWith('../')) return false;
  const known = reading.projects.get(path);
  const build = known?.build ?? (await readBuild(reading, folder));
  const wants = wish.isAsked === true || wish.asksBackend !== undefined;
  if (build === undefined || (!wants && !build.isDeclared)) return false;
  const extras = wish.asksBackend?.extras;
  if (extras !== undefined && known?.asksBackend === undefined) await addNamedFiles(reading, folder);
  const asksBackend = extras === undefined ? known?.asksBackend : { extras };
  const isEditable = known?.isEditable === true ? true : (wish.isEditable ?? known?.isEditable);
  reading.projects.set(path, {
    path,
    build,
    place: known?.place ?? wish.place,
    ...(isEditable === undefined ? {} : { isEditable }),
    ...(asksBackend === undefined ? {} : { asksBackend }),
  });
  return true;
}

/**
 * Adds the packages that the config names, or else the project's own when it says that it is one, and says which are installed as their wheels.
 * Throws as readText does.
 */
export async function readProjects(
  reading: Reading,
  config: Config,
  placeOf: (key: 'projects' | 'wheels', folder: string) => Place,
): Promise<void> {
  const { projects, wheels = [] } = config.toolchain.build ?? {};
  // A toolchain with a name has what it names.
  if (projects === undefined && config.toolchain.name === undefined) await addOwn(reading, placeOf('projects', '.'));
  const named = new Set<string>();
  const add = async (key: 'projects' | 'wheels', folder: string): Promise<void> => {
    const absolute = resolve(reading.projectDir, folder);
    const path = shownPath(reading, absolute) || '.';
    const place = placeOf(key, folder);
    named.add(path);
    if (!(await addProject(reading, absolute, { place, isAsked: true }))) {
      const unreadable = brokenPyproject(reading, absolute);
      if (unreadable !== undefined) problem(reading, unreadable.place, unreadable);
      else
        problem(reading, place, {
          message: `"${folder}" is no package: it has neither a [build-system] in pyproject.toml nor a setup.py`,
          hint: `name folders of packages, or leave toolchain.build.${key} out`,
        });
      return;
    }
    const known = reading.projects.get(path);
    if (known !== undefined && key === 'wheels') reading.projects.set(path, { ...known, isEditable: false });
  };
  for (const folder of projects ?? []) await add('projects', folder);
  for (const folder of wheels) await add('wheels', folder);
  if (projects !== undefined)
    for (const path of reading.projects.keys()) if (!named.has(path)) reading.projects.delete(path);
}

/** Why a folder's pyproject.toml can't be read, and where; undefined when it can, or is not there. */
function brokenPyproject(
  reading: Reading,
  folder: string,
): { readonly place: Place; readonly message: string; readonly hint: string } | undefined {
  const path = join(folder, 'pyproject.toml');
  const text = readTextIfExists(path);
  const document = text === undefined ? undefined : readToml(text);
  if (text === undefined || document === undefined || document instanceof TomlDocument) return undefined;
  const { message, span } = document;
  const file = shownPath(reading, path);
  const place = placeOf(file, span, text.split(/\r?\n/)[span.line - 1]);
  return { place, message: `${file} is no TOML: ${message}`, hint: 'mend it there' };
}

/** The project's own package, unless a lock file in its folder says what of it is installed. */
async function addOwn(reading: Reading, place: Place): Promise<void> {
  const isDecided = reading.locks.some(
    ({ file, source: { tool } }) => !file.includes('/') && (tool === 'uv' || tool === 'poetry' || tool === 'pdm'),
  );
  if (!isDecided) await addProject(reading, reading.projectDir, { place });
}

/** What its build files read of requirements is an input: what they come to is in the lock. */
async function addNamedFiles(reading: Reading, folder: string): Promise<void> {
  for (const name of ['setup.py', 'setup.cfg', 'pyproject.toml']) {
    const text = await consult(reading, join(folder, name));
    const named = namedFiles(folder, text ?? '', (path) => readTextIfExists(join(folder, path)));
    for (const path of named.filter(mayHoldRequirements))
      factsOf(reading, shownPath(reading, join(folder, name))).push(
        `reads ${path} ${sha256((await consult(reading, join(folder, path))) ?? '')}`,
      );
  }
}

/** Not a readme, which setup.py reads as well: nothing that is installed follows from it. */
function mayHoldRequirements(path: string): boolean {
  return (
    /\.(?:txt|in|pip|json|ya?ml)$/.test(path) &&
    !/^(?:.*\/)?(?:readme|licen[cs]e|copying|notice|authors|contributors|change(?:s|log)|history|news|version|manifest)\b/i.test(
      path,
    )
  );
}

async function readBuild(reading: Reading, folder: string): Promise<BuildSystem | undefined> {
  const text = async (name: string): Promise<string | undefined> => await consult(reading, join(folder, name));
  const [pyproject, setupPy, setupCfg] = [
    await text('pyproject.toml'),
    await text('setup.py'),
    await text('setup.cfg'),
  ];
  const build = readBuildSystem({ pyproject, setupPy, setupCfg });
  if (build === undefined) return undefined;
  const main = pyproject !== undefined ? 'pyproject.toml' : setupPy !== undefined ? 'setup.py' : 'setup.cfg';
  const { requires, backend, backendPath, isFromGit, hasExtensions, name } = build;
  factsOf(reading, shownPath(reading, join(folder, main))).push(
    `build ${JSON.stringify([name, backend, backendPath, requires, isFromGit, hasExtensions])}`,
  );
  // What it asks to be installed for its build is known by running it.
  if (setupPy !== undefined) factsOf(reading, shownPath(reading, join(folder, 'setup.py'))).push(sha256(setupPy));
  return build;
}
