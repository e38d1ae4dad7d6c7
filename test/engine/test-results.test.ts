import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ToolDiagnostic } from '../../src/core/tool-diagnostic.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { projectDir, sweep } from '../support/environment.ts';
import { lockedProject } from '../support/locked-project.ts';
import { parity } from '../support/parity.ts';

const address = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
const engine = createDockerEngine({ address, source: 'test' });
const dirs: string[] = [];
const references: string[] = [];
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };

afterAll(async () => {
  await sweep(engine, dirs);
  for (const reference of references) await engine.removeImage(reference);
  await engine.close();
});

const files = {
  'shop/__init__.py': '',
  'shop/pricing.py':
    'def total(prices):\n    if not prices:\n        raise ValueError("no prices")\n    return sum(prices)\n',
  'tests/conftest.py': `import pytest


@pytest.fixture
def database():
    raise ConnectionRefusedError(111, "Connection refused")


@pytest.fixture
def torn():
    yield
    raise OSError("could not clean up")
`,
  'tests/test_shop.py': `import os

import pytest

from shop.pricing import total


def test_passes():
    assert total([1, 2]) == 3


def test_raises_in_the_code():
    total([])


def test_compares():
    assert total([1, 2]) == 4


def test_of_the_database(database):
    pass


def test_torn(torn):
    pass


def test_lost(nowhere):
    pass


@pytest.mark.xfail(strict=True)
def test_passes_unexpectedly():
    pass


def check(value):
    __tracebackhide__ = True
    assert value, "not so"


def test_checked():
    check(0)


@pytest.mark.parametrize("word", ["a b", "ü - :: [x]"])
def test_words(word):
    assert word == ""


def test_sees_nothing_of_it():
    names = [name for name in os.environ if name == "PARITY_RESULTS"]
    assert names == []
    assert "parity_results" not in os.environ.get("PYTEST_ADDOPTS", "")
    assert "/parity/pytest" not in os.environ.get("PYTHONPATH", "")
`,
  'tests/test_import.py': 'import not_installed_anywhere\n',
};

async function project(pipeline: string): Promise<string> {
  const dir = projectDir('results ü');
  dirs.push(dir);
  references.push(await lockedProject(engine, dir, pipeline));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

/** What tools said in each step, a line each, in the order of their text. */
async function said(dir: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { stdout, stderr } = await parity(['up', '--no-cache', '--reporter', 'json'], { cwd: dir, env });
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step: string; diagnostics: readonly ToolDiagnostic[] })
    .filter(({ type }) => type === 'step-finished');
  if (events.length === 0) throw new Error(`no step ran: ${stdout}${stderr}`);
  return Object.fromEntries(events.map(({ step, diagnostics }) => [step, diagnostics.map(line).sort()]));
}

function line({ file, line: row, code, phase, test: node, message }: ToolDiagnostic): string {
  return `${file ?? '-'}:${row ?? '-'} ${code ?? '-'} ${phase ?? 'call'} ${node ?? '-'}: ${message.split('\n')[0] ?? ''}`;
}

const collected =
  "tests/test_import.py:1 ModuleNotFoundError collect tests/test_import.py: ModuleNotFoundError: No module named 'not_installed_anywhere'";
const failed = [
  'tests/conftest.py:12 OSError teardown tests/test_shop.py::test_torn: OSError: could not clean up',
  'tests/conftest.py:6 ConnectionRefusedError setup tests/test_shop.py::test_of_the_database: ConnectionRefusedError: [Errno 111] Connection refused',
  'shop/pricing.py:3 ValueError call tests/test_shop.py::test_raises_in_the_code: ValueError: no prices',
  'tests/test_shop.py:17 AssertionError call tests/test_shop.py::test_compares: assert 3 == 4',
  "tests/test_shop.py:28 FixtureLookupError setup tests/test_shop.py::test_lost: fixture 'nowhere' not found",
  'tests/test_shop.py:32 - call tests/test_shop.py::test_passes_unexpectedly: [XPASS(strict)]',
  'tests/test_shop.py:43 AssertionError call tests/test_shop.py::test_checked: AssertionError: not so',
  "tests/test_shop.py:48 AssertionError call tests/test_shop.py::test_words[a b]: AssertionError: assert 'a b' == ''",
].sort();

describe('what fails in a pytest run', () => {
  test('is known with its place though the step prints none of it', async () => {
    const dir = await project(
      [
        '  - { name: quiet, run: "pytest --tb=no -q --continue-on-collection-errors > quiet.txt 2>&1", env: { PYTHONPATH: . } }',
        '  - { name: workers, run: "pytest -n 2 --tb=line --continue-on-collection-errors > workers.txt 2>&1", env: { PYTHONPATH: . } }',
        '  - { name: parts, run: "pytest --continue-on-collection-errors > parts.txt 2>&1", split: 2, env: { PYTHONPATH: . } }',
        '',
      ].join('\n'),
    );
    const steps = await said(dir);
    for (const name of ['quiet', 'workers', 'parts']) {
      const found = steps[name] ?? [];
      expect(found.filter((one) => !one.includes('ü'))).toEqual([...failed, collected].sort());
      // Python escapes what is no ASCII in a parameter.
      expect(found.filter((one) => one.includes('ü')).length).toBe(1);
    }
  });

  test('is all that the run shows of it: output, junit file and exit code are those of pytest alone', async () => {
    const command = (name: string): string =>
      `pytest -p no:cacheprovider --durations=0 -vv -rA --cov=shop --cov-report=term --junitxml=${name}.xml tests/test_shop.py > ${name}.txt 2>&1 || echo $? > ${name}.code`;
    const dir = await project(
      [
        `  - { name: with, run: ${JSON.stringify(command('with'))}, env: { PYTHONPATH: ., COVERAGE_FILE: /tmp/with } }`,
        // A command that speaks of PYTHONPATH is left alone.
        `  - { name: bare, run: ${JSON.stringify(`: PYTHONPATH; ${command('bare')}`)}, env: { PYTHONPATH: ., COVERAGE_FILE: /tmp/bare } }`,
        '',
      ].join('\n'),
    );
    const steps = await said(dir);
    expect(steps['bare']).toEqual([]);
    const shown = (name: string, ending: string): string =>
      readFileSync(join(dir, `${name}.${ending}`), 'utf8')
        .replaceAll(`${name}.xml`, 'own.xml')
        .replace(/\d+\.\d+s\b/g, '0s')
        .replace(/\b(?:time|timestamp)="[^"]*"/g, 'time=""')
        .replace(/^=+ (.*) =+$/gm, '$1')
        .replace(/^0s (?:call|setup|teardown) .*\n/gm, '');
    for (const ending of ['txt', 'xml', 'code']) expect(shown('with', ending)).toBe(shown('bare', ending));
    expect(shown('with', 'code')).toBe('1\n');
    expect(shown('with', 'txt')).toContain('TOTAL');
  });
});
