import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { expect, it } from 'vitest';

const file = fileURLToPath(new URL('young-generation.ts', import.meta.url));

/** The bytes of a new process's young generation after it has made many objects that stay; `before` is done first. */
function grownTo(before: string): number {
  const module = transformSync(readFileSync(file, 'utf8'), { loader: 'ts', format: 'cjs' }).code;
  const script = `${module}
    (async () => {
    ${before}
    const objects = Array.from({ length: 300_000 }, (_, index) => ({ name: 'n' + index, index }));
    const spaces = require('node:v8').getHeapSpaceStatistics();
    console.log(spaces.find(({ space_name }) => space_name === 'new_space').space_size, objects.length);
    })();`;
  return Number.parseInt(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }), 10);
}

it('keeps the young generation from growing with what stays', () => {
  const usual = grownTo('');
  expect(usual).toBeGreaterThanOrEqual(16 * 2 ** 20);
  expect(grownTo('await keepYoungGenerationSmall();')).toBeLessThanOrEqual(usual / 4);
});
