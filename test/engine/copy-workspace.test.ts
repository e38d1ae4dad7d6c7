import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { label } from '../../src/environment/environment-id.ts';
import { engineTest } from '../support/engine-test.ts';
import { addressOf, testEngines } from '../support/engines.ts';
import { git, until } from '../support/environment.ts';
import { madeImage } from '../support/made-image.ts';
import { parity, startParity, type Ended } from '../support/parity.ts';
import { overSsh, overTls, type RemoteEngine } from '../support/remote-engine.ts';

// Docker in mount and network namespaces of its own: it sees none of this machine's files.
const blind = testEngines().filter(({ name }) => name === 'buildkit');

const [one] = blind;
const { address, engine, dirs, folder, makeProject, test } = engineTest(one && addressOf(one));

describe.each(blind)('a copy in the engine $name', () => {
  const remotes: RemoteEngine[] = [];
  const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '120' };

  afterAll(async () => {
    for (const remote of remotes) await remote.close();
  });

  /** A project in git with its lock and image there, everything committed. */
  async function project(
    pipeline: string,
    files: Readonly<Record<string, string>> = {},
    name?: string,
  ): Promise<string> {
    const ignored = '/.parity-cache/\n/.home/\nbuild/\n*.log\n';
    const dir = await makeProject(pipeline, { name, files: { '.gitignore': ignored, ...files } });
    git(dir, 'init', '-q', '-b', 'main');
    git(dir, 'add', '.');
    git(dir, 'commit', '-qm', 'all');
    return dir;
  }

  const run = (dir: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    parity(args, { cwd: dir, env: { ...env, ...more } });
  const inside = async (dir: string, script: string): Promise<string> => {
    const ended = await run(dir, ['run', '--', 'bash', '-c', script]);
    if (ended.code !== 0) throw new Error(JSON.stringify(ended));
    return ended.stdout;
  };
  /** What was said of the copy. */
  const told = ({ stderr }: Ended): readonly string[] =>
    stderr.split('\n').flatMap((line) => /^workspace: (.*?) \([\d.]+ m?s\)$/.exec(line)?.[1] ?? []);

  const warnings = ({ stderr }: Ended): readonly string[] =>
    stderr
      .split('\n')
      .flatMap((line) => /^warning: (.*)$/.exec(line)?.[1] ?? [])
      .sort();

  test('up is green, and the next sends what changed: one file, a deleted one, a mode, a link, odd names', async () => {
    const dir = await project(
      '  - { name: tests, run: "python3 -m pytest -q core && git status --short >/dev/null" }\n',
      {
        'core/test_a.py': 'def test_a():\n    assert True\n',
        'core/a b/ü "q" $x.txt': 'odd\n',
        'core/old.py': 'old = 1\n',
        'tool.sh': '#!/bin/sh\necho tool\n',
      },
      'a project ü',
    );
    const first = await run(dir, ['up', '--verbose']);
    expect(first.stdout).toContain('1 passed in');
    expect({ code: first.code, told: told(first) }).toEqual({
      code: 0,
      told: [expect.stringMatching(/^7 files sent \(\d+ kB\)$/)],
    });
    const again = await run(dir, ['up', '--verbose', '--no-cache']);
    expect({ code: again.code, told: told(again) }).toEqual({ code: 0, told: ['nothing to send'] });

    put(dir, { 'core/test_a.py': 'def test_a():\n    assert 1\n' });
    const one = await run(dir, ['up', '--verbose', '--no-cache']);
    expect({ code: one.code, told: told(one) }).toEqual({ code: 0, told: ['1 file sent (27 B)'] });

    rmSync(join(dir, 'core/old.py'));
    chmodSync(join(dir, 'tool.sh'), 0o755);
    symlinkSync('../tool.sh', join(dir, 'core/link to tool'));
    rmSync(join(dir, 'core/a b'), { recursive: true });
    put(dir, { 'core/a b': 'a file now\n' });
    const seen =
      'ls -1 core; cat "core/a b"; ./tool.sh; "core/link to tool"; readlink "core/link to tool"; git status --short';
    expect(await inside(dir, seen)).toBe(
      `a b\nlink to tool\ntest_a.py\na file now\ntool\ntool\n../tool.sh\n${git(dir, 'status', '--short')}`,
    );
    expect(await inside(dir, 'stat -c "%u:%g %a" tool.sh core core/test_a.py .')).toBe(
      `${owner} 755\n${owner} 755\n${owner} 644\n${owner} 755\n`,
    );
  });

  test('what a step changes, makes and deletes comes back, what git ignores stays there; the next run finds the host’s files again', async () => {
    const dir = await project('  - { name: one, run: "true" }\n', {
      'core/ugly.py': 'a  =  1\n',
      'core/gone.py': 'x = 1\n',
      'tool.sh': 'echo\n',
    });
    const script = [
      'sed -i "s/  */ /g" core/ugly.py',
      'rm core/gone.py',
      'chmod +x tool.sh',
      'mkdir -p gen/deep build',
      'echo made >gen/deep/made.txt',
      'ln -s ../core/ugly.py gen/link',
      'echo ignored >gen/x.log; echo output >build/out',
      'git config user.name x; git add -A; git -c user.email=x@x commit -qm "in the copy"',
    ].join('\n');
    const back = await run(dir, ['run', '--verbose', '--', 'bash', '-c', script]);
    expect({ code: back.code, told: told(back) }).toEqual({
      code: 0,
      told: [
        expect.stringMatching(/^6 files sent/),
        'brought back core/ugly.py, gen/deep/made.txt, gen/link, tool.sh, deleted core/gone.py',
      ],
    });
    expect(readFileSync(join(dir, 'core/ugly.py'), 'utf8')).toBe('a = 1\n');
    expect(readFileSync(join(dir, 'gen/deep/made.txt'), 'utf8')).toBe('made\n');
    expect(readlinkSync(join(dir, 'gen/link'))).toBe('../core/ugly.py');
    expect(statSync(join(dir, 'tool.sh')).mode & 0o777).toBe(0o755);
    expect(['core/gone.py', 'gen/x.log', 'build'].filter((path) => existsSync(join(dir, path)))).toEqual([]);
    // What was committed in the copy is no commit of the user's, and the copy has it no more.
    expect(git(dir, 'log', '--format=%s')).toBe('all\n');
    expect(await inside(dir, 'git log --format=%s; git status --short; cat build/out')).toBe(
      `all\n${git(dir, 'status', '--short')}output\n`,
    );
  });

  test('a file that was edited here while a step changed it stays as it is here, and that is said', async () => {
    const dir = await project('  - { name: one, run: "true" }\n', { 'core/a.py': 'sent\n' });
    const started = startParity(
      ['run', '--', 'bash', '-c', 'echo step >core/a.py; echo ready; read line; echo "$line"'],
      {
        cwd: dir,
        env,
        stdin: 'pipe',
      },
    );
    await heard(started.child.stdout, 'ready');
    put(dir, { 'core/a.py': 'edited here\n' });
    started.child.stdin?.end('go\n');
    const ended = await started.ended;
    expect({ code: ended.code, warnings: warnings(ended) }).toEqual({
      code: 0,
      warnings: ['changed by a step and, while it ran, here: core/a.py; left as here'],
    });
    expect(readFileSync(join(dir, 'core/a.py'), 'utf8')).toBe('edited here\n');
    expect(await inside(dir, 'cat core/a.py')).toBe('edited here\n');
  });

  test('what a step leaves to escape with is harmless: links out of the project, git’s own files, folders turned into links', async () => {
    const dir = await project('  - { name: one, run: "true" }\n', { 'core/a.py': 'a = 1\n', 'docs/b.md': 'b\n' });
    const victim = join(dir, '..', 'victim');
    put(victim, { 'a.py': 'untouched\n' });
    const script = [
      'ln -s /etc/passwd absolute; ln -s ../victim/a.py outside; ln -s docs/../../victim sly',
      'ln -s .git/config ours; mkdir -p .GIT sub/.git; echo "[core]" >.GIT/config; echo x >sub/.git/config; echo y >sub/y',
      // A folder of the project turned into a link: what is sent next must not be written through it.
      'rm -r docs; ln -s /tmp docs; rm core/a.py; ln -s /tmp/through core/a.py; echo keep >/tmp/b.md',
    ].join('\n');
    const ended = await run(dir, ['run', '--', 'bash', '-c', script]);
    const stays = (path: string, why: string): string => `a step has made ${path}, which stays in the engine: ${why}`;
    expect({ code: ended.code, said: warnings(ended) }).toEqual({
      code: 0,
      said: [
        stays('.GIT/config', "it would be git's own"),
        stays('absolute', 'it is a symbolic link that leads out of the project'),
        stays('core/a.py', 'it is a symbolic link that leads out of the project'),
        stays('docs', 'it is a symbolic link that leads out of the project'),
        stays('ours', "it is a symbolic link to git's own files"),
        stays('outside', 'it is a symbolic link that leads out of the project'),
        stays('sly', 'it is a symbolic link that leads out of the project'),
        stays('sub/', 'a step has made a git repository there'),
      ],
    });
    expect(readFileSync(join(victim, 'a.py'), 'utf8')).toBe('untouched\n');
    expect(readFileSync(join(dir, 'core/a.py'), 'utf8')).toBe('a = 1\n');
    expect(git(dir, 'status', '--short')).toBe(' D docs/b.md\n');
    put(dir, { 'docs/b.md': 'new\n' });
    expect(await inside(dir, 'cat docs/b.md core/a.py /tmp/b.md; ls -A; test ! -e /tmp/through')).toBe(
      'new\na = 1\nkeep\n.git\n.gitignore\ncore\ndocs\nparity.lock.json\nparity.yaml\n',
    );
  });

  test('git works in it as it does here: a linked worktree, a submodule, a detached HEAD, staged files, history and tags', async () => {
    const dir = await project('  - { name: one, run: "true" }\n', { 'a.txt': 'a\n' }, 'main');
    const sub = folder('sub');
    put(sub, { 'inner.txt': 'inner\n' });
    git(sub, 'init', '-q', '-b', 'main');
    git(sub, 'add', '.');
    git(sub, 'commit', '-qm', 'sub');
    git(dir, 'submodule', '--quiet', 'add', sub, 'vendored');
    git(dir, 'commit', '-qm', 'second');
    git(dir, 'tag', '-am', 'one', 'v1.0');
    const worktree = join(dir, '..', 'work tree');
    dirs.push(worktree);
    git(dir, 'worktree', 'add', '-q', '--detach', worktree);
    git(worktree, 'submodule', '--quiet', 'update', '--init');
    const questions = [
      'git describe --tags --long',
      'git log --format=%s',
      'git status --short --branch',
      'git ls-files -s',
      'git -C vendored log --format=%s',
      'git submodule status',
      'git fsck --connectivity-only 2>&1 | grep -v dangling || true',
      'git grep -c inner -- vendored || true',
    ].join('; ');
    const asHere = (at: string): string => spawnSync('bash', ['-c', questions], { cwd: at, encoding: 'utf8' }).stdout;
    for (const at of [dir, worktree]) {
      expect(await inside(at, questions)).toBe(asHere(at));
      put(at, { 'staged.txt': 'staged\n', 'a.txt': 'changed\n' });
      git(at, 'add', 'staged.txt');
      expect(await inside(at, `${questions}; git show :staged.txt`)).toBe(`${asHere(at)}staged\n`);
      git(at, 'commit', '-qam', 'third');
      expect(await inside(at, questions)).toBe(asHere(at));
    }
  });

  test('a transfer killed in its middle is mended by the next run, and so is a run killed after its step', async () => {
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`many/${n}.bin`, 'x'.repeat(60_000)]));
    const dir = await project('  - { name: one, run: "true" }\n', many);
    const remote = await remember(overTls(address, join(dir, '..', 'tls')));
    const warm = await run(dir, ['run', '--', 'true'], remote.env);
    expect(warm.code).toBe(0);
    for (const name of Object.keys(many)) put(dir, { [name]: 'y'.repeat(60_000) });
    const before = remote.sentBytes();
    const killed = startParity(['run', '--', 'true'], { cwd: dir, env: { ...env, ...remote.env } });
    await until(
      () => Promise.resolve(remote.sentBytes()),
      (now) => now - before > 3_000_000,
      60_000,
    );
    killed.child.kill('SIGKILL');
    expect((await killed.ended).signal).toBe('SIGKILL');
    expect(remote.sentBytes() - before).toBeLessThan(20_000_000);
    // Half of them are y by now; some of them go before they are asked for again.
    for (const name of Object.keys(many).slice(0, 100)) rmSync(join(dir, name));
    expect(await inside(dir, 'cat many/* | tr -d y | wc -c; ls -A many | wc -l; git status --short | wc -l')).toBe(
      '0\n300\n400\n',
    );

    const lost = startParity(
      ['run', '--', 'bash', '-c', 'echo z >many/399.bin; echo left >stranger; echo ready; sleep 60'],
      {
        cwd: dir,
        env,
      },
    );
    await heard(lost.child.stdout, 'ready');
    lost.child.kill('SIGKILL');
    await lost.ended;
    expect(await inside(dir, 'head -c 3 many/399.bin; ls')).toBe('yyymany\nparity.lock.json\nparity.yaml\n');
    expect(existsSync(join(dir, 'stranger'))).toBe(false);
  });

  test('two at once both end right, and what either changed is here', async () => {
    const dir = await project(
      '  - { name: a, run: "cat core/a.py; echo a >made-a" }\n  - { name: b, run: "cat core/a.py; echo b >made-b" }\n',
      { 'core/a.py': 'a = 1\n' },
    );
    const both = await Promise.all([run(dir, ['up', 'a', '--no-cache']), run(dir, ['up', 'b', '--no-cache'])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(git(dir, 'status', '--short')).toBe('?? made-a\n?? made-b\n');
  });

  test('a step reaches a service beside it, from a container with network, too', async () => {
    const image = await madeImage(engine, 'test-environment');
    const ask = 'python3 -c "import urllib.request as u; print(u.urlopen(\'http://web:8000/\').status)"; cat core/a.py';
    const dir = await project(
      [
        `  - { name: beside, network: services, run: ${JSON.stringify(ask)} }`,
        `  - { name: outside, network: full, run: ${JSON.stringify(ask)} }`,
        'services:',
        `  web: { image: "${image}", command: [python3, -m, http.server, "8000"], ports: [8000] }\n`,
      ].join('\n'),
      { 'core/a.py': 'a = 1\n' },
    );
    const up = await run(dir, ['up', '--verbose']);
    expect({ code: up.code, said: up.stdout.match(/^ {2}.*$/gm), stderr: up.code === 0 ? '' : up.stderr }).toEqual({
      code: 0,
      stderr: '',
      said: ['  200', '  a = 1', '  200', '  a = 1'],
    });
    // Two containers, one copy, one transfer.
    expect(told(up)).toHaveLength(1);
  });

  test('preflight, status, shell, doctor, down and clean know of it, and a step’s volume lies in it', async () => {
    const dir = await project(
      [
        '  - { name: install, cwd: ui, run: "mkdir -p node_modules/x && echo 1 >node_modules/x/y && ls -d ../core", volumes: [node_modules] }',
        '  - { name: use, cwd: ui, run: "cat node_modules/x/y && touch made.log && test ! -e uncommitted", needs: [install] }\n',
      ].join('\n'),
      { 'core/a.py': '', 'ui/package.json': '{}\n' },
    );
    put(dir, { 'ui/uncommitted': '' });
    const flight = await run(dir, ['preflight']);
    expect({ code: flight.code, stderr: flight.stderr }).toMatchObject({ code: 0 });
    const up = await run(dir, ['up']);
    expect(up.code).toBe(1);
    rmSync(join(dir, 'ui/uncommitted'));
    expect((await run(dir, ['up'])).code).toBe(0);
    expect(existsSync(join(dir, 'ui/node_modules'))).toBe(false);
    const status = await run(dir, ['status']);
    expect(status.stdout).toMatch(/^volumes .*\n/m);
    expect(status.stdout).toContain('(workspace)');
    const shell = startParity(['shell'], { cwd: dir, env, stdin: 'pipe' });
    shell.child.stdin?.end('cat package.json; echo from-shell >by-shell\n');
    expect(await shell.ended).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'by-shell'), 'utf8')).toBe('from-shell\n');
    expect((await run(dir, ['doctor'])).stderr).not.toContain('skipped');
    expect((await run(dir, ['down'])).code).toBe(0);
    const volumes = await engine.listVolumes([`${label.project}=${dir}`]);
    const kinds = volumes.ok ? volumes.value.map(({ labels }) => labels[label.kind]).sort() : volumes;
    expect(kinds).toEqual(['cache', 'volume', 'workspace', 'workspace-state']);
    // Gone, as `parity clean` leaves it: all is sent once more.
    for (const { name } of volumes.ok ? volumes.value : [])
      if (name.includes('-workspace-')) await engine.removeVolume(name);
    expect(told(await run(dir, ['up', '--verbose', '--no-cache']))).toEqual([expect.stringMatching(/^6 files sent/)]);
  });

  test('cold runs copy afresh and leave nothing; a mount that can’t be is refused', async () => {
    const dir = await project('  - { name: one, run: "cat core/a.py" }\n', { 'core/a.py': 'a = 1\n' });
    expect((await run(dir, ['up', '--cold'])).code).toBe(0);
    const volumes = await engine.listVolumes([`${label.project}=${dir}`]);
    expect(volumes).toEqual({ ok: true, value: [] });
    const refused = await run(dir, ['up', '--workspace', 'mount']);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("does not see this machine's files");
  });

  describe('over the network', () => {
    let dir: string;
    beforeAll(async () => {
      dir = await project('  - { name: one, run: "sed -i s/1/2/ core/a.py; git status --short" }\n', {
        'core/a.py': 'a = 1\n',
      });
    });

    test.each([
      ['TCP with TLS', overTls],
      ['ssh', overSsh],
    ] as const)('%s', async (name, open) => {
      const remote = await remember(open(address, join(dir, '..', name)));
      git(dir, 'checkout', '-q', '.');
      const up = await run(dir, ['up', '--verbose', '--no-cache'], remote.env);
      expect({ code: up.code, stdout: up.stdout }).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('M core/a.py'),
      });
      expect(readFileSync(join(dir, 'core/a.py'), 'utf8')).toBe('a = 2\n');
      put(dir, { 'core/a.py': 'a = 3\n' });
      const again = await run(dir, ['up', '--verbose', '--no-cache'], remote.env);
      expect({ code: again.code, told: told(again) }).toEqual({ code: 0, told: ['1 file sent (6 B)'] });
      expect((await run(dir, ['run', '--', 'cat', 'core/a.py'], remote.env)).stdout).toBe('a = 3\n');
      expect((await run(dir, ['preflight'], remote.env)).code).toBe(0);
      expect((await run(dir, ['down'], remote.env)).code).toBe(0);
    });
  });

  async function remember(opening: Promise<RemoteEngine>): Promise<RemoteEngine> {
    const remote = await opening;
    remotes.push(remote);
    return remote;
  }
});

const owner = `${process.getuid?.() ?? 1000}:${process.getgid?.() ?? 1000}`;

function put(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

function heard(stream: NodeJS.ReadableStream | null, text: string): Promise<void> {
  return new Promise((resolve) => {
    let said = '';
    stream?.on('data', (piece: string) => {
      said += piece;
      if (said.includes(text)) resolve();
    });
  });
}
