// (c) Six steps that do next to nothing: what is left is what running a step costs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, must, race } from './measure.mjs';
import { withPeers } from './peers.mjs';
import { imageOf, parity } from './shop.mjs';
import { trivialPeers } from './trivial-peers.mjs';

const names = ['one', 'two', 'three', 'four', 'five', 'six'];
const steps = Object.fromEntries(names.map((name) => [name, 'test -f README.md']));
const script = Object.values(steps).join('\n');

/** A repository of 200 files, its containers warm. */
export function trivialSteps(scratch, rounds) {
  const folder = join(scratch, 'trivial');
  mkdirSync(folder);
  for (let n = 0; n < 199; n += 1) writeFileSync(join(folder, `file-${n}.txt`), `${n}\n`);
  writeFileSync(join(folder, 'README.md'), 'Six trivial steps.\n');
  const pipeline = names.map((name) => `  - { name: ${name}, run: ${steps[name]} }\n`).join('');
  writeFileSync(
    join(folder, 'parity.yaml'),
    `version: 1\ntoolchain:\n  python: "3.11"\n  tools: []\n  requirements: []\npipeline:\n${pipeline}`,
  );
  commitAll(folder);
  const image = imageOf(folder);
  const surroundings = ['--network', 'none', '-v', `${folder}:/workspace`, '-w', '/workspace'];
  const shell = ['bash', '-euo', 'pipefail', '-c'];
  const container = must('docker', ['run', '-d', '--rm', '--init', ...surroundings, image, 'sleep', 'infinity']).trim();
  const contenders = [
    {
      name: 'six docker exec',
      run: () => names.forEach((name) => must('docker', ['exec', container, ...shell, steps[name]])),
    },
    { name: 'one docker exec of all six', run: () => must('docker', ['exec', container, ...shell, script]) },
    {
      name: 'docker run --rm of all six',
      run: () => must('docker', ['run', '--rm', ...surroundings, image, ...shell, script]),
    },
    { name: 'parity up', run: () => parity(folder, ['up', '--no-cache']) },
  ];
  const peers = withPeers ? trivialPeers(folder, image, steps) : { contenders: [], end: () => {} };
  // Engines go on removing what a peer has left when it is over: nobody else shall pay for that.
  const rest = () => must('sleep', ['0.5']);
  const all = [...contenders, ...peers.contenders].map((contender) => ({ ...contender, prepare: rest }));
  try {
    for (const contender of contenders) contender.run();
    return race(all, rounds);
  } finally {
    must('docker', ['rm', '--force', container]);
    parity(folder, ['down']);
    peers.end();
  }
}
