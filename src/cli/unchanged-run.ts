import { readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJson, sha256 } from '../core/digest.ts';
import { cacheDir } from '../core/paths.ts';
import { parityVersion } from '../core/version.ts';
import { writeCacheFile } from '../core/write-file.ts';
import type { RunEvent, RunFinished } from '../pipeline/events.ts';
import { sight, stampOf } from '../workspace/sighting.ts';
import type { CommandContext } from './context.ts';
import type { ProjectRun } from './run-project.ts';

// A run in which everything was cached is kept as it was told. While the repository looks the same from afar and nothing else that the run went by
// has moved, it is told again: without reading the config, the lock or any file, and without most of parity's own code.

/** A run to be told again. */
interface UnchangedRun {
  readonly version: 1;
  /** The parity that told it. */
  readonly parity: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The repository's top level. */
  readonly root: string;
  readonly sighting: string;
  /** Stat data of files that count whether git knows them or not; null for one that is not there. */
  readonly files: Readonly<Record<string, string | null>>;
  /** Digest of what the steps take from the caller's environment, by the variables' names. */
  readonly variables: readonly string[];
  readonly variablesDigest: string;
  /** All that was told. */
  readonly events: readonly RunEvent[];
}

/** What a run that needed nothing went by. */
export interface UnchangedFacts {
  /** The repository's top level. */
  readonly root: string;
  readonly projectDir: string;
  /** The config's own recipe, relative to the project. */
  readonly dockerfile: string | undefined;
  /** Names of variables that steps take from the caller's environment. */
  readonly variables: readonly string[];
  readonly events: readonly RunEvent[];
  /** Looks at all files once more; true when every step's pass still stands for them. */
  readonly stillHolds: () => Promise<boolean>;
}

// Passes must be seen to be used now and then, or they are pruned as too old.
const maxAgeMs = 24 * 3600 * 1000;

/** Tells the last run again when nothing has changed since; undefined when that can't be said, and the run has to be made. */
export async function tellUnchangedRun(context: CommandContext, run: ProjectRun): Promise<RunFinished | undefined> {
  const begun = performance.now();
  if (!mayBeTold(context, run)) return undefined;
  const place = placeOf(context, run);
  const kept = await readFile(place, 'utf8').then(parse, () => undefined);
  if (kept === undefined) return undefined;
  const sighted = (await isAsBefore(kept, context.env)) ? await sight(kept.root) : undefined;
  const finished = kept.events.at(-1);
  if (sighted?.text !== kept.sighting || finished?.type !== 'run-finished') {
    // Whatever the coming run finds out, this one is never told again.
    await rm(place, { force: true });
    return undefined;
  }
  for (const event of kept.events.slice(0, -1)) context.emit(event);
  const now: RunFinished = { ...finished, durationMs: Math.round(performance.now() - begun) };
  context.emit(now);
  return now;
}

/** Keeps a run in which everything was cached, if it can be told from afar that nothing changes. */
export async function keepUnchangedRun(context: CommandContext, run: ProjectRun, facts: UnchangedFacts): Promise<void> {
  if (!mayBeTold(context, run)) return;
  const { root, variables, events } = facts;
  const before = await sight(root);
  if (before === undefined || !before.isSettled || !(await facts.stillHolds())) return;
  const { indexIsPlain } = await import('../git/stat-dirty.ts');
  const [isPlain, after] = await Promise.all([indexIsPlain(root), sight(root)]);
  if (!isPlain.ok || !isPlain.value || after?.text !== before.text) return;
  const kept: UnchangedRun = {
    version: 1,
    parity: await thisParity(),
    at: Date.now(),
    root,
    sighting: before.text,
    files: Object.fromEntries(countedFiles(context.cwd, facts).map((file) => [file, stampOf(file) ?? null])),
    variables,
    variablesDigest: digestOf(variables, context.env),
    events,
  };
  await writeCacheFile(placeOf(context, run), JSON.stringify(kept)).catch(() => undefined);
}

/** A report, or the output of steps, takes more than is kept. */
function mayBeTold({ reports, verbose }: CommandContext, run: ProjectRun): boolean {
  const { cold, noCache, shard, keepFor, advise, explain, explainStep } = run;
  const isPlain = [shard, keepFor, advise, explain, explainStep].every((one) => one === undefined);
  return isPlain && !cold && noCache !== true && reports.length === 0 && !verbose;
}

async function isAsBefore(kept: UnchangedRun, env: NodeJS.ProcessEnv): Promise<boolean> {
  const age = Date.now() - kept.at;
  return (
    age >= 0 &&
    age < maxAgeMs &&
    kept.parity === (await thisParity()) &&
    kept.variablesDigest === digestOf(kept.variables, env) &&
    Object.entries(kept.files).every(([file, stamp]) => (stampOf(file) ?? null) === stamp)
  );
}

/** Config files between where parity was called and the top, the lock and the recipe: git may ignore them. */
function countedFiles(cwd: string, { root, projectDir, dockerfile }: UnchangedFacts): readonly string[] {
  const files = [join(projectDir, 'parity.lock.json'), join(projectDir, dockerfile ?? 'Dockerfile.parity')];
  for (let dir = cwd; ; dir = dirname(dir)) {
    files.push(join(dir, 'parity.yaml'), join(dir, 'parity.yml'));
    if (dir === root || dirname(dir) === dir) return files;
  }
}

function digestOf(names: readonly string[], env: NodeJS.ProcessEnv): string {
  return sha256(canonicalJson(names.map((name) => env[name] ?? null)));
}

/** This parity as it is installed. */
async function thisParity(): Promise<string> {
  const { size, mtimeMs } = await stat(fileURLToPath(import.meta.url));
  return `${parityVersion} ${size} ${mtimeMs}`;
}

/** By where and how parity was called, and what chooses its engine. */
function placeOf({ cwd, host, env }: CommandContext, { steps, frozen, failFast, jobs, workspace }: ProjectRun): string {
  const settings = Object.entries(env).filter(([name]) => /^(?:PARITY|DOCKER)_/.test(name));
  const call = { cwd, host, steps, frozen, failFast, jobs, workspace, settings: Object.fromEntries(settings) };
  return join(cacheDir(), 'results', 'unchanged', `${sha256(canonicalJson(call)).slice('sha256:'.length)}.json`);
}

function parse(text: string): UnchangedRun | undefined {
  try {
    const kept = JSON.parse(text) as UnchangedRun;
    return kept.version === 1 && Array.isArray(kept.events) ? kept : undefined;
  } catch {
    return undefined;
  }
}
