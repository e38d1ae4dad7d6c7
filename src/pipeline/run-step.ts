import type { RemedyConfig, StepConfig } from '../config/config.ts';
import { isOfService, type Failure } from '../core/failure.ts';
import { onAbort } from '../core/interruption.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import type { Command, CommandExit, Environment, PassedOn, RunningCommand } from '../environment/environment.ts';
import { ok, type Result } from '../core/result.ts';
import type { ParsedOutput } from '../remedies/parse-output.ts';
import { adviceFor } from './step-advice.ts';
import type { StepRemedies } from './step-remedies.ts';
import { captureOutput } from './captured-output.ts';
import type { EmitEvent, StepFinished } from './events.ts';
import { withFreshTmp } from './repeat-variables.ts';
import { readTestResults } from './test-results.ts';

/** How long things may take when they are told to end. */
export interface EndingLimits {
  /** From the first signal to SIGKILL, in milliseconds. */
  readonly killAfterMs: number;
  /** From the first signal until a step that still does not answer is given up, in milliseconds. */
  readonly giveUpAfterMs: number;
}

/** One step to run. */
export interface StepRun {
  readonly step: StepConfig;
  readonly environment: Environment;
  /** Absolute path in the container. */
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
  /** What its job gives it, and takes from it. */
  readonly inJob?: {
    /** Folders before all others in its PATH. */
    readonly path: readonly string[];
    /** Takes what it passes on; Err with a sentence for what it must not. */
    readonly take: (passedOn: PassedOn) => Result<void, string>;
  };
  /** It has a folder for temporary files of its own, which its variables name. */
  readonly freshTmp?: boolean;
  readonly emit: EmitEvent;
  /** Aborted when the run is interrupted; `interrupt` says with what. */
  readonly signal: AbortSignal;
  readonly interrupt: () => 'SIGINT' | 'SIGTERM';
  readonly interrupted: EndingLimits;
  readonly timedOut: EndingLimits;
  readonly advise?: FindAdvice;
  /** Whether the repository has a file, by its path from the top; places what tools say. */
  readonly isFile?: (path: string) => boolean;
  /** The text of a file of the repository, by its path from the top; undefined when it can't be read. */
  readonly readText?: (path: string) => string | undefined;
  /** The team's own remedies. */
  readonly remedies?: readonly RemedyConfig[];
  /** The file in the container in which its pytest writes what fails. */
  readonly results?: string;
}

/** What the caller knows of a failing step that its output does not say: lines to show with what to type next. */
export type FindAdvice = (failing: {
  readonly step: StepConfig;
  readonly diagnostics: readonly ToolDiagnostic[];
  /** The last part of its output. */
  readonly tail: string;
}) => readonly string[] | Promise<readonly string[]>;

/** How a step ended, and the failure when it was the environment that did. */
export interface StepEnd {
  readonly finished: StepFinished;
  readonly failure?: Failure;
}

// How much of the output's end is kept to look for a reason in.
const tailBytes = 64 * 1024;

/** Runs one step from `step-started` on; the caller emits the `step-finished` that this returns. Never rejects but for a bug. */
export async function runStep(run: StepRun): Promise<StepEnd> {
  const { step, emit, signal } = run;
  const begun = performance.now();
  const captured = captureOutput();
  let cause: 'timeout' | 'interrupted' | undefined;
  let over = false;
  let process: RunningCommand | undefined;
  const ending = endOnce(() => process);
  const interrupt = (): void => {
    cause ??= 'interrupted';
    ending.begin(run.interrupt(), run.interrupted);
  };
  const timer =
    step.timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          cause ??= 'timeout';
          ending.begin('SIGTERM', run.timedOut);
        }, step.timeoutSeconds * 1000);

  const attempt = async (): Promise<Result<CommandExit>> => {
    const started = await run.environment.start(commandOf(run));
    if (!started.ok) return started;
    process = started.value;
    ending.arrived();
    for await (const piece of process.output) {
      if (over) break;
      captured.add(piece);
      emit({ type: 'step-output', step: step.name, ...piece });
    }
    return takePassedOn(await process.exit);
  };
  // As in CI, a step that failed passes on what it had written, and one that passes on what can't be read has failed.
  const takePassedOn = (exit: Result<CommandExit>): Result<CommandExit> => {
    if (!exit.ok || exit.value.passedOn === undefined) return exit;
    const taken = run.inJob?.take(exit.value.passedOn) ?? ok(undefined);
    if (taken.ok || exit.value.exitCode !== 0) return exit;
    const data = Buffer.from(`parity: ${taken.error}\n`);
    captured.add({ stream: 'stderr', data });
    emit({ type: 'step-output', step: step.name, stream: 'stderr', data });
    return ok({ ...exit.value, exitCode: 1 });
  };

  emit({ type: 'step-started', step: step.name, command: step.run });
  const stopListening = onAbort(signal, interrupt);
  try {
    const exit = await Promise.race([attempt(), ending.gaveUp]);
    const durationMs = performance.now() - begun;
    const passed = exit?.ok === true && exit.value.exitCode === 0 && cause === undefined;
    const text = cause === 'interrupted' ? '' : captured.text();
    const said = await parseOutput(run, text, passed, cause === 'interrupted' ? undefined : exit);
    return await describeEnd({ run, exit, cause, durationMs, text, tail: captured.tail(tailBytes), parsed: said });
  } finally {
    over = true;
    clearTimeout(timer);
    ending.stop();
    stopListening();
  }
}

/** How a step's command line is run: by bash as CI has it, or by the image's sh when it has no bash. */
export function shellCommand(commandLine: string): Pick<Command, 'argv' | 'orElse'> {
  return { argv: ['bash', '-euo', 'pipefail', '-c', commandLine], orElse: ['sh', '-eu', '-c', commandLine] };
}

function commandOf({ step, cwd, variables, freshTmp, inJob }: StepRun): Command {
  return {
    name: step.name,
    ...(freshTmp === true ? { argv: withFreshTmp(step.run) } : shellCommand(step.run)),
    cwd,
    env: variables,
    network: step.network,
    ...(step.job === undefined ? {} : { job: step.job }),
    ...(step.toolchain === undefined ? {} : { toolchain: step.toolchain }),
    ...(inJob === undefined || inJob.path.length === 0 ? {} : { path: inJob.path }),
  };
}

const emptyOutput: ParsedOutput = { diagnostics: [], leftOut: 0 };

// 3 failed, 2 errors
const failureCount = /\d (?:failed|errors?)\b/;
// What tools say has a place in it: `:12:`, `(3,18):`, `1:10  warning`.
const sourcePlace = /:\d+[:\s]|\(\d+,\d+\):|\d:\d+ {2}/;

/** The parsers are loaded for a step that failed or said something of a place: most steps of a warm run did neither. */
async function parseOutput(
  run: StepRun,
  text: string,
  passed: boolean,
  exit: Result<CommandExit> | undefined,
): Promise<ParsedOutput> {
  const { step, cwd, environment, isFile, readText, results } = run;
  // Of tests that fail in a step that passes all the same, the plugin's file has to go.
  const wrote = results !== undefined && exit?.ok === true && (!passed || failureCount.test(text));
  if (!wrote && (text === '' || (passed && !sourcePlace.test(text)))) return emptyOutput;
  const [{ parseStepOutput: saidByTools }, tests] = await Promise.all([
    import('./parse-step-output.ts'),
    wrote ? readTestResults(environment, step, results) : [],
  ]);
  const files = { ...(isFile === undefined ? {} : { isFile }), ...(readText === undefined ? {} : { readText }) };
  return saidByTools({ step, cwd, text, passed, tests, ...files });
}

/** The catalogue is loaded for a step that failed by its own exit code: of what was ended, its output says nothing. */
async function remediesOf(
  { step, cwd, environment, remedies = [], isFile }: StepRun,
  diagnostics: readonly ToolDiagnostic[],
  text: string,
): Promise<StepRemedies> {
  const { stepRemedies } = await import('./step-remedies.ts');
  const project = environment.workspaceDir;
  const found = { step, cwd, project, diagnostics, text, team: remedies };
  return stepRemedies({ ...found, ...(isFile === undefined ? {} : { isFile }) });
}

interface EndedStep {
  readonly run: StepRun;
  /** Undefined when it was given up. */
  readonly exit: Result<CommandExit> | undefined;
  readonly cause: 'timeout' | 'interrupted' | undefined;
  readonly durationMs: number;
  /** Its output: all, or the beginning and the end. */
  readonly text: string;
  readonly tail: string;
  readonly parsed: ParsedOutput;
}

async function describeEnd({ run, exit, cause, durationMs, text, tail, parsed: said }: EndedStep): Promise<StepEnd> {
  const { step, advise } = run;
  const ended = exit?.ok === true ? exit.value : undefined;
  const measured = {
    type: 'step-finished',
    step: step.name,
    diagnostics: said.diagnostics,
    ...(said.leftOut === 0 ? {} : { diagnosticsLeftOut: said.leftOut }),
    exitCode: cause === undefined ? (ended?.exitCode ?? null) : null,
    signal: ended?.signal ?? null,
    durationMs: Math.round(durationMs),
    peakMemoryBytes: ended?.peakMemoryBytes ?? null,
    cpuMs: ended?.cpuMs ?? null,
  } as const;
  if (ended?.exitCode === 0 && cause !== 'timeout')
    return { finished: { ...measured, exitCode: 0, outcome: 'passed', reason: null, next: [] } };
  if (cause === 'interrupted')
    return { finished: { ...measured, outcome: 'cancelled', reason: 'interrupted', next: [] } };
  if (exit !== undefined && !exit.ok)
    return {
      finished: {
        ...measured,
        outcome: 'cancelled',
        reason: isOfService(exit.error) ? 'service' : 'environment-lost',
        next: [],
      },
      failure: exit.error,
    };
  // Its container is shared: what the kernel killed for memory may have been another step's. SIGKILL tells.
  const killed = ended?.signal === 'SIGKILL' || ended?.exitCode === 128 + 9;
  const starved = ended?.outOfMemory === true;
  const reason = cause ?? (starved && killed ? 'out-of-memory' : null);
  const { diagnostics } = measured;
  const known = advise === undefined ? [] : await advise({ step, diagnostics, tail });
  // Where the cause is known here (a file that is not committed), what such words mean elsewhere would only mislead.
  const isOpen = reason === null && text !== '' && known.length === 0;
  const { remedies, ...first } = isOpen ? await remediesOf(run, diagnostics, text) : { remedies: [] };
  const next = [...known, ...adviceFor({ step, reason, starved, tail, ...first })];
  const found = remedies.length === 0 ? {} : { remedies };
  const outcome = step.allowFailure === undefined ? 'failed' : 'tolerated';
  return { finished: { ...measured, outcome, reason, next, ...found } };
}

/** Ends a process at most once: a signal to its group, SIGKILL later, and `gaveUp` (undefined) when even that does nothing. */
function endOnce(current: () => RunningCommand | undefined): {
  begin(signal: 'SIGINT' | 'SIGTERM', limits: EndingLimits): void;
  arrived(): void;
  stop(): void;
  readonly gaveUp: Promise<undefined>;
} {
  const timers: NodeJS.Timeout[] = [];
  let sent: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | undefined;
  let giveUp: (value: undefined) => void = () => {};
  const gaveUp = new Promise<undefined>((resolve) => (giveUp = resolve));
  return {
    gaveUp,
    begin(signal, { killAfterMs, giveUpAfterMs }) {
      // A run that is interrupted while a timeout already ends this step still has only its own two seconds.
      for (const timer of timers) clearTimeout(timer);
      sent = signal;
      current()?.signal(signal);
      timers.push(
        setTimeout(() => {
          sent = 'SIGKILL';
          current()?.signal('SIGKILL');
        }, killAfterMs),
        setTimeout(() => giveUp(undefined), giveUpAfterMs),
      );
    },
    // A process that only came into being after it was told to end.
    arrived() {
      if (sent !== undefined) current()?.signal(sent);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
