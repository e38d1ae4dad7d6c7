import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { lockedProject } from '../support/locked-project.ts';
import { parity, type Ended } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

const { address, engine, folder, references, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };

// Each command says what it sees in a file, which the job's last step prints: what ran, in which order, with which folder and variables.
const workflow = `name: CI
on: pull_request
env: { WHO: workflow }
jobs:
  last:
    needs: [first]
    runs-on: ubuntu-latest
    steps:
      - run: test ! -e "$GITHUB_WORKSPACE/order.txt" && echo "5 last $WHO"
  first:
    runs-on: \${{ matrix.os }}
    env: { WHO: job }
    strategy:
      matrix: { os: [ubuntu-latest, windows-latest], python: ["3.10", "3.11"] }
    steps:
      - uses: actions/checkout@v4
      - name: One
        run: |
          where=$(basename "$PWD")
          echo "1 \${{ matrix.python }} $WHO $where" >> order.txt
      - name: Two
        working-directory: core
        env: { WHO: step }
        run: echo "2 $WHO $(basename "$PWD") unset=[$NOTHING]" >> ../order.txt
      - if: runner.os == 'Windows'
        run: echo "never" >> order.txt
      - if: always()
        run: test "$(wc -l < order.txt)" = 2 && echo "3 $(false | echo piped)" >> order.txt
      - name: May fail
        continue-on-error: true
        run: |
          echo 4 >> order.txt
          cat order.txt
          false
          echo "not reached" >> order.txt
`;

const printed = `passed    one
passed    two
passed    test
tolerated may-fail  exit code 1; its failure is allowed
  1 3.11 job WORKSPACE
  2 step core unset=[]
  3 piped
  4
passed    last
  5 last workflow
1 tolerated, 4 passed in
`;

test('a repository with a workflow: init --from, then up runs the same commands in the same order', async () => {
  const dir = folder('imported ü');
  addFiles(dir, {
    '.github/workflows/ci.yml': workflow,
    'core/a.py': '',
    '.gitignore': 'order.txt\n.home\n.parity-cache\n',
  });
  execFileSync('git', ['init', '-q'], { cwd: dir });
  const run = (...args: readonly string[]): Promise<Ended> => parity(args, { cwd: dir, env });
  const imported = await run('init', '--from', '.github/workflows/ci.yml', '--reporter', 'plain');
  expect(imported).toMatchObject({ code: 0, stderr: '' });
  expect(imported.stdout).toContain('(5 steps). Run: parity up\n');
  // The image that tests have ready holds no tools: the pipeline is what init wrote, the toolchain is that image's.
  const written = readFileSync(join(dir, 'parity.yaml'), 'utf8');
  const pipeline = /^pipeline:\n([^]*?)^# Not carried over/m.exec(written)?.[1] ?? '';
  references.add(await lockedProject(engine, dir, pipeline));

  for (const jobs of ['1', '4']) {
    const up = await run('up', '--no-cache', '--jobs', jobs, '--reporter', 'plain', '--verbose');
    const stdout = up.stdout.replace(/ +\d+(\.\d)? (ms|s)\b/g, '').replace(/(?<=^ {2}1 3\.11 job ).*$/m, 'WORKSPACE');
    expect({ code: up.code, stdout }).toEqual({ code: 0, stdout: printed });
    // A job's files are its machine's.
    expect(existsSync(join(dir, 'order.txt'))).toBe(false);
  }
});
