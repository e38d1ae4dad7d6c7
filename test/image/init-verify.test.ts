import { expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { commitAll, git } from '../support/environment.ts';
import { parity, type Ended } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

const { address, folder, references, test } = engineTest();
const minutes = 60_000;

const workflow = `name: CI
on: push
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: { python-version: "3.11" }
      - name: Fine
        run: python -c "print('fine')"
  spelling:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Spelling
        run: spellcheck-of-this-machine README.md
  count:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Count
        run: test "$(ls | wc -l)" = 99
`;

test(
  'init --verify runs what it wrote on a clean checkout and says of each step of CI how it ended, and whose fault it looks like',
  async () => {
    const dir = folder('verified ü');
    addFiles(dir, {
      '.github/workflows/ci.yml': workflow,
      'README.md': 'Words.\n',
      '.gitignore': '.home\n.parity-cache\n',
    });
    commitAll(dir);
    // What is not committed is not in the checkout that is verified.
    addFiles(dir, { 'spellcheck-of-this-machine': '#!/bin/sh\n' });
    const run = (...args: readonly string[]): Promise<Ended> =>
      parity(args, { cwd: dir, env: { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' } });
    const verified = await run('init', '--verify', '--reporter', 'plain');
    for (const [reference] of verified.stderr.matchAll(/parity\/image:[0-9a-f]{16}/g)) references.add(reference);
    const table = verified.stdout.slice(verified.stdout.indexOf('in CI '));
    expect({ code: verified.code, table }).toEqual({
      code: 1,
      table: `in CI                                      step here  outcome
.github/workflows/ci.yml:10, job check     fine       passed
.github/workflows/ci.yml:16, job spelling  spelling   failed   looks like the environment's: the program spellcheck-of-this-machine is missing
.github/workflows/ci.yml:22, job count     count      failed   looks like the code's: exit code 1
`,
    });
    // The lock that it made is the repository's, nothing else is new, and the next run has it.
    expect(git(dir, 'status', '--porcelain').split('\n').filter(Boolean).sort()).toEqual([
      '?? parity.lock.json',
      '?? parity.yaml',
      '?? spellcheck-of-this-machine',
    ]);
    const again = await run('init', '--force', '--verify', '--reporter', 'json');
    const lines = again.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string; readonly verified?: unknown });
    expect(lines.find(({ type }) => type === 'init')?.verified).toMatchObject([
      { step: 'fine', ci: '.github/workflows/ci.yml:10, job check', outcome: 'passed', cause: null },
      { step: 'spelling', outcome: 'failed', cause: { of: 'environment' } },
      { step: 'count', outcome: 'failed', cause: { of: 'code' } },
    ]);
  },
  10 * minutes,
);
