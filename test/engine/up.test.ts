import { spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { containerIdsOf, containersOf } from '../support/environment.ts';
import { parity, parityBin, scrubbedEnv, startParity, type Ended } from '../support/parity.ts';

const { address, engine, makeProject, test } = engineTest();
const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };

async function project(pipeline: string, name?: string): Promise<string> {
  const dir = await makeProject(pipeline, { name });
  return dir;
}

const run = (dir: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  parity(args, { cwd: dir, env: { ...env, ...more } });

/** Settles once a process has printed a text that many times. */
function said(child: ChildProcess, text: string, times: number): Promise<void> {
  return new Promise((resolve) => {
    let output = '';
    child.stdout?.on('data', (piece: string) => {
      output += piece;
      if (output.split(text).length > times) resolve();
    });
  });
}

/** The text without what differs from run to run: durations. */
function timeless(text: string): string {
  return text.replace(/ +\d+(\.\d)? (ms|s)\b/g, ' TIME');
}

describe('parity up', () => {
  test('passes, and the second run finds the same container warm', async () => {
    const dir = await project(
      '  - { name: greet, run: echo hello }\n  - { name: after, run: "test -f parity.yaml", needs: [greet] }\n',
      'a project ü',
    );
    const first = await run(dir, ['up', '--verbose']);
    expect({ code: first.code, stdout: timeless(first.stdout) }).toEqual({
      code: 0,
      stdout: 'passed    greet TIME\n  hello\npassed    after TIME\n2 passed in TIME\n',
    });
    const containers = await containersOf(engine, dir);
    expect(containers).toHaveLength(1);
    const second = await run(dir, ['up', '--no-cache', 'after']);
    expect({ ...second, stdout: timeless(second.stdout) }).toEqual({
      code: 0,
      signal: null,
      stdout: 'passed    greet TIME\npassed    after TIME\n2 passed in TIME\n',
      stderr: '',
    });
    expect(await containersOf(engine, dir)).toEqual(containers);
  });

  test('uses a warm container again without the engine, and asks it about everything else', async () => {
    const dir = await project('  - { name: greet, run: echo hello }\n');
    // The engine by another name, which can be taken away.
    const socket = join(dir, '.engine.sock');
    symlinkSync(address.replace('unix://', ''), socket);
    const own = { DOCKER_HOST: `unix://${socket}` };
    const up = async (more: Readonly<Record<string, string>> = {}): Promise<string> => {
      const { code, stdout, stderr } = await run(dir, ['up', '--no-cache'], { ...own, ...more });
      return `${code} ${timeless(stdout).replaceAll('\n', ', ')}${/^error: [^:]+/m.exec(stderr)?.[0] ?? ''}`;
    };
    const passed = '0 passed    greet TIME, 1 passed in TIME, ';
    const unreachable = '3 error: there is no engine at unix';
    expect(await up()).toBe(passed);
    rmSync(socket);
    const coverage = join(dir, '.coverage');
    expect(await up({ NODE_V8_COVERAGE: coverage })).toBe(passed);
    const [file = ''] = readdirSync(coverage);
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] };
    const loaded = result.flatMap(({ url }) => /\/dist\/(\w+\.cjs)$/.exec(url)?.[1] ?? []);
    expect(loaded.toSorted()).toEqual(['boot.cjs', 'main.cjs', 'run.cjs']);
    expect(await run(dir, ['run', '--', 'echo', 'hello'], own)).toMatchObject({
      code: 0,
      stdout: 'hello\n',
      stderr: '',
    });
    // A container that another engine made is none of this one's.
    const runs = join(dir, '.parity-cache', 'run');
    const [folder = ''] = readdirSync(runs);
    const mark = readFileSync(join(runs, folder, 'engine'), 'utf8');
    writeFileSync(join(runs, folder, 'engine'), mark.replace('docker', 'podman'));
    expect(await up()).toBe(unreachable);
    writeFileSync(join(runs, folder, 'engine'), mark);
    expect(await up()).toBe(passed);
    // One that is gone has to be made.
    expect(await run(dir, ['down'])).toMatchObject({ code: 0 });
    expect(await up()).toBe(unreachable);
    symlinkSync(address.replace('unix://', ''), socket);
    expect(await up()).toBe(passed);
  });

  test('a volume’s folder that somebody removed, or made again, is mounted again', async () => {
    const dir = await project(
      `  - { name: install, run: "echo made > deps/made", inputs: [lock], volumes: [deps], network: none }
  - { name: use, run: "cat deps/made", needs: [install] }
`,
    );
    writeFileSync(join(dir, 'lock'), '1');
    // Whether what was in the volume is believed to be there still is the engine's word on the volume's age.
    const up = async (): Promise<string> => {
      writeFileSync(join(dir, 'changed'), String(Math.random()));
      const { code, stdout } = await run(dir, ['up', '--verbose']);
      return `${code} ${timeless(stdout.slice(stdout.indexOf('passed    use')))}`.split('\n', 2).join();
    };
    const used = '0 passed    use TIME,  made';
    expect(await up()).toBe(used);
    const [first] = await containersOf(engine, dir);
    expect(await up()).toBe(used);
    expect(await containersOf(engine, dir)).toEqual([first]);
    // git clean -fdx
    rmSync(join(dir, 'deps'), { recursive: true });
    expect(await up()).toBe(used);
    const [second] = await containersOf(engine, dir);
    expect(second).not.toBe(first);
    // npm install on the host
    rmSync(join(dir, 'deps'), { recursive: true });
    mkdirSync(join(dir, 'deps'));
    writeFileSync(join(dir, 'deps', 'of the host'), '');
    expect(await up()).toBe(used);
    expect(await containersOf(engine, dir)).toHaveLength(1);
  });

  test('makes another container after a down', async () => {
    const dir = await project('  - { name: greet, run: echo hello }\n');
    const idsAfter = async (...command: readonly string[]): Promise<readonly string[]> => {
      expect(await run(dir, command)).toMatchObject({ code: 0 });
      return await containerIdsOf(engine, dir);
    };
    const first = await idsAfter('up', '--no-cache');
    expect(first).toHaveLength(1);
    expect(await idsAfter('up', '--no-cache')).toEqual(first);
    expect(await idsAfter('down')).toEqual([]);
    const last = await idsAfter('up', '--no-cache');
    expect(last).toHaveLength(1);
    expect(last).not.toEqual(first);
  });

  test('tells each kind of failure with what to type next, and exits 1', async () => {
    const dir = await project(`  - { name: format, run: "echo would reformat app.py; exit 1", fix: black core/ }
  - { name: fetch, run: "python3 -c 'import socket; socket.getaddrinfo(\\"registry.example\\", 443)' 2>&1 | tail -n 1" }
  - { name: slow, run: sleep 600, timeout: 1 }
  - { name: mute, run: exit 3 }
  - { name: after, run: "true", needs: [mute] }
  - { name: fine, run: "true" }
`);
    const { code, stdout } = await run(dir, ['up', '--jobs', '1']);
    expect(code).toBe(1);
    expect(timeless(stdout.slice(stdout.indexOf('\n--- ')))).toBe(`
--- format: exit code 1
would reformat app.py
Run: black core/

--- fetch: exit code 1
socket.gaierror: [Errno -3] Temporary failure in name resolution
A host name cannot be looked up
Use a fake in tests; what must have the network says so in parity.yaml, step "fetch": network: full
More: parity explain infrastructure/name-resolution

--- slow: timed out
(it printed nothing)
In parity.yaml, give step "slow" a longer timeout than TIME

--- mute: exit code 3
(it printed nothing)

4 failed, 1 skipped, 1 passed in TIME
`);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends all that runs on %s, what is deaf to it included, and exits %i', async (signal, code) => {
    const dir = await project(`  - { name: polite, run: "echo begun; exec sleep 600" }
  - { name: deaf, run: "trap '' INT TERM; echo begun; while true; do sleep 1; done" }
  - { name: after, run: "true", needs: [polite] }
`);
    const { child, ended } = startParity(['up', '--jobs', '2', '--reporter', 'json'], { cwd: dir, env });
    await said(child, '"text":"begun\\n"', 2);
    child.kill(signal);
    const { code: exitCode, stdout } = await ended;
    expect(exitCode).toBe(code);
    const lines = stdout.trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      type: 'run-finished',
      outcome: 'cancelled',
      counts: { cancelled: 3 },
      failure: { reason: 'interrupted', signal },
    });
    // What was deaf is gone as well: the container has nothing but its supervisor.
    const left = await run(dir, ['run', '--', 'sh', '-c', 'cat /proc/[0-9]*/comm | grep -c sleep || true']);
    expect(left.stdout).toBe('0\n');
  });

  test('says so and exits 3 when its container is taken away', async () => {
    const dir = await project('  - { name: long, run: "echo begun; exec sleep 600" }\n');
    const { child, ended } = startParity(['up', '--reporter', 'json'], { cwd: dir, env });
    await said(child, '"text":"begun\\n"', 1);
    for (const name of await containersOf(engine, dir)) await engine.removeContainer(name);
    const { code, stdout } = await ended;
    expect(code).toBe(3);
    const [step, end] = stdout
      .trimEnd()
      .split('\n')
      .slice(-2)
      .map((line) => JSON.parse(line) as unknown);
    expect(step).toMatchObject({ step: 'long', outcome: 'cancelled', reason: 'environment-lost' });
    expect(end).toMatchObject({
      type: 'run-finished',
      outcome: 'failed',
      failure: { reason: 'environment-lost', next: expect.stringContaining('parity up') as string },
    });
  });

  test('hides secrets wherever they come up', async () => {
    const dir = await project(
      `  - { name: leak, secrets: [DEPLOY_KEY], run: 'printf "%s" "\${DEPLOY_KEY:0:5}"; printf "%s\\n" "\${DEPLOY_KEY:5}"; exit 1', onFailure: "look for hunter2hunter2" }\n`,
    );
    const missing = await run(dir, ['up']);
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toContain('step "leak" needs the secret DEPLOY_KEY, which is not set in your environment');
    for (const reporter of ['plain', 'json']) {
      const told = await run(dir, ['up', '--reporter', reporter, '--verbose'], { DEPLOY_KEY: 'hunter2hunter2' });
      expect(told.code).toBe(1);
      expect(told.stdout).toContain('***');
      expect(told.stdout + told.stderr).not.toContain('hunter2');
    }
  });

  test('goes on to its end when the reader of its output goes away', async () => {
    const dir = await project('  - { name: one, run: "seq 100000; exit 1" }\n  - { name: two, run: "exit 1" }\n');
    const shell = `"$NODE" "$BIN" up --verbose | head -n 1 > /dev/null; echo "\${PIPESTATUS[0]}"`;
    const ended = spawnSync('bash', ['-c', shell], {
      cwd: dir,
      env: { ...scrubbedEnv({ cwd: dir, env }), NODE: process.execPath, BIN: parityBin },
      encoding: 'utf8',
    });
    expect(ended.stdout).toBe('1\n');
  });
});

describe('parity run', () => {
  test('passes a command’s output and exit code through, from the folder that the user stands in', async () => {
    const dir = await project('  - { name: one, run: "true" }\n');
    mkdirSync(join(dir, 'sub folder'));
    const plain = await run(dir, ['run', '--', 'bash', '-c', 'printf out; printf err >&2; exit 7']);
    expect(plain).toMatchObject({ code: 7, stdout: 'out' });
    expect(plain.stderr).toMatch(/err$/);
    const version = await run(join(dir, 'sub folder'), ['run', 'python3', '--version']);
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(/^Python 3\.11\.\d+\n$/);
    const where = await run(dir, ['run', '--cwd', 'sub folder', 'pwd']);
    expect(where).toMatchObject({ code: 0, stdout: '/workspace/sub folder\n' });
    const nothing = await run(dir, ['run', 'no-such-command']);
    expect(nothing.code).toBe(127);
  });
});
