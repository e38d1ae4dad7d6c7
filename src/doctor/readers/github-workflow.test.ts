import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { brief, declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import type { FileDeclarations } from '../declaration.ts';
import { readGithubWorkflow } from './github-workflow.ts';

const read = (text: string): FileDeclarations => declarationsOf(readGithubWorkflow, '.github/workflows/ci.yml', text);

it('reads interpreters: plain, in a matrix, through a variable, from a file', () => {
  const found = read(`env:
  PY: "3.11"
jobs:
  one:
    strategy:
      matrix:
        python-version: [3.9, "3.10", '3.11']
        include: [{ python-version: 3.13-dev, os: x }]
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: "\${{ matrix.python-version }}" }
      - uses: actions/setup-python@v5
        with: { python-version: "\${{ matrix.python-version }}" }
  two:
    steps:
      - uses: actions/setup-python@v5
        with:
          python-version: \${{ env.PY }}
      - uses: actions/setup-python@v5
        with:
          python-version: |
            3.11
            3.12
      - uses: actions/setup-python@v5
        with: { python-version-file: .python-version }
      - uses: actions/setup-python@v5
        with: { python-version: 3.x }
      - uses: actions/setup-python@v5
        with: { python-version: "\${{ inputs.python }}" }
      - uses: actions/setup-node@v4
        with: { node-version: 24.x }
      - uses: actions/setup-node@v4
        with: { node-version: '>=20 <25', node-version-file: ui/.nvmrc }
      - uses: actions/setup-node@v4
        with: { node-version: lts/* }
`);
  expect(brief(found)).toEqual([
    ['python', '3.9', '7:26', '3.9', 'matrix.python-version'],
    ['python', '3.10', '7:32', '3.10', 'matrix.python-version'],
    ['python', '3.11', '7:40', '3.11', 'matrix.python-version'],
    ['python', '3.13', '8:37', '3.13-dev', 'matrix.python-version'],
    ['python', '3.11', '2:8', '3.11'],
    ['python', '3.11', '22:13', '3.11'],
    ['python', '3.12', '23:13', '3.12'],
    ['python', '3.x', '27:33', '3.x'],
    ['python', '? an expression (${{ inputs.python }})', '29:34', '${{ inputs.python }}'],
    ['node', '24', '31:31', '24.x'],
    ['node', '>=20 <25', '33:32', '>=20 <25'],
    ['node', '? a name that moves, or no version (lts/*)', '35:31', 'lts/*'],
  ]);
  expect(found.declarations.map(({ role }) => role).slice(0, 5)).toEqual([
    'support',
    'support',
    'support',
    'support',
    'install',
  ]);
  expect(found.references.map(({ path, as }) => [path, as])).toEqual([
    ['.python-version', 'python-version'],
    ['ui/.nvmrc', 'node-version'],
  ]);
});

it('reads what scripts install and run, with folders and what makes them toothless', () => {
  const found = read(`defaults: { run: { working-directory: ./core } }
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: |
          pip install \\
            "black==25.9.0" \\
            mypy
          black --check . || true
      - run: npm ci && npx tsc --noEmit
        working-directory: core/admin_ui
        continue-on-error: true
      - run: >-
          uvx flake8@7.3.0
          core
`);
  expect(brief(found)).toEqual([
    ['pypi:black', '==25.9.0', '8:19', '==25.9.0'],
    ['pypi:mypy', '', '9:13', 'mypy'],
    ['npm:tsc', '', '11:28', 'tsc'],
    ['pypi:flake8', '==7.3.0', '15:22', '7.3.0'],
  ]);
  expect(found.commands.map(({ command, cwd, failureIgnored }) => [command, cwd, failureIgnored])).toEqual([
    ['pip install black==25.9.0 mypy', 'core', undefined],
    ['black --check .', 'core', '|| true'],
    ['npm ci', 'core/admin_ui', 'continue-on-error: true'],
    ['npx tsc --noEmit', 'core/admin_ui', 'continue-on-error: true'],
    ['uvx flake8@7.3.0 core', 'core', undefined],
  ]);
});

it('reads actions whose input or ref is a version, containers, services, reusable workflows and composite actions', () => {
  const found = read(`jobs:
  a:
    uses: ./.github/workflows/other.yml
  b:
    container: python:3.11-slim
    services:
      db: { image: postgres:16 }
      cache: { image: "redis:\${{ matrix.redis }}" }
    steps:
      - uses: ./.github/actions/setup
      - uses: psf/black@25.9.0
      - uses: psf/black@stable
        with: { version: "~= 25.1", options: --check, src: core/ }
      - uses: astral-sh/ruff-action@v3
        with: { version: latest }
      - uses: pre-commit/action@v3
`);
  expect(brief(found)).toEqual([
    ['python', '3.11', '5:23', '3.11'],
    ['image:postgres', '16', '7:29', '16'],
    ['image:redis', '? a variable (redis:${{ matrix.redis }})', '8:24', 'redis:${{ matrix.redis }}'],
    ['pypi:black', '==25.9.0', '11:25', '25.9.0'],
    ['pypi:black', '~=25.1', '13:27', '~= 25.1'],
    ['pypi:ruff', '', '15:26', 'latest'],
  ]);
  expect(found.references.map(({ path, as }) => [path, as])).toEqual([
    ['.github/workflows/other.yml', 'workflow'],
    ['.github/actions/setup', 'action'],
  ]);
  expect(found.commands.map(({ command }) => command)).toEqual([
    'black --check --diff .',
    'black --check core/',
    'pre-commit run --all-files',
  ]);
  const composite = read(
    'runs:\n  using: composite\n  steps:\n    - run: pip install black==25.9.0\n      shell: bash\n',
  );
  expect(brief(composite)).toEqual([['pypi:black', '==25.9.0', '4:29', '==25.9.0']]);
});

it('never throws, whatever the text', () => {
  const pieces = fc.constantFrom(
    'jobs:\n',
    '  a:\n',
    '    steps:\n',
    '      - ',
    '        ',
    'uses: actions/setup-python@v5\n',
    'with: { python-version: ',
    '${{ matrix.x }}',
    '3.1',
    ' }\n',
    'run: |\n',
    'run: ',
    'pip install x==1\n',
    '\\\n',
    '"',
    "'",
    '\n',
    'env: ',
    'container: python:',
    'strategy: { matrix: { x: [1] } }\n',
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
      (text) => void read(text),
    ),
    { numRuns: 500 },
  );
});

it('reads what is not said in the plainest way', () => {
  const found = read(`on:
  workflow_call:
    inputs:
      python-version: { type: string, default: "3.12" }
env: { BLACK_VERSION: 25.9.0, NODE_VERSION: "20" }
jobs:
  a:
    strategy:
      matrix:
        python: \${{ fromJSON('["3.10", "3.11"]') }}
        py: [{ version: "3.13" }, { version: 3.14t }]
        node-version: [18, 20]
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: "\${{ inputs.python-version }}" }
      - uses: ./.github/actions/setup
        with: { python-version: "\${{ matrix.python }}" }
      - uses: actions/setup-python@v5
        with:
          python-version: |
            3.9
            pypy3.10
      - uses: some/action@v1
        with: { python-version: "\${{ matrix.py.version }}", mypy-version: 1.18.2 }
      - uses: docker://node:22-alpine
      - uses: psf/black@stable
      - run: pip install black==\${{ env.BLACK_VERSION }} "flake8==$FLAKE8" -r ci/tools.txt
        env: { FLAKE8: 7.3.0 }
  b:
    uses: ./.github/workflows/other.yml
    with: { python-version: "3.11" }
`);
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "4:49 "3.12" python install prefix "3.12" (python-version of actions/setup-python)
    10:33 "3.10" python support prefix "3.10" (python-version of ./.github/actions/setup)
    10:41 "3.11" python support prefix "3.11" (python-version of ./.github/actions/setup)
    21:13 "3.9" python support prefix "3.9" (python-version of actions/setup-python)
    22:13 "pypy3.10" python support ? another Python (pypy3.10) (python-version of actions/setup-python)
    11:26 "3.13" python support prefix "3.13" (python-version of some/action) when matrix.py.version
    11:46 "3.14t" python support prefix "3.14" (python-version of some/action) when matrix.py.version
    24:75 "1.18.2" pypi:mypy install pep440 "==1.18.2" (mypy-version of some/action)
    25:29 "22" node install prefix "22" (uses)
    26:25 "stable" pypi:black install pep440 "" (uses: psf/black)
    5:23 "25.9.0" pypi:black install pep440 "==25.9.0" (pip install)
    28:24 "7.3.0" pypi:flake8 install pep440 "==7.3.0" (pip install)
    12:24 "18" node support prefix "18" (matrix.node-version) when matrix.node-version
    12:28 "20" node support prefix "20" (matrix.node-version) when matrix.node-version
    31:30 "3.11" python install prefix "3.11" (python-version of b)
    5:46 "20" node install prefix "20" (env.NODE_VERSION)
    26:15 runs black --check --diff . (ci, a)
    27:14 runs pip install black==25.9.0 flake8==7.3.0 -r ci/tools.txt (ci, a)
    16:15 takes in .github/actions/setup as action
    27:79 takes in ci/tools.txt as requirements
    30:11 takes in .github/workflows/other.yml as workflow"
  `);
});
