// (m) One file of ten thousand is another.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bash, must, race } from './measure.mjs';
import { imageOf, parity } from './shop.mjs';
import { command, fileOf, names, sixSteps } from './six-steps.mjs';

const all = names.map(() => command).join('\n');

/** What git takes to see it, what the six steps take that read it, and what parity takes to see it, run them and record them. */
export function oneChanged(scratch, rounds) {
  const folder = join(scratch, 'one-changed');
  sixSteps(folder, 10_000);
  const edit = (round) => writeFileSync(join(folder, fileOf(3350)), `x = ${round}\n`);
  const surroundings = ['--network', 'none', '-v', `${folder}:/workspace`, '-w', '/workspace'];
  const shell = ['bash', '-euo', 'pipefail', '-c', all];
  const image = imageOf(folder);
  const container = must('docker', ['run', '-d', '--rm', '--init', ...surroundings, image, 'sleep', 'infinity']).trim();
  const contenders = [
    { name: 'git status', prepare: edit, run: () => must('git', ['status'], { cwd: folder }) },
    { name: 'the six steps in one docker exec', run: () => must('docker', ['exec', container, ...shell]) },
    { name: 'the six steps on the bare host', run: () => bash(all, { cwd: folder }) },
    { name: 'parity up', prepare: (round) => edit(round + 1000), run: () => parity(folder, ['up']) },
  ];
  try {
    for (const contender of contenders) contender.run();
    return race(contenders, rounds);
  } finally {
    must('docker', ['rm', '--force', container]);
    parity(folder, ['down']);
  }
}
