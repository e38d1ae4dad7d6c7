import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../core/cache-folder.ts';
import type { Digest } from '../core/digest.ts';
import { isObject } from '../core/json.ts';
import { cacheJson, readCachedJson } from '../core/json-cache.ts';
import { readPackageFile } from '../core/package-file.ts';
import { ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import { rootOwner, type SeedEntry } from '../workspace/seed-entry.ts';
import { installedRoot, installedVolume, ownCheckout, type EnvironmentFacts } from './container-plan.ts';
import type { Machine } from './machine.ts';

// The repository's packages are installed in a volume, by a script in a container. A mark in parity's cache says for which key that was done last,
// and what it wrote into the workspace: while both are as they were, no container is asked.

/** The script that builds and installs, in the package. */
export const installerFile = 'images/build/install_projects.py';

const installer = '/parity/build/install_projects.py';
const venv = '/opt/parity';

/** The command line that builds and installs; the request follows. It runs in the venv that the image has for builds. */
export const installerCommand: readonly string[] = [`${venv}/build/bin/python`, '-I', '-B', installer];

/** Where a container gets its own Python to look, and by which program scripts are run. */
export const imagePython = `${venv}/bin/python`;

/** The script, and a .pth file by which the image's Python finds what it installs. `python` is the image's, `3.11.9`. */
export function installerEntries(python: string | undefined): readonly SeedEntry[] {
  const file = (path: string, data: string | Buffer): SeedEntry => {
    return { type: 'file', path, data, mode: 0o644, owner: rootOwner };
  };
  const minor = python?.split('.').slice(0, 2).join('.') ?? '3';
  const site = `lib/python${minor}/site-packages`;
  // The .pth files there count, too: an editable installation is one.
  const lookThere = `import site; site.addsitedir('${installedRoot}/${site}')\n`;
  return [file(installer, readPackageFile(installerFile)), file(`${venv}/${site}/parity_installed.pth`, lookThere)];
}

/** The image's PATH with the programs of the installed packages first: a project may be the tool that the image lacks. */
export async function pathWithInstalled(
  engine: Engine,
  image: string,
): Promise<Result<Readonly<Record<string, string>>>> {
  const found = await engine.inspectImage(image);
  if (!found.ok) return found;
  const path = found.value?.env.find((each) => each.startsWith('PATH='))?.slice('PATH='.length);
  return ok({ PATH: `${installedRoot}/bin:${path ?? `${venv}/bin:/usr/local/bin:/usr/bin:/bin`}` });
}

interface Mark {
  readonly key: Digest;
  /** Files that the build left in the workspace, relative to its root, by size. */
  readonly written: readonly (readonly [path: string, sizeBytes: number])[];
}

/**
 * Whether the volume is known to hold what the facts ask for, with all that the build left in the workspace; always when they ask for nothing. A
 * copy has to be asked; a checkout of a machine's own gets what the build left when it is brought up to date.
 */
export function isInstalled(facts: EnvironmentFacts, machine: Machine | undefined): boolean {
  if (facts.build === undefined || machine === undefined) return true;
  const mark = facts.copied ? undefined : readMark(facts);
  if (mark?.key !== facts.build.key) return false;
  if (ownCheckout(facts, machine) !== undefined) return true;
  return mark?.written.every(([path, size]) => sizeOf(join(facts.workspace.hostRoot, path)) === size) === true;
}

/** Whether the last build was for the same key, whatever became of its files. */
export function wasBuilt(facts: EnvironmentFacts): boolean {
  return readMark(facts)?.key === facts.build?.key;
}

/** Says that the volume's content is unknown; called before the script runs. */
export function forgetInstalled(facts: EnvironmentFacts): void {
  rmSync(markFile(facts), { force: true });
}

/** Says what the volume holds. A mark that can't be kept costs time, nothing else. */
export async function rememberInstalled(facts: EnvironmentFacts, written: Mark['written']): Promise<void> {
  const mark = { key: facts.build?.key, written };
  await cacheJson(markFile(facts), mark);
}

function readMark(facts: EnvironmentFacts): Mark | undefined {
  return readCachedJson(markFile(facts), (value): Mark | undefined =>
    isObject(value) && typeof value['key'] === 'string' && Array.isArray(value['written'])
      ? (value as unknown as Mark)
      : undefined,
  );
}

function markFile(facts: EnvironmentFacts): string {
  return join(cacheFolder('volumes'), `${installedVolume(facts) ?? 'none'}.json`);
}

function sizeOf(path: string): number | undefined {
  try {
    return lstatSync(path).size;
  } catch {
    return undefined;
  }
}
