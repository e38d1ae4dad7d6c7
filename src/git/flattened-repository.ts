import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { err, ok, type Result } from '../core/result.ts';
import { gitEnvironment, quietSettings, runGit, runGitBytes, type GitProblem, type GitSetting } from './git.ts';
import { commonFolderOf, gitFolderOf, readSettings, withoutCredentials } from './source-repository.ts';

/**
 * A work tree's repository as a single plain `.git` folder that has its files and needs nothing elsewhere: what a linked worktree or a
 * submodule shares with others is in it.
 */
export interface FlattenedRepository {
  /** Digest of all that follows, but for the index's stat data. */
  readonly key: string;
  /** SHA-256 (hex) of the index as `indexQuestion` tells it. */
  readonly index: string;
  /** The objects that branches, remote branches, tags and HEAD name, each once. */
  readonly tips: readonly string[];
  /** Its files beside the objects, by their names below `.git`. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** Some of its objects may be missing: git fetches them from a remote at their first use. */
  readonly isPartial: boolean;
}

/** How git tells all of an index that is no stat data. */
const indexArguments = ['ls-files', '--stage', '-v', '-z'] as const;

// Paths of the host's, and what a plain folder has otherwise.
const leftOut =
  /^(?:core\.(?:worktree|bare|fsmonitor|hookspath|excludesfile|attributesfile|sshcommand|askpass|gitproxy|untrackedcache)|include\.|includeif\.|credential\.|extensions\.(?:worktreeconfig|refstorage|relativeworktrees)|http\..*extraheader$|http\.(?:.*\.)?(?:cookiefile|sslkey|sslcert|proxy)|gc\.|maintenance\.)/i;

/** Reads the repository of a work tree, whose top level the folder is. Err as runGit. */
export async function readFlattened(workTree: string): Promise<Result<FlattenedRepository, GitProblem>> {
  const gitDir = await gitFolderOf(workTree);
  if (gitDir === undefined)
    return err({ reason: 'not-a-repository', message: `${workTree} is not the top of a git repository` });
  const commonDir = await commonFolderOf(gitDir);
  const kinds = ['refs/heads', 'refs/remotes', 'refs/tags'];
  const [refs, local, indexed] = await Promise.all([
    runGit(workTree, ['for-each-ref', '--format=%(objectname) %(refname)', ...kinds]),
    runGit(workTree, ['config', '--null', '--list', '--includes', '--local']),
    runGitBytes(workTree, indexArguments),
  ]);
  if (!refs.ok) return refs;
  if (!local.ok) return local;
  if (!indexed.ok) return indexed;
  const settings = [...readSettings(local.value)];
  const last = (name: string): string | undefined => settings.findLast(([each]) => each === name)?.[1];
  if (last('extensions.worktreeconfig') === 'true') {
    const own = await runGit(workTree, ['config', '--null', '--list', '--includes', '--worktree']);
    if (own.ok) settings.push(...readSettings(own.value));
  }
  const head = await headOf(workTree, gitDir, last('extensions.refstorage') === 'reftable');
  const tips = new Set(
    refs.value.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(0, line.indexOf(' '))])),
  );
  if (/^[0-9a-f]+$/.test(head)) tips.add(head);
  const files: Record<string, Buffer> = {
    HEAD: Buffer.from(`${head}\n`),
    config: Buffer.from(configText(settings)),
    'packed-refs': Buffer.from(`# pack-refs with: sorted \n${refs.value}`),
    ...(await filesOf(commonDir, ['shallow', 'info/attributes', 'info/exclude'])),
    ...(await filesOf(gitDir, ['info/sparse-checkout'])),
  };
  const index = createHash('sha256').update(indexed.value).digest('hex');
  const key = createHash('sha256').update(`parity repository 1\n${index}\n`);
  for (const name of Object.keys(files).sort())
    key.update(`${name} ${files[name]?.length}\n`).update(files[name] ?? '');
  const isPartial = settings.some(([name]) => /^remote\..*\.promisor$|^extensions\.partialclone$/.test(name));
  const shared = (await readdir(gitDir)).filter((name) => /^sharedindex\.[0-9a-f]+$/.test(name));
  return ok({
    key: key.digest('hex'),
    index,
    tips: [...tips],
    files: { ...files, ...(await filesOf(gitDir, ['index', ...shared])) },
    isPartial,
  });
}

async function headOf(workTree: string, gitDir: string, isTable: boolean): Promise<string> {
  if (!isTable) return (await readFile(join(gitDir, 'HEAD'), 'utf8').catch(() => '')).trim();
  const branch = await runGit(workTree, ['symbolic-ref', '--quiet', 'HEAD']);
  if (branch.ok) return `ref: ${branch.value.trim()}`;
  const commit = await runGit(workTree, ['rev-parse', '--verify', 'HEAD']);
  return commit.ok ? commit.value.trim() : 'ref: refs/heads/none';
}

async function filesOf(folder: string, names: readonly string[]): Promise<Record<string, Buffer>> {
  const read = names.map(async (name) => [name, await readFile(join(folder, name)).catch(() => undefined)] as const);
  const there = (await Promise.all(read)).flatMap(([name, data]) =>
    data === undefined ? [] : [[name, data] as const],
  );
  return Object.fromEntries(there);
}

/** The settings as a config file, without those that mean nothing elsewhere and without credentials. */
function configText(settings: readonly GitSetting[]): string {
  const lines = ['[core]', '\tbare = false'];
  for (const [name, value] of settings) {
    if (leftOut.test(name)) continue;
    const [first, end] = [name.indexOf('.'), name.lastIndexOf('.')];
    const subsection = name.slice(first + 1, end);
    const quoted = first === end ? '' : ` "${subsection.replace(/[\\"]/g, '\\$&')}"`;
    const shown = /^(?:remote\..*\.(?:push)?url|submodule\..*\.url)$/.test(name) ? withoutCredentials(value) : value;
    if (/^url\..*@.*\.(?:push)?insteadof$/i.test(name)) continue;
    lines.push(`[${name.slice(0, first)}${quoted}]`, `\t${name.slice(end + 1)} = ${quotedValue(shown)}`);
  }
  return `${lines.join('\n')}\n`;
}

function quotedValue(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

/**
 * A pack of all that the repository's tips and index need and that one with the known commits does not have, as git streams it;
 * undefined when that is nothing. The stream fails with git's error text.
 */
export async function packFor(
  workTree: string,
  { tips, isPartial }: Pick<FlattenedRepository, 'tips' | 'isPartial'>,
  known: readonly string[],
): Promise<Result<AsyncIterable<Buffer> | undefined, GitProblem>> {
  const staged = await stagedBlobs(workTree);
  if (!staged.ok) return staged;
  const there = await existingObjects(workTree, [...staged.value, ...known]);
  if (!there.ok) return there;
  const had = new Set(known);
  const wanted = [...tips.filter((tip) => !had.has(tip)), ...staged.value.filter((blob) => there.value.has(blob))];
  if (wanted.length === 0) return ok(undefined);
  const revisions = [...wanted, ...known.filter((tip) => there.value.has(tip)).map((tip) => `^${tip}`)];
  const flags = ['--revs', '--stdout', '--quiet', '--delta-base-offset', ...(isPartial ? ['--missing=allow-any'] : [])];
  const git = spawn('git', [...quietSettings, 'pack-objects', ...flags], {
    cwd: workTree,
    env: gitEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  git.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
  git.stdin.on('error', () => undefined);
  git.stdin.end(`${revisions.join('\n')}\n`);
  const code = new Promise<number | null>((settle) => {
    git.on('error', () => settle(null));
    git.on('close', settle);
  });
  return ok(whole(git.stdout, code, () => said.trim()));
}

async function* whole(
  stdout: Readable,
  code: Promise<number | null>,
  said: () => string,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of stdout) yield piece as Buffer;
  if ((await code) !== 0) throw new PackError(`git pack-objects: ${said()}`);
}

/** Git could not make a pack: objects are missing or damaged. */
export class PackError extends Error {}

/** The blobs in the index that HEAD's tree does not have in the same place. */
async function stagedBlobs(workTree: string): Promise<Result<readonly string[], GitProblem>> {
  const born = await runGit(workTree, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  const question = born.ok
    ? ['diff-index', '--cached', '--raw', '--no-renames', '--no-abbrev', '-z', '--ignore-submodules=none', 'HEAD']
    : ['ls-files', '--stage', '-z'];
  const answer = await runGit(workTree, question);
  if (!answer.ok) return answer;
  // `:100644 100755 OLD NEW M`, then the path; or `100644 BLOB 0` and the path in one.
  const pattern = born.ok ? /^:\d+ (?<mode>\d+) [0-9a-f]+ (?<blob>[0-9a-f]+) / : /^(?<mode>\d+) (?<blob>[0-9a-f]+) /;
  const blobs = answer.value.split('\0').flatMap((record) => {
    const { mode, blob } = pattern.exec(record)?.groups ?? {};
    return blob === undefined || mode === '160000' || /^0+$/.test(blob) ? [] : [blob];
  });
  return ok([...new Set(blobs)]);
}

/** Which of the objects the repository has; asks no remote. */
async function existingObjects(
  workTree: string,
  objects: readonly string[],
): Promise<Result<ReadonlySet<string>, GitProblem>> {
  if (objects.length === 0) return ok(new Set());
  const settings: readonly GitSetting[] = [['remote.origin.promisor', 'false']];
  const input = `${objects.join('\n')}\n`;
  const answer = await runGit(workTree, ['cat-file', '--batch-check=%(objectname)'], { input, settings });
  if (!answer.ok) return answer;
  return ok(new Set(answer.value.split('\n').filter((line) => /^[0-9a-f]+$/.test(line))));
}
