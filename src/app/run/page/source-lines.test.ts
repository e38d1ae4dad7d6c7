import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { scratchFolder } from '../../../../test/support/parity.ts';
import { filesOf, receiptOf, receiptStep } from '../../../../test/support/receipt.ts';
import { said } from '../../../../test/support/reported-runs.ts';
import { readSourceLines } from './source-lines.ts';

const scratch = scratchFolder();
afterEach(() => scratch.remove());

it('reads the lines around problems, and no file that git ignores, that changed, or that leads elsewhere', async () => {
  const { dir } = scratch;
  const code = 'one\r\ntwo\r\nthree\r\nfour token=hunter2\r\nfive\r\n';
  mkdirSync(join(dir, 'core'));
  for (const file of ['core/app.py', '.env', 'core/changed.py']) writeFileSync(join(dir, file), code);
  symlinkSync('app.py', join(dir, 'core/link.py'));
  const files = {
    ...filesOf({ 'core/app.py': code, 'core/changed.py': 'as it was', 'core/gone.py': code }),
    'core/link.py': `120000 ${'0'.repeat(64)}`,
  };
  const places = ['core/app.py', '.env', 'core/changed.py', 'core/link.py', 'core/gone.py', '../../etc/passwd'];
  const diagnostics = [...places.map((file) => said({ file, line: 4 })), said({ file: null }), said({ line: null })];
  const receipt = receiptOf({ files, steps: [receiptStep('types', { diagnostics })] });
  const read = await readSourceLines(dir, receipt, (text) => text.replaceAll('hunter2', '***'));
  expect([...read].map(([file, lines]) => [file, [...lines]])).toEqual([
    [
      'core/app.py',
      [
        [2, 'two'],
        [3, 'three'],
        [4, 'four token=***'],
        [5, 'five'],
      ],
    ],
  ]);
});
