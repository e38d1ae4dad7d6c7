// (b) The example's Python steps, all caches warm, nothing skipped.
import { join } from 'node:path';
import { bash, race } from './measure.mjs';
import { copyShop, dockerRunSteps, hostSetup, imageOf, parity, pythonSteps } from './shop.mjs';

/** Each contender has a copy of its own, so that no tool's cache is shared. */
export function pythonStepsWarm(scratch, rounds) {
  const [host, both, ours, run] = ['host', 'host-parallel', 'parity', 'docker-run'].map((name) => join(scratch, name));
  for (const folder of [host, both, ours, run]) copyShop(folder);
  for (const folder of [host, both]) bash(hostSetup, { cwd: folder });
  const image = imageOf(ours);
  const inVenv = (script) => `. .venv/bin/activate\n${script}`;
  const inParallel = [
    ...pythonSteps.map((step) => `( ${step} ) & pids+=($!)`),
    'for pid in "${pids[@]}"; do wait "$pid"; done',
  ].join('\n');
  const contenders = [
    { name: 'bare host, venv', run: () => bash(inVenv(pythonSteps.join('\n')), { cwd: host }) },
    { name: 'bare host, venv, steps at once', run: () => bash(inVenv(`pids=()\n${inParallel}`), { cwd: both }) },
    { name: 'docker run --rm, same image', run: () => dockerRunSteps(run, image) },
    { name: 'parity up', run: () => parity(ours, ['up', '--no-cache', 'format', 'lint', 'types', 'tests']) },
  ];
  // Once untimed: every contender starts with warm caches.
  try {
    for (const contender of contenders) contender.run();
    return race(contenders, rounds);
  } finally {
    parity(ours, ['down']);
  }
}
