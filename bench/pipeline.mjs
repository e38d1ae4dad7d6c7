// (k) A real pipeline: sixty modules, three hundred tests, all caches warm, nothing skipped.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { bash, must, race } from './measure.mjs';
import { copyRepository, writePipelineRepository } from './pipeline-repository.mjs';
import { dockerRunSteps, hostSetup, imageOf, parity, pythonSteps } from './shop.mjs';

const actImage = 'parity-bench/act';

/** Each contender has a copy of its own, so that no tool's cache is shared. */
export function realPipeline(scratch, rounds) {
  const [host, ours, split, run, acted] = ['host', 'ours', 'split', 'run', 'act'].map((name) =>
    join(scratch, 'pipeline', name),
  );
  writePipelineRepository(ours);
  writePipelineRepository(split, 'split: auto');
  parity(ours, ['lock']);
  for (const folder of [host, run, acted]) copyRepository(ours, folder);
  bash(hostSetup, { cwd: host });
  const image = imageOf(ours);
  const contenders = [
    {
      name: 'bare host, venv, one after the other',
      run: () => bash(`. .venv/bin/activate\n${pythonSteps.join('\n')}`, { cwd: host }),
    },
    { name: 'docker run --rm, same image', run: () => dockerRunSteps(run, image) },
    ...actContender(acted, image),
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

/** act, where scripts/ci-tools.sh has put it; its container is kept from run to run. */
function actContender(folder, image) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const act = join(process.env.PARITY_TEST_CI_TOOLS_DIR || join(cache, 'parity-test-ci-tools'), 'bin', 'act');
  if (!existsSync(act)) {
    process.stderr.write('   without act: scripts/ci-tools.sh installs it\n');
    return [];
  }
  mkdirSync(join(folder, '.github', 'workflows'), { recursive: true });
  const steps = pythonSteps.map((step) => `      - run: ${step}\n`).join('');
  writeFileSync(
    join(folder, '.github', 'workflows', 'ci.yml'),
    `name: parity-bench\non: push\njobs:\n  all:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`,
  );
  must('docker', ['tag', image, actImage]);
  const args = ['push', '--bind', '--reuse', '--pull=false', '--platform', `ubuntu-latest=${actImage}`];
  const env = { ...process.env, HOME: join(folder, '..', 'act-home') };
  mkdirSync(env.HOME, { recursive: true });
  // It answers no questions on its first run.
  mkdirSync(join(env.HOME, '.config', 'act'), { recursive: true });
  writeFileSync(join(env.HOME, '.config', 'act', 'actrc'), '');
  return [{ name: 'act --bind --reuse', run: () => must(act, args, { cwd: folder, env }) }];
}

/** What act leaves: its container and volumes, which it names after the workflow, and the name that its image had for it. */
function forgetAct() {
  const listed = (...args) =>
    must('docker', [...args, '--quiet'])
      .split('\n')
      .filter((line) => line !== '');
  const containers = listed('ps', '--all', '--filter', 'name=^/?act-parity-bench-');
  if (containers.length > 0) must('docker', ['rm', '--force', '--volumes', ...containers]);
  const volumes = listed('volume', 'ls', '--filter', 'name=act-parity-bench-');
  if (volumes.length > 0) must('docker', ['volume', 'rm', ...volumes]);
  if (listed('image', 'ls', actImage).length > 0) must('docker', ['image', 'rm', actImage]);
}
