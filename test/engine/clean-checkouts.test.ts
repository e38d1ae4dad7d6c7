import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import type { NetworkAccess } from '../../src/config/config.ts';
import type { Environment } from '../../src/environment/environment.ts';
import type { EnvironmentRequest } from '../../src/environment/environment-request.ts';
import { engineTest } from '../support/engine-test.ts';
import { bash, configOf, containersOf, git, opened, projectDir, step } from '../support/environment.ts';
import { madeImage } from '../support/made-image.ts';

const { engine, dirs, test } = engineTest();
let imageId: string;

beforeAll(async () => {
  imageId = await madeImage(engine, 'test-environment');
});

/** A repository as it lies on a laptop: committed, edited, untracked and ignored files. */
function project(): string {
  const dir = projectDir();
  mkdirSync(join(dir, 'pkg'), { recursive: true });
  dirs.push(dir);
  git(dir, 'init', '-q', '-b', 'main');
  writeFileSync(join(dir, '.gitignore'), 'dist/\n.env\nnode_modules/\n');
  writeFileSync(join(dir, 'pkg/a.py'), 'a = 1\n');
  git(dir, 'add', '-A');
  git(dir, 'commit', '-qm', 'one');
  git(dir, 'tag', 'v1.2');
  writeFileSync(join(dir, 'pkg/a.py'), 'a = 2\n');
  writeFileSync(join(dir, 'new.txt'), 'untracked\n');
  mkdirSync(join(dir, 'dist'));
  writeFileSync(join(dir, 'dist/app.txt'), 'of the laptop\n');
  writeFileSync(join(dir, '.env'), 'SECRET=1\n');
  return dir;
}

const cleanConfig = { ...configOf(), ci: { checkout: 'clean', github: {}, gitlab: {} } } as const;
const jobs = configOf([], [step({ name: 'a', job: 'build' }), step({ name: 'b', job: 'check' }), step({ name: 'c' })]);

function open(dir: string, more: Partial<EnvironmentRequest> = {}): Promise<Environment> {
  return opened({ engine, dir, config: jobs, imageId, leaseSeconds: 60, fresh: true, accesses: [], ...more });
}

/** The output of a script that runs as a step of a job, both streams. */
async function inJob(
  environment: Environment,
  job: string,
  script: string,
  network: NetworkAccess = 'none',
): Promise<string> {
  const argv = ['bash', '-uo', 'pipefail', '-c', script];
  const cwd = environment.workspaceDir;
  const started = await environment.start({ name: `${job} ${script}`, argv, cwd, env: {}, network, job });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  let said = '';
  for await (const { data } of started.value.output) said += String(data);
  const exit = await started.value.exit;
  if (!exit.ok) throw new Error(JSON.stringify(exit.error));
  return said;
}

const tree = `find . -path ./.git -prune -o ! -name . -printf '%P\\n' | sort | tr '\\n' ' '`;
const fresh = '.gitignore new.txt pkg pkg/a.py ';

test('a job has a checkout of its own: what git does not ignore, as it is in the work tree; what its steps make there is for its later steps alone', async () => {
  const dir = project();
  const run = await open(dir);
  expect(await inJob(run, 'build', `${tree}; cat pkg/a.py new.txt`)).toBe(`${fresh}a = 2\nuntracked\n`);
  expect(
    await inJob(run, 'build', 'mkdir dist && echo made > dist/app.txt && echo "a = 3" > pkg/a.py && rm new.txt'),
  ).toBe('');
  expect(await inJob(run, 'build', 'cat dist/app.txt pkg/a.py; ls')).toBe('made\na = 3\ndist\npkg\n');
  expect(await inJob(run, 'check', `${tree}; cat pkg/a.py`)).toBe(`${fresh}a = 2\n`);
  // Steps without a job see the work tree, unless the config says otherwise.
  expect((await bash(run, 'cat dist/app.txt pkg/a.py')).stdout).toBe('of the laptop\na = 2\n');
  await run.release();
  expect(readFileSync(join(dir, 'pkg/a.py'), 'utf8')).toBe('a = 2\n');
  expect(git(dir, 'status', '--porcelain')).toBe(' M pkg/a.py\n?? new.txt\n');
  expect(existsSync(join(dir, 'dist/app.txt'))).toBe(true);
});

test('the next run finds the checkout as the first one did, edits since then included', async () => {
  const dir = project();
  const first = await open(dir);
  await inJob(
    first,
    'build',
    'mkdir dist x; touch dist/y; git init -q inner; mkdir -p closed/inner; touch closed/inner/z; chmod 0 closed',
  );
  await inJob(first, 'build', 'rm -r pkg; git add -A; git commit -qm two; git tag v9; git branch other');
  await first.release();
  writeFileSync(join(dir, 'pkg/a.py'), 'a = 4\n');
  writeFileSync(join(dir, 'pkg/b.py'), 'b = 1\n');
  const second = await open(dir);
  expect(second.warm).toBe(true);
  expect(await inJob(second, 'build', `${tree}; cat pkg/a.py; mkdir dist x`)).toBe(
    `${fresh.replace('a.py', 'a.py pkg/b.py')}a = 4\n`,
  );
  expect(await inJob(second, 'build', 'git log --format=%s; git tag; git status --porcelain')).toBe(
    'one\nv1.2\n M pkg/a.py\n?? new.txt\n?? pkg/b.py\n',
  );
  await second.release();
});

test('a checkout has none of parity’s own files that nobody has committed', async () => {
  const dir = project();
  writeFileSync(join(dir, 'parity.yaml'), 'version: 1\n');
  writeFileSync(join(dir, 'parity.lock.json'), '{}\n');
  const first = await open(dir);
  expect(await inJob(first, 'build', 'git status --porcelain')).toBe(' M pkg/a.py\n?? new.txt\n');
  await first.release();
  git(dir, 'add', 'parity.yaml');
  const second = await open(dir);
  expect(await inJob(second, 'build', 'git status --porcelain; cat parity.yaml')).toBe(
    'A  parity.yaml\n M pkg/a.py\n?? new.txt\nversion: 1\n',
  );
  await second.release();
});

test('a checkout borrows the objects of the repository, and takes commits of its own', async () => {
  const dir = project();
  const run = await open(dir);
  expect(
    await inJob(
      run,
      'build',
      'git count-objects -v | grep -E "^(count|in-pack)"; git describe --tags; git show HEAD:pkg/a.py',
    ),
  ).toBe('count: 0\nin-pack: 0\nv1.2\na = 1\n');
  const commit = 'git -c user.name=a -c user.email=b commit -qam more && git log --oneline | wc -l && git fsck';
  expect(await inJob(run, 'build', commit)).toBe('2\n');
  await run.release();
  expect(git(dir, 'log', '--format=%s')).toBe('one\n');
});

test('`ci.checkout: clean` is for the steps of a run that have no job, and not for a shell', async () => {
  const dir = project();
  const run = await open(dir, { config: cleanConfig });
  expect((await bash(run, `${tree}; echo changed > pkg/a.py; mkdir dist`)).stdout).toBe(fresh);
  expect((await bash(run, 'ls')).stdout).toBe('dist\nnew.txt\npkg\n');
  await run.release();
  expect(readFileSync(join(dir, 'pkg/a.py'), 'utf8')).toBe('a = 2\n');
  const shell = await open(dir, { config: cleanConfig, fresh: false });
  expect((await bash(shell, 'cat .env')).stdout).toBe('SECRET=1\n');
  await shell.release();
  expect(await containersOf(engine, dir)).toHaveLength(2);
});

test('a folder in a volume is there for all checkouts where a step without a job has it, else for its job alone; the tree gets none', async () => {
  const dir = project();
  const config = {
    ...cleanConfig,
    pipeline: [
      step({ name: 'install', volumes: ['node_modules'] }),
      step({ name: 'tox', job: 'build', volumes: ['.tox'] }),
      step({ name: 'other', job: 'check', volumes: ['.tox'] }),
    ],
  };
  const first = await open(dir, { config });
  await bash(first, 'touch node_modules/all');
  expect(await inJob(first, 'build', 'ls node_modules .tox; touch .tox/build')).toBe('.tox:\n\nnode_modules:\nall\n');
  await first.release();
  const second = await open(dir, { config });
  expect(await inJob(second, 'build', 'ls node_modules .tox')).toBe('.tox:\nbuild\n\nnode_modules:\nall\n');
  expect(await inJob(second, 'check', 'ls node_modules .tox')).toBe('.tox:\n\nnode_modules:\nall\n');
  expect((await bash(second, 'ls -d .tox')).stdout).toBe('');
  await second.release();
  expect([existsSync(join(dir, 'node_modules')), existsSync(join(dir, '.tox'))]).toEqual([false, false]);
  expect([...second.volumesOf(undefined).keys()]).toEqual(['.tox of build', '.tox of check', 'node_modules']);
});

test('the steps of a job are on one machine, whatever they may reach: a server that one starts answers the next', async () => {
  const dir = project();
  const config = configOf(
    [],
    [step({ name: 'serve', job: 'web', network: 'full' }), step({ name: 'ask', job: 'web' })],
  );
  const run = await open(dir, { config });
  const serve = `python3 -m http.server 8000 >/dev/null 2>&1 &
for i in $(seq 100); do (exec 3<>/dev/tcp/localhost/8000) 2>/dev/null && break; sleep 0.05; done; touch /tmp/served`;
  await inJob(run, 'web', serve, 'full');
  const get = 'import urllib.request as r; print(r.urlopen("http://localhost:8000/pkg/a.py").read().decode())';
  expect(await inJob(run, 'web', `ls /tmp; python3 -c '${get}'`, 'none')).toBe('served\na = 2\n\n');
  await run.endJob('web');
  expect(await inJob(run, 'web', `python3 -c '${get}' 2>/dev/null || echo gone`, 'none')).toBe('gone\n');
  await run.release();
  expect(await containersOf(engine, dir)).toHaveLength(1);
});
