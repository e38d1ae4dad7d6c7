// Times commands side by side: A B A B …, so that a machine that slows down slows all of them.
import { execFileSync, spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const { NODE_EXTRA_CA_CERTS: certificates } = process.env;
// Nothing inherits it: node reads such a bundle at every start, which takes as long as the start itself and is the doing of no tool.
delete process.env.NODE_EXTRA_CA_CERTS;

/** What a command that asks the network gets on top of process.env: the certificate authorities that node was told of. */
export const online = certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates };

/**
 * Runs each contender once a round and gives its milliseconds, in the contenders' order. A contender is
 * `{ name, run, prepare? }`; `prepare` is not timed. A `run` that gives a number has measured its milliseconds itself.
 */
export function race(contenders, rounds) {
  const samples = contenders.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { name, prepare, run }] of contenders.entries()) {
      prepare?.(round);
      const start = performance.now();
      const own = run(round);
      samples[index].push(typeof own === 'number' ? own : performance.now() - start);
      process.stderr.write(`   ${round + 1}/${rounds} ${name}: ${Math.round(samples[index].at(-1))} ms\n`);
    }
  }
  return contenders.map(({ name }, index) => ({ name, ...summary(samples[index]) }));
}

/** Median, least and most. */
export function summary(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Runs a command whose success is a matter of course, and gives its standard output; throws with all its output when it fails. */
export function must(command, args, options = {}) {
  return succeed(command, args, options).stdout;
}

/** The same, and gives all that it said, on both streams. */
export function said(command, args, options = {}) {
  const { stdout, stderr } = succeed(command, args, options);
  return stdout + stderr;
}

function succeed(command, args, options) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\nexited with ${status}\n${stdout}${stderr}`);
  return { stdout, stderr };
}

/** Runs a bash script, strictly. */
export function bash(script, options) {
  return must('bash', ['-euo', 'pipefail', '-c', script], options);
}

/** Makes a folder a git repository with one commit of all its files. */
export function commitAll(cwd) {
  const git = (...args) => execFileSync('git', args, { cwd, stdio: 'ignore' });
  git('init', '--quiet');
  git('add', '--all');
  git('-c', 'user.name=bench', '-c', 'user.email=bench@example.org', 'commit', '--quiet', '-m', 'bench');
}
