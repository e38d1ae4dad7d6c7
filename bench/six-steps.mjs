// A repository of many files whose six steps do next to nothing: what is left is what finding out costs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitAll, online } from './measure.mjs';
import { parity } from './shop.mjs';

export const names = ['one', 'two', 'three', 'four', 'five', 'six'];
export const command = 'test -f README.md';

/** Makes one of so many files, and of others by their paths, in a folder that is not there yet, and locks it. */
export function sixSteps(folder, files, others = {}) {
  for (let n = 0; n < files - 1; n += 1) {
    const path = join(folder, fileOf(n));
    if (n % 50 === 0) mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, `x = ${n}\n`.repeat(10));
  }
  const pipeline = names.map((name) => `  - { name: ${name}, run: ${command} }\n`).join('');
  for (const [name, text] of Object.entries({
    'README.md': 'Six steps.\n',
    'parity.yaml': `version: 1\ntoolchain:\n  python: "3.11"\n  tools: []\n  requirements: []\npipeline:\n${pipeline}`,
    ...others,
  })) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  parity(folder, ['lock'], online);
  commitAll(folder);
}

/** The path of the file of a number. */
export function fileOf(n) {
  return join('pkg', String(Math.floor(n / 1000)), String(Math.floor((n % 1000) / 50)), `file_${n}.py`);
}
