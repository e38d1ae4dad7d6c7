// Records what the real tools say of the small bad sources below test/fixtures/tools/sources, for the tests of src/remedies.
// The Python tools have the reference lock's versions (those that it does not pin: the versions below), the UI's have those of
// examples/shop. Network (PyPI, npm) is needed, no engine; it takes a minute. What tools say without a network is recorded without one
// (unshare: Linux, and root or user namespaces).
//
// usage: node scripts/record-tool-output.mjs [NAME…]   (all, or those whose names begin so: flake8/ uv/)
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hideRegistries } from './registry-hosts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixtures = join(root, 'test/fixtures/tools');
const extraPython = [
  'ruff==0.17.6',
  'pylint==4.1.4',
  'pytest-xdist==3.8.0',
  'isort==9.0.2',
  'bandit==1.9.4',
  'yamllint==1.38.0',
  'pydocstyle==6.3.0',
  'pre-commit==4.7.0',
];
// Not beside the others: these would change what flake8 says in every recording.
const flake8Plugins = ['flake8-bugbear', 'flake8-docstrings', 'pep8-naming', 'flake8-comprehensions'];
const offline = 'unshare --net --map-root-user';
const extraNode = [
  'eslint@10.15.0',
  'eslint-formatter-unix@9.0.1',
  'eslint-formatter-compact@9.0.1',
  'prettier@3.10.1',
  'stylelint@17.16.0',
  'typescript@5.9.3',
  'vitest@3.2.4',
  'jest@30.5.2',
];
const ruff = (format) =>
  `ruff check --no-cache --output-format ${format} --select F,E,UP core/unformatted.py core/broken.py`;
const pylint = (format) => `pylint --output-format=${format} core/unformatted.py`;
const eslint = (format) =>
  `eslint --no-config-lookup --format ${format} --rule '{"no-unused-vars": "error", "eqeqeq": "warn"}' src/plain.js src/bad.js`;

/** What is recorded: a file for each, its command line (bash), and the folder below the sources that it runs in. */
const recordings = [
  ['black/check', 'black --check core'],
  ['black/check-color', 'black --check --color core'],
  ['black/diff', 'black --check --diff core/unformatted.py'],
  ['black/space', "black --check 'my tools'", 'core'],
  ['black/internal-error', 'black --check odd/unstable.py odd/unsafe.py'],
  ['black/nowhere', 'black --check odd/nowhere.py'],
  ['black/module', 'python -m black --check --line-length much odd'],
  ['black/required-version', 'black --check --required-version 24.1.0 odd'],
  ['black/config', 'black --check --config odd/settings/bad.toml odd'],
  ['flake8/default', 'flake8 core'],
  ['flake8/show-source', 'flake8 --show-source --count --statistics core/unformatted.py core/broken.py'],
  ['flake8/pylint-format', 'flake8 --format pylint unformatted.py', 'core'],
  ['flake8/plugins', 'PATH=$PWD/../plugins/bin:$PATH; flake8 odd/plugins.py'],
  ['flake8/local-plugin', 'flake8 --config odd/settings/local.ini odd/plugins.py'],
  ['flake8/broken-plugin', 'flake8 --jobs 1 --config odd/settings/broken-plugin.ini odd/plugins.py'],
  ['flake8/nowhere', 'flake8 odd/nowhere.py'],
  ['flake8/no-config', 'flake8 --config odd/nowhere.ini odd/plugins.py'],
  ['flake8/comment-in-config', 'flake8 --config odd/settings/comment.ini odd/plugins.py'],
  ['mypy/default', 'mypy core/typed.py core/pricing.py'],
  ['mypy/pretty', 'mypy --pretty core/typed.py core/pricing.py'],
  ['mypy/columns', 'mypy --show-column-numbers typed.py', 'core'],
  ['mypy/error-end', 'mypy --show-error-end core/typed.py'],
  ['mypy/pretty-color', 'MYPY_FORCE_COLOR=1 TERM=xterm mypy --pretty --show-column-numbers core/typed.py'],
  ['mypy/no-codes', 'mypy --hide-error-codes core/typed.py'],
  ['mypy/syntax', 'mypy core/broken.py'],
  ['mypy/missing', 'mypy core/nowhere.py'],
  ['mypy/notes', 'mypy odd/caller.py'],
  ['mypy/notes-pretty', 'mypy --pretty odd/caller.py'],
  ['mypy/context', 'mypy --show-error-context core/typed.py odd/caller.py'],
  ['mypy/json', 'mypy --output json odd/caller.py core/typed.py'],
  ['mypy/config', 'mypy --config-file odd/settings/mypy.ini core/pricing.py'],
  ['mypy/no-plugin', 'mypy --config-file odd/settings/mypy-plugin.ini core/pricing.py'],
  ['mypy/internal-error', 'mypy --config-file odd/settings/mypy-crash.ini odd/caller.py'],
  ['mypy/usage', 'mypy --nowhere core'],
  ['mypy/duplicate-packages', 'mypy odd/twice'],
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
  ['pytest/duplicate-packages', 'pytest -q odd/twice'],
  ['pytest/doctest', 'pytest -q --doctest-modules core/doctests.py'],
  ['pytest/nowhere', 'pytest -q core/nowhere'],
  ['pytest/coverage', 'pytest -q --cov=core --cov-fail-under=99 core/tests/test_more.py::test_total'],
  ['pytest/phases', 'pytest odd/tests/test_phases.py'],
  ['pytest/phases-quiet', 'pytest -q --tb=short odd/tests/test_phases.py'],
  ['pytest/phases-line', 'pytest -q --tb=line odd/tests/test_phases.py'],
  ['pytest/phases-xdist', 'pytest -n 2 --dist loadfile odd/tests/test_phases.py'],
  ['pytest/crash', 'pytest -q -n 2 odd/tests/test_crash.py'],
  ['pytest/strict-markers', 'pytest -q --strict-markers odd/tests/test_phases.py'],
  ['pytest/internal-error', 'pytest -q odd/internal'],
  ['pytest/usage', 'pytest -q --nowhere=1 core/tests'],
  ['pytest/module-usage', 'python -m pytest -q --nowhere=1 core/tests'],
  ['pytest/settings', 'pytest -c odd/settings/pytest.ini core/tests'],
  [
    'coverage/report',
    'coverage run -m pytest -q core/tests/test_pricing.py::test_passes && coverage report --fail-under=99',
  ],
  ['coverage/no-data', 'coverage report --data-file=nowhere'],
  ['python/chained', 'python odd/script.py'],
  ['python/import', 'python -m core.collect.test_import'],
  ['python/syntax', 'python core/broken.py'],
  ['python/no-module', 'python -m nowhere'],
  ['python/no-file', 'python nowhere.py'],
  ['shell/not-found', 'bash -c "nowhere --check"'],
  ['shell/sh', 'sh -c "nowhere --check"'],
  ['shell/script', 'bash odd/run.sh'],
  ['shell/carriage-return', "bash -c './windows.sh'", 'odd'],
  ['shell/carriage-return-sh', "sh -c './windows.sh'", 'odd'],
  ['shell/carriage-return-make', "printf 'all:\\n\\t./odd/windows.sh\\n' | make -f -"],
  ['shell/carriage-return-env', './windows-env.sh', 'odd'],
  ['pip/offline', `${offline} pip install --retries 1 --no-cache-dir left-pad`],
  ['pip/no-version', 'pip install --no-index left-pad==9'],
  ['pip/no-file', 'pip install -r odd/nowhere.txt'],
  ['pip/invalid', 'pip install -r odd/invalid.txt'],
  ['pip/hashes', 'pip install --dry-run --no-deps --require-hashes --ignore-installed -r odd/hashes.txt'],
  ['pip/conflict', 'pip install --dry-run --ignore-installed -r odd/conflict.txt'],
  ['uv/offline', `UV_HTTP_RETRIES=0 ${offline} uv pip install --no-cache idna`],
  ['uv/out-of-step', 'uv lock --check --no-progress', 'odd/uvproject'],
  ['uv/sync-locked', 'uv sync --locked --no-progress', 'odd/uvproject'],
  ['uv/no-lock', 'uv sync --frozen', 'odd/internal'],
  ['uv/no-solution', `uv pip install --no-progress --dry-run --reinstall -r conflict.txt`, 'odd'],
  ['pytest/passes', 'pytest core/tests/test_pricing.py::test_passes'],
  ['ruff/full', 'ruff check --no-cache --select F,E,UP core/unformatted.py core/broken.py'],
  ['ruff/concise', 'ruff check --no-cache --output-format concise --select F,E,UP core/unformatted.py core/broken.py'],
  ...['github', 'grouped', 'json', 'json-lines', 'pylint', 'azure'].map((format) => [`ruff/${format}`, ruff(format)]),
  ['ruff/format', 'ruff format --no-cache --check core'],
  ...['parseable', 'msvs', 'json', 'json2', 'github'].map((format) => [`pylint/${format}`, pylint(format)]),
  ['isort/check', 'isort --check-only core'],
  ['bandit/screen', 'bandit -q -r odd/tests'],
  ['bandit/json', 'bandit -q -r -f json odd/tests'],
  ...['standard', 'colored', 'parsable', 'github'].map((format) => [
    `yamllint/${format}`,
    `yamllint -f ${format} odd/lint/settings.yml`,
  ]),
  ['pydocstyle/default', 'pydocstyle core/typed.py'],
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
  ...['unix', 'compact', 'json'].map((format) => [`eslint/${format}`, eslint(format), 'ui']),
  ['prettier/check', 'prettier --check src', 'ui'],
  ...['string', 'compact', 'unix', 'json'].map((format) => [
    `stylelint/${format}`,
    `stylelint --formatter ${format} bad.css`,
    'ui/styles',
  ]),
  ['vite/config', 'vite build', 'ui/config'],
  ['vitest/snapshots', 'vitest run', 'ui/snapshots'],
  ['jest/snapshots', "jest --ci --rootDir . --config '{}'", 'ui/jest'],
  ['npm/one-platform', 'npx --yes npm@12 ci --offline --no-audit', 'ui/one-platform'],
  [
    'npm/other-registry',
    'npx --yes npm@10 ci --fetch-retries=0 --no-audit --cache ../empty-cache',
    'ui/other-registry',
  ],
  ['npm/out-of-sync', 'npm ci --no-audit', 'ui/stale'],
  ['npm/not-cached', 'npm ci --offline --no-audit --cache ../empty-cache', 'ui/stale'],
  ['npm/offline', `${offline} npm ci --fetch-retries=0 --cache ../empty-cache`, 'ui/integrity'],
  ['npm/integrity', 'npm ci --no-audit', 'ui/integrity'],
  ['npm/peers', 'npm install --no-audit --dry-run', 'ui/peers'],
  ['npm/no-package', 'npm ci', 'odd'],
  ['npm/no-script', 'npm run nothing', 'ui/stale'],
  ['pre-commit/frame', 'git init -q && git add -A && pre-commit run --all-files --config lint/hooks.yaml', 'odd'],
];

const wanted = process.argv.slice(2);
const chosen = recordings.filter(([name]) => wanted.length === 0 || wanted.some((begin) => name.startsWith(begin)));
const work = await mkdtemp(join(tmpdir(), 'parity-tools-'));
try {
  const workspace = join(work, 'workspace');
  await cp(join(fixtures, 'sources'), workspace, { recursive: true });
  const venv = join(work, 'venv');
  const lock = JSON.parse(await readFile(join(root, 'parity.lock.json'), 'utf8'));
  const pins = lock.python.packages.map(({ name, version }) => `${name}==${version}`);
  run('python3', ['-m', 'venv', venv]);
  run(join(venv, 'bin/pip'), ['install', '--quiet', '--no-deps', ...pins]);
  const [uv] = /^uv==\S+/m.exec(await readFile(join(root, 'images/uv.txt'), 'utf8')) ?? [];
  run(join(venv, 'bin/pip'), ['install', '--quiet', ...extraPython, uv]);
  const plugins = join(work, 'plugins');
  run('python3', ['-m', 'venv', plugins]);
  const flake8 = pins.find((pin) => pin.startsWith('flake8=='));
  run(join(plugins, 'bin/pip'), ['install', '--quiet', flake8, ...flake8Plugins]);
  // The Python that the venv was made from: in the image it is Debian's.
  const pythonHome = execFileSync('python3', ['-c', 'import sys; print(sys.base_prefix)'], { encoding: 'utf8' }).trim();
  if (chosen.some(([, , folder = '.']) => folder.startsWith('ui'))) await installNode(workspace);
  const hide = hideRegistries(join(venv, 'bin/python'));
  const before = JSON.parse(await readFile(join(fixtures, 'recorded/recordings.json'), 'utf8'));
  const outputs = [];
  for (const [name, command, folder = '.'] of recordings) {
    if (!chosen.some(([one]) => one === name)) {
      outputs.push(before.find((one) => one.name === name));
      continue;
    }
    const { output, exitCode } = record(command, join(workspace, folder), { workspace, venv, pythonHome });
    await mkdir(join(fixtures, 'recorded', name, '..'), { recursive: true });
    await writeFile(join(fixtures, 'recorded', `${name}.txt`), hide(output));
    outputs.push({ name, command, folder, exitCode });
    console.log(`${name}: exit code ${exitCode}, ${output.split('\n').length} lines`);
  }
  await writeFile(join(fixtures, 'recorded/recordings.json'), `${JSON.stringify(outputs, null, 2)}\n`);
} finally {
  await rm(work, { recursive: true, force: true });
}

/** What the UI's tools come from. */
async function installNode(workspace) {
  const ui = join(root, 'examples/shop/core/admin_ui');
  for (const name of ['package.json', 'package-lock.json']) await cp(join(ui, name), join(workspace, 'ui', name));
  run('npm', ['ci', '--no-audit', '--no-fund', '--silent'], join(workspace, 'ui'));
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', '--no-save', ...extraNode], join(workspace, 'ui'));
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
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    npm_config_update_notifier: 'false',
  };
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'PIP_CERT'])
    if (process.env[name]) env[name] = process.env[name];
  const { stdout, status } = spawnSync('bash', ['-c', `exec 2>&1; ${command}`], { cwd, env, encoding: 'utf8' });
  const output = stdout
    .replaceAll(workspace, '/workspace')
    .replaceAll(venv, '/opt/parity')
    .replaceAll('../venv/', '../opt/parity/')
    .replaceAll(/0x[0-9a-f]{8,}/g, '0x7f0000000000')
    .replaceAll(/\/tmp\/blk_\w+\.log/g, '/tmp/blk_0.log')
    .replaceAll(/timestamp-\d+-\w+/g, 'timestamp-0')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d_\d\d_\d\d_\d{3}Z-/g, '2026-01-01T00_00_00_000Z-')
    .replaceAll(/(Run started:|"generated_at": ")[\d-]+[ T][\d:.]+(?:\+00:00|Z)/g, '$12026-01-01 00:00:00')
    .replaceAll(work, '/parity')
    .replaceAll(pythonHome, '/usr');
  return { output, exitCode: status };
}

function run(program, args, cwd = root) {
  execFileSync(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}
