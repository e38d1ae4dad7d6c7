import { execFile, spawn, type ExecFileException } from 'node:child_process';
import { parse } from 'node:path';
import { onAbort } from './interruption.ts';
import { programEnvironment } from './program-environment.ts';
import { err, ok, type Result } from './result.ts';

// The one place that starts a program of the host, beside the rooms git and engine. No program starts in a repository: many read settings, and
// some run code, from the folder that they start in.

/** A program to run to its end, without a shell. */
export interface ProgramRequest {
  /** The program, by its name in PATH or its path, and its arguments. */
  readonly argv: readonly [program: string, ...args: string[]];
  /** What its environment is taken from (programEnvironment); this process's by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** The variables that it needs beside those that every program has. */
  readonly variables?: RegExp;
  readonly signal?: AbortSignal | undefined;
  /** It is killed after so many milliseconds; never by default. */
  readonly timeoutMs?: number;
  /** It is killed when one of its streams has more bytes; 1 MiB by default. */
  readonly maxOutputBytes?: number;
  /** What ends it when it is stopped; SIGTERM by default. */
  readonly killSignal?: 'SIGTERM' | 'SIGKILL';
}

/** A program that ran to its end. */
export interface ProgramOutput {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why a program did not run to its end. */
export interface ProgramProblem {
  /** `missing`: it could not be started. `stopped`: the signal, the timeout, or too much output. */
  readonly kind: 'missing' | 'stopped';
  readonly message: string;
}

const defaultMaxOutputBytes = 1024 * 1024;

/** A folder that no repository can be. */
const outside = parse(process.execPath).root;

/** Runs a program to its end with an empty stdin, whatever its exit code; UTF-8 output. Err when it could not be started, or was stopped before. */
export async function runProgram(request: ProgramRequest): Promise<Result<ProgramOutput, ProgramProblem>> {
  const { argv, env = process.env, variables, signal, timeoutMs = 0, maxOutputBytes = defaultMaxOutputBytes } = request;
  const { killSignal = 'SIGTERM' } = request;
  const [program, ...args] = argv;
  return await new Promise((resolve) => {
    const options = {
      cwd: outside,
      env: programEnvironment(env, variables),
      ...(signal === undefined ? {} : { signal }),
      timeout: timeoutMs,
      maxBuffer: maxOutputBytes,
      killSignal,
      windowsHide: true,
    } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const problem = error === null ? undefined : problemOf(error, signal);
      resolve(problem === undefined ? ok({ exitCode: child.exitCode, stdout, stderr }) : err(problem));
    });
    child.stdin?.end();
  });
}

function problemOf(error: ExecFileException, signal: AbortSignal | undefined): ProgramProblem | undefined {
  if (signal?.aborted === true || error.killed === true || error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return { kind: 'stopped', message: error.message };
  // An exit code is a number; what the system refused has a name.
  return typeof error.code === 'string' ? { kind: 'missing', message: error.message } : undefined;
}

/** A program whose output is read while it runs, in a process group of its own. */
export interface ProgramStream extends Pick<ProgramRequest, 'argv' | 'env' | 'variables' | 'signal'> {
  /** A folder of parity's own to start in; the root of the file system by default. */
  readonly cwd?: string;
  /** Takes both streams' text as it comes. */
  readonly onOutput: (text: string) => void;
}

/**
 * Runs a program to its end with no stdin. The signal ends its whole process group with SIGTERM, so that programs which it started clean up
 * after themselves. Gives its exit code, or in words why there is none: the name of a signal, or why it could not be started.
 */
export async function streamProgram(request: ProgramStream): Promise<number | string> {
  const { argv, cwd = outside, env = process.env, variables, signal, onOutput } = request;
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    cwd,
    env: programEnvironment(env, variables),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', onOutput);
  child.stderr.setEncoding('utf8').on('data', onOutput);
  const stopListening = onAbort(signal, () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  });
  const end = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (exit, name) => resolve(exit ?? name ?? 1));
  });
  stopListening();
  return end;
}
