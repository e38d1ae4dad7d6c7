import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { err, ok, type Result } from '../core/result.ts';
import { programEnvironment } from '../core/program-environment.ts';
import { shellWord } from '../core/shell-word.ts';

/** Why git gave no answer; the first two are ordinary (a project need not be in git), the third is for a person to mend. */
export interface GitProblem {
  readonly reason: 'git-missing' | 'not-a-repository' | 'git-refused';
  /** One sentence, with git's error text where there is one. */
  readonly message: string;
  /** The command that mends it, ready to copy; absent for the ordinary reasons. */
  readonly next?: string;
}

/** Where a work tree and its repository lie; all paths absolute and real (no symbolic links). */
export interface GitLayout {
  /** The work tree that holds the folder asked about. */
  readonly topLevel: string;
  /** The top level of the outermost superproject; equals `topLevel` when that is not a submodule. */
  readonly outermostSuperproject: string;
  /** The work tree's own git folder: `.git`, `.git/worktrees/<name>` or `.git/modules/<name>`. */
  readonly gitDir: string;
  /** What worktrees share (objects, refs, config); equals `gitDir` when it is not a linked worktree. */
  readonly commonDir: string;
  /** A linked worktree (`git worktree add`), whose `.git` is a file naming `gitDir` absolutely. */
  readonly isWorktree: boolean;
  readonly isSubmodule: boolean;
}

/** Settings of the caller's environment that say where to look and how to reach a remote, not which repository: they stay. */
const keptVariables = [
  'GIT_ASKPASS',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSH_VARIANT',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_SSL_NO_VERIFY',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CEILING_DIRECTORIES',
  'GIT_DISCOVERY_ACROSS_FILESYSTEM',
  'GIT_EXEC_PATH',
  'SSH_AUTH_SOCK',
];
const keptVariable = new RegExp(`^(?:${keptVariables.join('|')})$`);

/**
 * The environment that parity's git runs in: what every program has, without the GIT_* variables that a hook or an outer git sets
 * (they would point at another repository or index), in the C locale, without optional locks, prompts or a pager.
 */
export function gitEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return {
    ...programEnvironment(env, keptVariable),
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_PAGER: 'cat',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/**
 * Settings of every git that parity starts. No hook, no file system monitor: nothing that a repository's config names is started by a question. A
 * folder that looks like a repository is none unless it is named: it may have been committed, config and all.
 */
export const quietSettings: readonly string[] = [
  '--no-pager',
  ...['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'safe.bareRepository=explicit'].flatMap((one) => ['-c', one]),
];

const outputLimitBytes = 1 << 30;

/** A setting of git's: its name and value. */
export type GitSetting = readonly [name: string, value: string];

/** How git is run, where the plain way is not enough. */
export interface GitRun {
  /** The repository, absolute: git looks for none then. */
  readonly gitDir?: string;
  /** With `gitDir`: its work tree, absolute. */
  readonly workTree?: string;
  /** Settings for this run alone; they may be secret, so they travel in the environment and stand in no command line. */
  readonly settings?: readonly GitSetting[];
  /** What it reads; nothing when absent. */
  readonly input?: string | Uint8Array;
  /** Ends git when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Runs git in a folder and gives its whole stdout as text. Arguments are never read by a shell. Err tells a missing git
 * and a folder outside any work tree apart from a refusal (ownership, damage, an option this git does not know).
 */
export async function runGit(
  dir: string,
  args: readonly string[],
  run: GitRun = {},
): Promise<Result<string, GitProblem>> {
  const answer = await runGitBytes(dir, args, run);
  return answer.ok ? ok(answer.value.toString('utf8')) : answer;
}

/** As runGit, and gives stdout as the bytes that they are: names of files need not be UTF-8. */
export function runGitBytes(
  dir: string,
  args: readonly string[],
  run: GitRun = {},
): Promise<Result<Buffer, GitProblem>> {
  const { gitDir, workTree, settings = [], input, signal } = run;
  const where = [
    ...(gitDir === undefined ? [] : [`--git-dir=${gitDir}`]),
    ...(workTree === undefined ? [] : [`--work-tree=${workTree}`]),
  ];
  const env = { ...gitEnvironment(), ...settingVariables(settings) };
  const options = { cwd: dir, env, encoding: 'buffer', maxBuffer: outputLimitBytes, signal } as const;
  return new Promise((done) => {
    const git = execFile('git', [...where, ...quietSettings, ...args], options, (error, stdout, stderr) => {
      done(error === null ? ok(stdout) : err(gitProblem(error, stderr.toString('utf8'), dir, args)));
    });
    if (input === undefined) return;
    // git's exit reports why it reads no more.
    git.stdin?.on('error', () => undefined);
    git.stdin?.end(input);
  });
}

/** Settings as git takes them from its environment (2.31 and newer). */
function settingVariables(settings: readonly GitSetting[]): NodeJS.ProcessEnv {
  if (settings.length === 0) return {};
  const pairs = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}

function gitProblem(
  error: Error & { code?: unknown },
  stderr: string,
  dir: string,
  args: readonly string[],
): GitProblem {
  // execFile reports a working folder that is gone with the same code as a program that is not there.
  if (error.code === 'ENOENT') return { reason: 'git-missing', message: 'git is not installed, or the folder is gone' };
  // "fatal: not a git repository (or any of the parent directories): .git"
  if (/not a git repository/.test(stderr)) {
    return { reason: 'not-a-repository', message: `${dir} is not in a git repository` };
  }
  // "fatal: this operation must be run in a work tree" (a bare repository, or inside .git)
  // "fatal: cannot use bare repository '/srv/shop' (safe.bareRepository is 'explicit')"
  if (/must be run in a work tree|cannot use bare repository/.test(stderr)) {
    return { reason: 'not-a-repository', message: `${dir} is not in a git work tree` };
  }
  // "fatal: detected dubious ownership in repository at '/srv/shop'"
  const dubious = /dubious ownership in repository at '([\s\S]+?)'\n/.exec(stderr);
  if (dubious?.[1] !== undefined) {
    return {
      reason: 'git-refused',
      message: `git refuses ${dubious[1]} because another user owns it`,
      next: `git config --global --add safe.directory ${shellWord(dubious[1])}`,
    };
  }
  const said = stderr.trim() === '' ? error.message : stderr.trim();
  return { reason: 'git-refused', message: `git ${args[0] ?? ''} failed in ${dir}: ${said}` };
}

/** The top level of the work tree that holds a folder, real and absolute; Err as runGit. */
export async function gitTopLevel(dir: string): Promise<Result<string, GitProblem>> {
  const answer = await runGit(dir, ['rev-parse', '--show-toplevel']);
  return answer.ok ? ok(await real(dir, answer.value)) : answer;
}

/** Where a folder's work tree and repository lie, worktrees and submodules distinguished; Err as runGit. */
export async function gitLayout(dir: string): Promise<Result<GitLayout, GitProblem>> {
  const answers = await revParse(dir, [
    '--show-toplevel',
    '--absolute-git-dir',
    '--git-common-dir',
    '--show-superproject-working-tree',
  ]);
  if (!answers.ok) return answers;
  const [topLevelText = '', gitDirText = '', commonDirText = '', superproject = ''] = answers.value;
  const topLevel = await real(dir, topLevelText);
  const gitDir = await real(dir, gitDirText);
  const commonDir = await real(dir, commonDirText);
  const isSubmodule = superproject !== '';
  let outermost = isSubmodule ? await real(dir, superproject) : topLevel;
  for (let above = isSubmodule; above;) {
    const next = await runGit(outermost, ['rev-parse', '--show-superproject-working-tree']);
    if (!next.ok) return next;
    above = withoutNewline(next.value) !== '';
    if (above) outermost = await real(outermost, next.value);
  }
  return ok({
    topLevel,
    outermostSuperproject: outermost,
    gitDir,
    commonDir,
    isWorktree: gitDir !== commonDir && !isSubmodule,
    isSubmodule,
  });
}

/**
 * Asks rev-parse several questions in one process. It has no -z, so each answer is parted from the next by the answer
 * `true` of another question; a path that holds that very text makes the count wrong, and then each is asked alone.
 */
async function revParse(dir: string, questions: readonly string[]): Promise<Result<readonly string[], GitProblem>> {
  const parted = questions.flatMap((question) => ['--is-inside-work-tree', question]).slice(1);
  const together = await runGit(dir, ['rev-parse', ...parted]);
  if (!together.ok) return together;
  const answers = withoutNewline(together.value).split(/\n?^true$\n?/m);
  if (answers.length === questions.length) return ok(answers);
  const single: string[] = [];
  for (const question of questions) {
    const answer = await runGit(dir, ['rev-parse', question]);
    if (!answer.ok) return answer;
    single.push(withoutNewline(answer.value));
  }
  return ok(single);
}

function withoutNewline(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

async function real(dir: string, answer: string): Promise<string> {
  return realpathSync.native(resolve(dir, withoutNewline(answer)));
}

/** The files below a folder that git's index has, relative to it, `/` between parts, in git's order; Err as runGit. */
export async function trackedFiles(dir: string): Promise<Result<readonly string[], GitProblem>> {
  return listFiles(dir, ['ls-files', '-z']);
}

/**
 * The files below a folder that exist and that git does not ignore, committed or not, relative to it. A submodule or a
 * nested repository is one entry (nested ones end in `/`). Err as runGit.
 */
export async function unignoredFiles(dir: string): Promise<Result<readonly string[], GitProblem>> {
  // Each entry is a tag, a space and the path; a file that is gone has an entry of its own.
  const tagged = await listFiles(dir, 'ls-files -z -t --cached --others --deleted --exclude-standard'.split(' '));
  if (!tagged.ok) return tagged;
  const gone = new Set(tagged.value.filter((entry) => entry.startsWith('R ')).map((entry) => entry.slice(2)));
  return ok([...new Set(tagged.value.map((entry) => entry.slice(2)))].filter((file) => !gone.has(file)));
}

/** Those of unignoredFiles that have one of these names, and such as git tracks and are gone: asking which takes a look at every file. */
export async function unignoredFilesNamed(
  dir: string,
  names: readonly string[],
): Promise<Result<readonly string[], GitProblem>> {
  // Git matches patterns more slowly than it lists everything.
  const answer = await runGit(dir, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  if (!answer.ok) return answer;
  const found = new Set<string>();
  for (const name of names) {
    for (let at = answer.value.indexOf(`${name}\0`); at >= 0; at = answer.value.indexOf(`${name}\0`, at + 1)) {
      const path = answer.value.slice(answer.value.lastIndexOf('\0', at) + 1, at + name.length);
      if (path === name || path.endsWith(`/${name}`)) found.add(path);
    }
  }
  return ok([...found]);
}

async function listFiles(dir: string, args: readonly string[]): Promise<Result<readonly string[], GitProblem>> {
  const answer = await runGit(dir, args);
  if (!answer.ok) return answer;
  // A file in conflict is listed once for each of its stages.
  return ok([...new Set(answer.value.split('\0').filter((file) => file !== ''))]);
}

/** The commit that HEAD names, 40 (or 64) hex digits; undefined before the first commit; Err as runGit. */
export async function headCommit(dir: string): Promise<Result<string | undefined, GitProblem>> {
  const answer = await runGit(dir, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  if (answer.ok) return ok(answer.value.trim());
  // --quiet says nothing when there is no commit: only then is the refusal an answer.
  const inside = await gitTopLevel(dir);
  return inside.ok ? ok(undefined) : inside;
}

/** True when the work tree or index differs from HEAD, or holds files that are neither tracked nor ignored; Err as runGit. */
export async function isDirty(dir: string): Promise<Result<boolean, GitProblem>> {
  const answer = await runGit(dir, ['status', '--porcelain', '-z', '--untracked-files=normal']);
  return answer.ok ? ok(answer.value !== '') : answer;
}

/** Settings of git as they hold in a folder, by lower-case name; those that are not set are absent, and so are all where git has no answer. */
export async function gitSettings(dir: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const answer = await runGit(dir, [
    'config',
    '--null',
    '--get-regexp',
    `^(${names.map((name) => name.replaceAll('.', '\\.')).join('|')})$`,
  ]);
  if (!answer.ok) return new Map();
  const entries = answer.value.split('\0').filter((entry) => entry !== '');
  // The last one counts; a name without a value is true.
  return new Map(
    entries.map((entry) => {
      const [name = '', ...value] = entry.split('\n');
      return [name.toLowerCase(), value.length === 0 ? 'true' : value.join('\n')] as const;
    }),
  );
}
