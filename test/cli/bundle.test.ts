import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/core/paths.ts';
import { parity, scratchFolder } from '../support/parity.ts';

// What only the bundled program can get wrong: modules that it loads when it comes to it.

it('a lock of a wrong form is refused with the place, not with a crash', async () => {
  const { dir, remove } = scratchFolder();
  writeFileSync(join(dir, 'parity.yaml'), 'version: 1\npipeline:\n  - { name: one, run: "true" }\n');
  writeFileSync(join(dir, 'parity.lock.json'), '{\n  "version": 1,\n  "parity": 7\n}\n');
  const { code, stderr } = await parity(['lock', '--check'], { cwd: dir });
  expect(stderr).toContain('parity.lock.json:3:13');
  expect(code).toBe(2);
  remove();
});

it('a folder that a parity.yaml further up excludes is a project of its own', async () => {
  const { dir, remove } = scratchFolder();
  mkdirSync(join(dir, 'examples', 'shop'), { recursive: true });
  mkdirSync(join(dir, '.git'));
  const yaml = (step: string): string => `version: 1\npipeline:\n  - { name: ${step}, run: "true" }\n`;
  writeFileSync(join(dir, 'parity.yaml'), `${yaml('outer')}exclude: ["examples/*"]\n`);
  writeFileSync(join(dir, 'examples', 'shop', 'check.py'), 'x = 1\n');
  const { code, stderr } = await parity(['up', 'nowhere', '--cwd', 'examples/shop'], { cwd: dir });
  expect(stderr).toContain('the steps are: syntax');
  expect(code).toBe(2);
  remove();
});

it('has no character beyond ASCII, since it is read byte by byte: patterns that look for ✖ find it', () => {
  for (const file of ['main.cjs', 'run.cjs', 'commands.cjs']) {
    const bytes = readFileSync(join(packageRoot(), 'dist', file));
    expect(
      bytes.findIndex((byte) => byte > 127),
      file,
    ).toBe(-1);
  }
});
