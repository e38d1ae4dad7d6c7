// (d) The CLI's peak memory over a whole `parity up`, as the operating system counts it: of real steps, and of many files.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, summary } from './measure.mjs';
import { copyShop, imageOf, parity, peakOf } from './shop.mjs';
import { fileOf, sixSteps } from './six-steps.mjs';

/** Mebibytes. */
export function peakMemory(scratch, rounds) {
  const [shop, many] = ['memory', 'memory-many'].map((name) => join(scratch, name));
  copyShop(shop);
  sixSteps(many, 100_000);
  // Untimed: the images are made, all steps have passed.
  for (const folder of [shop, many]) imageOf(folder);
  const edit = (round) => writeFileSync(join(many, fileOf(3350)), `x = ${round}\n`);
  // The edit is recorded, and git takes it as settled.
  const settle = () => {
    must('sleep', ['2']);
    for (let run = 0; run < 2; run += 1) parity(many, ['up']);
  };
  const contenders = [
    { name: 'parity up', cwd: shop, args: ['up', '--no-cache'] },
    { name: 'parity up, 100,000 files, one changed', cwd: many, args: ['up'], prepare: edit },
    { name: 'parity up, 100,000 files, nothing changed', cwd: many, args: ['up'], prepare: settle },
  ];
  const samples = contenders.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { name, cwd, args, prepare }] of contenders.entries()) {
      prepare?.(round);
      samples[index].push(peakOf(scratch, cwd, args));
      process.stderr.write(`   ${round + 1}/${rounds} ${name}: ${Math.round(samples[index].at(-1))} MiB\n`);
    }
  }
  for (const folder of [shop, many]) parity(folder, ['down']);
  return contenders.map(({ name }, index) => ({ name, ...summary(samples[index]) }));
}
