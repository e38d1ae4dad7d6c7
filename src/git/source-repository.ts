import { access, readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { ok, type Result } from '../core/result.ts';
import { runGit, type GitProblem, type GitSetting } from './git.ts';

/** A repository of the user's, as one that borrows its objects needs to know it. */
export interface SourceRepository {
  /** Its own git folder, absolute. */
  readonly gitDir: string;
  /** Equals `gitDir` but in a linked worktree. */
  readonly commonDir: string;
  readonly objectFormat: 'sha1' | 'sha256';
  /** Its object folders and those that it borrows from itself, absolute and real. */
  readonly objectFolders: readonly string[];
  /** Its branches, remote branches and tags, as the text of a packed-refs file. */
  readonly packedRefs: string;
  /** The text of its `shallow` file; absent when its history is whole. */
  readonly shallow?: string;
  /** Its settings that say how a remote is reached; they may hold credentials. */
  readonly transport: readonly GitSetting[];
  /** The address that `origin` has, without credentials. */
  readonly origin?: string;
  /** Where git-lfs keeps its objects. */
  readonly lfsStorage: string;
}

// What says how to reach a remote, lazy fetches and git-lfs included; nothing that decides what a file looks like.
const transport = /^(?:remote|url|https?|credential|lfs|ssh|protocol)\.|^core\.(?:sshcommand|gitproxy|askpass)$/i;

/** Reads what a repository is; `base` is the folder that relative addresses of remotes start at. Err as runGit. */
export async function readSource(
  where: { readonly gitDir: string; readonly commonDir: string },
  base: string,
): Promise<Result<SourceRepository, GitProblem>> {
  const { gitDir, commonDir } = where;
  const kinds = ['refs/heads', 'refs/remotes', 'refs/tags'];
  const [settings, refs, objectFolders, shallow] = await Promise.all([
    // Global settings too: they may hold for the user's folder alone (includeIf), not for one elsewhere.
    runGitInSource(gitDir, ['config', '--null', '--list']),
    runGitInSource(gitDir, ['for-each-ref', '--format=%(objectname) %(refname)', ...kinds]),
    objectChain(join(commonDir, 'objects')),
    readFile(join(commonDir, 'shallow'), 'utf8').catch(() => undefined),
  ]);
  if (!settings.ok) return settings;
  if (!refs.ok) return refs;
  const pairs = readSettings(settings.value);
  const last = (name: string): string | undefined => pairs.findLast(([each]) => each === name)?.[1];
  const origin = last('remote.origin.url');
  const address = origin === undefined ? undefined : withoutCredentials(absoluteAddress(origin, base));
  return ok({
    gitDir,
    commonDir,
    objectFormat: last('extensions.objectformat') === 'sha256' ? 'sha256' : 'sha1',
    objectFolders,
    packedRefs: `# pack-refs with: sorted \n${refs.value}`,
    ...(shallow === undefined || shallow === '' ? {} : { shallow }),
    transport: pairs
      .filter(([name]) => transport.test(name) && name !== 'lfs.storage')
      .map(([name, value]) => [name, /^remote\..*\.url$/.test(name) ? absoluteAddress(value, base) : value]),
    ...(address === undefined ? {} : { origin: address }),
    lfsStorage: resolve(commonDir, last('lfs.storage') ?? 'lfs'),
  });
}

/** Asks a repository, by its git folder, what needs no work tree: that of a submodule may be gone, which git would not bear. */
export function runGitInSource(gitDir: string, args: readonly string[]): Promise<Result<string, GitProblem>> {
  return runGit(gitDir, args, { gitDir, workTree: gitDir });
}

/** The settings of `git config --null --list`, in its order: a name, a newline and the value; a name alone is true. */
export function readSettings(text: string): readonly GitSetting[] {
  const entries = text.split('\0').filter((entry) => entry !== '');
  return entries.map((entry) => {
    const end = entry.indexOf('\n');
    return end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
  });
}

/** An object folder and all that its `alternates` lead to, each once. */
async function objectChain(folder: string): Promise<readonly string[]> {
  const chain = new Set<string>();
  const follow = async (path: string): Promise<void> => {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined || chain.has(real)) return;
    chain.add(real);
    const text = await readFile(join(real, 'info', 'alternates'), 'utf8').catch(() => '');
    for (const line of text.split('\n')) if (line !== '' && !line.startsWith('#')) await follow(resolve(real, line));
  };
  await follow(folder);
  return [...chain];
}

/** An address that is a relative path (`../origin.git`) as an absolute one. */
function absoluteAddress(address: string, base: string): string {
  return /^\.\.?(?:\/|$)/.test(address) && !isAbsolute(address) ? resolve(base, address) : address;
}

/** An address without the user name and password in it. */
export function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

/** The git folder of the work tree whose top this folder is, absolute; undefined when it is none. */
export async function gitFolderOf(workTree: string): Promise<string | undefined> {
  const pointer = join(workTree, '.git');
  const there = await access(pointer).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const text = await readFile(pointer, 'utf8').catch(() => undefined);
  if (text === undefined) return await realpath(pointer).catch(() => undefined);
  const named = /^gitdir: ([\s\S]+?)\n?$/.exec(text)?.[1];
  return named === undefined ? undefined : await realpath(resolve(workTree, named)).catch(() => undefined);
}

/** The git folder that a work tree's own (absolute) shares objects, branches and config with; itself but in a linked worktree. */
export async function commonFolderOf(gitDir: string): Promise<string> {
  const named = await readFile(join(gitDir, 'commondir'), 'utf8').catch(() => '');
  return named === '' ? gitDir : await realpath(resolve(gitDir, named.trim()));
}

/** True when a repository has a commit. */
export async function hasCommit(gitDir: string, commit: string): Promise<boolean> {
  return (await runGitInSource(gitDir, ['cat-file', '-e', `${commit}^{commit}`])).ok;
}
