import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parity } from '../support/parity.ts';
import { folderOf } from '../support/repo.ts';
import { detectedTrees } from '../support/repo-trees.ts';

test('parity init in a repo it has never seen: writes, refuses a second time, and what it wrote is obeyed', async () => {
  const dir = folderOf(detectedTrees['the reference layout'] ?? {});
  execFileSync('git', ['init', '-q'], { cwd: dir });
  const first = await parity(['init', '--reporter', 'plain'], { cwd: dir });
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('format: black --check core/ (');
  expect(first.stdout).toContain(`Wrote ${dir}/parity.yaml (7 steps). Run: parity up\n`);
  const written = readFileSync(join(dir, 'parity.yaml'), 'utf8');
  expect(written).toContain('\n    run: black --check core/\n');

  const second = await parity(['init', '--reporter', 'plain'], { cwd: dir });
  expect(second.code).toBe(2);
  expect(second.stderr).toContain('is there already');
  expect(second.stderr).toContain('parity init --force');
  expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toBe(written);

  expect((await parity(['init', '--force', '--reporter', 'plain'], { cwd: dir })).code).toBe(0);
  expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toBe(written);
});

test('parity init in a folder of a repo says that it is for that folder', async () => {
  const dir = folderOf({ 'tools/run.py': '', 'app.py': '' });
  execFileSync('git', ['init', '-q'], { cwd: dir });
  const { code, stderr } = await parity(['init', '--cwd', 'tools', '--reporter', 'plain'], { cwd: dir });
  expect(code).toBe(0);
  expect(stderr).toContain('for the whole repo: parity init --cwd ..');
  expect(readFileSync(join(dir, 'tools/parity.yaml'), 'utf8')).toContain('compileall -q run.py');
});

test('a broken parity.yaml: exit 2, the place and what would be right', async () => {
  const dir = folderOf({
    'parity.yaml': 'version: 1\npipeline:\n  - name: tests\n    run: pytest -q\n    network: ful\n',
  });
  const { code, stderr } = await parity(['up', '--reporter', 'plain'], { cwd: dir });
  expect(code).toBe(2);
  expect(stderr).toContain('parity.yaml:5:14');
  expect(stderr).toContain('did you mean `full`?');
});
