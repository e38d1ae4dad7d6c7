import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parity, type Ended } from '../support/parity.ts';
import { folderOf, type Tree } from '../support/repo.ts';

const fixtures = fileURLToPath(new URL('../fixtures/ci/', import.meta.url));

function repository(tree: Tree): string {
  const dir = folderOf(tree);
  execFileSync('git', ['init', '-q'], { cwd: dir });
  return dir;
}

const init = (dir: string, ...args: readonly string[]): Promise<Ended> =>
  parity(['init', '--reporter', 'plain', ...args], { cwd: dir });

const workflow = `on: [pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pip install pytest==8.4.2
      - run: pytest -q
      - run: docker build .
`;

test('init --from a workflow: what is imported, what is not and where, and what to type next', async () => {
  const dir = repository({ '.github/workflows/ci.yml': workflow, 'app.py': '' });
  const { code, stdout, stderr } = await init(dir, '--from', '.github/workflows/ci.yml');
  expect({ code, stdout: stdout.replaceAll(dir, 'DIR'), stderr }).toEqual({
    code: 0,
    stdout: `Imported from .github/workflows/ci.yml, with Python 3.11:
  test  pytest -q (.github/workflows/ci.yml:7, job test)

Not carried over (they are in the file as comments):
  .github/workflows/ci.yml:8: \`docker build .\` of job test: it needs a container engine, which steps do not have

No part of a pipeline, so left out: installing packages (they are in the image).

Wrote DIR/parity.yaml (1 step). Run: parity up
`,
    stderr: '',
  });
  const written = readFileSync(join(dir, 'parity.yaml'), 'utf8');
  expect(written).toContain('    - pytest==8.4.2 # .github/workflows/ci.yml:6\n');
  expect(written).toContain(
    '# - .github/workflows/ci.yml:8: `docker build .` of job test: it needs a container engine',
  );
  expect((await init(dir, '--from')).code).toBe(2);
  expect((await init(dir, '--from', '--force')).code).toBe(0);
  expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toBe(written);
});

test('jobs whose pins contradict: init says which step has an environment of its own, and why', async () => {
  const job = (name: string): string => `  ${name}:
    runs-on: ubuntu-latest
    steps:
      - run: pip install -r ${name}.txt
      - run: pytest tests/${name}
`;
  const dir = repository({
    '.github/workflows/ci.yml': `on: [push]\njobs:\n${job('old')}${job('new')}`,
    'old.txt': 'pytest==8.4.2\nidna==3.6\n',
    'new.txt': '# pinned\npytest==8.4.2\nidna==3.7\n',
    'tests/old/test_a.py': '',
    'tests/new/test_a.py': '',
  });
  const { code, stdout } = await init(dir, '--from');
  expect(code).toBe(0);
  expect(stdout).toContain(`
No one environment is right for all of these steps, so some have a toolchain of their own:
  toolchain new: old.txt:2 installs idna==3.6, new.txt:3 idna==3.7
`);
});

test('--reporter json tells the same', async () => {
  const dir = repository({ '.github/workflows/ci.yml': workflow, 'app.py': '' });
  const { stdout } = await parity(['init', '--from', 'github', '--reporter', 'json'], { cwd: dir });
  expect(JSON.parse(stdout)).toMatchObject({
    type: 'init',
    path: join(dir, 'parity.yaml'),
    files: ['.github/workflows/ci.yml'],
    leftOut: [{ file: '.github/workflows/ci.yml', line: 8, column: 9, what: '`docker build .` of job test' }],
  });
});

test('found by itself: GitHub before GitLab; --from gitlab takes the other', async () => {
  const dir = repository({
    '.github/workflows/ci.yml': workflow,
    '.github/workflows/release.yml':
      'on: { release: { types: [published] } }\njobs: { a: { steps: [{ run: make }] } }\n',
    '.gitlab-ci.yml': 'test:\n  image: python:3.12\n  script: [mypy .]\n',
    'app.py': '',
  });
  const github = await init(dir, '--from');
  expect(github.stdout).toContain('Imported from .github/workflows/ci.yml, with Python 3.11:');
  expect(github.stdout).toContain('.github/workflows/release.yml:1: the whole file: no change starts it');
  expect(github.stdout).toContain('.gitlab-ci.yml:1: the whole file: another CI system checks changes here');
  const gitlab = await init(dir, '--from', 'gitlab', '--force');
  expect(gitlab.stdout).toContain(
    'Imported from .gitlab-ci.yml, with Python 3.12:\n  test  mypy . (.gitlab-ci.yml:3, job test)',
  );
});

test('in a folder of the repository: paths are that folder’s, and what runs elsewhere is said', async () => {
  const dir = repository({
    '.github/workflows/ci.yml': `on: push
jobs:
  a:
    steps:
      - run: pip install -r api/requirements.txt
      - run: pytest -q
        working-directory: api
      - run: npm test
        working-directory: web
`,
    'api/requirements.txt': 'pytest\n',
    'api/app.py': '',
    'web/package.json': '{}',
  });
  const { code, stdout } = await init(join(dir, 'api'), '--from', '../.github/workflows/ci.yml');
  expect(code).toBe(0);
  expect(stdout).toContain('step `npm test`'.replace('step ', ''));
  expect(stdout).toContain('it runs in web, outside this folder');
  const written = readFileSync(join(dir, 'api/parity.yaml'), 'utf8');
  expect(written).toContain('    - requirements.txt # .github/workflows/ci.yml:5\n');
  expect(written).toMatch(/ {2}- name: pytest\n {4}run: pytest -q\n/);
});

test.each<[string, Tree, readonly string[], string]>([
  ['a file that is not there', { '.gitlab-ci.yml': 'a: { script: b }\n' }, ['ci.yml'], 'there is no file ci.yml\n'],
  ['no CI at all', { 'app.py': '' }, [], 'there is no CI to import in '],
  [
    'a system that nobody knows here',
    { '.circleci/config.yml': 'jobs: {}\n' },
    [],
    ".circleci/config.yml, which is CircleCI's",
  ],
  [
    'its file',
    { '.circleci/config.yml': 'jobs: {}\n' },
    ['.circleci/config.yml'],
    ".circleci/config.yml is CircleCI's; parity imports GitHub workflows (.github/workflows/*.yml) and GitLab pipelines",
  ],
  [
    'its name',
    { 'app.py': '' },
    ['jenkins'],
    '--from jenkins: parity imports GitHub workflows (.github/workflows/*.yml)',
  ],
  ['no YAML', { '.github/workflows/a.yml': 'jobs:\n  a: [\n' }, [], '.github/workflows/a.yml:'],
  ['no jobs', { '.github/workflows/a.yml': 'on: push\n' }, [], '.github/workflows/a.yml:1:1'],
  [
    'an action',
    { 'action.yml': 'runs:\n  using: composite\n  steps: []\n' },
    ['action.yml'],
    'this is an action, not a workflow',
  ],
  [
    'nothing for a change',
    { '.github/workflows/a.yml': 'on: push\njobs: { a: { runs-on: windows-latest, steps: [{ run: x }] } }\n' },
    [],
    'job a: it runs on windows-latest; the image is Linux',
  ],
  ['a binary file', { 'ci.yml': '\u0000\u0001' }, ['ci.yml'], 'ci.yml'],
  ['a folder without workflows', { 'a/b.txt': '' }, ['a'], 'there is no workflow in the folder a'],
])('%s: exit 2, nothing written, and what to do', async (_, tree, from, said) => {
  const dir = repository(tree);
  const { code, stderr, stdout } = await init(dir, '--from', ...from);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(said);
  expect(existsSync(join(dir, 'parity.yaml'))).toBe(false);
});

test('the workflow of every fixture is imported by the built program', async () => {
  const dir = folderOf({});
  cpSync(join(fixtures, 'services-and-ui'), dir, { recursive: true });
  expect((await init(dir, '--from', '.github/workflows/ci.yml')).code).toBe(0);
  expect(readFileSync(join(dir, 'parity.yaml'), 'utf8')).toBe(
    readFileSync(join(fixtures, '../../snapshots/ci/services-and-ui.yaml'), 'utf8'),
  );
});
