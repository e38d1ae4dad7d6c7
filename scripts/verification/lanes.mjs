// Checks run in lanes: those of one lane one after the other, lanes side by side. Every line says which check printed it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Runs the checks of all lanes; gives each with whether it passed and how long it took. A check is `{ name, run }`, where `run` is a
 * command line or a function that gives a promise of success. Nothing stops at a failure.
 */
export async function runLanes(lanes, { env = process.env } = {}) {
  const width = Math.max(...lanes.flat().map(({ name }) => name.length));
  const ended = await Promise.all(
    lanes.map(async (lane) => {
      const results = [];
      for (const check of lane) {
        const say = (line) => console.log(lanes.length > 1 ? `${check.name.padEnd(width)} | ${line}` : line);
        say(`== ${check.name}`);
        const begun = performance.now();
        const passed =
          typeof check.run === 'function'
            ? await check.run(say)
            : await succeeds(check.run, { ...env, ...check.env }, say);
        const seconds = (performance.now() - begun) / 1000;
        say(`== ${check.name}: ${passed ? 'passed' : 'failed'} in ${seconds.toFixed(0)} s`);
        results.push({ name: check.name, passed, seconds });
      }
      return results;
    }),
  );
  return ended.flat();
}

/** Runs a command (its words) and tells every line of both its streams; true when it exits 0. */
export function succeeds([program, ...args], env, say) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', say);
    child.on('error', (error) => {
      say(`${program}: ${error.message}`);
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
}
