import { lstatSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { configFileName, findProject } from '../../config/project.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { onAbort } from '../../core/interruption.ts';
import { ok, type Result } from '../../core/result.ts';
import { gitLayout } from '../../git/git.ts';
import { indexedPaths } from '../../git/work-tree.ts';
import { lockFileName } from '../../lock/write.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import type { RunEvent, RunFinished } from '../../pipeline/events.ts';
import { planWorkspace } from '../../workspace/workspace.ts';
import type { AppContext } from '../context.ts';
import { fixSteps, type FixedStep } from '../fix/fix-steps.ts';
import type { ProjectRun } from '../run/project-run.ts';
import { createInbox } from './inbox.ts';
import { Round } from './round.ts';
import { changedPaths, changeWords, touchedSteps, type Snapshot } from './snapshot.ts';
import { snapshotOf, takeSnapshot, type SnapshotOptions } from './take-snapshot.ts';
import { watchTree } from './watch-tree.ts';
import { createWrittenPaths, type WrittenPath } from './written-paths.ts';

/** What a person may ask of a session while it goes on. */
export type WatchRequest = 'again' | 'fix' | 'quit';

/** How a session ended: a signal ended it (the failure says which), or a person did; then `answer` is the last run that nothing cut short. */
export type WatchEnd =
  | { readonly by: 'signal'; readonly reason: Failure }
  | { readonly by: 'request'; readonly answer: RunFinished | undefined };

/** What a session is given. */
export interface WatchOptions {
  readonly run: ProjectRun;
  /** Starts to take a person's requests; undefined when there is none to take them from. */
  readonly requests: (onRequest: (request: WatchRequest) => void) => { close(): void } | undefined;
}

/**
 * Runs the pipeline, and again whenever a file changes that a step reads, until it is told to quit or a signal ends it. A round that a change
 * makes stale is cancelled. Err when there is nothing to watch.
 */
export async function watchProject(context: AppContext, { run, requests }: WatchOptions): Promise<Result<WatchEnd>> {
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
  const session = new WatchSession(context, { run, place, first: first.value });
  const { signal, events, env } = context;
  const stopListening = onAbort(signal, () => session.inbox.put('ended'));
  const taking = requests((request) => session.inbox.put(request));
  const tree = await watchTree({
    root,
    gitDir: layout.ok ? layout.value.gitDir : undefined,
    files: [configFileName, lockFileName].map((name) => join(hostProject, name)),
    first: first.value,
    env,
    emit: events.emit,
    onChange: () => session.inbox.put('changed'),
  });
  try {
    return ok(await session.run({ hints: taking !== undefined }));
  } finally {
    stopListening();
    taking?.close();
    tree.close();
  }
}

type Message = 'changed' | 'ended' | WatchRequest | { readonly over: Round };

// Two requests in so short a time are meant as one.
const twiceMs = 2000;

/** The rounds of one session, one after the other; its inbox orders changes, requests and ends of rounds. */
class WatchSession {
  readonly inbox = createInbox<Message>();
  readonly #context: AppContext;
  readonly #run: ProjectRun;
  readonly #place: SnapshotOptions;
  readonly #passes = new Map<string, Pass>();
  readonly #written = createWrittenPaths();
  /** What changed while the last round's steps ran, by its path. */
  readonly #writtenByLast = new Map<string, WrittenPath>();
  #round: Round | undefined;
  /** The last one that is over. */
  #last: Round | undefined;
  /** The last answer that nothing cut short. */
  #answer: RunFinished | undefined;
  /** The files, as far as the session has acted on them. */
  #base: Snapshot;
  #isDirty = false;
  #isHinted = false;
  #againAt = Number.NEGATIVE_INFINITY;

  constructor(
    context: AppContext,
    { run, place, first }: { readonly run: ProjectRun; readonly place: SnapshotOptions; readonly first: Snapshot },
  ) {
    this.#context = context;
    this.#run = run;
    this.#place = place;
    this.#base = first;
  }

  /** Goes on until the session ends; `hints`: also tells what a person may ask. */
  async run({ hints }: { readonly hints: boolean }): Promise<WatchEnd> {
    const { signal } = this.#context;
    this.#start(this.#run.noCache === true);
    for (;;) {
      const message = signal.aborted ? 'ended' : await this.inbox.next();
      if (message === 'ended') {
        if (this.#round !== undefined) await this.#finish(this.#round);
        return { by: 'signal', reason: signal.reason as Failure };
      }
      if (message === 'quit') {
        if (this.#round !== undefined) await this.#cancel(this.#round, undefined);
        return { by: 'request', answer: this.#answer };
      }
      if (message === 'fix') await this.#fix();
      else if (message === 'again') await this.#again();
      else if (message === 'changed') {
        if (this.#round !== undefined) await this.#replaceStale(this.#round);
        else if (await this.#hasWork()) this.#start(false);
      } else if (message.over === this.#round) await this.#roundOver(message.over, hints);
    }
  }

  async #roundOver(round: Round, hints: boolean): Promise<void> {
    const wasDirty = this.#isDirty;
    await this.#finish(round);
    if (wasDirty && (await this.#hasWork())) this.#start(false);
    else if (hints && !this.#isHinted) {
      this.#isHinted = true;
      this.#note('waiting for changes: enter = run again, f = fix, q = quit');
    }
  }

  #start(isFresh: boolean): void {
    this.#isDirty = false;
    this.#reportOutputs();
    const { noCache: _, ...run } = this.#run;
    const started = new Round(this.#context, {
      run,
      isFresh,
      before: this.#base,
      passes: this.#passes,
      snapshotOf: ({ files, lock }) => snapshotOf(files, this.#place, lock),
      onPlan: () => (this.#isDirty ? this.inbox.put('changed') : undefined),
    });
    this.#round = started;
    void started.over.then((over) => this.inbox.put({ over }));
  }

  /** Waits for the end of the round, and puts what it leaves behind in order. */
  async #finish(ending: Round): Promise<void> {
    await ending.over;
    this.#round = undefined;
    this.#last = ending;
    this.#base = ending.snapshot();
    const finished = ending.finished();
    if (finished !== undefined && finished.outcome !== 'cancelled') this.#answer = finished;
  }

  async #cancel(running: Round, why: string | undefined): Promise<void> {
    running.cancel(failure('interrupted', why ?? 'interrupted', { signal: 'SIGINT' }));
    await this.#finish(running);
  }

  /** A change while steps run: cancels the round when it is stale by now, and starts the next. */
  async #replaceStale(running: Round): Promise<void> {
    this.#isDirty = true;
    const plan = running.plan();
    const now = plan === undefined ? undefined : await takeSnapshot(this.#place);
    // Once its end is reported, the message that it is over makes the session look again.
    if (plan === undefined || now?.ok !== true || running.isReported()) return;
    const changed = changedPaths(running.snapshot(), now.value);
    const verdicts = (await this.#withTracking(changed)).map((path) => ({
      ...path,
      verdict: this.#written.verdict(path),
    }));
    const stale = verdicts.filter(({ verdict }) => verdict === 'cancel').map(({ path }) => path);
    if (![...touchedSteps(stale, plan)].some((step) => running.begun.has(step))) return;
    await this.#cancel(running, `${changeWords(changed, this.#place.folder)}: starting again`);
    this.#noteWritten(verdicts, running);
    this.#base = now.value;
    this.#start(false);
  }

  /** Changes that came while a round ran, or since; true when there is something to run. */
  async #hasWork(): Promise<boolean> {
    const now = await takeSnapshot(this.#place);
    this.#isDirty = false;
    if (!now.ok) return false;
    const paths = await this.#withTracking(changedPaths(this.#base, now.value));
    this.#base = now.value;
    this.#noteWritten(paths, this.#last);
    const counted = paths.filter((path) => this.#written.verdict(path) !== 'ignore').map(({ path }) => path);
    if (counted.length === 0) return false;
    const last = this.#last;
    const plan = last?.plan();
    const isTouched =
      plan === undefined || last?.finished()?.failure !== undefined || touchedSteps(counted, plan).size > 0;
    const words = changeWords(counted, this.#place.folder);
    this.#note(isTouched ? words : `${words}: no step reads ${itOrThem(counted)}`);
    return isTouched;
  }

  async #withTracking(paths: readonly string[]): Promise<readonly WrittenPath[]> {
    if (paths.length === 0) return [];
    const indexed = await indexedPaths(this.#place.root);
    const tracked = new Set(indexed.ok ? indexed.value : []);
    return paths.map((path) => ({ path, isTracked: tracked.has(path) }));
  }

  /** Remembers what was changed while the round's steps ran. */
  #noteWritten(paths: readonly WrittenPath[], round: Round | undefined): void {
    for (const one of paths) {
      const at = writtenAt(join(this.#place.root, one.path));
      if (round?.ranAt(at) === true) this.#writtenByLast.set(one.path, one);
      else this.#written.edited(one.path);
    }
  }

  #reportOutputs(): void {
    const found = this.#written.roundOver([...this.#writtenByLast.values()]);
    this.#writtenByLast.clear();
    if (found.length === 0) return;
    const words = changeWords(found, this.#place.folder);
    const message = `${words} in round after round: taken for what a step writes, and not waited for any more`;
    const hint = 'let git ignore it, or leave it out of `inputs`; git add it when it is yours';
    this.#context.events.emit({ type: 'note', severity: 'warning', message, hint });
  }

  async #fix(): Promise<void> {
    const { events, signal } = this.#context;
    const { frozen, workspace = 'auto' } = this.#run;
    const failed = [...((this.#round ?? this.#last)?.failed ?? [])];
    if (this.#round !== undefined) await this.#cancel(this.#round, 'stopped to fix what has failed');
    const fixed = await fixSteps(this.#context, { steps: failed, frozen, workspace });
    if (signal.aborted) return;
    if (!fixed.ok)
      events.emit({ type: 'note', severity: 'warning', message: fixed.error.message, hint: fixed.error.next ?? '' });
    else if (fixed.value.length === 0) this.#note('nothing to fix: no step that failed has a `fix` command');
    else {
      for (const each of fixed.value) events.emit(fixedNote(each));
      const now = await takeSnapshot(this.#place);
      if (now.ok) this.#base = now.value;
      this.#start(false);
    }
  }

  async #again(): Promise<void> {
    const now = performance.now();
    const isSecond = now - this.#againAt < twiceMs;
    this.#againAt = isSecond ? Number.NEGATIVE_INFINITY : now;
    // What runs goes on, unless all of it is wanted.
    if (this.#round !== undefined && !isSecond) return;
    if (this.#round !== undefined) await this.#cancel(this.#round, 'starting again with all steps');
    this.#start(isSecond);
  }

  #note(message: string): void {
    this.#context.events.emit({ type: 'note', severity: 'note', message });
  }
}

function itOrThem(paths: readonly string[]): string {
  return paths.length === 1 ? 'it' : 'them';
}

function fixedNote({ command, exitCode, signal, output, changed }: FixedStep): RunEvent {
  const files = changed.length === 0 ? 'changed nothing' : `changed ${changed.join(', ')}`;
  if (exitCode === 0) return { type: 'note', severity: 'note', message: `${command}: ${files}` };
  const how = exitCode === null ? `was ended by ${signal ?? 'a signal'}` : `failed (exit code ${exitCode})`;
  const lastLines = output.trimEnd().split('\n').slice(-10).join('\n');
  return { type: 'note', severity: 'warning', message: `${command}: ${how}, ${files}`, hint: lastLines };
}

/** When a file was written, in milliseconds since 1970; 0 for one that is not there or not to be seen. */
function writtenAt(path: string): number {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  } catch {
    return 0;
  }
}
