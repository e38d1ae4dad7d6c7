import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { lockedProject } from '../support/locked-project.ts';
import { parity } from '../support/parity.ts';
import { addPackages } from '../support/python-packages.ts';
import { addFiles } from '../support/repo.ts';

const { address, engine, folder, makeProject, references, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', PARITY_REPEAT_SEED: '7' };

const conftest = `import os, pytest, tempfile

@pytest.fixture
def session():
    """How often the tests have run."""
    return int(open("runs").read())

def pytest_sessionstart(session):
    count = int(open("runs").read()) + 1 if os.path.exists("runs") else 1
    open("runs", "w").write(str(count))
    open("tmp", "a").write("%s %d\\n" % (tempfile.gettempdir(), len(os.listdir(tempfile.gettempdir()))))
`;
const tests = `import asyncio

async def use(future):
    await future

def test_pay(session):
    if session in (2, 3):
        asyncio.run(use(asyncio.new_event_loop().create_future()))

def test_total(session):
    assert session != 3

def test_steady():
    pass
`;

test('a suite run four times: what is unstable, in how many runs, what it shares, and the remedy for a shared async session', async () => {
  const pipeline = `  - { name: prepare, run: echo made >> prepared }
  - { name: tests, needs: [prepare], run: pytest -q -p no:cacheprovider, env: { PYTHONDONTWRITEBYTECODE: "1" } }
  - { name: other, run: "false" }
`;
  const dir = await makeProject(pipeline, { name: 'flaky ü' });
  addFiles(dir, {
    'conftest.py': conftest,
    'tests/test_cart.py': tests,
    'tests/test_right.py': 'def test_wrong():\n    assert 1 == 2\n',
  });
  const { code, stdout, stderr } = await parity(['up', '--repeat', '4', 'tests', '--reporter', 'plain'], {
    cwd: dir,
    env,
  });
  expect(stdout, stdout + stderr).toContain('unstable:\n');
  const report = stdout
    .slice(stdout.indexOf('unstable:\n'))
    .replace(/<(?:Task|Future) [^>]*(?:>[^<>]*)*?>(?= got| attached)/g, '<…>');
  expect(report).toBe(`unstable:
  tests/test_cart.py::test_pay: failed in 2 of 4 (run 2, 3)
      RuntimeError: Task <…> got Future <…> attached to a different loop
  tests/test_cart.py::test_total: failed in 1 of 4 (run 3)
      assert 3 != 3

what they share:
  all in tests/test_cart.py
  all use the fixture session
  none failed in its own order, only when shuffled: one test may leave something that another stumbles over

an async session is used by several tasks or event loops (tests/test_cart.py::test_pay):
  one session for each test, made and closed in its own event loop:

      @pytest_asyncio.fixture
      async def session(engine):
          async with async_sessionmaker(engine, expire_on_commit=False)() as session:
              yield session

  and one for each task of asyncio.gather(); the engine is made in the same loop (a fixture of the same loop_scope) and disposed of there: await engine.dispose()

fails every time:
  tests/test_right.py::test_wrong: failed in 4 of 4
      assert 1 == 2

4 runs: 4 failed; 2 unstable, 1 failing every time
next: PARITY_REPEAT_SEED=7 parity up --repeat 4 tests   runs them in the same orders again
`);
  expect(code).toBe(1);
  // What the step needs ran once; each run had an empty folder of its own for temporary files.
  expect(readFileSync(join(dir, 'prepared'), 'utf8')).toBe('made\n');
  const folders = readFileSync(join(dir, 'tmp'), 'utf8').trim().split('\n');
  expect(new Set(folders).size).toBe(4);
  expect(folders.every((line) => /^\/tmp\/parity-repeat-[0-9a-f]{8}\/[1-4]-\d+ 0$/.test(line))).toBe(true);
  expect(existsSync(join(dir, 'runs'))).toBe(true);
});

test('tests are shuffled by the seed, the first run aside, and the same seed gives the same orders', async () => {
  const pipeline = '  - { name: tests, run: "pytest -q -p no:cacheprovider", env: { PYTHONDONTWRITEBYTECODE: "1" } }\n';
  const dir = await makeProject(pipeline, { name: 'order' });
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const source = names.map((name) => `def test_${name}():\n    open("order", "a").write("${name}")\n`).join('\n');
  addFiles(dir, {
    'test_order.py': source,
    'conftest.py': 'def pytest_sessionfinish():\n    open("order", "a").write("\\n")\n',
  });
  const series: string[][] = [];
  for (let time = 0; time < 2; time += 1) {
    const { code, stdout } = await parity(['up', '--repeat', '3', '--reporter', 'json'], { cwd: dir, env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({
      type: 'repeat-finished',
      times: 3,
      runs: 3,
      seed: 7,
      failed: [],
      unstable: [],
      stable: [],
      shared: { fixtures: [], onlyShuffled: false, session: [] },
    });
    series.push(readFileSync(join(dir, 'order'), 'utf8').trim().split('\n').slice(-3));
  }
  const [first = [], second] = series;
  expect(second).toEqual(first);
  expect(first[0]).toBe('abcdef');
  expect(new Set(first).size).toBe(3);
  expect(first.map((order) => [...order].sort().join(''))).toEqual(['abcdef', 'abcdef', 'abcdef']);
});

test('with pytest-randomly and in workers of pytest-xdist, tests are shuffled once, by the seed that is said', async () => {
  const dir = folder('others');
  addPackages(join(dir, 'packages'), ['--no-deps', 'pytest-randomly==3.16.0']);
  const step = (name: string, options: string): string =>
    `  - { name: ${name}, run: "pytest -p no:cacheprovider ${options} tests", env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: packages, ORDER: order-${name} } }\n`;
  const steps = [
    step('randomly', ''),
    step('workers', '-n 2 --dist loadfile'),
    step('without', '-p no:randomly'),
    step('fixed', '-p randomly --randomly-seed=5'),
  ];
  references.add(await lockedProject(engine, dir, steps.join('')));
  addFiles(dir, {
    // The order of each file's tests as they were told, and a plugin's wish that some come last, as pytest-django has it.
    'conftest.py': `import os

def pytest_runtest_logreport(report):
    if report.when == "call" and "PYTEST_XDIST_WORKER" not in os.environ and "test_state" in report.nodeid:
        open(os.environ["ORDER"], "a").write(report.nodeid[-1])

def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        open(os.environ["ORDER"], "a").write("\\n")

def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.name == "test_z")
`,
    'tests/test_state.py': `made = []\n\ndef test_a():\n    made.append(1)\n\ndef test_b():\n    assert made\n\n${['z', 'c', 'd', 'e'].map((name) => `def test_${name}():\n    pass\n`).join('\n')}`,
    'tests/test_other.py': 'def test_one():\n    pass\n\ndef test_two():\n    pass\n',
  });
  const names = ['randomly', 'workers', 'without', 'fixed'];
  const orders = (name: string): readonly string[] =>
    readFileSync(join(dir, `order-${name}`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-3);
  const series: Series[] = [];
  for (let time = 0; time < 2; time += 1) {
    const { stdout, code } = await parity(['up', '--repeat', '3', '--reporter', 'json'], { cwd: dir, env });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
    const said = events.filter(({ step }) => step === 'randomly').map(({ text }) => text ?? '');
    const seeds = [...said.join('').matchAll(/^Using --randomly-seed=(\d+)/gm)].map(([, seed]) => seed);
    // Steps end in any order.
    const unstable = (events.at(-1)?.unstable ?? []).map(({ step, test, failed }) => [step, test, failed]);
    const ran = Object.fromEntries(names.map((name) => [name, orders(name)]));
    series.push({ code, seeds, ran, unstable: Object.fromEntries(unstable.map(([step, ...rest]) => [step, rest])) });
  }
  expect(series[1]).toEqual(series[0]);
  const { ran = {}, ...told }: Partial<Series> = series[0] ?? {};
  const { randomly = [], workers, without = [], fixed } = ran;
  // pytest-randomly's order, by the seed that it says; the workers' is the same, and parity's own where it is not asked.
  expect(workers).toEqual(randomly);
  expect(fixed).toEqual(without);
  expect(randomly).not.toEqual(without);
  for (const found of [randomly, without]) {
    expect(found[0]).toBe('abcdez');
    expect(new Set(found).size).toBe(3);
    expect(found.map((order) => [...order].sort().join('') + (order.at(-1) ?? ''))).toEqual(Array(3).fill('abcdezz'));
  }
  const failed = (found: readonly string[]): readonly number[] =>
    found.flatMap((order, index) => (order.indexOf('b') < order.indexOf('a') ? [index + 1] : []));
  const test = 'tests/test_state.py::test_b';
  expect(told).toEqual({
    code: 1,
    seeds: ['0', '9', '10'],
    unstable: {
      randomly: [test, failed(randomly)],
      workers: [test, failed(randomly)],
      without: [test, failed(without)],
      fixed: [test, failed(without)],
    },
  });
}, 120_000);

interface Series {
  readonly code: number | null;
  readonly seeds: readonly (string | undefined)[];
  readonly ran: Readonly<Record<string, readonly string[]>>;
  readonly unstable: unknown;
}

interface Told {
  readonly step?: string;
  readonly text?: string;
  readonly unstable?: readonly { readonly step: string; readonly test: string; readonly failed: readonly number[] }[];
}
