// (k) A real pipeline: sixty modules, three hundred tests, all caches warm, nothing skipped.
import { join } from 'node:path';
import { actContender, forgetAct } from './act.mjs';
import { bash, online, race } from './measure.mjs';
import { copyRepository, writePipelineRepository } from './pipeline-repository.mjs';
import { dockerRunSteps, hostSetup, imageOf, parity, pythonSteps } from './shop.mjs';

/** Each contender has a copy of its own, so that no tool's cache is shared. */
export function realPipeline(scratch, rounds) {
  const [host, ours, split, run, acted] = ['host', 'ours', 'split', 'run', 'act'].map((name) =>
    join(scratch, 'pipeline', name),
  );
  writePipelineRepository(ours);
  writePipelineRepository(split, 'split: auto');
  parity(ours, ['lock'], online);
  for (const folder of [host, run, acted]) copyRepository(ours, folder);
  bash(hostSetup, { cwd: host });
  const image = imageOf(ours);
  const contenders = [
    {
      name: 'bare host, venv, one after the other',
      run: () => bash(`. .venv/bin/activate\n${pythonSteps.join('\n')}`, { cwd: host }),
    },
    { name: 'docker run --rm, same image', run: () => dockerRunSteps(run, image) },
    ...actContender(acted, image, pythonSteps),
    { name: 'parity up', run: () => parity(ours, ['up', '--no-cache']) },
    { name: 'parity up, tests with split: auto', run: () => parity(split, ['up', '--no-cache']) },
  ];
  try {
    // Untimed: every contender starts with warm caches, and the split knows how long each file takes.
    for (const contender of contenders) contender.run();
    return race(contenders, rounds);
  } finally {
    for (const folder of [ours, split]) parity(folder, ['down']);
    forgetAct();
  }
}
