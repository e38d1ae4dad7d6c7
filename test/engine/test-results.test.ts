import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { ToolDiagnostic } from '../../src/core/tool-diagnostic.ts';
import { engineTest } from '../support/engine-test.ts';
import { parity } from '../support/parity.ts';

const { address, makeProject, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };

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
    assert [name for name in os.environ if name.startswith("PARITY_") and name != "PARITY_COMMAND"] == []
    assert "parity_" not in os.environ.get("PYTEST_ADDOPTS", "")
    assert "/parity/pytest" not in os.environ.get("PYTHONPATH", "")
`,
  'tests/test_import.py': 'import not_installed_anywhere\n',
};

async function project(pipeline: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const dir = await makeProject(pipeline, { name: 'results ü' });
  for (const [path, text] of Object.entries({ ...files, ...more })) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

interface RanStep {
  readonly exitCode: number | null;
  readonly diagnostics: readonly ToolDiagnostic[];
  /** All that it printed. */
  readonly text: string;
}

/** Runs the pipeline and gives its steps by name. */
async function up(dir: string): Promise<Readonly<Record<string, RanStep>>> {
  const { stdout, stderr } = await parity(['up', '--no-cache', '--reporter', 'json'], { cwd: dir, env });
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each) as { type: string; step: string; text: string } & Omit<RanStep, 'text'>);
  const ended = events.filter(({ type }) => type === 'step-finished');
  if (ended.length === 0) throw new Error(`no step ran: ${stdout}${stderr}`);
  return Object.fromEntries(
    ended.map(({ step, exitCode, diagnostics }) => {
      const printed = events.filter((event) => event.type === 'step-output' && event.step === step);
      return [step, { exitCode, diagnostics, text: printed.map(({ text }) => text).join('') }];
    }),
  );
}

/** What tools said in each step, a line each, in the order of their text. */
async function said(dir: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const steps = await up(dir);
  return Object.fromEntries(
    Object.entries(steps).map(([name, { diagnostics }]) => [name, diagnostics.map(line).sort()]),
  );
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
    // What failed in a step is known to a command that is tried after it, and the project's folder has no cache.
    const again = await parity(['run', '--', 'python', '-m', 'pytest', '--lf', 'tests/test_shop.py'], {
      cwd: dir,
      env,
    });
    expect(again.stdout).toContain('run-last-failure: rerun previous ');
    expect(existsSync(join(dir, '.pytest_cache'))).toBe(false);
  });

  test('is all that the run shows of it: output, junit file and exit code are those of pytest alone', async () => {
    const command = (name: string): string =>
      `pytest -rA --cov --cov-report=term --junitxml=${name}.xml tests/test_shop.py > ${name}.txt 2>&1 || echo $? > ${name}.code`;
    const dir = await project(
      [
        `  - { name: with, run: ${JSON.stringify(command('with'))}, env: { PYTHONPATH: ., COVERAGE_FILE: /tmp/with } }`,
        // A command that speaks of PYTEST_ADDOPTS is left alone.
        `  - { name: bare, run: ${JSON.stringify(`: PYTEST_ADDOPTS; ${command('bare')}`)}, env: { PYTHONPATH: ., COVERAGE_FILE: /tmp/bare } }`,
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
        // pytest itself, which Debian has where coverage looks: how much of it runs depends on what it has compiled already.
        .replace(/^\/usr\/lib\/.*\n/gm, '')
        .replace(/^TOTAL .*$/gm, 'TOTAL');
    for (const ending of ['txt', 'xml', 'code']) expect(shown('with', ending)).toBe(shown('bare', ending));
    expect(shown('with', 'code')).toBe('1\n');
    expect(shown('with', 'txt')).toContain('TOTAL');
  });

  test('that is so whatever a project asks pytest for: each step prints and ends as it does without parity’s plugins', async () => {
    const commands: Readonly<Record<string, string>> = {
      plain: 'pytest --junitxml=/dev/null',
      'own-path': 'PYTHONPATH=$PWD pytest -q',
      'no-cache': 'pytest -q -W error --strict-config --strict-markers -p no:cacheprovider tests/test_shop.py',
      'no-plugins': 'PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python -W error -bb -X dev -m pytest -q tests/test_shop.py',
      'no-output': 'pytest -q -p no:terminal tests/test_shop.py',
      'first-alone': 'pytest -q -x tests/test_shop.py',
      twice: 'pytest -q --cache-clear tests/test_shop.py || pytest -q --lf --junitxml=/dev/null',
      unittest: 'pytest -q odd/unit.py',
      nested: 'pytest -q -p pytester odd/nested.py',
      'no-such-file': 'pytest -q nowhere',
      'no-such-option': 'pytest --frobnicate',
    };
    const odd = {
      'odd/unit.py': `import unittest


class TestUnit(unittest.TestCase):
    def test_compares(self):
        self.assertEqual(1, 2)

    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                self.assertEqual(part, 1)


class TestBroken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("no class")

    def test_never(self):
        pass


class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def test_odd():
    raise Odd
`,
      'odd/nested.py': `def test_inner(pytester):
    pytester.makepyfile("def test_a(): assert 0")
    for run in (pytester.runpytest_inprocess, pytester.runpytest_subprocess):
        run("-p", "no:cacheprovider").assert_outcomes(failed=1)
    assert 0
`,
    };
    const step = (name: string, run: string): string =>
      `  - ${JSON.stringify({ name, run, env: { PYTHONPATH: '.', PYTHONDONTWRITEBYTECODE: '1' } })}\n`;
    // Newer than the image's own: what was a mistake that it kept to itself is a warning there, and an error of -W error.
    const nine =
      '/tmp/nine/bin/pytest -q -W error --strict-config -p no:cacheprovider tests/test_shop.py --deselect tests/test_shop.py::test_lost';
    const dir = await project(
      [
        ...Object.entries(commands).flatMap(([name, run]) => [
          step(name, run),
          step(`${name}-bare`, `: PYTEST_ADDOPTS; ${run}`),
        ]),
        '  - { name: install-nine, run: "python3 -m venv /tmp/nine && /tmp/nine/bin/python -m pip install -q pytest==9.2.0", network: full }\n',
        ...[nine, `: PYTEST_ADDOPTS; ${nine}`].map(
          (run, at) =>
            `  - ${JSON.stringify({ name: ['nine', 'nine-bare'][at], run, network: 'full', needs: ['install-nine'], env: { PYTHONPATH: '.' } })}\n`,
        ),
      ].join(''),
      odd,
    );
    const steps = await up(dir);
    const shown = (name: string): unknown => {
      const { exitCode, text = '' } = steps[name] ?? {};
      const same = text
        .replace(/\b\d+\.\d+s\b/g, '0s')
        .replace(/ 0x[0-9a-f]+/g, ' 0x')
        .replace(/\/pytest-\d+\//g, '/pytest/');
      return { exitCode, text: same };
    };
    for (const name of [...Object.keys(commands), 'nine']) expect(shown(name), name).toEqual(shown(`${name}-bare`));
    // What is equal is what pytest says, not what parity says of a step that can't start.
    const exitCodes = Object.fromEntries(Object.keys(commands).map((name) => [name, steps[name]?.exitCode]));
    expect(exitCodes).toEqual({
      plain: 2,
      'own-path': 2,
      'no-cache': 1,
      'no-plugins': 1,
      'no-output': 4,
      'first-alone': 1,
      twice: 1,
      unittest: 1,
      nested: 1,
      'no-such-file': 4,
      'no-such-option': 4,
    });
    expect(steps['plain']?.text).not.toContain('cachedir');
    expect(steps['nine']).toMatchObject({ exitCode: 1 });
  });
});
