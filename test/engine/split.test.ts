import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import type { StepFinished } from '../../src/pipeline/events.ts';
import { engineTest } from '../support/engine-test.ts';
import { parity, startParity } from '../support/parity.ts';

const { address, makeProject, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };

const python = { PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: '.' };

function addFiles(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

/** A project with steps by name: their command, and more of what a step may say. */
async function project(
  steps: Readonly<Record<string, { readonly run: string; readonly [key: string]: unknown }>>,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const pipeline = Object.entries(steps).map(
    ([name, more]) => `  - ${JSON.stringify({ name, env: python, ...more })}\n`,
  );
  return await makeProject(pipeline.join(''), { name: 'a split ü', files });
}

interface RanStep extends StepFinished {
  readonly text: string;
}

/** Runs the pipeline and gives its steps' ends with all that they printed. */
async function up(dir: string, ...args: readonly string[]): Promise<Readonly<Record<string, RanStep>>> {
  const { stdout, stderr } = await parity(['up', '--no-cache', '--reporter', 'json', ...args], { cwd: dir, env });
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step: string; text: string });
  const ended = events.filter(({ type }) => type === 'step-finished') as unknown as readonly StepFinished[];
  if (ended.length === 0) throw new Error(`no step ran: ${stdout}${stderr}`);
  return Object.fromEntries(
    ended.map((end) => {
      const said = events.filter(({ type, step }) => type === 'step-output' && step === end.step);
      return [end.step, { ...end, text: said.map(({ text }) => text).join('') }];
    }),
  );
}

/** What a run of pytest printed, without what differs between any two of them: times, and the order of the files. */
function told({ text, exitCode, outcome }: RanStep): unknown {
  const lines = text
    .replace(/ in \d+\.\d+s\b/g, '')
    .replace(/=+$/gm, '==')
    .replace(/0x[0-9a-f]+/g, '0x0')
    .split('\n')
    .map((line) => (/^[.FEsxX]+ +\[ *\d+%\]$/.test(line) ? [...line.replace(/ .*/, '')].sort().join('') : line));
  return { lines: lines.sort(), exitCode, outcome };
}

const diagnosed = (step: RanStep | undefined): readonly string[] =>
  (step?.diagnostics ?? [])
    .map(({ severity, file, line, message }) => `${severity} ${file}:${line} ${message.split('\n')[0]}`)
    .sort();

/** Each test says in a file of the repository that it ran, in which process and worker, and with which folder for temporary files. */
const conftest = `import os, pytest, tempfile

@pytest.fixture(autouse=True)
def _log(request):
    yield
    with open(os.environ["RAN"], "a") as log:
        log.write(" ".join([request.node.nodeid, str(os.getpid()), os.environ.get("PYTEST_XDIST_WORKER", "master"), tempfile.gettempdir()]) + "\\n")
`;

interface Ran {
  readonly test: string;
  readonly pid: string;
  readonly worker: string;
  readonly tmp: string;
}

/** What ran since the last time it was asked. */
function ran(dir: string, name: string): readonly Ran[] {
  const path = join(dir, name);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').sort();
  rmSync(path);
  return lines.map((line) => {
    const [test = '', pid = '', worker = '', tmp = ''] = line.split(' ');
    return { test, pid, worker, tmp };
  });
}

const shop = {
  'conftest.py': conftest,
  'core.py':
    'def a(x):\n    if x:\n        return 1\n    return 2\n\n\ndef b():\n    return 3\n\n\ndef never():\n    return 4\n',
  'tests/test_a.py':
    'import core, pytest\n@pytest.mark.parametrize("n", [1, 2, 3])\ndef test_a(n, tmp_path): assert core.a(n) == 1\n',
  'tests/test_b.py':
    'import core, warnings\ndef test_b(): assert core.b() == 3\ndef test_slow(): warnings.warn("old", DeprecationWarning)\n',
  'tests/unit/test_c.py':
    'import core, pytest, unittest\ndef test_c(): assert core.a(0) == 2\n@pytest.mark.skip(reason="no")\ndef test_skipped(): pass\n@pytest.mark.xfail\ndef test_xfail(): assert 0\nclass TestCase(unittest.TestCase):\n    def test_method(self): self.assertEqual(core.b(), 3)\n',
  'tests/unit/test_d.py': 'def test_fails():\n    found = {"a": 1}\n    assert found == {"a": 2}\n',
  'tests/unit/test_e.py':
    'import pytest\n@pytest.fixture\ndef bad(): raise ValueError("bad")\ndef test_error(bad): pass\n',
};

/** The same command twice, as it is and split; each has files of its own. What goes away again lies outside of what the other collects. */
function both(run: string, more: object = {}): Parameters<typeof project>[0] {
  const own = (name: string): object => ({ ...python, RAN: `${name}.log`, COVERAGE_FILE: `/tmp/${name}.coverage` });
  return {
    whole: { run, ...more, env: own('whole') },
    parts: { run, ...more, env: own('parts'), split: 2 },
  };
}

describe('a step with split', () => {
  test('says, finds and exits as it does unsplit, and every test runs once, in processes with folders of their own', async () => {
    const dir = await project(both('pytest -q -rA --cov=core --cov-report=term-missing --cov-fail-under=80'), shop);
    const { whole, parts } = await up(dir);
    if (whole === undefined || parts === undefined) throw new Error('a step did not run');
    expect(whole.text).toContain('1 failed, 7 passed, 1 skipped, 1 xfailed, 1 warning, 1 error');
    expect(whole.text).toMatch(/^core\.py +8 +1 +88% +12$/m);
    expect(told(parts)).toEqual(told(whole));
    expect(parts.exitCode).toBe(1);
    expect(diagnosed(parts)).toEqual(diagnosed(whole));
    expect(diagnosed(parts)).toHaveLength(3);
    const [one, two] = [ran(dir, 'whole.log'), ran(dir, 'parts.log')];
    expect(two.map((each) => each.test)).toEqual(one.map((each) => each.test));
    expect(new Set(one.map(({ pid }) => pid)).size).toBe(1);
    const processes = new Map(two.map(({ pid, worker, tmp }) => [pid, { worker, tmp }]));
    expect([...processes.values()].map(({ worker }) => worker).sort()).toEqual(['gw1', 'master']);
    expect(new Set([...processes.values()].map(({ tmp }) => tmp)).size).toBe(2);
    // Whole files stay together.
    const homes = new Set(two.map((each) => `${each.test.split('::')[0]} ${each.pid}`));
    expect(homes.size).toBe(new Set(two.map((each) => each.test.split('::')[0])).size);
  });

  test('the total of all parts is held against the threshold, wherever that is written', async () => {
    const files = { ...shop, 'tests/unit/test_d.py': '', 'tests/unit/test_e.py': '' };
    const dir = await project(both('pytest -q --cov=core --cov-branch'), {
      ...files,
      '.coveragerc': '[report]\nfail_under = 80\n',
    });
    const enough = await up(dir);
    expect(enough['parts']?.text).toContain('Required test coverage of 80.0% reached. Total coverage: 90.00%');
    expect([enough['parts']?.exitCode, enough['whole']?.exitCode]).toEqual([0, 0]);
    addFiles(dir, { '.coveragerc': '[report]\nfail_under = 91\n' });
    const { whole, parts } = await up(dir);
    if (whole === undefined || parts === undefined) throw new Error('a step did not run');
    expect(told(parts)).toEqual(told(whole));
    expect(diagnosed(parts)).toEqual([
      'error null:null Required test coverage of 91.0% not reached. Total coverage: 90.00%',
      'warning tests/test_b.py:3 old',
    ]);
  });

  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>, number])[] = [
    ['chosen by name', 'pytest -q -k "test_b or test_c"', {}, 0],
    ['of one file', 'pytest -q tests/test_a.py', {}, 0],
    ['named one by one', 'pytest -q tests/test_a.py::test_a tests/unit/test_c.py::TestCase::test_method', {}, 0],
    ['none of them', 'pytest -q -k nowhere', {}, 5],
    ['that are not there', 'pytest -q tests/nowhere.py', {}, 4],
    [
      'by the module, options in pytest.ini',
      'python -m pytest',
      { 'pytest.ini': '[pytest]\naddopts = -q -k test_a\n' },
      0,
    ],
    ['that can not be collected', 'pytest -q', { 'tests/test_z.py': 'import nowhere\n' }, 2],
    [
      'that can not be collected, in both parts',
      'pytest -q',
      { 'tests/test_b.py': 'import nowhere\n', 'tests/test_a.py': 'x(\n' },
      2,
    ],
    [
      'after one that can not be collected',
      'pytest -q --continue-on-collection-errors',
      { 'tests/test_z.py': 'import nowhere\n' },
      1,
    ],
    ['of two modules of one name', 'pytest -q', { 'other/test_a.py': 'def test_other(): pass\n' }, 2],
    ['with a conftest that breaks', 'pytest -q', { 'tests/conftest.py': 'import nowhere\n' }, 4],
    ['until the first failure', 'pytest -q -x tests/unit/test_d.py', {}, 1],
    ['with doctests', 'pytest -q --doctest-modules -k "doc or test_c"', { 'doc.py': '"""\n>>> 1 + 1\n2\n"""\n' }, 0],
    ['that print', 'pytest -q -s tests/test_p.py', { 'tests/test_p.py': 'def test_p(): print("printed")\n' }, 0],
  ];

  // Each in a folder of its own, all in one run.
  const folderOf = (index: number): string => `case-${index}`;
  let cached: ReturnType<typeof up> | undefined;
  const allCases = (): ReturnType<typeof up> => (cached ??= runCases());

  async function runCases(): ReturnType<typeof up> {
    const files = cases.flatMap(([, , more], index) =>
      // The log is kept out of it: some of these runs have none.
      Object.entries({ ...shop, 'conftest.py': '', ...more }).map(([path, text]) => [
        `${folderOf(index)}/${path}`,
        text,
      ]),
    );
    const steps = cases.flatMap(([, run], index) => {
      const { whole, parts } = both(run, { cwd: folderOf(index) });
      return [
        [`whole-${index}`, whole],
        [`parts-${index}`, parts],
      ];
    });
    return await up(await project(Object.fromEntries(steps), Object.fromEntries(files)));
  }

  test.each(cases.map(([name, , , code], index) => [name, code, index] as const))(
    'tests %s',
    async (_, code, index) => {
      const { [`whole-${index}`]: whole, [`parts-${index}`]: parts } = await allCases();
      if (whole === undefined || parts === undefined) throw new Error('a step did not run');
      expect(whole.exitCode).toBe(code);
      expect(told(parts)).toEqual(told(whole));
      expect(diagnosed(parts)).toEqual(diagnosed(whole));
    },
  );

  test('one junit file has all tests', async () => {
    const dir = await project(both('pytest -q --junitxml=$RAN.xml'), shop);
    await up(dir);
    const cases = (name: string): readonly string[] =>
      [...readFileSync(join(dir, `${name}.log.xml`), 'utf8').matchAll(/<testcase classname="(.+?)" name="(.+?)"/g)]
        .map(([, group, test]) => `${group} ${test}`)
        .sort();
    expect(cases('parts')).toEqual(cases('whole'));
    expect(cases('parts')).toHaveLength(11);
    expect(readFileSync(join(dir, 'parts.log.xml'), 'utf8')).toContain(
      'errors="1" failures="1" skipped="2" tests="11"',
    );
  });

  test('how long each file took decides the next division; a new file runs, too; each once', async () => {
    const slow = 'import time\ndef test_slow(): time.sleep(0.8)\n';
    const quick = 'def test_quick(): pass\n';
    const files = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`test_${name}.py`, quick]));
    const dir = await project(
      { tests: { run: 'pytest -q', split: 2, env: { ...python, RAN: 'ran.log' } } },
      {
        'conftest.py': conftest,
        ...files,
        // By its size, the one with the least to do.
        'test_c.py': slow,
      },
    );
    await up(dir);
    expect(ran(dir, 'ran.log')).toHaveLength(5);
    addFiles(dir, { 'test_new.py': quick });
    const { tests } = await up(dir);
    expect(tests?.text).toMatch(/^6 passed in/m);
    const second = ran(dir, 'ran.log');
    expect(second.map(({ test }) => test.split('::')[0])).toEqual([...Object.keys(files), 'test_new.py']);
    const { pid } = second.find(({ test }) => test.startsWith('test_c')) ?? {};
    expect(second.filter((each) => each.pid === pid).map(({ test }) => test)).toEqual(['test_c.py::test_slow']);
  });

  test('one that has nothing to gain, or something that divides already, stays in one process and says why', async () => {
    const dir = await project(
      {
        quick: { run: 'pytest -q', split: 'auto', env: { ...python, RAN: 'quick.log' } },
        xdist: { run: 'pytest -q -n 2', split: 2, env: { ...python, RAN: 'xdist.log' } },
        debugged: { run: 'pytest -q --trace < /dev/null || true', split: 2, env: { ...python, RAN: 'debugged.log' } },
        listed: { run: 'pytest -q --collect-only', split: 2 },
      },
      { 'conftest.py': conftest, 'test_a.py': 'def test_a(): pass\n', 'test_b.py': 'def test_b(): pass\n' },
    );
    await up(dir, 'quick', '--jobs', '4');
    expect(new Set(ran(dir, 'quick.log').map(({ pid }) => pid)).size).toBe(2);
    const { quick, xdist, debugged, listed } = await up(dir, '--jobs', '4');
    expect(quick?.text).toMatch(/^\.\. +\[100%\]\n2 passed in/);
    expect(new Set(ran(dir, 'quick.log').map(({ pid }) => pid)).size).toBe(1);
    expect(xdist?.text).toMatch(/^parity: not split: pytest-xdist divides the tests already\n/);
    expect(xdist?.outcome).toBe('passed');
    expect(debugged?.text).toContain('parity: not split: a debugger needs all tests in one process');
    expect(listed?.text).toMatch(/^test_a\.py::test_a\ntest_b\.py::test_b\n\n2 tests collected/);
  });

  test('the command around pytest runs once; of several pytests each is split; what tests start is not', async () => {
    const inner =
      'import os, subprocess, sys\ndef test_outer():\n    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "inner"], capture_output=True, text=True)\n    assert "2 passed" in run.stdout, run.stdout\n';
    const dir = await project(
      {
        tests: {
          run: 'echo before; pytest -q test_outer.py test_other.py && pytest -q inner && echo after',
          split: 2,
          env: { ...python, RAN: 'ran.log' },
        },
      },
      {
        'conftest.py': conftest,
        'test_outer.py': inner,
        'test_other.py': 'def test_other(): pass\n',
        'inner/test_x.py': 'def test_x(): pass\n',
        'inner/test_y.py': 'def test_y(): pass\n',
      },
    );
    const { tests } = await up(dir);
    expect(tests?.text.replace(/ in \d.*/g, '').replace(/ +\[100%\]/g, '')).toBe(
      'before\n..\n2 passed\n..\n2 passed\nafter\n',
    );
    const pids = new Map<string, Set<string>>();
    for (const { test, pid } of ran(dir, 'ran.log')) pids.set(test, (pids.get(test) ?? new Set()).add(pid));
    // Inside of test_outer, and by itself.
    expect([...pids].map(([test, processes]) => `${test} ${processes.size}`)).toEqual([
      'inner/test_x.py::test_x 2',
      'inner/test_y.py::test_y 2',
      'test_other.py::test_other 1',
      'test_outer.py::test_outer 1',
    ]);
  });

  test('a part that dies fails the step with its exit code, its last words and the test that it ran', async () => {
    const dies = (how: string): string =>
      `import os, pytest\ndef test_dies():\n    print("last words", flush=True)\n    ${how}\n`;
    const dir = await project(
      Object.fromEntries(
        ['exit', 'kill', 'leave'].map((name) => [
          name,
          { run: `pytest -q -s test_aaaaaaaaaaaaaaaaaaaaaa.py test_${name}.py`, split: 2 },
        ]),
      ),
      {
        // The first part's: it is the bigger one.
        'test_aaaaaaaaaaaaaaaaaaaaaa.py': `def test_a(): pass\n${'#\n'.repeat(300)}`,
        'test_exit.py': dies('os._exit(9)'),
        'test_kill.py': dies('os.kill(os.getpid(), 9)'),
        'test_leave.py': dies('pytest.exit("enough", 7)'),
      },
    );
    const { exit, kill, leave } = await up(dir);
    expect([exit, kill, leave].map((step) => [step?.outcome, step?.exitCode])).toEqual([
      ['failed', 9],
      ['failed', 137],
      ['failed', 7],
    ]);
    expect(exit?.text).toContain('last words\n');
    expect(exit?.text).toContain('\nparity: part 2 of 2 ended with exit code 9 in test_exit.py::test_dies\n');
    expect(kill?.text).toContain('\nparity: part 2 of 2 ended with exit code 137 in test_kill.py::test_dies\n');
    expect(leave?.text).toContain('Exit: enough');
  });

  test('-x stops all parts', async () => {
    const many = 'import time, pytest\n@pytest.mark.parametrize("n", range(400))\ndef test_many(n): time.sleep(0.05)\n';
    const dir = await project(
      { tests: { run: 'pytest -q -x', split: 2, env: { ...python, RAN: 'ran.log' } } },
      { 'conftest.py': conftest, 'test_many.py': many, 'test_one.py': 'def test_one(): assert 0\n' },
    );
    const { tests } = await up(dir);
    expect(tests?.exitCode).toBe(1);
    expect(tests?.text).toContain('FAILED test_one.py::test_one - assert 0');
    expect(tests?.text).toContain('stopping after 1 failures');
    expect(ran(dir, 'ran.log').length).toBeLessThan(200);
  });

  test('Ctrl-C ends all parts', async () => {
    const sleeps = 'import time\ndef test_first(): pass\ndef test_sleeps(): time.sleep(600)\n';
    const dir = await project(
      { tests: { run: 'pytest -v', split: 3, env: { ...python, PYTHONUNBUFFERED: '1' } } },
      { 'test_a.py': sleeps, 'test_b.py': sleeps, 'test_c.py': sleeps },
    );
    const { child, ended } = startParity(['up', '--no-cache', '--reporter', 'json'], { cwd: dir, env });
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (text: string) => {
        if (/test_[abc]\.py::test_first PASSED/.test(text)) resolve();
      });
    });
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const left = await parity(['run', '--', 'sh', '-c', 'ps -eo args | grep -c "[p]ytest -v" || true'], {
      cwd: dir,
      env,
    });
    expect(left.stdout).toBe('0\n');
  });

  test('a shard’s part is split: over all machines and parts every test runs once', async () => {
    // Two machines: what one has learnt of its files' durations does not divide the other's.
    const machine = (): Promise<string> =>
      project(
        { tests: { run: 'pytest -q', split: 2, env: { ...python, RAN: 'ran.log' } } },
        {
          'conftest.py': conftest,
          ...Object.fromEntries(
            ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [
              `test_${name}.py`,
              'def test_1(): pass\ndef test_2(): pass\n',
            ]),
          ),
        },
      );
    const [here, there] = [await machine(), await machine()];
    const first = await up(here, '--shard', '1/2');
    const one = ran(here, 'ran.log');
    await up(there, '--shard', '2/2');
    const two = ran(there, 'ran.log');
    expect(first['tests']?.text).toMatch(/^8 passed, 6 deselected in/m);
    expect([one, two].map((each) => new Set(each.map(({ pid }) => pid)).size)).toEqual([2, 2]);
    expect([...one, ...two].map(({ test }) => test).sort()).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((name) => [1, 2].map((n) => `test_${name}.py::test_${n}`)),
    );
  });

  test('the caches that pytest keeps are those of one run: --lf runs what failed in any part', async () => {
    const dir = await project(
      {
        tests: { run: 'pytest -q', split: 2, env: { ...python, RAN: 'ran.log' } },
        again: { run: 'pytest -q --lf', split: 2, env: { ...python, RAN: 'again.log' } },
      },
      {
        'conftest.py': conftest,
        ...Object.fromEntries(
          ['a', 'b', 'c', 'd'].map((name) => [`test_${name}.py`, 'def test_good(): pass\ndef test_bad(): assert 0\n']),
        ),
      },
    );
    await up(dir, 'tests');
    const { again } = await up(dir, 'again');
    expect(again?.text).toMatch(/^4 failed in/m);
    expect(ran(dir, 'again.log').map(({ test }) => test)).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `test_${name}.py::test_bad`),
    );
  });
});
