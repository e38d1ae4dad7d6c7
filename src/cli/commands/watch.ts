import { lstatSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { configFileName, findProject } from '../../config/project.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { gitLayout } from '../../git/git.ts';
import { indexedPaths } from '../../git/work-tree.ts';
import { lockFileName } from '../../lock/write.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import type { RunEvent, RunFinished } from '../../pipeline/events.ts';
import { planWorkspace } from '../../workspace/workspace.ts';
import type { CommandContext } from '../context.ts';
import { exitCodeOf, exitCodeOfRun, exitCodes } from '../exit.ts';
import { fixSteps, type FixedStep } from '../../app/fix/fix-steps.ts';
import type { ProjectRun } from '../../app/run/run-project.ts';
import { createInbox } from '../../app/watch/inbox.ts';
import { listenForKeys, type Key } from '../watch-keys.ts';
import { takeSnapshot, snapshotOf, type SnapshotOptions } from '../../app/watch/take-snapshot.ts';
import { startRound, type Round } from '../../app/watch/round.ts';
import { changedPaths, changeWords, touchedSteps, type Snapshot } from '../../app/watch/snapshot.ts';
import { watchTree } from '../../app/watch/watch-tree.ts';
import { createWrittenPaths, type WrittenPath } from '../../app/watch/written-paths.ts';

type Message = 'changed' | 'ended' | Key | { readonly over: Round };

// Two of them are meant as one.
const twiceMs = 2000;

/**
 * `parity up --watch`: runs the pipeline, and again whenever a file changes that a step reads. A round that a change makes stale is cancelled.
 * Gives the last run's exit code when it is told to quit, the signal's when a signal ends it. Err when there is nothing to watch.
 */
export async function watch(context: CommandContext, run: ProjectRun): Promise<Result<number>> {
  const refused = refusal(context, run);
  if (refused !== undefined) return err(refused);
  const { noCache = false, ...usual } = run;
  const project = await findProject(context.cwd);
  if (!project.ok) return project;
  const workspace = await planWorkspace(project.value.dir);
  if (!workspace.ok) return workspace;
  const { hostRoot: root, hostProject } = workspace.value;
  const folder = relative(root, hostProject).split(sep).join('/') || '.';
  const place: SnapshotOptions = { root, project: project.value, folder, signal: context.signal };
  const first = await takeSnapshot(place);
  if (!first.ok) return first;
  const layout = await gitLayout(root);

  const inbox = createInbox<Message>();
  const { emit, signal } = context;
  const onAbort = (): void => inbox.put('ended');
  signal.addEventListener('abort', onAbort, { once: true });
  const keys = listenForKeys(context.stdin, (key) => inbox.put(key));
  // A session hears of every event for ever: of a round's events, its own listeners and no others.
  let hear: (event: RunEvent) => void = () => {};
  context.listen((event) => hear(event));
  const tree = await watchTree({
    root,
    gitDir: layout.ok ? layout.value.gitDir : undefined,
    files: [configFileName, lockFileName].map((name) => join(hostProject, name)),
    first: first.value,
    env: context.env,
    emit,
    onChange: () => inbox.put('changed'),
  });

  const passes = new Map<string, Pass>();
  const written = createWrittenPaths();
  const writtenByLast = new Map<string, WrittenPath>();
  let round: Round | undefined;
  /** The last one that is over. */
  let last: Round | undefined;
  /** The last answer that nothing cut short. */
  let answer: RunFinished | undefined;
  /** What is there, as far as it has been acted on. */
  let base: Snapshot = first.value;
  let isDirty = false;
  let isHinted = false;
  let againAt = Number.NEGATIVE_INFINITY;

  function start(isFresh: boolean): void {
    isDirty = false;
    tellOutputs();
    const started = startRound(context, {
      run: usual,
      isFresh,
      before: base,
      passes,
      snapshotOf: ({ files, lock }) => snapshotOf(files, place, lock),
      onPlan: () => (isDirty ? inbox.put('changed') : undefined),
      hear: (listener) => (hear = listener),
    });
    round = started;
    void started.over.then((over) => inbox.put({ over }));
  }

  /** Waits for the end of the round, and puts what it leaves behind in order. */
  async function finish(ending: Round): Promise<void> {
    await ending.over;
    round = undefined;
    hear = () => {};
    last = ending;
    base = ending.seen();
    const finished = ending.finished();
    if (finished !== undefined && finished.outcome !== 'cancelled') answer = finished;
  }

  async function cancel(running: Round, why: string | undefined): Promise<void> {
    running.cancel(failure('interrupted', why ?? 'interrupted', { signal: 'SIGINT' }));
    await finish(running);
  }

  /** A change while steps run: cancels the round when it is stale by now, and starts the next. */
  async function replaceStale(running: Round): Promise<void> {
    isDirty = true;
    const plan = running.plan();
    const now = plan === undefined ? undefined : await takeSnapshot(place);
    // Told by now: whoever hears that it is over looks again.
    if (plan === undefined || now?.ok !== true || running.isTold()) return;
    const changed = changedPaths(running.seen(), now.value);
    const verdicts = (await known(changed)).map((path) => ({ ...path, verdict: written.verdict(path) }));
    const stale = verdicts.filter(({ verdict }) => verdict === 'cancel').map(({ path }) => path);
    if (![...touchedSteps(stale, plan)].some((step) => running.begun.has(step))) return;
    await cancel(running, `${changeWords(changed, folder)}: starting again`);
    noteWritten(verdicts, running);
    base = now.value;
    start(false);
  }

  /** Changes that came while a round ran, or since; true when there is something to run. */
  async function hasWork(): Promise<boolean> {
    const now = await takeSnapshot(place);
    isDirty = false;
    if (!now.ok) return false;
    const changed = changedPaths(base, now.value);
    const paths = await known(changed);
    base = now.value;
    noteWritten(paths, last);
    const counted = paths.filter((path) => written.verdict(path) !== 'ignore').map(({ path }) => path);
    if (counted.length === 0) return false;
    const plan = last?.plan();
    const isTouched =
      plan === undefined || last?.finished()?.failure !== undefined || touchedSteps(counted, plan).size > 0;
    const words = changeWords(counted, folder);
    emit({
      type: 'note',
      severity: 'note',
      message: isTouched ? words : `${words}: no step reads ${itOrThem(counted)}`,
    });
    return isTouched;
  }

  async function known(paths: readonly string[]): Promise<readonly WrittenPath[]> {
    if (paths.length === 0) return [];
    const indexed = await indexedPaths(root);
    const tracked = new Set(indexed.ok ? indexed.value : []);
    return paths.map((path) => ({ path, isTracked: tracked.has(path) }));
  }

  /** Remembers what was changed while the round's steps ran. */
  function noteWritten(paths: readonly WrittenPath[], of: Round | undefined): void {
    for (const one of paths) {
      const at = writtenAt(join(root, one.path));
      if (of?.ranAt(at) === true) writtenByLast.set(one.path, one);
      else written.edited(one.path);
    }
  }

  function tellOutputs(): void {
    const found = written.roundOver([...writtenByLast.values()]);
    writtenByLast.clear();
    if (found.length === 0) return;
    const message = `${changeWords(found, folder)} in round after round: taken for what a step writes, and not waited for any more`;
    emit({
      type: 'note',
      severity: 'warning',
      message,
      hint: 'let git ignore it, or leave it out of `inputs`; git add it when it is yours',
    });
  }

  async function fix(): Promise<void> {
    const failed = [...((round ?? last)?.failed ?? [])];
    if (round !== undefined) await cancel(round, 'stopped to fix what has failed');
    const fixed = await fixSteps(context, {
      steps: failed,
      frozen: usual.frozen,
      workspace: usual.workspace ?? 'auto',
    });
    if (signal.aborted) return;
    if (!fixed.ok)
      emit({ type: 'note', severity: 'warning', message: fixed.error.message, hint: fixed.error.next ?? '' });
    else if (fixed.value.length === 0)
      emit({ type: 'note', severity: 'note', message: 'nothing to fix: no step that failed has a `fix` command' });
    else {
      for (const each of fixed.value) emit(fixedNote(each));
      const now = await takeSnapshot(place);
      if (now.ok) base = now.value;
      start(false);
    }
  }

  async function again(): Promise<void> {
    const now = performance.now();
    const isSecond = now - againAt < twiceMs;
    againAt = isSecond ? Number.NEGATIVE_INFINITY : now;
    // What runs goes on, unless all of it is wanted.
    if (round !== undefined && !isSecond) return;
    if (round !== undefined) await cancel(round, 'starting again with all steps');
    start(isSecond);
  }

  start(noCache);
  try {
    for (;;) {
      const message = signal.aborted ? 'ended' : await inbox.next();
      if (message === 'ended') {
        if (round !== undefined) await finish(round);
        return ok(exitCodeOf(signal.reason as Failure));
      }
      if (message === 'quit') {
        if (round !== undefined) await cancel(round, undefined);
        return ok(answer === undefined ? exitCodes.interrupted : exitCodeOfRun(answer));
      }
      if (message === 'fix') await fix();
      else if (message === 'again') await again();
      else if (message === 'changed') {
        if (round !== undefined) await replaceStale(round);
        else if (await hasWork()) start(false);
      } else if (message.over === round) {
        const wasDirty = isDirty;
        await finish(message.over);
        if (wasDirty && (await hasWork())) start(false);
        else if (keys !== undefined && !isHinted) {
          isHinted = true;
          emit({
            type: 'note',
            severity: 'note',
            message: 'waiting for changes: enter = run again, f = fix, q = quit',
          });
        }
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    keys?.close();
    tree.close();
  }
}

function refusal({ reports }: CommandContext, { cold, shard }: ProjectRun): Failure | undefined {
  const refuse = (option: string, next: string): Failure =>
    failure('usage', `--watch and ${option} do not go together`, { next });
  if (cold) return refuse('--cold', 'parity up --cold, for one run as CI does it');
  if (shard !== undefined) return refuse('--shard', 'leave --shard out: it is for several machines');
  const [report] = reports;
  return report === undefined ? undefined : refuse('--report', `parity up --report ${report.kind}=FILE, for one run`);
}

function itOrThem(paths: readonly string[]): string {
  return paths.length === 1 ? 'it' : 'them';
}

function fixedNote({ command, exitCode, signal, output, changed }: FixedStep): RunEvent {
  const files = changed.length === 0 ? 'changed nothing' : `changed ${changed.join(', ')}`;
  if (exitCode === 0) return { type: 'note', severity: 'note', message: `${command}: ${files}` };
  const how = exitCode === null ? `was ended by ${signal ?? 'a signal'}` : `failed (exit code ${exitCode})`;
  const said = output.trimEnd().split('\n').slice(-10).join('\n');
  return { type: 'note', severity: 'warning', message: `${command}: ${how}, ${files}`, hint: said };
}

/** When a file was written, in milliseconds since 1970; 0 for one that is not there or not to be seen. */
function writtenAt(path: string): number {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  } catch {
    return 0;
  }
}
