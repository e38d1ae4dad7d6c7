import { createHash, type Hash } from 'node:crypto';
import type { StepConfig } from '../config/config.ts';
import { sha256, type Digest } from '../core/digest.ts';
import { looksSecret } from '../core/secret-patterns.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { parityVersion } from '../core/version.ts';
import type { PlannedStep, RunEvent, StepFinished } from '../pipeline/events.ts';
import { receiptVersion, type Receipt, type ReceiptStep } from './receipt.ts';

/** What of a receipt no event tells. */
export interface RunFacts extends Pick<
  Receipt,
  'commit' | 'dirty' | 'project' | 'lock' | 'image' | 'platform' | 'engine' | 'machine' | 'options'
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

/** Hears a run and makes its receipt. */
export interface Recorder {
  /** Takes an event of the run; secrets must be hidden by now. What comes after `run-finished` is another run's. */
  onEvent(event: RunEvent): void;
  /** The receipt; undefined before the run has finished, and when it ended before there was a plan. */
  receipt(facts: RunFacts): Receipt | undefined;
}

interface StepRecord {
  startedMs: number | null;
  bytes: number;
  readonly log: Hash;
  finished: StepFinished | undefined;
}

/** Starts to record a run that begins now; `clock` gives milliseconds since 1970. */
export function createRecorder(clock: () => number = Date.now): Recorder {
  const begun = clock();
  const steps = new Map<string, StepRecord>();
  let planned: readonly PlannedStep[] | undefined;
  let end: Extract<RunEvent, { type: 'run-finished' }> | undefined;
  const stepOf = (name: string): StepRecord => {
    const known = steps.get(name) ?? emptyStepRecord();
    steps.set(name, known);
    return known;
  };
  return {
    onEvent(event) {
      if (end !== undefined) return;
      if (event.type === 'run-started') planned = event.steps;
      else if (event.type === 'step-started') stepOf(event.step).startedMs = Math.round(clock() - begun);
      else if (event.type === 'step-output') {
        const step = stepOf(event.step);
        step.bytes += event.data.length;
        step.log.update(event.data);
      } else if (event.type === 'step-finished') stepOf(event.step).finished = event;
      else if (event.type === 'run-finished') end = event;
    },
    receipt({ steps: plan, hostPaths, files, ...facts }) {
      if (end === undefined || planned === undefined) return undefined;
      const texts = planned;
      return withFiles(files, {
        version: receiptVersion,
        parity: parityVersion,
        ...facts,
        startedAt: new Date(begun).toISOString(),
        durationMs: end.durationMs,
        outcome: end.outcome,
        failure: end.failure?.reason ?? null,
        steps: plan.map((step, index) => recorded(step, texts[index], stepOf(step.config.name), hostPaths)),
      });
    },
  };
}

/** What the receipt of a run will say, as far as it is known before its first step: no step has an end yet. */
export function plannedReceipt({ steps, hostPaths, files, ...facts }: RunFacts): Receipt {
  return withFiles(files, {
    version: receiptVersion,
    parity: parityVersion,
    ...facts,
    startedAt: new Date().toISOString(),
    durationMs: 0,
    outcome: 'cancelled',
    failure: null,
    steps: steps.map((step) => recorded(step, undefined, emptyStepRecord(), hostPaths)),
  });
}

/** A receipt whose files are made into a record at their first use. */
function withFiles(files: RunFacts['files'], receipt: Omit<Receipt, 'files'>): Receipt {
  let made: Receipt['files'] | undefined;
  return Object.defineProperty({ ...receipt }, 'files', { enumerable: true, get: () => (made ??= files()) }) as Receipt;
}

function emptyStepRecord(): StepRecord {
  return { startedMs: null, bytes: 0, log: createHash('sha256'), finished: undefined };
}

function recorded(
  { config, variables, inputsDigest }: RecordedStep,
  planned: PlannedStep | undefined,
  { startedMs, bytes, log, finished }: StepRecord,
  hostPaths: ReadonlyMap<string, string>,
): ReceiptStep {
  return {
    name: config.name,
    // As it was told: a secret that somebody wrote into the command is hidden there.
    run: planned?.run ?? config.run,
    cwd: config.cwd,
    network: config.network,
    needs: config.needs,
    env: envOf(config, variables),
    inputs: config.inputs ?? null,
    inputsDigest,
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
