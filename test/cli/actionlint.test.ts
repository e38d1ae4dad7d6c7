import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { githubWorkflow } from '../../src/ci/github/write.ts';
import { settings, variants } from '../support/ci-settings.ts';
import { ciTool, type CiRun } from '../support/ci-tools.ts';
import { scratchFolder } from '../support/parity.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

async function lint(text: string): Promise<CiRun> {
  const file = join(scratch.dir, 'workflow.yml');
  mkdirSync(scratch.dir, { recursive: true });
  writeFileSync(file, text);
  return await ciTool('actionlint', ['-no-color', '-oneline', file], { cwd: scratch.dir, home: scratch.dir });
}

test.each(Object.entries(variants))('actionlint finds nothing in the workflow for %s', async (_, variant) => {
  expect(await lint(githubWorkflow(variant))).toEqual({ code: 0, output: '' });
});

test('actionlint would find a wrong expression, and a wrong script by shellcheck', async () => {
  const text = githubWorkflow(variants['plain'] ?? settings());
  const expression = await lint(text.replace('${{ runner.arch }}', '${{ runner.architecture }}'));
  expect(expression.code).toBe(1);
  expect(expression.output).toContain('property "architecture" is not defined');
  const script = await lint(text.replace('mkdir -p "$RUNNER_TEMP/parity"', 'cd $RUNNER_TEMP'));
  expect(script.code).toBe(1);
  expect(script.output).toContain('SC2086');
});
