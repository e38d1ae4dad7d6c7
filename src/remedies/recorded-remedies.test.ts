import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import recordings from '../../test/fixtures/tools/recorded/recordings.json' with { type: 'json' };
import { readTextUpTo } from '../core/read-text-if-exists.ts';
import { parseStepOutput } from '../pipeline/parse-step-output.ts';
import { stepRemedies } from '../pipeline/step-remedies.ts';

// What the real tools printed (scripts/record-tool-output.mjs), where one entry has more than one thing to say: each entry's own example is in
// catalogue.test.ts.
const fixtures = fileURLToPath(new URL('../../test/fixtures/tools/', import.meta.url));
const isFile = (path: string): boolean => existsSync(`${fixtures}sources/${path}`);
const readText = (path: string): string | undefined => readTextUpTo(`${fixtures}sources/${path}`, 1 << 20);

function said(name: string): readonly string[] {
  const recording = recordings.find((one) => one.name === name);
  if (recording === undefined) throw new Error(`no recording ${name}`);
  const text = readFileSync(`${fixtures}recorded/${name}.txt`, 'utf8');
  const step = { name: 'step', run: recording.command, network: 'none' as const };
  const cwd = posix.join('/workspace', recording.folder);
  const { diagnostics } = parseStepOutput({ step, cwd, text, passed: false, isFile, readText });
  const { remedies } = stepRemedies({ step, cwd, project: '/workspace', diagnostics, text, team: [], isFile });
  return remedies.map(({ id, file, line, remedy }) => `${id} ${[file, line].join(':')} ${remedy}`);
}

describe('what is said of what the tools printed', () => {
  it.each([
    [
      'shell/carriage-return',
      'shell/carriage-return odd/windows.sh:1 Convert odd/windows.sh to LF and keep it so: `*.sh text eol=lf` in .gitattributes',
    ],
    [
      'shell/carriage-return-sh',
      'shell/carriage-return odd/windows.sh:1 Convert odd/windows.sh to LF and keep it so: `*.sh text eol=lf` in .gitattributes',
    ],
    [
      'shell/carriage-return-make',
      'shell/carriage-return odd/windows.sh:1 Convert odd/windows.sh to LF and keep it so: `*.sh text eol=lf` in .gitattributes',
    ],
    [
      'shell/carriage-return-env',
      'shell/carriage-return odd/windows-env.sh:1 Convert odd/windows-env.sh to LF and keep it so: `*.sh text eol=lf` in .gitattributes',
    ],
    [
      'mypy/duplicate-packages',
      'mypy/duplicate-module odd/twice/beta/tests/__init__.py: Both folders `tests` have an __init__.py: delete it, add one to the folder above, or use --explicit-package-bases',
    ],
    [
      'pytest/duplicate-packages',
      'pytest/import-file-mismatch odd/twice/beta/tests/test_prices.py: Both files are `tests.test_prices`, as both folders have an __init__.py: delete it, or use --import-mode=importlib',
    ],
    [
      'npm/one-platform',
      'npm/lock-of-one-platform ui/one-platform/package-lock.json: It lacks @rollup/rollup-android-arm-eabi and others: rm -rf node_modules package-lock.json && npm install, and commit it',
    ],
    [
      'npm/other-registry',
      'npm/lock-names-other-registry ui/other-registry/package-lock.json:14 In ui/other-registry/package-lock.json put the registry that CI uses (npm config get registry) in the place of http://localhost:4873, and commit it',
    ],
    [
      'vitest/snapshots',
      'vitest/snapshot-not-committed ui/snapshots/src/label.test.js:6 Run the test once without CI set, and commit what it writes: git add ui/snapshots/src/__snapshots__/label.test.js.snap',
      'vitest/snapshot-differs ui/snapshots/src/label.test.js:10 See whether the new result is right: then npx vitest run -u (jest: npx jest -u), and commit the snapshot',
    ],
    [
      'jest/snapshots',
      'vitest/snapshot-not-committed ui/jest/label.test.js:4 Run the test once without CI set, and commit what it writes: git add ui/jest/__snapshots__/label.test.js.snap',
      'vitest/snapshot-differs ui/jest/label.test.js:9 See whether the new result is right: then npx vitest run -u (jest: npx jest -u), and commit the snapshot',
    ],
  ])('%s', (name, ...lines) => {
    expect(said(name)).toEqual(lines);
  });
});
