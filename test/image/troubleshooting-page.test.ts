import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { packageRoot } from '../../src/core/paths.ts';
import { engineTest } from '../support/engine-test.ts';
import { commitAll, git } from '../support/environment.ts';
import { parity, parityBin, scrubbedEnv } from '../support/parity.ts';

/*
 * The troubleshooting page that parity stands in for, row by row: a repository that has the problem, what a developer types, and all that
 * they see, kept as pages in __snapshots__/troubleshooting-page. Names are the page's own words.
 */

interface Row {
  /** What the page says. */
  readonly page: string;
  /** The folder of test/fixtures/troubleshooting that is laid over the sound repository; none of that name: nothing is. */
  readonly fixture: string;
  /** The page's name in __snapshots__ when it is not the fixture's. */
  readonly snapshot?: string;
  /** What is typed: words for parity, or a line for a shell; all in order, each with what it prints. */
  readonly types?: readonly (readonly string[] | string)[];
  readonly exits?: number;
  /** What stands first of all that is said to do, line by line. */
  readonly first: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A folder that is laid over before and committed. */
  readonly committed?: string;
}

const python: readonly Row[] = [
  {
    page: 'Example: run the full local parity',
    fixture: 'full-local-parity',
    types: [['up', '--no-cache']],
    exits: 0,
    first: [],
  },
  {
    page: 'mypy errors about Optional: missing explicit Optional[T]',
    fixture: 'mypy-errors-about-optional',
    first: [
      'A function returns another type than it promises (core/orders.py:20)',
      'Return a `Order`, or annotate the function as `-> Order | None`',
    ],
  },
  {
    page: 'Tests failing intermittently: async session misuse; use async_sessionmaker and async with',
    fixture: 'tests-failing-intermittently',
    first: [
      'One async session is used by two tasks at once (core/tests/test_orders.py:14)',
      'Give each task its own session: `async with async_sessionmaker(engine)() as session`',
    ],
  },
  {
    page: 'Tests failing intermittently: they pass here and now, and fail in another order',
    fixture: 'tests-that-depend-on-their-order',
    types: [['up', '--repeat', '3', 'tests']],
    first: [
      'One async session is used by two tasks at once (core/tests/test_orders.py:23)',
      'Give each task its own session: `async with async_sessionmaker(engine)() as session`',
    ],
    env: { PARITY_REPEAT_SEED: '7' },
  },
  {
    page: 'Black/flake8 failures: formatting; run black core/',
    fixture: 'black-failures',
    first: ['Run: black core/'],
  },
  {
    page: 'Black/flake8 failures: lint issues; run flake8 core/',
    fixture: 'flake8-failures',
    first: [
      'Something is imported and never used (core/orders.py:3 and 1 more)',
      'Delete the import of `json`; in an __init__.py list it in __all__ instead',
    ],
  },
  {
    page: 'Type error implicit Optional: parameter default None not annotated; annotate as T | None',
    fixture: 'type-error-implicit-optional',
    first: [
      'A parameter whose default is None is not annotated as optional (core/orders.py:17)',
      'Annotate it as `percent: int | None = None`',
    ],
  },
  {
    page: 'Mutable default list: using = [] in dataclass; use field(default_factory=list)',
    fixture: 'mutable-default-list',
    first: [
      "A dataclass's field has a mutable default (core/basket.py:6)",
      'Write `articles: … = field(default_factory=list)`',
    ],
  },
  {
    page: 'Import side effects: network calls at import; lazy-init or fixtures in tests',
    fixture: 'import-side-effects-network',
    first: [
      'A module talks to the network or a database when it is imported (core/rates.py:6)',
      'Connect at first use instead of at import: a function with functools.cache, and a fixture in tests',
    ],
  },
  {
    page: 'Import side effects: DB calls at import; lazy-init or fixtures in tests',
    fixture: 'import-side-effects-database',
    first: [
      'A module talks to the network or a database when it is imported (core/stock.py:7)',
      'Connect at first use instead of at import: a function with functools.cache, and a fixture in tests',
    ],
  },
  {
    page: 'Async tests: remember to install pytest-asyncio and mark async tests with @pytest.mark.asyncio',
    fixture: 'async-tests',
    first: [
      'An async test has nobody to run it (core/tests/test_orders.py:7)',
      'Mark the test @pytest.mark.asyncio; pytest-asyncio must be among toolchain.tools or the requirements',
    ],
  },
  {
    page: 'SQLAlchemy typer pitfalls: a model that mypy takes at its word',
    fixture: 'sqlalchemy-typing',
    first: [
      'A SQLAlchemy model is declared the old way, which mypy takes at its word (core/customers.py:19)',
      'Declare it as `name: Mapped[str] = mapped_column(…)`',
    ],
  },
  {
    page: 'SQLAlchemy typer pitfalls: an attribute that is loaded outside of an await',
    fixture: 'sqlalchemy-missing-greenlet',
    first: [
      'An attribute is loaded from the database outside of an await (core/orders.py:11)',
      'Load it with the query (selectinload), await obj.awaitable_attrs.x, or set expire_on_commit=False',
    ],
  },
  {
    page: 'pip install -r core/requirements.txt: something is imported that is not among them',
    fixture: 'missing-dependency',
    first: [
      'mypy cannot find a module that is imported (core/prices.py:3)',
      'A library: add what has `httpx` to the requirements, then: parity lock. Your own: set mypy_path in the mypy configuration',
    ],
  },
  {
    page: 'pip install -r core/requirements.txt: a version that is not there',
    fixture: 'no-such-version',
    exits: 2,
    first: ['next: ask for a version that exists, or loosen the condition, then: parity lock'],
  },
  {
    page: 'Run exact tool versions locally: the repository asks for another black than is locked',
    fixture: 'wrong-tool-version',
    first: [
      "The project's configuration requires another version of black than the lock has",
      'Pin black==24.1.0 in toolchain.tools and run parity lock, or set required-version = "25.9.0"',
    ],
  },
  {
    page: 'Keeping local parity in sync with CI: CI has another Python and another black',
    fixture: 'drift-from-ci',
    types: [['doctor', '--rule', 'PD001']],
    first: ['→ parity doctor --fix   makes it 25.9.0; the other way round: change parity.yaml, then parity lock'],
  },
  {
    page: 'PYTHONPATH=$PWD pytest -q: a test fails',
    fixture: 'test-that-fails',
    first: [
      'An assertion does not hold (core/tests/test_orders.py:13)',
      'See both sides in full: parity run -- pytest -vv core/tests/test_orders.py::test_total',
    ],
  },
  {
    page: 'CI fails → CI logs → Developer: what CI printed, explained here',
    fixture: 'full-local-parity',
    snapshot: 'ci-logs',
    types: [
      `echo 'core/orders.py:17: error: Incompatible default for argument "percent" (default has type "None", argument has type "int")  [assignment]' | parity explain -`,
    ],
    exits: 0,
    first: ['Annotate it as `percent: int | None = None`'],
  },
  {
    page: 'When to escalate: infrastructure-level failures (DB)',
    fixture: 'database-unreachable',
    first: [
      'The database cannot be reached (core/tests/test_stock.py:10)',
      'Declare it under services in parity.yaml, with a `ready` command; no other database is in reach of a step',
    ],
  },
  {
    page: 'When to escalate: infrastructure-level failures (KMS)',
    fixture: 'kms-fails',
    first: [
      'A cloud service for keys or secrets cannot be used (core/tests/test_keys.py:14)',
      'It is not the code: check credentials, rights and network; tests are better off with a fake key',
    ],
  },
  {
    page: 'When to escalate: a KMS that only a step with a network could reach',
    fixture: 'kms-unreachable',
    first: [
      'A cloud service for keys or secrets cannot be used (core/tests/test_keys.py:13)',
      'Use a fake key in tests; what must have the network says so in parity.yaml, step "tests": network: full',
    ],
  },
  {
    page: 'When to escalate: the engine itself is not running',
    fixture: 'engine-not-running',
    types: [['up', '--no-cache']],
    exits: 3,
    first: ['next: start what should listen there, or name another engine than DOCKER_HOST does'],
    env: { DOCKER_HOST: 'unix:///var/run/nobody-listens-here.sock' },
  },
];

const ui: readonly Row[] = [
  {
    page: 'Trigger UI build for local parity: npm ci && npm run build',
    fixture: 'ui-build',
    types: [['up', '--no-cache']],
    exits: 0,
    first: [],
  },
  {
    page: 'Start local parity: always run the Local CI Parity preflight before filing issues',
    fixture: 'start-local-parity',
    types: [['preflight']],
    exits: 0,
    first: [],
  },
  {
    page: 'UI missing files: the Admin UI references components not committed',
    fixture: 'ui-missing-files',
    committed: 'ui-missing-import',
    types: [['up'], ['preflight']],
    first: [
      'core/admin_ui/src/components/ReportCard.tsx exists here but is not committed: git add core/admin_ui/src/components/ReportCard.tsx',
    ],
  },
  {
    page: 'UI missing files: the pre-push hook refuses the push',
    fixture: 'ui-missing-files',
    snapshot: 'ui-missing-files-push',
    committed: 'ui-missing-import',
    types: [['hook', 'install'], 'git push origin main'],
    first: [
      'core/admin_ui/src/components/ReportCard.tsx exists here but is not committed: git add core/admin_ui/src/components/ReportCard.tsx',
    ],
  },
  {
    page: 'UI missing files: tsc --noEmit will typically catch missing imports',
    fixture: 'ui-missing-import',
    first: [
      'An import leads to no module (core/admin_ui/src/App.tsx:2)',
      'Is `./components/ReportCard` committed, in this letter case? git status, then git add it',
    ],
  },
  {
    page: 'UI missing files: add UI coverage to pre-push hooks',
    fixture: 'ui-without-types-step',
    types: [['hook', 'install']],
    exits: 0,
    first: [],
  },
  {
    page: 'UI issues: a component is given what it does not take',
    fixture: 'ui-type-error',
    first: [
      'A value has another type than what it is given to (core/admin_ui/src/App.tsx:4)',
      'Give a `number` instead of the `string`, or correct the declared type',
    ],
  },
  {
    page: 'npm ci: package.json was changed and its lock file was not',
    fixture: 'ui-lock-out-of-step',
    first: [
      'package-lock.json is not of this package.json (core/admin_ui/package-lock.json)',
      'Run npm install in that folder and commit package-lock.json',
    ],
  },
];

const fixtures = join(packageRoot(), 'test/fixtures/troubleshooting');
const { address, folder, references, test } = engineTest();
const pythonDir = folder('shop');
const home = dirname(pythonDir);
const uiDir = join(home, 'shop-with-ui');
const cache = join(home, 'c');
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '120', PARITY_CACHE_DIR: cache, HOME: home };

/** A sound repository with its lock, image and warm environment, pushed to a remote of its own. */
async function makeSound(dir: string): Promise<void> {
  commitAll(dir);
  for (const [name, value] of [['user.name', 'Ann'] as const, ['user.email', 'ann@example.invalid'] as const])
    git(dir, 'config', name, value);
  const { code, stdout, stderr } = await parity(['up', '--reporter', 'json'], { cwd: dir, env });
  expect(code, stdout + stderr).toBe(0);
  const { imageId } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { readonly imageId: string };
  // Stays where somebody else has a container of it.
  references.add(imageId);
  git(dir, 'add', 'parity.lock.json');
  git(dir, 'commit', '--quiet', '--allow-empty', '--message', 'the lock');
  git(dir, 'tag', 'sound');
  git(home, 'clone', '--quiet', '--bare', dir, `${dir}.git`);
  git(dir, 'remote', 'add', 'origin', `${dir}.git`);
}

beforeAll(async () => {
  mkdirSync(pythonDir);
  cpSync(join(fixtures, 'repo'), pythonDir, { recursive: true });
  // For what a shell types.
  mkdirSync(join(home, 'bin'));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${parityBin}' "$@"\n`;
  writeFileSync(join(home, 'bin', 'parity'), program, { mode: 0o755 });
  await makeSound(pythonDir);
  // Of the Python part only what the UI's checks need: mypy has SQLAlchemy to read in the other one.
  mkdirSync(uiDir);
  for (const file of ['parity.yaml', 'mypy.ini', '.flake8', '.gitignore', 'core/requirements.txt', 'core/__init__.py'])
    cpSync(join(fixtures, 'repo', file), join(uiDir, file));
  cpSync(join(pythonDir, 'parity.lock.json'), join(uiDir, 'parity.lock.json'));
  cpSync(join(fixtures, 'ui'), uiDir, { recursive: true });
  await makeSound(uiDir);
}, 900_000);

/** Puts a row's problem into the repository, and nothing else. */
function lay(dir: string, { fixture, committed }: Row): void {
  rmSync(join(dir, '.git/hooks/pre-push'), { force: true });
  git(dir, 'reset', '--quiet', '--hard', 'sound');
  git(dir, 'clean', '--quiet', '-d', '--force');
  if (committed !== undefined) {
    cpSync(join(fixtures, committed), dir, { recursive: true });
    git(dir, 'add', '.');
    git(dir, 'commit', '--quiet', '--message', 'a report');
  }
  if (existsSync(join(fixtures, fixture))) cpSync(join(fixtures, fixture), dir, { recursive: true });
}

/** What is typed and all that it prints: the notes and progress of stderr, then the result. */
async function typed(dir: string, command: readonly string[] | string, more: Row['env']): Promise<Page> {
  const options = { cwd: dir, env: { ...env, ...more } };
  if (typeof command !== 'string') {
    const { code, stdout, stderr } = await parity(command, options);
    return { command: `parity ${command.join(' ')}`, code, said: stderr + stdout };
  }
  const scrubbed = scrubbedEnv(options);
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], {
    cwd: dir,
    encoding: 'utf8',
    env: { ...scrubbed, PATH: `${join(home, 'bin')}:${scrubbed['PATH']}` },
  });
  return { command, code: status, said: stderr + stdout };
}

interface Page {
  readonly command: string;
  readonly code: number | null;
  readonly said: string;
}

// What differs from run to run, with what stands for it.
const masks: readonly (readonly [RegExp | string, string])[] = [
  [cache, '/home/ann/.cache/parity'],
  [home, '/home/ann'],
  [/ +(?:\d+ min )?\d+(?:\.\d+)? ?(?:ms|s)\b/g, ' TIME'],
  [/\((?:\d+ min )?\d+(?:\.\d+)? ?(?:ms|s)\)/g, '(TIME)'],
  [/\d{4}-\d\d-\d\dT[\d_-]+Z(?:-\d+)?/g, 'RUN'],
  // vite: as many as it had come to when one failed.
  [/\b\d+ modules transformed/g, 'N modules transformed'],
  [/\b0x[0-9a-f]{6,}/g, '0xADDRESS'],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID'],
  [/^(note: checking )[0-9a-f]{7}/gm, '$1COMMIT'],
  [/\b[0-9a-f]{7}\.\.[0-9a-f]{7}\b/g, 'COMMIT..COMMIT'],
  // Told when it took 0.3 s.
  [/^(?:environment|checkout|workspace): (?!failed).*\n/gm, ''],
];

function masked(text: string): string {
  return masks.reduce((said, [what, by]) => said.replaceAll(what, by), text);
}

const stepLine = /^(?:passed|failed|cached|skipped|cancelled) +\S+(?: .*)?$/;
const inOrder = ['format', 'lint', 'types', 'tests', 'ui-install', 'ui-types', 'ui-build'];

/** Steps end as they happen to: their lines in the pipeline's order. */
function settled(text: string): string {
  const lines = text.split('\n');
  const at = lines.flatMap((line, index) => (stepLine.test(line) ? [index] : []));
  const rank = (line: string): number => inOrder.indexOf(line.split(/ +/)[1] ?? '');
  const runs = at.filter((index) => !at.includes(index - 1));
  for (const from of runs) {
    const length = lines.slice(from).findIndex((line) => !stepLine.test(line));
    lines.splice(from, length, ...lines.slice(from, from + length).sort((a, b) => rank(a) - rank(b)));
  }
  return lines.join('\n');
}

// Whatever else is said to do: none of it may stand above what is right.
const advice = /^(?:Run: |More: |If nothing here changed|If it stays so|next: |→ )/m;

const rows = [...python.map((row) => [row, pythonDir] as const), ...ui.map((row) => [row, uiDir] as const)];

test.each(rows.map(([row, dir]) => [row.page, row, dir] as const))('%s', async (_, row, dir) => {
  lay(dir, row);
  const pages: Page[] = [];
  for (const command of row.types ?? [['up']]) pages.push(await typed(dir, command, row.env));
  const text = settled(
    masked(pages.map(({ command, code, said }) => `$ ${command}\n${said}[exit code ${code}]\n`).join('\n')),
  );
  await expect(`${row.page}\n\n${text}`).toMatchFileSnapshot(
    `./__snapshots__/troubleshooting-page/${row.snapshot ?? row.fixture}.txt`,
  );
  expect(pages.at(-1)?.code).toBe(row.exits ?? 1);
  const first = row.first.join('\n');
  const [before = '', ...after] = text.split(first);
  if (first === '') return;
  expect(after.length, `"${first}" in ${text}`).toBeGreaterThan(0);
  expect(before).not.toMatch(advice);
});

test('no fixture is without its row', () => {
  const used = new Set(['repo', 'ui', ...rows.flatMap(([{ fixture, committed }]) => [fixture, committed ?? fixture])]);
  expect(readdirSync(fixtures).filter((name) => !used.has(name))).toEqual([]);
});
