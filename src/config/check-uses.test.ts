import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '../../test/support/repo.ts';
import { loadConfig } from './load.ts';

async function load(...step: readonly string[]): ReturnType<typeof loadConfig> {
  const dir = folderOf({});
  const service = 'services: { db: { image: "postgres:16" } }';
  const lines = ['version: 1', service, 'pipeline:', ...step.map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`)];
  writeFileSync(join(dir, 'parity.yaml'), `${lines.join('\n')}\n`);
  return await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
}

async function mistakes(...step: readonly string[]): Promise<readonly string[]> {
  const config = await load(...step);
  if (config.ok) return [];
  return (config.error.diagnostics ?? []).map(
    ({ span, code, message, hint }) => `${span.line}:${span.column} ${code}: ${message} = ${hint}`,
  );
}

test("a step that uses a check of parity's own runs it with the network off, whatever services there are", async () => {
  const config = await load('name: imports', 'uses: parity/import-check', 'cwd: ./');
  expect(config.ok && config.value.pipeline).toMatchObject([
    {
      name: 'imports',
      uses: 'parity/import-check',
      run: 'python3 /parity/checks/import_check.py',
      network: 'none',
      cwd: '.',
    },
  ]);
});

test('what such a step may not say is complained of where it stands', async () => {
  expect(await mistakes('name: imports')).toEqual(['4:5 missing-key: this step has no `run` = add `run: pytest -q`']);
  expect(await mistakes('name: imports', 'uses: parity/import-chek')).toEqual([
    "5:11 unknown-choice: `uses` can't be `parity/import-chek` = did you mean `parity/import-check`?",
  ]);
  expect(
    await mistakes('name: imports', 'uses: parity/import-check', 'run: pytest', 'network: services', 'split: 2'),
  ).toEqual([
    '5:11 run-and-uses: this step has `run` and `uses` = keep one: `run` is a command of yours, `uses` a check that parity brings',
    '7:14 uses-network: a check that parity brings runs with the network off = take `network` out',
    '8:12 cannot-split: there is no pytest to split in `uses` = take `split` out',
  ]);
  expect(await mistakes('name: imports', 'uses: 3')).toEqual([
    "5:11 unknown-choice: `uses` can't be `3` = one of parity/import-check",
  ]);
});
