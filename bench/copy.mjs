// (o) The copy of a workspace: 10,000 files in an engine, one of them changed.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, must, race } from './measure.mjs';
import { imageOf, parity } from './shop.mjs';

const env = { PARITY_WORKSPACE: 'copy' };

/** One changed file of 10,000 to a volume of the engine, against all of them by docker cp and against rsync to a folder of this machine. */
export function copyWorkspace(scratch, rounds) {
  const folder = join(scratch, 'copied');
  for (let pack = 0; pack < 100; pack += 1) {
    mkdirSync(join(folder, `pkg${pack}`), { recursive: true });
    for (let file = 0; file < 100; file += 1)
      writeFileSync(join(folder, `pkg${pack}`, `mod${file}.py`), `x = ${pack * file}\n`.repeat(60));
  }
  writeFileSync(
    join(folder, 'parity.yaml'),
    'version: 1\ntoolchain:\n  python: "3.11"\npipeline:\n  - { name: one, run: "true" }\n',
  );
  commitAll(folder);
  const image = imageOf(folder, env);
  const volume = 'parity-bench-copy';
  const container = must('docker', ['run', '-d', '--rm', '-v', `${volume}:/copy`, image, 'sleep', 'infinity']).trim();
  const warm = join(scratch, 'warm');
  const prepare = (round) => appendFileSync(join(folder, 'pkg5', 'mod5.py'), `y = ${round}\n`);
  const contenders = [
    { name: 'docker cp of the tree', run: () => must('docker', ['cp', `${folder}/.`, `${container}:/copy`]) },
    {
      name: 'rsync to a warm copy',
      prepare,
      run: () => must('rsync', ['--archive', '--delete', '--exclude', '.git', `${folder}/`, `${warm}/`]),
    },
    { name: "parity's transfer", prepare, run: () => transferMs(folder) },
    { name: 'all of parity run -- true', prepare, run: () => void parity(folder, ['run', '--', 'true'], env) },
  ];
  try {
    for (const contender of contenders) contender.run();
    return race(contenders, rounds);
  } finally {
    must('docker', ['rm', '--force', container]);
    must('docker', ['volume', 'rm', volume]);
    parity(folder, ['down']);
  }
}

/** From the moment that the files are known, as every run of parity has to know them, until the copy is as they are. */
function transferMs(folder) {
  const told = parity(folder, ['up', '--no-cache', '--reporter', 'json'], env).split('\n');
  for (const line of told) {
    const event = line === '' ? {} : JSON.parse(line);
    if (event.type === 'phase-finished' && event.phase === 'workspace' && event.id === 'copy') return event.durationMs;
  }
  throw new Error('parity up copied nothing');
}
