import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import { writeCacheFile } from '../../core/write-file.ts';
import { plainHead } from '../../git/plain-head.ts';
import type { RunEvent } from '../../pipeline/events.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import { projectKey } from '../../records/project-key.ts';
import { stampWorkTree } from '../../workspace/work-tree-stamp.ts';
import type { AppContext } from '../context.ts';
import type { ProjectRun } from '../run/project-run.ts';
import { callOf, digestOf, replayFile, stampsOf, parityInstallation, type Replay } from './replay.ts';

/** What a run that needed nothing went by. */
export interface ReplayFacts {
  /** The repository's top level. */
  readonly root: string;
  readonly projectDir: string;
  /** The config's own recipe, relative to the project. */
  readonly dockerfile: string | undefined;
  /** True when a version comes from git's commits and tags, which no file of the work tree shows. */
  readonly isFromGit: boolean;
  /** Names of variables that steps take from the caller's environment. */
  readonly variables: readonly string[];
  readonly seen: Pick<Receipt, 'commit' | 'dirty'>;
  readonly events: readonly RunEvent[];
  /** When the first of its passes ends, in milliseconds since 1970; null for never. */
  readonly until: number | null;
  /** Looks at all files once more; true when every step's pass still stands for them. */
  readonly stillHolds: () => Promise<boolean>;
}

/** Keeps a run in which every step was cached, where the work-tree stamp shows every later change. */
export async function keepReplay(context: AppContext, run: ProjectRun, facts: ReplayFacts): Promise<void> {
  const { env } = context;
  const commandLine = run.caller?.commandLine;
  if (commandLine === undefined || !mayBeReplayed(run)) return;
  const { root, variables, events, until } = facts;
  const refs = facts.isFromGit ? filesOfRefs(root) : [];
  if (refs === undefined) return;
  const before = await stampWorkTree(root);
  if (before === undefined || !before.isSettled || !(await facts.stillHolds())) return;
  const { indexIsPlain } = await import('../../git/possibly-changed.ts');
  const [isPlain, after] = await Promise.all([indexIsPlain(root), stampWorkTree(root)]);
  if (!isPlain.ok || !isPlain.value || after?.text !== before.text) return;
  const call = callOf(commandLine.argv, commandLine.cwd, env);
  const kept: Replay = {
    version: 4,
    parity: parityInstallation(),
    call,
    options: commandLine.options,
    at: Date.now(),
    until,
    root,
    sighting: before.text,
    project: projectKey(facts.projectDir),
    asked: run.steps,
    ...facts.seen,
    files: stampsOf([...countedFiles(context.cwd, facts), ...refs]),
    variables,
    variablesDigest: await digestOf(variables, env),
    events,
  };
  await writeCacheFile(replayFile(call), JSON.stringify(kept)).catch(() => undefined);
}

/** What a run says about its own occasion, and the output of steps, is not kept. */
function mayBeReplayed({
  cold,
  noCache,
  shard,
  keepFor,
  advise,
  explain,
  explainStep,
  round,
  caller,
}: ProjectRun): boolean {
  const isPlain = [shard, keepFor, advise, explain, explainStep, round].every((one) => one === undefined);
  return isPlain && !cold && noCache !== true && caller?.verbose !== true;
}

/** The files and folders of an ordinary repository that change with HEAD and tags; undefined for a worktree or submodule, whose lie elsewhere. */
function filesOfRefs(root: string): readonly string[] | undefined {
  const gitDir = join(root, '.git');
  if (plainHead(root) === undefined) return undefined;
  const branch = /^ref: (refs\/\S+)/.exec(readTextIfExists(join(gitDir, 'HEAD')) ?? '')?.[1];
  const folders = ['refs/tags', ...foldersBelow(gitDir, 'refs/tags')];
  return ['HEAD', 'packed-refs', 'reftable', ...folders, ...(branch === undefined ? [] : [branch])].map((path) =>
    join(gitDir, path),
  );
}

function foldersBelow(gitDir: string, folder: string): readonly string[] {
  try {
    const entries = readdirSync(join(gitDir, folder), { withFileTypes: true });
    const inner = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`);
    return inner.flatMap((each) => [each, ...foldersBelow(gitDir, each)]);
  } catch {
    return [];
  }
}

/** Config files between where parity was called and the top, the lock and the recipe: git may ignore them. */
function countedFiles(cwd: string, { root, projectDir, dockerfile }: ReplayFacts): readonly string[] {
  const files = [join(projectDir, 'parity.lock.json'), join(projectDir, dockerfile ?? 'Dockerfile.parity')];
  for (let dir = cwd; ; dir = dirname(dir)) {
    files.push(join(dir, 'parity.yaml'), join(dir, 'parity.yml'));
    if (dir === root || dirname(dir) === dir) return files;
  }
}
