import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { brief, readingsOf } from '../../../test/support/readings.ts';
import type { FileReadings } from '../reading.ts';
import { readGithubWorkflow } from './github-workflow.ts';

const read = (text: string): FileReadings => readingsOf(readGithubWorkflow, '.github/workflows/ci.yml', text);

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
  expect(found.readings.map(({ role }) => role).slice(0, 5)).toEqual([
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
  expect(found.commands.map(({ command, cwd, toothless }) => [command, cwd, toothless])).toEqual([
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
