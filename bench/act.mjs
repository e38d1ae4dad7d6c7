// act --bind --reuse, which runs a workflow's steps in a container that it keeps from run to run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './measure.mjs';
import { peer } from './peers.mjs';

const actImage = 'parity-bench/act';

/** One job of so many steps in a folder of its own; none without --peers. `forgetAct` ends what it leaves. */
export function actContender(folder, image, commands) {
  const act = peer('act');
  if (act === undefined) return [];
  mkdirSync(join(folder, '.github', 'workflows'), { recursive: true });
  const steps = commands.map((command) => `      - run: ${command}\n`).join('');
  writeFileSync(
    join(folder, '.github', 'workflows', 'ci.yml'),
    `name: parity-bench\non: push\njobs:\n  all:\n    runs-on: ubuntu-latest\n    steps:\n${steps}`,
  );
  must('docker', ['tag', image, actImage]);
  const args = ['push', '--bind', '--reuse', '--pull=false', '--platform', `ubuntu-latest=${actImage}`];
  const env = { ...process.env, HOME: `${folder}-home` };
  // It answers no questions on its first run.
  mkdirSync(join(env.HOME, '.config', 'act'), { recursive: true });
  writeFileSync(join(env.HOME, '.config', 'act', 'actrc'), '');
  return [{ name: 'act --bind --reuse', run: () => must(act, args, { cwd: folder, env }) }];
}

/** What act leaves: its container and volumes, which it names after the workflow, and the name that its image had for it. */
export function forgetAct() {
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
