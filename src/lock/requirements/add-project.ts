import { join, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { sha256 } from '../../core/digest.ts';
import { readBuildSystem, type BuildSystem } from '../build/build-system.ts';
import { consult, factsOf, problem, shownPath, type Reading, type Selection } from './reading.ts';
import type { Place } from './requirement.ts';

/** Why a folder's project is added. */
export interface ProjectWish {
  readonly place: Place;
  /** True when somebody says to install it; otherwise it has to say itself that it is a package. */
  readonly isAsked?: boolean;
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
  const asksBackend = extras === undefined ? known?.asksBackend : { extras };
  reading.projects.set(path, {
    path,
    build,
    place: known?.place ?? wish.place,
    ...(asksBackend === undefined ? {} : { asksBackend }),
  });
  return true;
}

/** Adds the packages that the config names, or else the project's own when it says that it is one. Throws as readText does. */
export async function readProjects(
  reading: Reading,
  config: Config,
  placeOfFolder: (folder: string) => Place,
): Promise<void> {
  const folders = config.toolchain.build?.projects;
  if (folders === undefined) {
    await addProject(reading, reading.projectDir, { place: placeOfFolder('.') });
    return;
  }
  const named = new Set<string>();
  for (const folder of folders) {
    const absolute = resolve(reading.projectDir, folder);
    named.add(shownPath(reading, absolute) || '.');
    if (await addProject(reading, absolute, { place: placeOfFolder(folder), isAsked: true })) continue;
    problem(reading, placeOfFolder(folder), {
      message: `"${folder}" is no package: it has neither a [build-system] in pyproject.toml nor a setup.py`,
      hint: 'name folders of packages, or leave toolchain.build.projects out',
    });
  }
  for (const path of reading.projects.keys()) if (!named.has(path)) reading.projects.delete(path);
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
