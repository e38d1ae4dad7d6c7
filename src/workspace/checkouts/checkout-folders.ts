import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { sha256, shortDigest } from '../../core/digest.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { readCachedJson } from '../../core/json-cache.ts';
import { isStrings, shaped } from '../../core/json.ts';
import { writeFileWhole } from '../../core/write-file.ts';

// commits/<repository>/repository           the git folder of the user's repository that it is for
// commits/<repository>/<slot>/claim.N       who uses the slot
// commits/<repository>/<slot>/tree          the name of its checkout
// commits/<repository>/<slot>/<name>        the checkout
// commits/<repository>/<slot>/<name>.mounts the folders in it that volumes are mounted on
// A checkout that is made anew gets another name: a container that still has the old folder mounted would never see the new one.

/** Where all checkouts are; it may not exist. */
export function checkoutsFolder(): string {
  return cacheFolder('commits');
}

/** The folder of one repository's checkouts, by the git folder that its worktrees share. */
export function repositoryFolder(commonDir: string): string {
  const name = basename(commonDir) === '.git' ? basename(join(commonDir, '..')) : basename(commonDir, '.git');
  return join(checkoutsFolder(), `${name.replace(/[^\w.-]+/g, '-')}-${shortDigest(sha256(commonDir))}`);
}

/** The checkout of a slot; undefined when there is none yet. */
export async function currentCheckout(slot: string): Promise<string | undefined> {
  const name = (await readFile(join(slot, 'tree'), 'utf8').catch(() => '')).trim();
  if (!/^[0-9a-f]{8}$/.test(name)) return undefined;
  const tree = join(slot, name);
  const found = await lstat(tree).catch(() => undefined);
  return found?.isDirectory() === true ? tree : undefined;
}

/** Gives a slot a new, empty checkout; what was there before is removed. Throws the file system's errors. */
export async function newCheckout(slot: string): Promise<string> {
  const name = randomBytes(4).toString('hex');
  await mkdir(join(slot, name), { recursive: true });
  await writeFileWhole(join(slot, 'tree'), `${name}\n`);
  for (const other of await readdir(slot))
    if (other !== name && /^[0-9a-f]{8}(?:\.mounts)?$/.test(other)) await removeFolder(join(slot, other));
  return join(slot, name);
}

/** Removes a folder, those in it that may not be written included. Throws the file system's errors. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    await makeWritable(path);
    await rm(path, { recursive: true, force: true });
  }
}

async function makeWritable(path: string): Promise<void> {
  const found = await lstat(path);
  if (!found.isDirectory()) return;
  await chmod(path, 0o700);
  for (const name of await readdir(path)) await makeWritable(join(path, name));
}

/** The folders of a checkout that clean-up leaves, relative with `/`: removed on the host, they would vanish from a running container. */
export function mountPointsOf(tree: string): readonly string[] {
  return readCachedJson(`${tree}.mounts`, shaped(isStrings)) ?? [];
}

/** Notes folders (relative to the project) that volumes will be mounted on, when the project lies in a checkout of parity's. */
export async function noteMountPoints(hostProject: string, folders: readonly string[]): Promise<void> {
  const all = await realpath(checkoutsFolder()).catch(() => undefined);
  if (all === undefined || folders.length === 0) return;
  const [repository, slot, name, ...inside] = relative(all, hostProject).split(sep);
  if (repository === undefined || repository === '..' || slot === undefined || name === undefined) return;
  const tree = join(all, repository, slot, name);
  const known = mountPointsOf(tree);
  const wanted = [...new Set([...known, ...folders.map((folder) => [...inside, folder].join('/'))])].sort();
  if (wanted.length > known.length) await writeFileWhole(`${tree}.mounts`, `${JSON.stringify(wanted)}\n`);
}
