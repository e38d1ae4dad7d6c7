import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { StepConfig } from '../../config/config.ts';
import { toolchainsOf, type ToolchainName } from '../../config/toolchains.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { imageIdOn } from '../../image/identity.ts';
import { lockDigest } from '../../lock/digest.ts';
import type { Lock, LockedImage } from '../../lock/lock.ts';
import { readLock } from '../../lock/read.ts';
import { toolchainLock } from '../../lock/toolchain-lock.ts';
import { lockFileName } from '../../lock/write.ts';
import type { RunEvent, RunFinished } from '../../pipeline/events.ts';
import type { StepVariables } from '../../pipeline/step-variables.ts';
import { storeExpected } from '../../receipt/expected-steps.ts';
import { storeReceipt } from '../../receipt/receipt-store.ts';
import type { Receipt, ReceiptImage, ReceiptOptions, RunPlan } from '../../receipt/receipt.ts';
import { Recorder, runPlan, type RunFacts } from '../../receipt/recorder.ts';
import { readContents, type Contents } from '../../workspace/workspace-contents.ts';
import { inputsDigest } from '../../workspace/step-inputs.ts';
import type { GitPrefetch } from '../../workspace/git-prefetch.ts';
import type { AppContext } from '../context.ts';
import type { LocatedProject } from '../project/open-project.ts';
import type { RunObserver } from './run-observer.ts';
import type { SeenFiles } from './step-keys.ts';

/** What a run is about to do. */
export interface RecordedPlan {
  readonly steps: readonly StepConfig[];
  readonly variables: StepVariables;
  readonly lock: Lock;
  /** What of the pipeline was asked for. */
  readonly options: Pick<ReceiptOptions, 'steps' | 'shard'>;
}

/** What is known of a run when it is over. */
export interface RecordedRun {
  readonly finished: RunFinished;
  readonly engine: EngineInfo;
  readonly options: ReceiptOptions;
  /** The project, absolute and real, whose run it is; the workspace's own when absent. */
  readonly keepFor: string | undefined;
}

/** The workspace's files as they were read once. */
interface Snapshot {
  readonly contents: Contents;
  readonly hostRoot: string;
  readonly hostProject: string;
  readonly lockStamp: string;
}

/** What a snapshot and a plan give together. */
type StepFacts = Pick<RunFacts, 'commit' | 'dirty' | 'project' | 'lock' | 'files' | 'steps'>;

/** Records a run of a project: reads what its workspace shows while the caller goes on, takes its events, and makes and keeps its receipt. */
export class RunRecorder implements RunObserver {
  readonly #context: AppContext;
  readonly #located: LocatedProject;
  readonly #recorder = new Recorder();
  readonly #lockFile: string;
  #snapshot: Promise<Snapshot | undefined>;
  #plan: RecordedPlan | undefined;
  /** Of the latest snapshot and plan; worked out at its first use. */
  #facts: Promise<StepFacts | undefined> | undefined;
  /** Why the files can't be read. */
  #refusal: Failure | undefined;

  /** Starts to read the files; `prefetch` is what git was asked before. */
  constructor(context: AppContext, located: LocatedProject, prefetch: GitPrefetch | undefined) {
    this.#context = context;
    this.#located = located;
    this.#lockFile = join(located.project.dir, lockFileName);
    this.#snapshot = this.#read(prefetch);
  }

  onEvent(event: RunEvent): void {
    this.#recorder.onEvent(event);
    // Digests of the inputs are worked out while the first step runs.
    if (event.type === 'step-started') setImmediate(() => void this.#stepFacts());
  }

  /** Takes what will run, as soon as it is known. */
  plan(plan: RecordedPlan): void {
    this.#plan = plan;
    this.#facts = undefined;
  }

  /** What the steps will see; undefined when the files can't be read. */
  async files(): Promise<SeenFiles | undefined> {
    const snapshot = await this.#snapshot;
    return snapshot === undefined ? undefined : { files: snapshot.contents.files, project: folderOf(snapshot) };
  }

  /** What the steps would see by now; undefined when the files can't be read. */
  async refreshedFiles(): Promise<SeenFiles | undefined> {
    const snapshot = await this.#snapshot;
    const files = await snapshot?.contents.refresh();
    return snapshot === undefined || files?.ok !== true
      ? undefined
      : { files: files.value, project: folderOf(snapshot) };
  }

  /** The project's own files, relative to it, submodules' and nested repositories' left out; undefined when they can't be read, or without git. */
  async projectFiles(): Promise<readonly string[] | undefined> {
    const snapshot = await this.#snapshot;
    if (snapshot === undefined || !snapshot.contents.repositories.includes('')) return undefined;
    const folder = folderOf(snapshot);
    const top = folder === '.' ? '' : `${folder}/`;
    const others = snapshot.contents.repositories
      .map((repository) => `${repository}/`)
      .filter((repository) => repository.startsWith(top) && repository.length > Math.max(top.length, 1));
    return snapshot.contents.files.flatMap(({ path }) =>
      path.startsWith(top) && !others.some((other) => path.startsWith(other)) ? [path.slice(top.length)] : [],
    );
  }

  /** HEAD, and whether what the steps will see is more or less than it; undefined when the files can't be read. */
  async commit(): Promise<Pick<Receipt, 'commit' | 'dirty'> | undefined> {
    const snapshot = await this.#snapshot;
    return snapshot === undefined ? undefined : { commit: snapshot.contents.commit, dirty: snapshot.contents.dirty };
  }

  /** The plan in the words of a receipt; undefined without a plan, or when the files can't be read. */
  async runPlan({ platform, imageStore }: Pick<EngineInfo, 'platform' | 'imageStore'>): Promise<RunPlan | undefined> {
    const [facts, plan] = [await this.#stepFacts(), this.#plan];
    if (facts === undefined || plan === undefined || platform === undefined) return undefined;
    const images = receiptImages(plan.steps, (name) => {
      const image = toolchainLock(plan.lock, name)?.platforms[platform].image ?? null;
      return image === null ? noImage : namedImage({ imageStore }, image);
    });
    return runPlan({
      ...facts,
      ...images,
      platform,
      options: plan.options,
    });
  }

  /** Waits until the files that the steps will see are read; call it before the first step starts, whose own writes are no inputs. */
  async freezeInputs(): Promise<void> {
    await this.#readAgainIfLockChanged();
    if ((await this.#snapshot) !== undefined || this.#context.signal.aborted) return;
    const message = 'the files can not be told: no receipt is kept';
    this.#context.events.emit({ type: 'note', severity: 'warning', message });
  }

  /** The files that the steps will see, frozen as by `freezeInputs`. Err: why they can't be read. */
  async contents(): Promise<Result<Contents>> {
    await this.#readAgainIfLockChanged();
    const snapshot = await this.#snapshot;
    return snapshot === undefined ? err(this.#refusal ?? failure('interrupted', 'interrupted')) : ok(snapshot.contents);
  }

  /** Makes the receipt of the run and keeps it for `parity compare`; undefined when the files could not be read. */
  async finish(run: RecordedRun): Promise<Receipt | undefined> {
    const [snapshot, facts] = await Promise.all([this.#snapshot, this.#stepFacts()]);
    const { platform, product, version, cpus, memoryBytes } = run.engine;
    if (snapshot === undefined || facts === undefined || this.#plan === undefined || platform === undefined)
      return undefined;
    const receipt = this.#recorder.receipt({
      ...facts,
      ...(await imagesOf(run, this.#plan, this.#located.project.dir)),
      platform,
      engine: { product, version },
      machine: { cpus, memoryBytes },
      options: run.options,
      // A worktree's repository is bound at its own path; a tool may name it.
      hostPaths: new Map([
        [snapshot.hostRoot, '.'],
        [homedir(), '~'],
      ]),
    });
    if (receipt !== undefined) {
      storeReceipt(run.keepFor ?? snapshot.hostProject, receipt, snapshot.contents.files);
      storeExpected(run.keepFor ?? snapshot.hostProject, receipt);
    }
    await snapshot.contents.saveCache();
    return receipt;
  }

  #stepFacts(): Promise<StepFacts | undefined> {
    return (this.#facts ??= this.#makeStepFacts());
  }

  async #makeStepFacts(): Promise<StepFacts | undefined> {
    const snapshot = await this.#snapshot;
    return snapshot === undefined || this.#plan === undefined ? undefined : stepFacts(snapshot, this.#plan);
  }

  /** The first build of an image writes its digests into the lock; the steps see it then. */
  async #readAgainIfLockChanged(): Promise<void> {
    const before = await this.#snapshot;
    if (before === undefined || stampOf(this.#lockFile) === before.lockStamp) return;
    await before.contents.saveCache();
    this.#snapshot = this.#read(undefined);
    this.#facts = undefined;
  }

  async #read(prefetch: GitPrefetch | undefined): Promise<Snapshot | undefined> {
    const lockStamp = stampOf(this.#lockFile);
    const placed = await this.#located.workspace;
    if (!placed.ok) {
      this.#refusal = placed.error;
      return undefined;
    }
    const { hostRoot, hostProject } = placed.value;
    const read = await readContents(hostRoot, { signal: this.#context.signal, prefetch });
    if (!read.ok) this.#refusal = read.error;
    return read.ok ? { contents: read.value, hostRoot, hostProject, lockStamp } : undefined;
  }
}

function stepFacts({ contents, hostRoot, hostProject }: Snapshot, { steps, variables, lock }: RecordedPlan): StepFacts {
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
      variables: variables.byStep.get(config.name) ?? {},
      inputsDigest: inputsDigest(files, { ...config, project }),
    })),
  };
}

/** The project's folder relative to the workspace's root; `.` for the root. */
function folderOf({ hostRoot, hostProject }: Pick<Snapshot, 'hostRoot' | 'hostProject'>): string {
  const folder = relative(hostRoot, hostProject).split(sep).join('/');
  return folder === '' ? '.' : folder;
}

const noImage: ReceiptImage = { id: null, config: null, manifest: null };

function namedImage(engine: Pick<EngineInfo, 'imageStore'>, image: LockedImage): ReceiptImage {
  return { id: imageIdOn(engine, image), config: image.config, manifest: image.manifest };
}

/** The images of a run's toolchains; the default one has none when no step uses it. */
function receiptImages(
  steps: readonly StepConfig[],
  imageOf: (name: ToolchainName) => ReceiptImage,
): Pick<Receipt, 'image' | 'toolchains'> {
  const names = toolchainsOf(steps);
  const named = names.flatMap((name) => (name === undefined ? [] : [[name, imageOf(name)] as const]));
  return {
    image: names.includes(undefined) ? imageOf(undefined) : noImage,
    ...(named.length === 0 ? {} : { toolchains: Object.fromEntries(named) }),
  };
}

/** Both digests of the images, as far as the lock names them. */
async function imagesOf(
  { finished, engine }: RecordedRun,
  { steps, lock }: RecordedPlan,
  projectDir: string,
): Promise<Pick<Receipt, 'image' | 'toolchains'>> {
  const { imageId: id } = finished;
  const { platform } = engine;
  if (id === null || platform === undefined) return receiptImages(steps, () => ({ ...noImage, id }));
  const names = toolchainsOf(steps);
  const named = (of: Lock | undefined, name: ToolchainName): ReceiptImage | undefined => {
    const image = of === undefined ? undefined : toolchainLock(of, name)?.platforms[platform].image;
    if (image === null || image === undefined) return undefined;
    // With one toolchain, the run says which image it was; with several, of one of them.
    return names.length === 1 && imageIdOn(engine, image) !== id ? undefined : namedImage(engine, image);
  };
  const isKnown = names.length === 1 && named(lock, names[0]) !== undefined;
  // One that was built in this run is named by the lock by now.
  const after = isKnown ? undefined : await readLock(projectDir);
  const now = after?.ok === true ? after.value : undefined;
  const unnamed = names.length === 1 ? { ...noImage, id } : noImage;
  return receiptImages(steps, (name) => named(now, name) ?? named(lock, name) ?? unnamed);
}

function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'none';
  }
}
