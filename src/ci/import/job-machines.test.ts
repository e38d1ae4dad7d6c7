import { expect, test } from 'vitest';
import { importedWorkflow, nothingDetected } from '../../../test/support/imported-workflow.ts';
import type { Imported } from './import-pipelines.ts';
import { unsharedFiles, usesMachine, type MachineStep } from './job-machines.ts';

test.each([
  'python serve.py &',
  'python serve.py > log 2>&1 &\nsleep 1',
  'npm start & npx wait-on http://localhost:3000',
  'nohup ./server',
  'touch /tmp/ready',
  'grep made "$HOME/tool/rc"',
  'cat ~/.config/app.toml',
  'cp x ${RUNNER_TEMP}/x',
  'echo "A=$(date)" >> "$GITHUB_ENV"',
])('uses more of its machine than the work tree: %s', (script) => {
  expect(usesMachine(script)).toBe(true);
});

test.each([
  'pytest -q && mypy .',
  'pytest -q 2>&1 | tee log',
  'pytest &> log',
  'echo "a & b" \'c & d\'',
  'make test # in the background &',
  'grep -r tmp src/tmp',
  'ls a~b',
])('uses the work tree alone: %s', (script) => {
  expect(usesMachine(script)).toBe(false);
});

function placed(job: string, script: string): MachineStep {
  return { script, machine: job, job };
}

test('a file that another job makes is told, unless the job makes it, git has it, or an artifact may carry it over', () => {
  const build = placed('build', 'mkdir -p dist\necho built > dist/app.txt');
  const check = placed('check', 'grep built dist/app.txt');
  const told = (steps: readonly MachineStep[], receives: readonly string[] = [], tracked = false): readonly string[] =>
    unsharedFiles(check, steps, { receives: new Set(receives), has: () => tracked });
  expect(told([build, check])).toEqual([
    'in CI job check has no dist/app.txt: job build makes it, and no artifact carries it over',
  ]);
  expect(told([build, placed('check', 'echo x > dist/app.txt'), check])).toEqual([]);
  expect(told([build, check], ['check'])).toEqual([]);
  expect(told([build, check], [], true)).toEqual([]);
  expect(unsharedFiles(build, [build, check], { receives: new Set(), has: () => false })).toEqual([]);
});

function imported(jobs: string): Imported {
  return importedWorkflow(`on: [push]\njobs:\n${jobs}`, {}, { detected: nothingDetected, has: () => true });
}

const job = (id: string, ...steps: readonly string[]): string =>
  `  ${id}:\n    runs-on: ubuntu-latest\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`;

const jobsOf = (text: string): readonly (string | undefined)[] =>
  imported(text).config.pipeline.map((step) => step.job);

test.each<[string, string, readonly (string | undefined)[]]>([
  [
    'steps of one job alone share the machine of all',
    job('a', 'run: python prepare.py', 'run: pytest'),
    [undefined, undefined],
  ],
  ['unless one leaves something running', job('a', 'run: python serve.py &', 'run: pytest'), ['a', 'a']],
  ['or passes variables on', job('a', 'run: echo "X=$(date)" >> $GITHUB_ENV', 'run: pytest'), ['a', 'a']],
  [
    'jobs that leave something are kept apart',
    job('a', 'run: python prepare.py', 'run: pytest') + job('b', 'run: pytest -x'),
    ['a', 'a', 'b'],
  ],
  [
    'checks of the checkout need no machine',
    job('a', 'run: ruff check .', 'run: mypy .') + job('b', 'run: pytest'),
    [undefined, undefined, 'b'],
  ],
  [
    'unless something was left before them',
    job('a', 'run: ruff check .', 'run: make stubs', 'run: mypy .') + job('b', 'run: pytest'),
    [undefined, 'a', 'a', 'b'],
  ],
  [
    'a job of one step does when it uses what a machine keeps',
    job('a', 'run: make > /tmp/x') + job('b', 'run: cat "$HOME/x"'),
    ['a', 'b'],
  ],
])('%s', (_, text, jobs) => {
  expect(jobsOf(text)).toEqual(jobs);
});

test('a job that may fail ends at its first failure, and a step that may fail where it fails; what comes after goes on', () => {
  const { config } = imported(
    job('a', 'run: ruff check .', 'run: mypy .', 'run: npm ci && npm test').replace(
      'steps:',
      'continue-on-error: true\n    steps:',
    ) +
      job('b', 'continue-on-error: true\n        run: |\n          npm ci\n          npm run lint', 'run: pytest') +
      job('c', 'run: pytest -x').replace('steps:', 'continue-on-error: true\n    steps:'),
  );
  expect(config.pipeline.map(({ run, job: key, needs, allowFailure }) => [run, key, needs, allowFailure])).toEqual([
    ['ruff check .', 'a', [], 'job'],
    ['mypy .', 'a', [], 'job'],
    ['npm ci && npm test', 'a', ['ruff-check', 'mypy'], 'job'],
    ['npm ci\nnpm run lint', 'b', [], 'step'],
    ['pytest', 'b', ['b-npm-ci'], undefined],
    ['pytest -x', 'c', [], 'step'],
  ]);
});

test('two jobs of several steps each do their set-up, and neither waits for the other', () => {
  const { config } = imported(
    job('a', 'run: python prepare.py', 'run: pytest a') + job('b', 'run: python prepare.py', 'run: pytest b'),
  );
  expect(config.pipeline.map(({ name, job: key, needs }) => [name, key, needs])).toEqual([
    ['prepare', 'a', []],
    ['pytest', 'a', ['prepare']],
    ['b-prepare', 'b', []],
    ['b-pytest', 'b', ['b-prepare']],
  ]);
});

test('what a step passes on is asked for by the name that the step has here; without that step, the one that asks is left out', () => {
  const { config, leftOut, understood } = imported(
    job(
      'a',
      'run: echo "tag=$(date)" >> $GITHUB_OUTPUT\n        id: version\n        name: Work it out',
      'run: docker build . && echo "image=x" >> $GITHUB_OUTPUT\n        id: image',
      'run: echo "dir=$(pip cache dir)" >> $GITHUB_OUTPUT\n        id: cache',
      'run: pytest --tag "${{ steps.version.outputs.tag }}"',
      'run: pytest --image "$IMAGE"\n        env: { IMAGE: "${{ steps.image.outputs.image }}" }',
    ),
  );
  expect(config.pipeline.map(({ name, run, job: key }) => [name, run, key])).toEqual([
    ['work-it-out', 'echo "tag=$(date)" >> $GITHUB_OUTPUT', 'a'],
    ['pytest', 'pytest --tag "${{ steps.work-it-out.outputs.tag }}"', 'a'],
  ]);
  expect(leftOut.map(({ why }) => why)).toContain('it uses an output of step image, which is not carried over');
  expect(understood).toContain('the runner’s own files');
});

test('a variable that a script works out is filled in when the later steps of its job start', () => {
  const { config } = imported(
    job('a', 'run: echo "TAG=$(date)" >> $GITHUB_ENV', 'run: pytest --tag ${{ env.TAG }}', 'run: mypy .'),
  );
  expect(config.pipeline.map(({ name, run, needs }) => [name, run, needs])).toEqual([
    ['echo', 'echo "TAG=$(date)" >> $GITHUB_ENV', []],
    ['pytest', 'pytest --tag ${{ env.TAG }}', ['echo']],
    ['mypy', 'mypy .', ['pytest']],
  ]);
});

test('the summary of a job’s steps is a file', () => {
  expect(jobsOf(job('a', 'run: pytest > "$GITHUB_STEP_SUMMARY"'))).toEqual(['a']);
});

const upload = 'uses: actions/upload-artifact@v4\n        with: { name: dist, path: dist }';
const download = 'uses: actions/download-artifact@v4\n        with: { name: dist, path: dist }';
const cache = (path: string): string => `uses: actions/cache@v4\n        with: { key: k, path: "${path}" }`;
const build = 'run: make dist';
const check = 'run: twine check dist/*';
const after = (id: string, ...steps: readonly string[]): string =>
  job(id, ...steps).replace('    steps:', '    needs: a\n    steps:');

test.each<[string, string, readonly (string | undefined)[]]>([
  ['an artifact', job('a', build, upload) + after('b', download, check) + job('c', 'run: pytest'), ['a', 'a', 'c']],
  ['an artifact that is taken by none', job('a', build, upload) + after('b', 'run: make docs'), ['a', 'b']],
  ['a cache of the checkout', job('a', build, cache('dist')) + after('b', cache('dist/'), 'run: pytest'), ['a', 'a']],
  [
    'a cache of a tool',
    job('a', build, cache('~/.cache/pip')) + after('b', cache('~/.cache/pip'), 'run: pytest'),
    ['a', 'b'],
  ],
])('the files of %s decide whether two jobs are on one machine', (_, text, jobs) => {
  expect(jobsOf(text)).toEqual(jobs);
});

test('legs that are alike without what is left out are one, and a job of which only a download is left is none', () => {
  const { config } = imported(
    `${job(
      'e2e',
      'run: python generate.py',
      'run: docker compose run web npx playwright test --shard=${{ matrix.shardIndex }}/2',
      'uses: actions/upload-artifact@v4\n        with: { name: "blob-${{ matrix.shardIndex }}", path: blob-report }',
    ).replace('steps:', 'strategy: { matrix: { shardIndex: [1, 2] } }\n    steps:')}${job(
      'root',
      'uses: actions/download-artifact@v4\n        with: { path: blobs }',
      'run: sudo rm -rf /usr/bin/node && pytest',
    ).replace('steps:', 'needs: e2e\n    steps:')}${job('parts', 'run: pytest --group ${{ matrix.group }}').replace(
      'steps:',
      'strategy: { matrix: { group: [1, 2] } }\n    steps:',
    )}`,
  );
  expect(config.pipeline.map(({ name, run }) => [name, run])).toEqual([
    ['e2e', 'python generate.py'],
    ['pytest-1', 'pytest --group 1'],
    ['pytest-2', 'pytest --group 2'],
  ]);
});

test('what runs in CI whether or not the tests pass still waits for them; a check does not', () => {
  const { config } = imported(`  test:
    steps:
      - run: pytest --cov
      - { run: ruff check ., if: always() }
      - { run: coverage report --format=markdown, if: '!cancelled()' }
`);
  expect(config.pipeline.map(({ run, needs }) => [run, needs])).toEqual([
    ['pytest --cov', []],
    ['ruff check .', []],
    ['coverage report --format=markdown', ['pytest']],
  ]);
});

test('an installation whose lock file a later step compares with git shares the machine of that step', () => {
  const job = (install: string, last: string): readonly (string | undefined)[] =>
    imported(`  ui:
    steps:
      - run: ${install}
      - run: npm run build
      - run: ${last}
  tests:
    steps:
      - run: pytest
`).config.pipeline.map((step) => step.job);
  expect(job('npm install', 'git diff --stat --exit-code')).toEqual(['ui', 'ui', 'ui', 'tests']);
  expect(job('npm ci', 'git diff --exit-code')).toEqual([undefined, 'ui', 'ui', 'tests']);
  expect(job('npm install', 'npm test')).toEqual([undefined, 'ui', 'ui', 'tests']);
});
