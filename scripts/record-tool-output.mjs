// Records what the real tools say of the small bad sources below test/fixtures/tools/sources, for the tests of src/remedies.
// The Python tools have the reference lock's versions (those that it does not pin: the versions below), the UI's have those of
// examples/shop. Network (PyPI, npm) is needed, no engine; it takes a minute.
//
// usage: node scripts/record-tool-output.mjs
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixtures = join(root, 'test/fixtures/tools');
const extraPython = ['ruff==0.17.6', 'pylint==4.1.4', 'pytest-xdist==3.8.0'];
const extraNode = ['eslint@10.15.0', 'typescript@5.9.3'];

/** What is recorded: a file for each, its command line (bash), and the folder below the sources that it runs in. */
const recordings = [
  ['black/check', 'black --check core'],
  ['black/check-color', 'black --check --color core'],
  ['black/diff', 'black --check --diff core/unformatted.py'],
  ['black/space', "black --check 'my tools'", 'core'],
  ['flake8/default', 'flake8 core'],
  ['flake8/show-source', 'flake8 --show-source --count --statistics core/unformatted.py core/broken.py'],
  ['flake8/pylint-format', 'flake8 --format pylint unformatted.py', 'core'],
  ['mypy/default', 'mypy core/typed.py core/pricing.py'],
  ['mypy/pretty', 'mypy --pretty core/typed.py core/pricing.py'],
  ['mypy/columns', 'mypy --show-column-numbers typed.py', 'core'],
  ['mypy/error-end', 'mypy --show-error-end core/typed.py'],
  ['mypy/pretty-color', 'MYPY_FORCE_COLOR=1 TERM=xterm mypy --pretty --show-column-numbers core/typed.py'],
  ['mypy/no-codes', 'mypy --hide-error-codes core/typed.py'],
  ['mypy/syntax', 'mypy core/broken.py'],
  ['mypy/missing', 'mypy core/nowhere.py'],
  ['mypy/twice', 'mypy pricing.py ../core/pricing.py --explicit-package-bases', 'core'],
  ['pytest/quiet', 'pytest -q core/tests'],
  ['pytest/default', 'pytest core/tests'],
  ['pytest/verbose', 'pytest -vv core/tests'],
  ['pytest/short', 'pytest -q --tb=short core/tests'],
  ['pytest/line', 'pytest -q --tb=line core/tests'],
  ['pytest/native', 'pytest -q --tb=native core/tests'],
  ['pytest/no-traceback', 'pytest -q --tb=no core/tests'],
  ['pytest/no-summary', 'pytest -q -r N core/tests'],
  ['pytest/all-reports', 'pytest -rA --color=yes core/tests/test_pricing.py'],
  ['pytest/xdist', 'pytest -n 2 core/tests/test_more.py'],
  ['pytest/xdist-verbose', 'pytest -n 2 -v core/tests/test_more.py'],
  ['pytest/below', 'pytest -q tests/test_more.py', 'core'],
  ['pytest/collect', 'pytest -q core/collect'],
  ['pytest/conftest', 'pytest -q core/broken_conftest'],
  ['pytest/doctest', 'pytest -q --doctest-modules core/doctests.py'],
  ['pytest/nowhere', 'pytest -q core/nowhere'],
  ['pytest/coverage', 'pytest -q --cov=core --cov-fail-under=99 core/tests/test_more.py::test_total'],
  ['pytest/passes', 'pytest core/tests/test_pricing.py::test_passes'],
  ['ruff/full', 'ruff check --no-cache --select F,E,UP core/unformatted.py core/broken.py'],
  ['ruff/concise', 'ruff check --no-cache --output-format concise --select F,E,UP core/unformatted.py core/broken.py'],
  ['ruff/format', 'ruff format --no-cache --check core'],
  ['pylint/default', 'pylint core/unformatted.py core/broken.py'],
  ['tsc/plain', 'tsc --noEmit', 'ui'],
  ['tsc/pretty', 'tsc --noEmit --pretty', 'ui'],
  ['tsc/no-config', 'tsc --noEmit -p nowhere.json', 'ui'],
  ['tsc/above', 'tsc --noEmit -p ui'],
  ['vite/resolve', 'vite build --logLevel info', 'ui'],
  ['vite/syntax', "echo '<script type=module src=/src/broken.ts></script>' > index.html; vite build", 'ui'],
  ['vite/rollup', 'rollup src/plain.js', 'ui'],
  [
    'eslint/stylish',
    `eslint --no-config-lookup --rule '{"no-unused-vars": "error", "no-undef": "error", "eqeqeq": "warn"}' src/plain.js src/bad.js`,
    'ui',
  ],
  ['npm/out-of-sync', 'npm ci --offline --no-audit', 'ui/stale'],
  ['npm/no-script', 'npm run nothing', 'ui/stale'],
];

const work = await mkdtemp(join(tmpdir(), 'parity-tools-'));
try {
  const workspace = join(work, 'workspace');
  await cp(join(fixtures, 'sources'), workspace, { recursive: true });
  const venv = join(work, 'venv');
  const lock = JSON.parse(await readFile(join(root, 'parity.lock.json'), 'utf8'));
  const pins = lock.python.packages.map(({ name, version }) => `${name}==${version}`);
  run('python3', ['-m', 'venv', venv]);
  run(join(venv, 'bin/pip'), ['install', '--quiet', '--no-deps', ...pins]);
  run(join(venv, 'bin/pip'), ['install', '--quiet', ...extraPython]);
  // The Python that the venv was made from: in the image it is Debian's.
  const pythonHome = execFileSync('python3', ['-c', 'import sys; print(sys.base_prefix)'], { encoding: 'utf8' }).trim();
  const ui = join(root, 'examples/shop/core/admin_ui');
  for (const name of ['package.json', 'package-lock.json']) await cp(join(ui, name), join(workspace, 'ui', name));
  run('npm', ['ci', '--no-audit', '--no-fund', '--silent'], join(workspace, 'ui'));
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', '--no-save', ...extraNode], join(workspace, 'ui'));
  const outputs = [];
  for (const [name, command, folder = '.'] of recordings) {
    const { output, exitCode } = record(command, join(workspace, folder), { workspace, venv, pythonHome });
    await mkdir(join(fixtures, 'recorded', name, '..'), { recursive: true });
    await writeFile(join(fixtures, 'recorded', `${name}.txt`), output);
    outputs.push({ name, command, folder, exitCode });
    console.log(`${name}: exit code ${exitCode}, ${output.split('\n').length} lines`);
  }
  await writeFile(join(fixtures, 'recorded/recordings.json'), `${JSON.stringify(outputs, null, 2)}\n`);
} finally {
  await rm(work, { recursive: true, force: true });
}

/** Runs a command as a step does (CI=true, no terminal) and gives its output with the container's folders in place of this machine's. */
function record(command, cwd, { workspace, venv, pythonHome }) {
  const bins = [join(venv, 'bin'), join(workspace, 'ui/node_modules/.bin'), process.env.PATH];
  const env = {
    PATH: bins.join(':'),
    HOME: work,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    CI: 'true',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY']) if (process.env[name]) env[name] = process.env[name];
  const { stdout, status } = spawnSync('bash', ['-c', `exec 2>&1; ${command}`], { cwd, env, encoding: 'utf8' });
  const output = stdout
    .replaceAll(workspace, '/workspace')
    .replaceAll(venv, '/opt/parity')
    .replaceAll('../venv/', '../opt/parity/')
    .replaceAll(work, '/parity')
    .replaceAll(pythonHome, '/usr');
  return { output, exitCode: status };
}

function run(program, args, cwd = root) {
  execFileSync(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}
