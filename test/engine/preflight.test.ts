import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { containersOf, git } from '../support/environment.ts';
import { parity, scrubbedEnv, startParity, type Ended } from '../support/parity.ts';
import { addFiles, type Tree } from '../support/repo.ts';

const { address, engine, makeProject, test } = engineTest();

/** Outside the repository; short, since a socket lies in it. */
function cacheOf(dir: string): string {
  return join(dirname(dir), 'c');
}

function envOf(dir: string): Readonly<Record<string, string>> {
  return { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', PARITY_CACHE_DIR: cacheOf(dir), HOME: dirname(dir) };
}

/** The checkouts that preflights of a repository made. */
function checkouts(dir: string): readonly string[] {
  const commits = join(cacheOf(dir), 'commits');
  if (!existsSync(commits)) return [];
  return readdirSync(commits)
    .flatMap((name) => readdirSync(join(commits, name)).map((seat) => join(commits, name, seat)))
    .filter((seat) => statSync(seat).isDirectory())
    .map((seat) => join(seat, readFileSync(join(seat, 'tree'), 'utf8').trim()));
}

const importing = '  - { name: imports, run: python3 -m core.app }\n';
const shop: Tree = {
  'core/__init__.py': '',
  'core/app.py': 'import core.orders\n',
  '.gitignore': '*.local.json\n__pycache__/\n',
};

/** A repository on `main` with a pipeline and these files, all committed. */
async function repository(pipeline: string, files: Tree, name = 'shop'): Promise<string> {
  const dir = await makeProject(pipeline, { name, files });
  git(dir, 'init', '-q', '-b', 'main');
  git(dir, 'config', 'user.name', 't');
  git(dir, 'config', 'user.email', 't@example.invalid');
  commitAll(dir);
  return dir;
}

function commitAll(dir: string): string {
  git(dir, 'add', '-A');
  git(dir, 'commit', '-q', '-m', 'commit');
  return head(dir);
}

function head(dir: string): string {
  return git(dir, 'rev-parse', 'HEAD').trim();
}

const run = (dir: string, ...args: readonly string[]): Promise<Ended> => parity(args, { cwd: dir, env: envOf(dir) });

/** Pushes as a person would; both streams in one. */
function push(dir: string, ...args: readonly string[]): { readonly code: number | null; readonly said: string } {
  const env = scrubbedEnv({ cwd: dir, env: envOf(dir) });
  const { status, stdout, stderr } = spawnSync('git', ['push', ...args], { cwd: dir, env, encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}

function timeless(text: string): string {
  return text.replace(/ +\d+(\.\d)? (ms|s)\b/g, ' TIME');
}

describe('a commit that forgets a file', () => {
  test('up passes, preflight and the push are refused naming it; once it is committed the push goes through', async () => {
    const dir = await repository(importing, shop, 'my shop ü');
    const remote = join(dirname(dir), 'remote.git');
    git(dirname(dir), 'init', '-q', '--bare', remote);
    git(dir, 'remote', 'add', 'origin', remote);
    const remoteHead = (): string =>
      spawnSync('git', ['rev-parse', '--verify', '-q', 'main'], { cwd: remote, encoding: 'utf8' }).stdout.trim();
    addFiles(dir, { 'core/orders.py': 'x = 1\n', 'notes.txt': '' });
    const first = head(dir);
    expect(await run(dir, 'up')).toMatchObject({ code: 0 });

    const refused = await run(dir, 'preflight');
    const stderr = refused.stderr.replace(/^(?:environment|checkout): .*\n/gm, '');
    expect({ ...refused, stderr, stdout: timeless(refused.stdout) }).toEqual({
      code: 1,
      signal: null,
      stderr: `note: checking ${first.slice(0, 7)} (main): 2 files here are not in it\n`,
      stdout: `failed    imports TIME  exit code 1

--- imports: exit code 1
Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
  File "<frozen runpy>", line 88, in _run_code
  File "/workspace/core/app.py", line 1, in <module>
    import core.orders
ModuleNotFoundError: No module named 'core.orders'
core/orders.py exists here but is not committed: git add core/orders.py

1 failed in TIME
`,
    });

    expect(await run(dir, 'hook', 'install')).toMatchObject({ code: 0 });
    const rejected = push(dir, '-u', 'origin', 'main');
    expect(rejected.code).toBe(1);
    expect(rejected.said).toContain('core/orders.py exists here but is not committed: git add core/orders.py\n');
    expect(rejected.said).toContain(
      'warning: the push is refused\n  to push without this check: git push --no-verify\n',
    );
    expect(remoteHead()).toBe('');
    expect(git(dir, 'status', '--porcelain')).toBe('?? core/orders.py\n?? notes.txt\n');

    git(dir, 'add', 'core/orders.py');
    git(dir, 'commit', '-q', '-m', 'the file');
    expect(push(dir, '-u', 'origin', 'main')).toMatchObject({ code: 0 });
    expect(remoteHead()).toBe(head(dir));

    addFiles(dir, { 'core/app.py': 'import core.other\n' });
    git(dir, 'commit', '-qam', 'broken');
    expect(push(dir).code).toBe(1);
    expect(push(dir, '--no-verify').code).toBe(0);
    expect(remoteHead()).toBe(head(dir));
  });

  test('each kind of uncommitted thing is told by its own sentence', async () => {
    const dir = await repository(
      `  - { name: ignored, run: cat core/settings.local.json }
  - { name: changed, run: 'python3 -c "from core.app import total"' }
  - { name: deleted, run: python3 core/old.py }
`,
      { ...shop, 'core/app.py': '', 'core/old.py': 'raise SystemExit("core/old.py:1: old")\n' },
    );
    addFiles(dir, { 'core/settings.local.json': '{}', 'core/app.py': 'total = 1\n' });
    rmSync(join(dir, 'core/old.py'));
    const { code, stdout } = await run(dir, 'preflight', '--reporter', 'json');
    expect(code).toBe(1);
    const ends = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; step: string; next: readonly string[] })
      .filter(({ type }) => type === 'step-finished');
    expect(Object.fromEntries(ends.map(({ step, next }) => [step, next]))).toEqual({
      ignored: [
        'core/settings.local.json exists here but git ignores it (.gitignore:1: *.local.json): git add -f core/settings.local.json',
      ],
      changed: ['core/app.py has changes here that are not committed: git commit core/app.py'],
      deleted: ['core/old.py is deleted here but not in the commit: git rm core/old.py'],
    });
  });

  test('up says the same of a step that has a clean copy of the work tree; one that sees the work tree passes', async () => {
    const dir = await repository(
      `  - { name: variable, job: one, run: 'python3 -c "import os; os.environ[chr(75)]"' }
  - { name: ignored, job: two, run: cat core/settings.local.json }
  - { name: folder, job: three, run: echo a > exports/a.csv }
  - { name: untracked, job: four, run: cat new.txt }
  - { name: here, run: cat core/settings.local.json }
`,
      { ...shop, '.gitignore': '*.local.json\n.env\n' },
    );
    addFiles(dir, { 'core/settings.local.json': '{}', '.env': 'K=1\n', 'new.txt': '' });
    mkdirSync(join(dir, 'exports'));
    const { code, stdout } = await run(dir, 'up', '--reporter', 'json');
    expect(code).toBe(1);
    const ends = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; step: string; outcome: string; next: readonly string[] })
      .filter(({ type }) => type === 'step-finished');
    expect(Object.fromEntries(ends.map(({ step, outcome, next }) => [step, [outcome, ...next]]))).toEqual({
      variable: [
        'failed',
        '.env exists here but git ignores it (.gitignore:2: .env) and sets K: give the step K in parity.yaml (env, passEnv or secrets)',
      ],
      ignored: [
        'failed',
        'core/settings.local.json exists here but git ignores it (.gitignore:1: *.local.json): git add -f core/settings.local.json',
      ],
      folder: [
        'failed',
        'the folder exports is here but not in the commit, git keeps no empty ones: make it in the code, or: touch exports/.gitkeep && git add -f exports/.gitkeep',
      ],
      untracked: ['passed'],
      here: ['passed'],
    });
  });

  test('from a folder below the top, paths to type start there', async () => {
    const dir = await repository(importing, shop);
    addFiles(dir, { 'core/orders.py': '' });
    const { stdout } = await run(join(dir, 'core'), 'preflight');
    expect(stdout).toContain('core/orders.py exists here but is not committed: git add orders.py\n');
  });
});

describe('which commit', () => {
  test('an older one, by --commit; the tree and the index are not touched', async () => {
    const dir = await repository('  - { name: show, run: cat a.txt }\n', { 'a.txt': 'one\n' });
    const first = head(dir);
    addFiles(dir, { 'a.txt': 'two\n' });
    commitAll(dir);
    addFiles(dir, { 'a.txt': 'three\n' });
    git(dir, 'add', 'a.txt');
    addFiles(dir, { 'a.txt': 'four\n' });
    const before = git(dir, 'status', '--porcelain=v2');
    const older = await run(dir, 'preflight', '--verbose', '--commit', 'HEAD~1');
    expect(older.code).toBe(0);
    expect(older.stderr).toContain(`note: checking ${first.slice(0, 7)} (HEAD~1): 1 file here is not in it\n`);
    expect(older.stdout).toContain('\n  one\n');
    expect((await run(dir, 'preflight', '--verbose')).stdout).toContain('\n  two\n');
    expect(git(dir, 'status', '--porcelain=v2')).toBe(before);
    expect(readFileSync(join(dir, 'a.txt'), 'utf8')).toBe('four\n');
    expect(await run(dir, 'preflight', '--commit', 'nope')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"nope" names no commit here') as string,
    });
  });

  test('every tip of a push, each once; deletions and nothing at all are no question', async () => {
    const dir = await repository('  - { name: show, run: cat a.txt }\n', { 'a.txt': 'one\n' });
    const one = head(dir);
    git(dir, 'tag', '-a', 'v1', '-m', 'v1');
    git(dir, 'checkout', '-q', '-b', 'side');
    rmSync(join(dir, 'a.txt'));
    const side = commitAll(dir);
    git(dir, 'checkout', '-q', 'main');
    const zeros = '0'.repeat(40);
    const hook = async (lines: readonly string[]): Promise<Ended> => {
      const { child, ended } = startParity(['preflight', '--hook', 'pre-push', 'origin', 'x'], {
        cwd: dir,
        env: envOf(dir),
        stdin: 'pipe',
      });
      child.stdin?.end(lines.map((line) => `${line}\n`).join(''));
      return await ended;
    };
    const pushed = await hook([
      `refs/heads/main ${one} refs/heads/main ${zeros}`,
      `refs/tags/v1 ${git(dir, 'rev-parse', 'v1').trim()} refs/tags/v1 ${zeros}`,
      `(delete) ${zeros} refs/heads/old ${one}`,
      `refs/heads/side ${side} refs/heads/side ${zeros}`,
    ]);
    expect(pushed.code).toBe(1);
    expect(pushed.stderr.match(/checking .*/g)).toEqual([
      `checking ${one.slice(0, 7)} (main)`,
      `checking ${side.slice(0, 7)} (side)`,
    ]);
    expect(timeless(pushed.stdout)).toBe(`passed    show TIME
1 passed in TIME
failed    show TIME  exit code 1

--- show: exit code 1
cat: a.txt: No such file or directory
a.txt exists here but not in ${side.slice(0, 7)}

1 failed in TIME
`);
    expect(await hook([`(delete) ${zeros} refs/heads/old ${one}`])).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
    });
    expect(await hook([])).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });

  test('the commit’s own lock counts: a missing or stale one fails as in CI, and says what to commit', async () => {
    const dir = await repository('  - { name: fine, run: "true" }\n', {});
    const lock = readFileSync(join(dir, 'parity.lock.json'), 'utf8');
    git(dir, 'rm', '-q', '--cached', 'parity.lock.json');
    git(dir, 'commit', '-qm', 'no lock');
    const missing = await run(dir, 'preflight');
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toContain(`${head(dir).slice(0, 7)} has no parity.lock.json`);
    expect(missing.stderr).toContain('parity.lock.json exists here but is not committed: git add parity.lock.json');
    git(dir, 'add', 'parity.lock.json');
    addFiles(dir, {
      'parity.yaml': readFileSync(join(dir, 'parity.yaml'), 'utf8').replace('tools: []', 'tools: [black==25.9.0]'),
    });
    commitAll(dir);
    const stale = await run(dir, 'preflight');
    expect(stale).toMatchObject({ code: 2, stdout: '' });
    expect(stale.stderr).toContain(`${head(dir).slice(0, 7)}: parity.lock.json is stale`);
    expect(readFileSync(join(dir, 'parity.lock.json'), 'utf8')).toBe(lock);
  });

  test('none: outside git, and before the first commit', async () => {
    const dir = await repository('  - { name: fine, run: "true" }\n', {});
    rmSync(join(dir, '.git'), { recursive: true });
    expect(await run(dir, 'preflight')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not in a git repository') as string,
    });
    git(dir, 'init', '-q');
    expect(await run(dir, 'preflight')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no commit yet to check') as string,
    });
  });
});

describe('the checkout', () => {
  test('the second one writes only what differs, in the same warm container, and what volumes hold stays', async () => {
    const dir = await repository(
      `  - { name: install, run: "test -e deps/made && echo kept || { echo new; touch deps/made; }", volumes: [deps] }
  - { name: leave, run: "touch left.txt; git describe --always --dirty; git log --format=%H -n 1", needs: [install] }
`,
      { 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': 'deps/\nleft.txt\n' },
    );
    const first = await run(dir, 'preflight', '--verbose');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('\n  new\n');
    expect(first.stdout).toContain(`\n  ${head(dir).slice(0, 7)}\n  ${head(dir)}\n`);
    const [checkout = ''] = checkouts(dir);
    const seen = (name: string): string => {
      const { ino, mtimeNs } = statSync(join(checkout, name), { bigint: true });
      return `${ino} ${mtimeNs}`;
    };
    const before = { a: seen('a.txt'), b: seen('b.txt') };
    const containers = await containersOf(engine, checkout);
    expect(containers).toHaveLength(1);
    addFiles(dir, { 'b.txt': 'other\n' });
    commitAll(dir);
    const second = await run(dir, 'preflight', '--verbose');
    expect(second.stdout).toContain('\n  kept\n');
    expect(second.stdout).toContain(`\n  ${head(dir)}\n`);
    expect(checkouts(dir)).toEqual([checkout]);
    expect(seen('a.txt')).toBe(before.a);
    expect(seen('b.txt')).not.toBe(before.b);
    expect(await containersOf(engine, checkout)).toEqual(containers);
    expect(git(checkout, 'status', '--porcelain')).toBe('');
  });

  test('a linked worktree and a submodule are there in the container, git included', async () => {
    const dir = await repository(
      '  - { name: show, run: "cat lib/l.txt; git submodule status; git status --porcelain" }\n',
      {},
    );
    const library = join(dirname(dir), 'library');
    mkdirSync(library);
    git(library, 'init', '-q', '-b', 'main');
    addFiles(library, { 'l.txt': 'from the library\n' });
    const id = commitAll(library);
    git(dir, 'submodule', '--quiet', 'add', library, 'lib');
    commitAll(dir);
    const linked = join(dirname(dir), 'linked tree');
    git(dir, 'worktree', 'add', '-q', '-b', 'side', linked);
    git(linked, 'submodule', '--quiet', 'update', '--init');
    for (const [from, branch] of [
      [dir, 'main'],
      [linked, 'side'],
    ] as const) {
      const done = await parity(['preflight', '--verbose'], { cwd: from, env: envOf(dir) });
      expect(done.stderr).toContain(`(${branch})`);
      expect(done).toMatchObject({ code: 0 });
      expect(done.stdout).toContain(`\n  from the library\n   ${id} lib (heads/main)\n`);
    }
    expect(checkouts(dir)).toHaveLength(1);
  });

  test('two at once end right, each on its own commit', async () => {
    const dir = await repository('  - { name: show, run: "cat a.txt" }\n', { 'a.txt': 'one\n' });
    addFiles(dir, { 'a.txt': 'two\n' });
    commitAll(dir);
    const [older, newer] = await Promise.all([
      run(dir, 'preflight', '--verbose', '--commit', 'HEAD~1'),
      run(dir, 'preflight', '--verbose'),
    ]);
    expect(older).toMatchObject({ code: 0, stdout: expect.stringContaining('\n  one\n') as string });
    expect(newer).toMatchObject({ code: 0, stdout: expect.stringContaining('\n  two\n') as string });
  });

  test('Ctrl-C ends it, though its step goes on, and the next one has the same checkout', async () => {
    const dir = await repository('  - { name: long, run: "echo begun; [ -e go.txt ] || exec sleep 600" }\n', {
      'a.txt': '',
    });
    const { child, ended } = startParity(['preflight', '--reporter', 'json'], { cwd: dir, env: envOf(dir) });
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (text: string) => void (text.includes('"text":"begun\\n"') && resolve()));
    });
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    addFiles(dir, { 'go.txt': '' });
    commitAll(dir);
    expect(await run(dir, 'preflight')).toMatchObject({ code: 0 });
    expect(checkouts(dir)).toHaveLength(1);
  });

  test('kill -9 in the middle of it: the next one ends right', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`data/${index % 50}/${index}.txt`, `${index}\n`]),
    );
    const dir = await repository(
      '  - { name: count, run: "find data -name *.txt -size +0 | wc -l; git status --porcelain" }\n',
      files,
    );
    const env = scrubbedEnv({ cwd: dir, env: envOf(dir) });
    const killed = spawn(process.execPath, [join(import.meta.dirname, '../../bin/parity.js'), 'preflight'], {
      cwd: dir,
      env,
      detached: true,
      stdio: 'ignore',
    });
    const over = new Promise((resolve) => killed.on('exit', resolve));
    const commits = join(cacheOf(dir), 'commits');
    // Its git is writing files by then; the whole group dies, git with it.
    for (;;) {
      const [name] = existsSync(commits) ? readdirSync(commits) : [];
      const seat = name === undefined ? '' : join(commits, name, '1');
      const tree = existsSync(join(seat, 'tree')) ? join(seat, readFileSync(join(seat, 'tree'), 'utf8').trim()) : '';
      if (tree !== '' && existsSync(join(tree, 'data'))) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.kill(-(killed.pid ?? 0), 'SIGKILL');
    await over;
    const [checkout = ''] = checkouts(dir);
    expect(existsSync(join(checkout, '.git', 'index.lock'))).toBe(true);
    writeFileSync(join(checkout, 'data', 'half.txt'), 'x');
    const done = await run(dir, 'preflight', '--verbose');
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toContain('\n  3000\n');
    expect(checkouts(dir)).toEqual([checkout]);
  });
});
