import { expect, test } from 'vitest';
import { shellCommands } from '../../formats/shell.ts';
import { environmentsFolder, fetchingOf, keptPass } from './fetching.ts';

const of = (text: string): unknown => shellCommands(text).map((command) => fetchingOf(command));

test.each([
  ['npm ci', 'fixed'],
  ['pnpm install --frozen-lockfile', 'fixed'],
  ['yarn install --immutable', 'fixed'],
  ['uv sync --group docs --locked', 'fixed'],
  ['python -m pyright src', 'fixed'],
  ['tox -e lint', 'fixed'],
  ['pre-commit run --all-files', 'fixed'],
  ['python -m build --wheel', 'index'],
  ['python -Im pre_commit run --all-files', 'fixed'],
  ['pyproject-build', 'index'],
  ['python -Im build', 'index'],
  ['python3 -X dev -W error -mbuild', 'index'],
  ['python -I tools/build.py -m build', undefined],
  ['uv build', 'index'],
  ['flit build', 'index'],
  ['python -m pip install dist/shop.whl', 'index'],
  ['pip download -d wheels shop', 'index'],
  ['npm install', 'index'],
  ['uv run --with rich python x.py', 'index'],
  ['curl -O https://example.org/data.json', 'unknown'],
  ['git clone https://example.org/shop.git', 'unknown'],
  ['pip-audit', 'unknown'],
  ['pnpm audit', 'unknown'],
  ['pip uninstall -y chardet', undefined],
  ['python -m pip list', undefined],
  ['twine check --strict dist/*', undefined],
  ['pytest -q', undefined],
])('what %s fetches: %s', (command, fetching) => {
  expect(of(command)).toEqual([fetching]);
});

test('a pass stands while its inputs do, for a day where an index is asked, and not at all where nobody knows what is fetched', () => {
  expect(keptPass([])).toEqual({});
  expect(keptPass(['fixed', 'fixed'])).toEqual({ cache: true });
  expect(keptPass(['fixed', 'index'])).toEqual({ cache: true, cacheSeconds: 86_400 });
  expect(keptPass(['fixed', 'index', 'unknown'])).toEqual({});
});

test.each([
  ['tox run -f 3.11-tests', '.tox'],
  ['tox -e lint -c ci/tox.ini', undefined],
  ['tox run --workdir /tmp/tox', undefined],
  ['nox -s tests', '.nox'],
  ['nox -f ci/noxfile.py', undefined],
])('%s keeps its environments in %s', (text, folder) => {
  expect(shellCommands(text).map((command) => environmentsFolder(command))).toEqual([folder]);
});
