import { setMaxListeners } from 'node:events';
import { exitCodes } from './cli/exit.ts';
import type { ProcessEdge } from './cli/session.ts';
import { failure } from './core/failure.ts';
import { parityVersion } from './core/version.ts';

// The process edge: streams, signals, and the one seam where a bug ends.

const interruption = new AbortController();
// Every running step listens.
setMaxListeners(0, interruption.signal);

function interrupt(signal: 'SIGINT' | 'SIGTERM'): void {
  const code = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
  if (interruption.signal.aborted) process.exit(code);
  interruption.abort(failure('interrupted', 'interrupted', { signal }));
}

function reportBug(error: unknown): never {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = [
    `This is a bug in parity ${parityVersion} (Node ${process.version}, ${process.platform}/${process.arch}):`,
    stack,
    'Please report it with these lines and the command you typed, in the issue tracker of the project you have parity from.',
  ];
  try {
    process.stderr.write(`${lines.join('\n')}\n`);
  } finally {
    process.exit(exitCodes.bug);
  }
}

process.on('SIGINT', () => interrupt('SIGINT'));
process.on('SIGTERM', () => interrupt('SIGTERM'));
process.on('SIGHUP', () => interrupt('SIGTERM'));
process.on('uncaughtException', reportBug);
process.on('unhandledRejection', reportBug);
// The reader of the output has gone (`parity up | head`): the run goes on, its exit code still counts.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    // `parity up > file` on a full disk, or a terminal that has gone.
    if (error.code === undefined) reportBug(error);
    process.exit(exitCodes.environmentError);
  });

void main();

async function main(): Promise<never> {
  const edge: ProcessEdge = {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    signal: interruption.signal,
    exit: (code) => process.exit(code),
  };
  const code = (await replayed(edge)) ?? (await runCommand(edge));
  await Promise.all([process.stdout, process.stderr].map(drained));
  // Connections kept alive to the engine would hold the process for seconds.
  return process.exit(code);
}

/** Replays the last run. Only a run of the pipeline that uses the cache can be replayed: no other command waits for that look. */
async function replayed(edge: ProcessEdge): Promise<number | undefined> {
  if (!isRun(edge.argv) || edge.argv.includes('--no-cache')) return undefined;
  const { replayRun: tellUnchangedRun } = await import('./cli/replay-run.ts');
  return await tellUnchangedRun(edge);
}

/** Whether the words look like those of a run. */
function isRun(argv: readonly string[]): boolean {
  return argv.includes('up') && !argv.includes('--help');
}

async function runCommand(edge: ProcessEdge): Promise<number> {
  const gitPrefetch = isRun(edge.argv)
    ? (await import('./workspace/git-prefetch.ts')).startGitPrefetch(edge.cwd)
    : undefined;
  const { runCli } = await import('./cli/program.ts');
  // Not a copy, which would make what only few commands read from.
  return await runCli(Object.assign(edge, { gitPrefetch }));
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write('', () => resolve());
  });
}
