import { createHash, type Hash } from 'node:crypto';
import type { StepConfig } from '../config/config.ts';
import { sha256, type Digest } from '../core/digest.ts';
import { looksSecret } from '../core/secret-patterns.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { parityVersion } from '../core/version.ts';
import type { PlannedStep, RunEvent, StepFinished } from '../pipeline/events.ts';
import { receiptVersion, type Receipt, type ReceiptStep, type RunPlan, type RunPlanStep } from './receipt.ts';

/** What of a receipt no event tells. */
export interface RunFacts extends Pick<
  Receipt,
  'commit' | 'dirty' | 'project' | 'lock' | 'image' | 'toolchains' | 'platform' | 'engine' | 'machine' | 'options'
> {
  /** Makes the record of the files, which few runs ask for. */
  readonly files: () => Receipt['files'];
  /** The plan, with what each step gets. */
  readonly steps: readonly RecordedStep[];
  /** Paths of this machine that must not be in a receipt, and what to say in their place. */
  readonly hostPaths: ReadonlyMap<string, string>;
}

/** A step of the plan, and what it was given. */
export interface RecordedStep {
  readonly config: StepConfig;
  /** Its own variables with their values, secrets among them. */
  readonly variables: Readonly<Record<string, string>>;
  readonly inputsDigest: Digest;
}

/** What of a plan is known before the first step starts; RunFacts has it all. */
export type PlanFacts = Pick<
  RunFacts,
  'commit' | 'dirty' | 'project' | 'lock' | 'image' | 'toolchains' | 'platform' | 'files' | 'steps'
> &
  Pick<RunPlan, 'options'>;

/** What the events have said of a step so far. */
interface StepRecord {
  startedMs: number | null;
  bytes: number;
  readonly log: Hash;
  finished: StepFinished | undefined;
}

/** Takes the events of one run and makes its receipt. */
export class Recorder {
  readonly #clock: () => number;
  readonly #begun: number;
  readonly #steps = new Map<string, StepRecord>();
  #planned: readonly PlannedStep[] | undefined;
  #end: Extract<RunEvent, { type: 'run-finished' }> | undefined;

  /** Starts to record a run that begins now; `clock` gives milliseconds since 1970. */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
    this.#begun = clock();
  }

  /** Takes an event of the run; its secrets must be hidden by now. What comes after `run-finished` is another run's. */
  onEvent(event: RunEvent): void {
    if (this.#end !== undefined) return;
    if (event.type === 'run-started') this.#planned = event.steps;
    else if (event.type === 'step-started') this.#step(event.step).startedMs = Math.round(this.#clock() - this.#begun);
    else if (event.type === 'step-output') {
      const step = this.#step(event.step);
      step.bytes += event.data.length;
      step.log.update(event.data);
    } else if (event.type === 'step-finished') this.#step(event.step).finished = event;
    else if (event.type === 'run-finished') this.#end = event;
  }

  /** The receipt; undefined before the run has finished, and when it ended before there was a plan. */
  receipt({ steps: plan, hostPaths, files, ...facts }: RunFacts): Receipt | undefined {
    const [end, planned] = [this.#end, this.#planned];
    if (end === undefined || planned === undefined) return undefined;
    return withFiles<Omit<Receipt, 'files'>>(files, {
      version: receiptVersion,
      parity: parityVersion,
      ...facts,
      startedAt: new Date(this.#begun).toISOString(),
      durationMs: end.durationMs,
      outcome: end.outcome,
      failure: end.failure?.reason ?? null,
      steps: plan.map((step, index) => recorded(step, planned[index], this.#step(step.config.name), hostPaths)),
    });
  }

  #step(name: string): StepRecord {
    const known = this.#steps.get(name) ?? emptyStepRecord();
    this.#steps.set(name, known);
    return known;
  }
}

/** The plan of a run, in the words of its receipt. */
export function runPlan({ steps, files, ...facts }: PlanFacts): RunPlan {
  return withFiles(files, { ...facts, steps: steps.map((step) => planStep(step, undefined)) });
}

/** The rest with the record of the files, which is made at its first use. */
function withFiles<Rest extends object>(files: RunFacts['files'], rest: Rest): Rest & Pick<Receipt, 'files'> {
  let made: Receipt['files'] | undefined;
  const whole = Object.defineProperty({ ...rest }, 'files', { enumerable: true, get: () => (made ??= files()) });
  return whole as Rest & Pick<Receipt, 'files'>;
}

function emptyStepRecord(): StepRecord {
  return { startedMs: null, bytes: 0, log: createHash('sha256'), finished: undefined };
}

function planStep({ config, variables, inputsDigest }: RecordedStep, planned: PlannedStep | undefined): RunPlanStep {
  return {
    name: config.name,
    // As it was reported: a secret that somebody wrote into the command is hidden there.
    run: planned?.run ?? config.run,
    cwd: config.cwd,
    network: config.network,
    needs: config.needs,
    ...(config.toolchain === undefined ? {} : { toolchain: config.toolchain }),
    env: envOf(config, variables),
    inputs: config.inputs ?? null,
    inputsDigest,
  };
}

function recorded(
  step: RecordedStep,
  planned: PlannedStep | undefined,
  { startedMs, bytes, log, finished }: StepRecord,
  hostPaths: ReadonlyMap<string, string>,
): ReceiptStep {
  return {
    ...planStep(step, planned),
    // A run that could not begin has no word on its steps.
    outcome: finished?.outcome ?? 'cancelled',
    exitCode: finished?.exitCode ?? null,
    signal: finished?.signal ?? null,
    reason: finished?.reason ?? null,
    startedMs,
    durationMs: finished?.durationMs ?? 0,
    cpuMs: finished?.cpuMs ?? null,
    peakMemoryBytes: finished?.peakMemoryBytes ?? null,
    log: { bytes, digest: `sha256:${log.copy().digest('hex')}` },
    diagnostics: (finished?.diagnostics ?? []).map((diagnostic) => withoutHostPaths(diagnostic, hostPaths)),
    ...(finished?.remedies === undefined
      ? {}
      : { remedies: finished.remedies.map((each) => ({ ...each, remedy: cleaned(each.remedy, hostPaths) })) }),
  };
}

/** Names of a step's variables with the digests of their values; of what is a secret, or looks like one, only that it is there. */
export function envOf(
  { secrets }: Pick<StepConfig, 'secrets'>,
  variables: Readonly<Record<string, string>>,
): ReceiptStep['env'] {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      secrets.includes(name) || looksSecret(name, value) ? 'secret' : sha256(value),
    ]),
  );
}

function withoutHostPaths(diagnostic: ToolDiagnostic, hostPaths: ReadonlyMap<string, string>): ToolDiagnostic {
  const clean = (text: string): string => cleaned(text, hostPaths);
  return {
    ...diagnostic,
    message: clean(diagnostic.message),
    file: diagnostic.file === null ? null : clean(diagnostic.file),
    ...(diagnostic.test === undefined ? {} : { test: clean(diagnostic.test) }),
  };
}

function cleaned(text: string, hostPaths: ReadonlyMap<string, string>): string {
  let clean = text;
  for (const [path, word] of hostPaths) clean = clean.replaceAll(path, word);
  return clean;
}
