// (d) The CLI's peak memory over a whole `parity up`, as the operating system counts it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, summary } from './measure.mjs';
import { copyShop, parity, parityBin } from './shop.mjs';

/** Mebibytes. */
export function peakMemory(scratch, rounds) {
  const folder = join(scratch, 'memory');
  const file = join(scratch, 'peak');
  copyShop(folder);
  parity(folder, ['up']);
  const probe = `data:text/javascript,${encodeURIComponent(
    `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS)));`,
  )}`;
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    must(process.execPath, ['--import', probe, parityBin, 'up', '--no-cache'], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', PEAK_FILE: file },
    });
    samples.push(Number(readFileSync(file, 'utf8')) / 1024);
    process.stderr.write(`   ${round + 1}/${rounds} peak: ${Math.round(samples.at(-1))} MiB\n`);
  }
  parity(folder, ['down']);
  return [{ name: 'parity up', ...summary(samples) }];
}
