import { expect, test } from 'vitest';
import type { DecidedPipeline } from '../decided-pipeline.ts';
import { decideGithub } from './decide.ts';
import { readGithubPipeline } from './read.ts';

function decided(steps: string, files: Readonly<Record<string, string>> = {}): DecidedPipeline {
  const text = `on: [push, pull_request]\njobs:\n  a:\n    runs-on: [self-hosted, linux]\n    steps:\n${steps}`;
  return decideGithub(readGithubPipeline({ path: 'ci.yml', text }), {
    wantedPython: '3.11',
    wantedNode: '24',
    repository: 'acme/shop',
    readText: (path) => files[path],
  });
}

test('a variable that only CI can decide takes no step with it, unless the command names it', () => {
  const { jobs, leftOut } = decided(`      - run: pytest
        env: { RUN_LABEL: "\${{ github.run_id }}", MODE: ci }
      - run: deploy "$WHERE"
        env: { WHERE: "\${{ vars.WHERE }}" }
`);
  expect(jobs[0]?.steps.map(({ script, env }) => [script, env])).toEqual([['pytest', { MODE: 'ci' }]]);
  expect(leftOut.map(({ what }) => what)).toEqual([
    'variable RUN_LABEL of step `pytest` of job a',
    'step `deploy "$WHERE"` of job a',
  ]);
});

test('what a run knows when it starts stays an expression, in commands, variables and what an action is given', () => {
  const { jobs, leftOut } = decided(
    `      - run: build --rev \${{ github.sha }} --event \${{ github.event_name }}
        env:
          TAG: \${{ github.ref_name }}-x
          FROM: \${{ env.TAG }}
      - uses: ./act
        with: { rev: "\${{ github.sha }}" }
      - run: echo "$GITHUB_SHA $RUNNER_OS" | tee out
      - run: echo "\${{ github.ref == 'refs/heads/main' && 'a' || 'b' }}" > out
      - run: test "\${{ github.run_id }}"
      - run: test "$GITHUB_RUN_ID"
`,
    {
      'act/action.yml':
        "inputs: { rev: {} }\nruns:\n  using: composite\n  steps:\n    - run: use ${{ inputs.rev }}\n      shell: bash\n    - run: never\n      shell: bash\n      if: inputs.rev == 'x'\n",
    },
  );
  expect(jobs[0]?.steps.map(({ script, env }) => [script, env])).toEqual([
    [
      'build --rev ${{ github.sha }} --event push',
      { TAG: '${{ github.ref_name }}-x', FROM: '${{ github.ref_name }}-x' },
    ],
    ['use ${{ github.sha }}', {}],
    ['echo "$GITHUB_SHA $RUNNER_OS" | tee out', {}],
  ]);
  expect(leftOut.map(({ what, why }) => `${what}: ${why}`)).toEqual([
    "step `never` of job a: whether it runs depends on `inputs.rev == 'x'`: ${{ github.sha }} is known when a run starts",
    expect.stringContaining('github.ref is known when a run starts'),
    expect.stringContaining('github.run_id is known only to GitHub'),
    expect.stringContaining('it uses $GITHUB_RUN_ID, which only GitHub sets'),
  ]);
});

const scriptsOf = ({ jobs }: DecidedPipeline): unknown =>
  jobs.flatMap(({ steps }) => steps.map(({ script, cwd, env, mayFail }) => ({ script, cwd, env, mayFail })));
const toldOf = ({ leftOut }: DecidedPipeline): unknown => leftOut.map(({ what, why }) => `${what}: ${why}`);
const plain = { cwd: '.', env: {}, mayFail: undefined };

test('what a step says that the job does not have is empty', () => {
  const found = decided(`      - run: poetry install
        if: steps.never-there.outputs.cache-hit != 'true'
      - run: rm -rf .venv
        if: steps.never-there.outputs.cache-hit == 'true'
`);
  expect(scriptsOf(found)).toEqual([{ ...plain, script: 'poetry install' }]);
});

test('the script that activates the environment of an action is known', () => {
  const found = decided(`      - uses: snok/install-poetry@v1
      - run: |
          source $VENV
          make test
`);
  expect(scriptsOf(found)).toEqual([
    { ...plain, script: 'source $VENV\nmake test', env: { VENV: '.venv/bin/activate' } },
  ]);
});

test('a failure that a later step turns into the job’s counts', () => {
  const found = decided(`      - id: lint
        run: ruff check .
        continue-on-error: true
      - id: types
        run: mypy .
        continue-on-error: true
      - run: |
          echo "lint failed"
          exit 1
        if: steps.lint.outcome == 'failure'
`);
  expect(scriptsOf(found)).toEqual([
    { ...plain, script: 'ruff check .' },
    { ...plain, script: 'mypy .', mayFail: 'continue-on-error: true' },
  ]);
  expect(toldOf(found)).toEqual([]);
});

test('a job whose steps run in another repository is left out, and a checkout in a folder is the top here', () => {
  const elsewhere = decided(`      - uses: actions/checkout@v6
        with: { repository: acme/consumer }
      - uses: actions/checkout@v6
        with: { path: shop }
      - run: pip install -e ./shop
      - run: pytest
`);
  expect([scriptsOf(elsewhere), toldOf(elsewhere)]).toEqual([
    [],
    ['job a: its steps run in a checkout of another repository, acme/consumer'],
  ]);
  const own = decided(`      - uses: actions/checkout@v6
        with: { path: shop }
      - uses: actions/checkout@v6
        with: { repository: acme/data, path: data }
      - run: pip install -e shop "./shop[test]" && cd shop && pytest shop/tests --name shop
      - run: pytest
        working-directory: shop/core
`);
  expect(scriptsOf(own)).toEqual([
    { ...plain, script: 'pip install -e . ".[test]" && cd . && pytest ./tests --name shop' },
    { ...plain, script: 'pytest', cwd: 'core' },
  ]);
});

test('an action of the repository knows its folder', () => {
  const found = decided('      - uses: ./.github/actions/set-up\n', {
    '.github/actions/set-up/action.yml':
      'runs:\n  using: composite\n  steps:\n    - run: bash "$GITHUB_ACTION_PATH/run.sh"\n      shell: bash\n    - run: bash ${{ github.action_path }}/more.sh\n      shell: bash\n',
  });
  const folder = '/workspace/.github/actions/set-up';
  expect(scriptsOf(found)).toEqual([
    { ...plain, script: 'bash "$GITHUB_ACTION_PATH/run.sh"', env: { GITHUB_ACTION_PATH: folder } },
    { ...plain, script: `bash ${folder}/more.sh` },
  ]);
});

test('what compares with the branch of a pull request is left out where only pull requests start it', () => {
  const text =
    'jobs:\n  a:\n    steps:\n      - run: lint --from origin/$GITHUB_BASE_REF\n      - run: see ${GITHUB_HEAD_REF:-x}\n';
  const facts = { wantedPython: '3.11', wantedNode: '24', readText: () => undefined };
  const [there, both] = ['pull_request', '[push, pull_request]'].map((on) =>
    decideGithub(readGithubPipeline({ path: 'ci.yml', text: `on: ${on}\n${text}` }), facts),
  );
  expect(there === undefined ? [] : [scriptsOf(there), toldOf(there)]).toEqual([
    [{ ...plain, script: 'see ${GITHUB_HEAD_REF:-x}' }],
    [expect.stringContaining('it uses $GITHUB_BASE_REF, which only a pull request has')],
  ]);
  expect(both?.jobs[0]?.steps).toHaveLength(2);
});

test('a variable that the command names chooses what runs, as the expression itself does', () => {
  const text =
    'on: push\njobs:\n  a:\n    strategy:\n      matrix:\n        project: [core, web]\n    steps:\n      - run: nox -s "downstream(project=\'$PROJECT\')"\n        env:\n          PROJECT: ${{ matrix.project }}\n';
  const found = decideGithub(readGithubPipeline({ path: 'ci.yml', text }), {
    wantedPython: '3.11',
    wantedNode: '24',
    readText: () => undefined,
  });
  expect(found.jobs[0]?.steps.map(({ env, leg }) => [env['PROJECT'], leg])).toEqual([
    ['core', 'core'],
    ['web', 'web'],
  ]);
});

const workflow = (text: string, files: Readonly<Record<string, string>> = {}): DecidedPipeline =>
  decideGithub(readGithubPipeline({ path: 'ci.yml', text }), {
    wantedPython: '3.11',
    wantedNode: '24',
    readText: (path) => files[path],
  });

test('the Pythons that a build says the package supports are those of its classifiers', () => {
  const found = workflow(
    `on: push
jobs:
  build:
    steps:
      - uses: hynek/build-and-inspect-python-package@v2
        id: baipp
    outputs:
      pythons: \${{ steps.baipp.outputs.supported_python_classifiers_json_array }}
  tests:
    needs: build
    strategy:
      matrix:
        python-version: \${{ fromJson(needs.build.outputs.pythons) }}
    env: { PYTHON: "\${{ matrix.python-version }}" }
    steps:
      - run: tox run --installpkg dist/*.whl -f \${PYTHON}-tests
`,
    {
      'pyproject.toml':
        '[project]\nclassifiers = ["Programming Language :: Python :: 3", "Programming Language :: Python :: 3.10", "Programming Language :: Python :: 3.11"]\n',
    },
  );
  expect(scriptsOf(found)).toEqual([
    {
      ...plain,
      script: 'python -m build --outdir dist\ntwine check --strict dist/*\ncheck-wheel-contents dist/*.whl',
    },
    { ...plain, script: 'tox run --installpkg dist/*.whl -f ${PYTHON}-tests', env: { PYTHON: '3.11' } },
  ]);
  expect(found.leftOut.map(({ what }) => what)).toEqual(['1 other leg of job tests (python-version 3.10)']);
});

test('what judges the coverage of all legs together is left out when one of them is here', () => {
  const text = (pythons: string): string => `on: push
jobs:
  tests:
    strategy: { matrix: { python-version: ${pythons} } }
    steps:
      - run: coverage run -m pytest
      - uses: actions/upload-artifact@v4
        with: { name: "data-\${{ matrix.python-version }}", path: .coverage.* }
  coverage:
    needs: tests
    steps:
      - uses: actions/download-artifact@v4
        with: { pattern: data-*, merge-multiple: true }
      - run: coverage combine && coverage report --fail-under=100
`;
  const [several, one] = ['["3.11", "3.12", "3.13"]', '["3.11"]'].map((pythons) => workflow(text(pythons)));
  expect(several?.jobs.map(({ id }) => id)).toEqual(['tests']);
  expect(several?.leftOut.map(({ what, why }) => `${what}: ${why}`)).toContain(
    'job coverage: it puts together what all legs of job tests made; 2 of them are not here',
  );
  expect(one?.jobs.map(({ id }) => id)).toEqual(['tests', 'coverage']);
});

test('a task that only conditions name is carried over, and what holds for another leg is not told as left out', () => {
  const found = workflow(`on: push
jobs:
  tests:
    strategy: { matrix: { tests: [fast, slow], python: ["3.11"] } }
    steps:
      - if: matrix.tests == 'slow'
        run: pip install -r slow.txt
      - if: matrix.tests == 'fast'
        run: pytest -m fast
      - if: matrix.tests == 'slow'
        run: pytest -m slow
`);
  const scripts = found.jobs.flatMap(({ steps }) => steps.map(({ script }) => script));
  expect(scripts).toEqual(['pytest -m fast', 'pip install -r slow.txt', 'pytest -m slow']);
  expect(found.leftOut).toEqual([]);
});

test('legs that run the very same here are one, downloads too; that is told', () => {
  const found = workflow(`on: push
jobs:
  build:
    steps:
      - run: python -m build --outdir packages
      - uses: actions/upload-artifact@v4
        with: { name: packages, path: packages }
  tests:
    needs: build
    strategy: { matrix: { flavour: [plain, sanitized], python: ["3.11"] } }
    steps:
      - uses: actions/download-artifact@v4
        with: { name: packages, path: dist }
      - if: \${{ github.event.label && matrix.flavour == 'sanitized' }}
        run: make sanitizer
      - run: pytest
      - run: pytest --last \${{ format('{0}', matrix.flavour) && '' }}
`);
  expect(found.jobs.find(({ id }) => id === 'tests')?.steps.map(({ script }) => script)).toEqual([
    expect.stringContaining('packages'),
    'pytest',
    'pytest --last',
  ]);
  expect(found.leftOut.map(({ what, why }) => `${what}: ${why}`)).toContain(
    'leg sanitized of job tests: it runs here what leg plain does',
  );
});

test('so it is when the legs are only known while CI runs, and none of them is here', () => {
  const found = workflow(`on: push
jobs:
  list:
    outputs: { sessions: "\${{ steps.set.outputs.sessions }}" }
    steps:
      - id: set
        run: echo sessions=$(nox --json -l) >> $GITHUB_OUTPUT
  tests:
    needs: list
    strategy: { matrix: { session: "\${{ fromJson(needs.list.outputs.sessions) }}" } }
    steps:
      - run: uv sync
      - run: nox -s "\${{ matrix.session }}"
      - uses: actions/upload-artifact@v4
        with: { name: "data-\${{ strategy.job-index }}", path: .coverage.* }
  shards:
    strategy: { matrix: { shard: [1, 2] } }
    steps:
      - run: npx playwright test --shard=\${{ matrix.shard }}/2
      - uses: actions/upload-artifact@v4
        with: { name: "blob-\${{ matrix.shard }}", path: blob-report }
  coverage:
    needs: [tests]
    steps:
      - uses: actions/download-artifact@v4
        with: { pattern: data-*, merge-multiple: true }
      - run: coverage combine
  report:
    needs: [shards]
    steps:
      - uses: actions/download-artifact@v4
        with: { path: blobs }
      - run: npx playwright merge-reports --reporter html ./blobs
`);
  const told = found.leftOut.map(({ what, why }) => `${what}: ${why}`);
  expect(told).toContain('job coverage: it puts together what all legs of job tests made; it is not here');
  expect(found.jobs.some(({ id }) => id === 'coverage')).toBe(false);
  // Both shards are here.
  expect(found.jobs.some(({ id }) => id === 'report')).toBe(true);
});

test('so it is when an action that is left out would have handed the data on', () => {
  const text = (upload: string): string => `on: push
jobs:
  tests:
    steps:
      - run: coverage run -m pytest
      - uses: ${upload}
        with: { name: coverage-data, path: .coverage }
  coverage:
    needs: [tests]
    steps:
      - uses: actions/download-artifact@v4
        with: { pattern: coverage*, merge-multiple: true, path: data }
      - run: coverage combine data
`;
  const found = workflow(text('acme/prepare-coverage@v1'));
  expect(found.jobs.map(({ id }) => id)).toEqual(['tests']);
  expect(found.leftOut.map(({ what, why }) => `${what}: ${why}`)).toContain(
    'job coverage: it puts together what nothing here hands on: coverage*',
  );
  expect(workflow(text('actions/upload-artifact@v4')).jobs.map(({ id }) => id)).toEqual(['tests', 'coverage']);
  // A job that tests, and reports on what it has made itself, stays: what it downloads is something else.
  const itself = workflow(`on: push
jobs:
  tests:
    steps:
      - uses: actions/download-artifact@v4
        with: { pattern: dists*, path: dist }
      - run: coverage run -m pytest
      - run: coverage combine && coverage report
`);
  expect(itself.jobs.map(({ id }) => id)).toEqual(['tests']);
});

test('a check that only a Mac runs in CI is done here, unless Linux does it, too, or it is about Macs', () => {
  const found = workflow(`on: push
jobs:
  lint:
    runs-on: macos-14
    steps:
      - run: sed -i '' 's/a/b/' pyproject.toml
      - run: uv run ruff check
  types:
    runs-on: macos-14
    steps: [{ run: uv run mypy }]
  tests:
    runs-on: ubuntu-latest
    steps: [{ run: pytest }]
  tests-on-arm:
    runs-on: macos-14
    steps: [{ run: pytest }]
  lint-macos:
    runs-on: macos-14
    steps: [{ run: pylint app }]
  app:
    runs-on: macos-14
    steps: [{ run: codesign app && bandit app }]
  windows:
    runs-on: windows-latest
    steps: [{ run: pyright }]
`);
  expect(found.jobs.map(({ id, steps }) => [id, ...steps.map(({ script }) => script)])).toEqual([
    ['lint', "sed -i 's/a/b/' pyproject.toml", 'uv run ruff check'],
    ['types', 'uv run mypy'],
    ['tests', 'pytest'],
  ]);
  expect(toldOf(found)).toEqual([
    'macos-14 of job lint: its steps run on Linux here',
    'macos-14 of job types: its steps run on Linux here',
    'job tests-on-arm: it runs on macos-14; the image is Linux',
    'job lint-macos: it runs on macos-14; the image is Linux',
    'job app: it runs on macos-14; the image is Linux',
    'job windows: it runs on windows-latest; the image is Linux',
  ]);
});

test("Jupyter's set-up brings a Python and a Node, which its inputs or the matrix say", () => {
  const versions = (input: string, matrix = ''): unknown => {
    const base = `on: push\njobs:\n  a:\n${matrix}    steps:\n      - uses: jupyterlab/maintainer-tools/.github/actions/base-setup@v1\n${input}      - run: pytest\n`;
    const { jobs, leftOut } = workflow(base);
    return [jobs[0]?.python?.said, jobs[0]?.node?.said, leftOut.length];
  };
  expect(versions('')).toEqual(['3.12', '24.x', 0]);
  expect(versions('        with: { python_version: "3.13", node_version: none }\n')).toEqual(['3.13', undefined, 0]);
  expect(versions('        with: { dependency_type: minimum }\n')).toEqual(['3.10', '24.x', 0]);
  expect(versions('', '    strategy: { matrix: { python-version: ["3.11"] } }\n')).toEqual(['3.11', '24.x', 0]);
});

test('shards of a matrix are parts of the tests, and all of them are here', () => {
  const found = workflow(`on: push
jobs:
  e2e:
    strategy: { matrix: { shardIndex: [1, 2], shardTotal: [2] } }
    steps: [{ run: "npx playwright test --shard=\${{ matrix.shardIndex }}/\${{ matrix.shardTotal }}" }]
`);
  expect(found.jobs.flatMap(({ steps }) => steps.map(({ script }) => script))).toEqual([
    'npx playwright test --shard=1/2',
    'npx playwright test --shard=2/2',
  ]);
});

test('what a condition says after a failure decides whether a step and a job run then', () => {
  const { jobs } = decided(`      - run: first
      - run: "anyway"
        if: success() || failure()
      - run: unless-cancelled
        if: "!cancelled()"
      - run: only-then
        if: success()
  b:
    needs: a
    if: always()
    runs-on: ubuntu-latest
    steps:
      - run: reports
  c:
    needs: a
    if: success() && github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - run: deploys
`);
  expect(jobs.map(({ steps }) => steps.map((step) => [step.script, step.always, step.beginsAlways]))).toEqual([
    [
      ['first', false, undefined],
      ['anyway', true, undefined],
      ['unless-cancelled', true, undefined],
      ['only-then', false, undefined],
    ],
    [['reports', false, true]],
    [['deploys', false, undefined]],
  ]);
});
