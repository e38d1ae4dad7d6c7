import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { imageIdOn } from '../../image/identity.ts';
import { lockDigest } from '../../lock/digest.ts';
import type { Lock } from '../../lock/lock.ts';
import { readLock } from '../../lock/read.ts';
import { lockFileName } from '../../lock/write.ts';
import type { RunFinished } from '../../pipeline/events.ts';
import type { StepVariables } from '../../pipeline/step-variables.ts';
import { storeExpected } from '../../receipt/expected-steps.ts';
import { storeReceipt } from '../../receipt/receipt-store.ts';
import type { Receipt, ReceiptImage, ReceiptOptions } from '../../receipt/receipt.ts';
import { createRecorder, plannedReceipt, type RunFacts } from '../../receipt/recorder.ts';
import { readContents, type Contents } from '../../workspace/workspace-contents.ts';
import { inputsDigest } from '../../workspace/step-inputs.ts';
import type { CommandContext } from '../../cli/context.ts';
import type { LocatedProject } from '../project/open-project.ts';
import type { SeenFiles } from './step-keys.ts';

/** A run that is being recorded. */
export interface RunRecording {
  /** Says what will run, as soon as it is known. */
  plan(planned: PlannedRun): void;
  /** What the steps will see; undefined when it can't be told. `again` looks anew. */
  seen(again?: 'again'): Promise<SeenFiles | undefined>;
  /** The project's own files, relative to it, submodules' and nested repositories' left out; undefined when it can't be told, or without git. */
  listed(): Promise<readonly string[] | undefined>;
  /** HEAD, and whether what the steps will see is more or less than it; undefined when it can't be told. */
  commit(): Promise<Pick<Receipt, 'commit' | 'dirty'> | undefined>;
  /** What the receipt will say, but for how it ends; undefined when it can't be told what the steps will see. */
  planned(engine: Pick<EngineInfo, 'platform' | 'imageStore'>): Promise<Receipt | undefined>;
  /** Waits until it is known what the steps will see; call it before the first of them starts. */
  settle(): Promise<void>;
  /** The files that the steps will see; settles as `settle` does. */
  contents(): Promise<Result<Contents>>;
  /** The receipt of the run, kept for `parity compare`; undefined when what the steps saw could not be told. */
  finish(run: RecordedRun): Promise<Receipt | undefined>;
}

/** What a run is about to do. */
export interface PlannedRun {
  readonly steps: readonly StepConfig[];
  readonly surroundings: StepVariables;
  readonly lock: Lock;
}

/** What is known of a run when it is over. */
export interface RecordedRun {
  readonly finished: RunFinished;
  readonly engine: EngineInfo;
  readonly options: ReceiptOptions;
  /** The project, absolute and real, whose run it is; the workspace's own when absent. */
  readonly keepFor: string | undefined;
}

interface Look {
  readonly contents: Contents;
  readonly hostRoot: string;
  readonly hostProject: string;
  readonly lockStamp: string;
}

/** Starts to record a run of a project: what its workspace shows is looked at while the caller goes on. */
export function recordRun(context: CommandContext, { project, workspace }: LocatedProject): RunRecording {
  const recorder = createRecorder();
  context.listen((event) => {
    recorder.onEvent(event);
    // While a step runs, there is time.
    if (event.type === 'step-started') setImmediate(() => void reckonOnce());
  });
  const lockPath = join(project.dir, lockFileName);
  let refused: Failure | undefined;
  let looked = look();
  let planned: PlannedRun | undefined;
  let reckoned: Promise<PlanFacts | undefined> | undefined;
  const reckonOnce = (): Promise<PlanFacts | undefined> => (reckoned ??= reckonWhenSeen());
  const reckonWhenSeen = async (): Promise<PlanFacts | undefined> => {
    const seen = await looked;
    return seen === undefined || planned === undefined ? undefined : planFacts(seen, planned);
  };
  return {
    plan(run) {
      planned = run;
      reckoned = undefined;
    },
    async seen(again) {
      const seen = await looked;
      if (seen === undefined) return undefined;
      const files = again === undefined ? ok(seen.contents.files) : await seen.contents.refresh();
      return files.ok ? { files: files.value, project: folderOf(seen) } : undefined;
    },
    async listed() {
      const seen = await looked;
      if (seen === undefined || !seen.contents.repositories.includes('')) return undefined;
      const folder = folderOf(seen);
      const top = folder === '.' ? '' : `${folder}/`;
      const others = seen.contents.repositories
        .map((repository) => `${repository}/`)
        .filter((repository) => repository.startsWith(top) && repository.length > Math.max(top.length, 1));
      return seen.contents.files.flatMap(({ path }) =>
        path.startsWith(top) && !others.some((other) => path.startsWith(other)) ? [path.slice(top.length)] : [],
      );
    },
    async commit() {
      const seen = await looked;
      return seen === undefined ? undefined : { commit: seen.contents.commit, dirty: seen.contents.dirty };
    },
    async planned({ platform, imageStore }) {
      const facts = await reckonOnce();
      const image = platform === undefined ? undefined : planned?.lock.platforms[platform].image;
      if (facts === undefined || platform === undefined) return undefined;
      const id = image === undefined || image === null ? null : imageIdOn({ imageStore }, image);
      return plannedReceipt({
        ...facts,
        image: { id, config: image?.config ?? null, manifest: image?.manifest ?? null },
        platform,
        engine: { product: '', version: '' },
        machine: { cpus: 0, memoryBytes: 0 },
        options: { steps: [], cold: false, jobs: 1, shard: null },
        hostPaths: new Map(),
      });
    },
    async settle() {
      await lookAgain();
      if ((await looked) === undefined && !context.signal.aborted)
        context.emit({ type: 'note', severity: 'warning', message: 'the files can not be told: no receipt is kept' });
    },
    async contents() {
      await lookAgain();
      const seen = await looked;
      return seen === undefined ? err(refused ?? failure('interrupted', 'interrupted')) : ok(seen.contents);
    },
    async finish(run) {
      const [seen, facts] = await Promise.all([looked, reckonOnce()]);
      const { platform, product, version, cpus, memoryBytes } = run.engine;
      if (seen === undefined || facts === undefined || planned === undefined || platform === undefined)
        return undefined;
      const receipt = recorder.receipt({
        ...facts,
        image: await imageOf(run, planned.lock, project.dir),
        platform,
        engine: { product, version },
        machine: { cpus, memoryBytes },
        options: run.options,
        // A worktree's repository is bound at its own path; a tool may name it.
        hostPaths: new Map([
          [seen.hostRoot, '.'],
          [homedir(), '~'],
        ]),
      });
      if (receipt !== undefined) {
        storeReceipt(run.keepFor ?? seen.hostProject, receipt, seen.contents.files);
        storeExpected(run.keepFor ?? seen.hostProject, receipt);
      }
      await seen.contents.saveCache();
      return receipt;
    },
  };

  /** The first build of an image writes its digests into the lock; the steps see it then. */
  async function lookAgain(): Promise<void> {
    const before = await looked;
    if (before === undefined || stampOf(lockPath) === before.lockStamp) return;
    await before.contents.saveCache();
    looked = look();
    reckoned = undefined;
  }

  async function look(): Promise<Look | undefined> {
    const lockStamp = stampOf(lockPath);
    const placed = await workspace;
    if (!placed.ok) {
      refused = placed.error;
      return undefined;
    }
    const { hostRoot, hostProject } = placed.value;
    const read = await readContents(hostRoot, { signal: context.signal, prefetch: context.takeHeadStart?.() });
    if (!read.ok) refused = read.error;
    return read.ok ? { contents: read.value, hostRoot, hostProject, lockStamp } : undefined;
  }
}

type PlanFacts = Pick<RunFacts, 'commit' | 'dirty' | 'project' | 'lock' | 'files' | 'steps'>;

function planFacts({ contents, hostRoot, hostProject }: Look, { steps, surroundings, lock }: PlannedRun): PlanFacts {
  const { commit, dirty, files } = contents;
  const project = folderOf({ hostRoot, hostProject });
  return {
    commit,
    dirty,
    project,
    lock: lockDigest(lock),
    files: () => Object.fromEntries(files.map(({ path, mode, digest }) => [path, `${mode} ${digest}`])),
    steps: steps.map((config) => ({
      config,
      variables: surroundings.byStep.get(config.name) ?? {},
      inputsDigest: inputsDigest(files, { ...config, project }),
    })),
  };
}

/** The project's folder relative to the workspace's root; `.` for the root. */
function folderOf({ hostRoot, hostProject }: Pick<Look, 'hostRoot' | 'hostProject'>): string {
  const folder = relative(hostRoot, hostProject).split(sep).join('/');
  return folder === '' ? '.' : folder;
}

/** Both digests of the image, as far as the lock names them. */
async function imageOf({ finished, engine }: RecordedRun, lock: Lock, projectDir: string): Promise<ReceiptImage> {
  const { imageId: id } = finished;
  const { platform } = engine;
  if (id === null || platform === undefined) return { id, config: null, manifest: null };
  const named = (of: Lock | undefined): ReceiptImage | undefined => {
    const image = of?.platforms[platform].image;
    if (image === null || image === undefined || imageIdOn(engine, image) !== id) return undefined;
    return { id, config: image.config, manifest: image.manifest };
  };
  const before = named(lock);
  if (before !== undefined) return before;
  // It was built in this run: the lock names it by now.
  const after = await readLock(projectDir);
  return named(after.ok ? after.value : undefined) ?? { id, config: null, manifest: null };
}

function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'none';
  }
}
