import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { parityBin, scrubbedEnv, type Ended, type StartOptions } from './parity.ts';
import { listenTo, type Watching } from './watching.ts';

/** Starts parity at a terminal of 100 columns (util-linux's script), where both streams are one; it is gone when the test is over. */
export function startAtTerminal(command: string, { cwd, env = {} }: StartOptions): Watching {
  const program = [process.execPath, parityBin].map((word) => JSON.stringify(word)).join(' ');
  const child = spawn('script', ['-qec', `stty cols 100 rows 30; exec ${program} ${command}`, '/dev/null'], {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: scrubbedEnv({ cwd, env: { TERM: 'xterm', NO_COLOR: '1', ...env } }),
  });
  child.stdout.setEncoding('utf8');
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout: '', stderr: '' }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return listenTo(ended, [child.stdout], {
    type: (keys) => void child.stdin.write(keys),
    kill: (signal) => void child.kill(signal),
  });
}
