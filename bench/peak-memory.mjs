// (d) The CLI's peak memory over a whole `parity up`, as the operating system counts it.
import { join } from 'node:path';
import { summary } from './measure.mjs';
import { copyShop, parity, peakOf } from './shop.mjs';

/** Mebibytes. */
export function peakMemory(scratch, rounds) {
  const folder = join(scratch, 'memory');
  copyShop(folder);
  parity(folder, ['up']);
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    samples.push(peakOf(scratch, folder, ['up', '--no-cache']));
    process.stderr.write(`   ${round + 1}/${rounds} peak: ${Math.round(samples.at(-1))} MiB\n`);
  }
  parity(folder, ['down']);
  return [{ name: 'parity up', ...summary(samples) }];
}
