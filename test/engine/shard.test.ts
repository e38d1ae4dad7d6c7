import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { parity, type Ended } from '../support/parity.ts';

const { address, makeProject, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };

async function project(pipeline: string, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await makeProject(pipeline);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

const up = (dir: string, ...args: readonly string[]): Promise<Ended> =>
  parity(['up', '--verbose', '--no-color', ...args], { cwd: dir, env });

/** Tests of a file: that many, each of which says that it ran. */
const tests = (count: number): string =>
  Array.from({ length: count }, (_, n) => `def test_${n}(request): print("\\nRAN " + request.node.nodeid)\n`).join('');

/** The tests that ran, as they say themselves; the same one twice is there twice. */
function ran(shards: readonly Ended[]): readonly (readonly string[])[] {
  return shards.map(({ stdout }) => [...stdout.matchAll(/RAN (\S+)/g)].map(([, name = '']) => name).sort());
}

async function allShards(dir: string, of: number, ...args: readonly string[]): Promise<readonly Ended[]> {
  const ended: Ended[] = [];
  for (let index = 1; index <= of; index += 1) ended.push(await up(dir, '--shard', `${index}/${of}`, ...args));
  return ended;
}

const suite = {
  'tests/test_big.py': tests(5),
  'tests/test_mid.py': tests(3),
  'tests/unit/test_small.py': tests(2),
  'tests/unit/test_one.py': tests(1),
};
const whole = Object.entries(suite)
  .flatMap(([path, text]) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((_, n) => `${path}::test_${n}`),
  )
  .sort();

describe('parity up --shard', () => {
  test('every test runs on one machine, whole files together, and every other step on one', async () => {
    const dir = await project(
      '  - { name: lint, run: "true" }\n  - { name: types, run: "true" }\n  - { name: tests, run: pytest -s }\n',
      suite,
    );
    const shards = await allShards(dir, 2);
    expect(shards.map(({ code }) => code)).toEqual([0, 0]);
    const [first = [], second = []] = ran(shards);
    expect([...first, ...second].sort()).toEqual(whole);
    // 5 + 1 and 3 + 2.
    expect(new Set(first.map((name) => name.split('::')[0]))).toEqual(
      new Set(['tests/test_big.py', 'tests/unit/test_one.py']),
    );
    expect(shards.map(({ stdout }) => [...stdout.matchAll(/^passed +(\S+)/gm)].map(([, name]) => name))).toEqual([
      ['lint', 'tests'],
      ['types', 'tests'],
    ]);
    expect(shards[0]?.stdout).toContain('parity: shard 1/2, by file');
    // Without --shard, all of it, in the same containers.
    const [all] = ran([await up(dir)]);
    expect(all).toEqual(whole);
  });

  test.each([
    ['a PYTHONPATH in the command', 'PYTHONPATH=$PWD pytest -s', ''],
    ['the module', 'python3 -m pytest -s', ''],
    ['options in pytest.ini and in the step’s variables', 'pytest', ', env: { PYTEST_ADDOPTS: -s, PYTHONPATH: . }'],
    ['several workers (pytest-xdist)', 'pytest -n 2', ''],
    ['tests chosen by name', 'pytest -s -k "test_0 or test_1"', ''],
  ])('with %s', async (_, run, more) => {
    const log =
      'import os, pytest\n\n@pytest.fixture(autouse=True)\ndef _log(request):\n    yield\n    with open(os.path.join(str(request.config.rootdir), "ran.log"), "a") as log: log.write("RAN " + request.node.nodeid + "\\n")\n';
    const dir = await project(`  - { name: tests, run: '${run} && sort ran.log; rm -f ran.log'${more} }\n`, {
      ...suite,
      'pytest.ini': '[pytest]\naddopts = -p no:doctest\n',
      'conftest.py': log,
    });
    const shards = await allShards(dir, 3);
    expect(shards.map(({ code, stdout }) => (code === 0 ? 0 : stdout))).toEqual([0, 0, 0]);
    const parts = ran(shards).map((names) => [...new Set(names)]);
    const chosen = run.includes('-k') ? whole.filter((name) => /::test_[01]$/.test(name)) : whole;
    expect(parts.flat().sort()).toEqual(chosen);
    for (const part of parts) expect(part.length).toBeGreaterThan(0);
  });

  test('a machine that gets none of the tests passes; with several workers, too; a suite without tests fails everywhere', async () => {
    const dir = await project(
      '  - { name: tests, run: pytest -q }\n  - { name: fast, run: pytest -q -n 2 }\n  - { name: empty, run: pytest -q none }\n',
      { 'test_only.py': tests(2), 'none/readme.md': '' },
    );
    const [first, second] = await allShards(dir, 2, 'tests', 'fast');
    expect(first?.stdout).toMatch(/^2 passed in/m);
    expect([first?.code, second?.code]).toEqual([0, 0]);
    const empty = await allShards(dir, 2, 'empty');
    expect(empty.map(({ code }) => code)).toEqual([1, 1]);
    expect(empty[1]?.stdout).toContain('--- empty: exit code 5');
  });

  test('what the tests start themselves is not divided', async () => {
    const inner =
      'import subprocess, sys\ndef test_outer():\n    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "inner"], capture_output=True, text=True)\n    assert "2 passed" in run.stdout, run.stdout\n';
    const dir = await project('  - { name: tests, run: pytest -q test_outer.py }\n', {
      'test_outer.py': inner,
      'inner/test_a.py': 'def test_a(): pass\n',
      'inner/test_b.py': 'def test_b(): pass\n',
    });
    expect((await allShards(dir, 2)).map(({ code }) => code)).toEqual([0, 0]);
  });

  test('a threshold over all tests keeps them on one machine; one that a file sets is explained', async () => {
    const code = {
      'core.py': 'def a():\n    return 1\n\ndef b():\n    return 2\n',
      'test_a.py': 'import core\ndef test_a(): core.a()\n',
      'test_b.py': 'import core\ndef test_b(): core.b()\n',
    };
    const python = 'PYTHONDONTWRITEBYTECODE: 1, COVERAGE_FILE: /tmp/coverage, PYTHONPATH: .';
    const inCommand = await project(
      `  - { name: tests, run: pytest -q --cov=core --cov-fail-under=100, env: { ${python} } }\n  - { name: lint, run: "true" }\n`,
      code,
    );
    const shards = await allShards(inCommand, 2);
    expect(shards.map(({ code }) => code)).toEqual([0, 0]);
    expect(shards.map(({ stdout }) => [...stdout.matchAll(/^passed +(\S+)/gm)].map(([, name]) => name))).toEqual([
      ['tests'],
      ['lint'],
    ]);
    const inFile = await project(`  - { name: tests, run: pytest -q --cov=core, env: { ${python} } }\n`, {
      ...code,
      '.coveragerc': '[report]\nfail_under = 100\n',
    });
    const failed = await up(inFile, '--shard', '1/2');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('Put the threshold into the command (pytest --cov-fail-under=N)');
    const all = await up(inFile);
    expect(all.code === 0 ? 0 : all).toBe(0);
  });

  test('a failing test is red on its machine and on no other', async () => {
    const dir = await project('  - { name: tests, run: pytest -q }\n', {
      'test_a.py': 'def test_a(): assert 1 == 2\n',
      'test_b.py': 'def test_b(): pass\n',
    });
    expect((await allShards(dir, 2)).map(({ code }) => code)).toEqual([1, 0]);
  });

  test('with more machines than parts, one has nothing to do and says so', async () => {
    const dir = await project('  - { name: lint, run: "true" }\n', {});
    const [first, second] = await allShards(dir, 2);
    expect(first?.stdout).toMatch(/^passed +lint/m);
    expect(second?.code).toBe(0);
    expect(second?.stderr).toContain('shard 2/2 has nothing to run: the pipeline has fewer parts than shards');
  });

  test.each(['0/2', '3/2', '1', 'a/b', '1/0', '1/2/3', ''])('%s is no shard', async (shard) => {
    const dir = await project('  - { name: lint, run: "true" }\n', {});
    const ended = await up(dir, '--shard', shard);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('Write it as I/N, the part and how many there are: 1/3, 2/3 and 3/3.');
  });
});
