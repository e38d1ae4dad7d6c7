import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { beforeAll, expect } from 'vitest';
import { sha256 } from '../../src/core/digest.ts';
import { cleanEngine, endEnvironment } from '../../src/environment/end-environment.ts';
import { commonLabels, environmentId, label } from '../../src/environment/environment-id.ts';
import { planSteps } from '../../src/environment/container-plan.ts';
import { environmentStatus } from '../../src/environment/environment-status.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { engineTest } from '../support/engine-test.ts';
import {
  bash,
  clientLines,
  clientSaid,
  configOf,
  containersOf,
  git,
  opened,
  platform,
  projectDir,
  startClient,
  step,
  until,
} from '../support/environment.ts';
import { madeImage } from '../support/made-image.ts';
import { observed } from '../support/observed-engine.ts';

const { address, engine, dirs, test } = engineTest();
let imageId: string;

beforeAll(async () => {
  imageId = await madeImage(engine, 'test-environment');
});

function project(name?: string): string {
  const dir = projectDir(name);
  mkdirSync(dir, { recursive: true });
  dirs.push(dir);
  return dir;
}

test('a second opening finds the containers warm and asks the engine to make nothing; down ends them and the next starts anew', async () => {
  const dir = project();
  const seen = observed(engine);
  const first = await opened({ engine: seen.engine, dir, config: configOf(), imageId, leaseSeconds: 60 });
  expect((await bash(first, 'echo one > /tmp/state')).exitCode).toBe(0);
  expect(first.warm).toBe(false);
  expect(seen.asked()).toEqual(expect.arrayContaining(['createContainer', 'startContainer']));
  await first.release();

  for (let round = 0; round < 5; round += 1) {
    const request = { engine: seen.engine, dir, config: configOf(), imageId, leaseSeconds: 60 };
    const again = await opened({ ...request, accesses: ['none'] });
    expect(again.warm).toBe(true);
    expect(again.containers).toEqual(first.containers);
    expect((await bash(again, 'cat /tmp/state')).stdout).toBe('one\n');
    await again.release();
  }
  // What makes it fast, 10 to 20 ms against 450: of the engine it asks two questions, and nothing else.
  expect(seen.asked()).toEqual(Array.from({ length: 5 }, () => ['describe', 'listContainers']).flat());

  expect(await endEnvironment(engine, dir)).toMatchObject({ ok: true, value: { containers: [expect.any(String)] } });
  expect(await containersOf(engine, dir)).toEqual([]);
  const later = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60 });
  expect(later.warm).toBe(false);
  expect((await bash(later, 'test -e /tmp/state')).exitCode).toBe(1);
  await later.release();
});

test('a step sees CI’s variables and nothing of the host’s', async () => {
  process.env['PARITY_TEST_LEAK'] = 'leaked';
  const environment = await opened({ engine, dir: project(), config: configOf(), imageId, leaseSeconds: 60 });
  const names = (await bash(environment, 'env | cut -d= -f1 | sort')).stdout.trim().split('\n');
  delete process.env['PARITY_TEST_LEAK'];
  expect(names.join(' ')).toBe(
    'BLACK_CACHE_DIR BUN_INSTALL_CACHE_DIR CI HOME HOSTNAME LANG MYPY_CACHE_DIR PARITY_COMMAND PATH PIP_CACHE_DIR PRE_COMMIT_HOME PWD PYTHONPYCACHEPREFIX ' +
      'RUFF_CACHE_DIR SHLVL TZ UV_CACHE_DIR YARN_GLOBAL_FOLDER _ npm_config_cache npm_config_fetch_retries ' +
      'npm_config_update_notifier pnpm_config_store_dir',
  );
  const isolation = await bash(
    environment,
    'grep -E "^(CapEff|CapBnd|NoNewPrivs)" /proc/self/status; ls /var/run/docker.sock /run/docker.sock 2>/dev/null; cat /sys/class/net/*/address',
  );
  expect(isolation.stdout).toBe(
    'CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n00:00:00:00:00:00\n',
  );
  await environment.release();
});

test('a folder that is moved aside, or deleted, and made anew under the same name gets another container, which sees the new one', async () => {
  const dir = project();
  const request = { engine, dir, config: configOf(), imageId, leaseSeconds: 60, accesses: ['none'] } as const;
  writeFileSync(join(dir, 'which'), 'first\n');
  const first = await opened(request);
  expect((await bash(first, 'cat which')).stdout).toBe('first\n');
  await first.release();

  renameSync(dir, `${dir}.aside`);
  dirs.push(`${dir}.aside`);
  mkdirSync(dir);
  writeFileSync(join(dir, 'which'), 'second\n');
  const second = await opened(request);
  expect(second.warm).toBe(false);
  expect(second.id).toBe(first.id);
  expect((await bash(second, 'cat which')).stdout).toBe('second\n');
  await second.release();
  await until(
    () => containersOf(engine, dir),
    (containers) => containers.length === 1,
    5000,
  );

  rmSync(dir, { recursive: true });
  mkdirSync(dir);
  writeFileSync(join(dir, 'which'), 'third\n');
  const third = await opened(request);
  expect((await bash(third, 'cat which; ls -A')).stdout).toBe('third\nwhich\n');
  await third.release();
  // The files in it may change as they like.
  writeFileSync(join(dir, 'another'), '');
  const again = await opened(request);
  expect(again.warm).toBe(true);
  await again.release();
});

test('localhost is ::1 and 127.0.0.1, a server can bind either, and the own host name has an address, with and without a network', async () => {
  const environment = await opened({ engine, dir: project(), config: configOf(), imageId, leaseSeconds: 60 });
  const script = `python3 - <<'E'
import socket
print(sorted({end[4][0] for end in socket.getaddrinfo("localhost", 80)}))
print(socket.getaddrinfo(socket.gethostname(), 80)[0][4][0])
for address in ("::1", "127.0.0.1", "localhost", socket.gethostname()):
    family, kind, _, _, end = socket.getaddrinfo(address, 0, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as server:
        server.bind(end)
        server.listen()
        with socket.create_connection((address, server.getsockname()[1]), 5):
            pass
print("bound")
E`;
  for (const network of ['none', 'full'] as const) {
    const said = await bash(environment, script, network);
    expect(said.stdout + said.stderr).toBe("['127.0.0.1', '::1']\n127.0.0.1\nbound\n");
  }
  await environment.release();
});

test('git works in a plain repo, a subfolder, a worktree and a submodule, under a path full of spaces and quotes', async () => {
  const odd = project(`it's a "né" $(x) \`y\` repo`);
  git(odd, 'init', '-q', '-b', 'main');
  const sub = project('sub');
  git(sub, 'init', '-q', '-b', 'main');
  writeFileSync(join(sub, 'file'), 'x');
  git(sub, 'add', '.');
  git(sub, 'commit', '-qm', 'sub');
  mkdirSync(join(odd, 'core', 'deep er'), { recursive: true });
  writeFileSync(join(odd, 'core', 'deep er', 'a.py'), 'a = 1\n');
  git(odd, 'add', '.');
  git(odd, 'submodule', '--quiet', 'add', sub, 'vendored');
  git(odd, 'commit', '-qm', 'all');
  const worktree = join(dirname(odd), 'a worktree');
  dirs.push(worktree);
  git(odd, 'worktree', 'add', '-q', '-b', 'second', worktree);

  const places = [
    { dir: odd, cwd: '/workspace', head: 'all' },
    { dir: join(odd, 'core', 'deep er'), cwd: '/workspace/core/deep er', head: 'all' },
    { dir: worktree, cwd: '/workspace', head: 'all' },
    { dir: join(odd, 'vendored'), cwd: '/workspace/vendored', head: 'sub' },
  ];
  for (const { dir, cwd, head } of places) {
    dirs.push(dir);
    const environment = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60 });
    expect(environment.workspaceDir).toBe(cwd);
    const said = await bash(
      environment,
      'git status --porcelain; git log --format=%s; pwd; touch new; git status -s -- .; rm new',
    );
    expect(said).toMatchObject({ stdout: `${head}\n${cwd}\n?? new\n`, stderr: '', exitCode: 0 });
    await environment.release();
  }
});

test('a caller who is not root leaves no file of root’s, has a name, a HOME, CI’s umask and a /tmp that runs scripts, and can write caches and volumes', async () => {
  const dir = projectDir();
  const base = dirname(dir);
  chmodSync(base, 0o755);
  const cacheDir = join(base, 'cache');
  for (const folder of [dir, join(dir, 'ui'), cacheDir]) {
    mkdirSync(folder);
    chownSync(folder, 1000, 1000);
  }
  dirs.push(dir);
  // The engine's socket is for root and its group: the other user gets a door of its own.
  const door = join(base, 'engine.sock');
  const socketPath = address.replace('unix://', '');
  const server = createServer((client) => {
    const behind = connect(socketPath);
    client.pipe(behind).pipe(client);
    client.on('error', () => behind.destroy());
    behind.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(door, resolve));
  chmodSync(door, 0o666);
  const config = configOf([], [step({ cwd: 'ui', volumes: ['node_modules'], network: 'none' })]);
  const run = `umask; t=$(mktemp); printf '#!/bin/sh\\necho ran\\n' > "$t"; chmod +x "$t"; "$t"; id -u; id -g; id -un; echo ~; test "$(stat -c %u ~)" = 1000; cd ui; touch node_modules/x; npm config get cache
    npm cache add . 2>/dev/null || mkdir -p "$npm_config_cache/made"; echo a > made-here; python3 -c 'import json'; mkdir -p "$MYPY_CACHE_DIR"; stat -c %u node_modules "$npm_config_cache"`;
  const client = startClient(
    { address: `unix://${door}`, dir, imageId, config, leaseSeconds: 5, scripts: [{ network: 'none', run }] },
    { uid: 1000, cacheDir },
  );
  expect(await clientLines(client)).toEqual([
    { at: 0, exitCode: 0, text: '0022\nran\n1000\n1000\nparity\n/home/parity\n/parity/cache/npm\n1000\n1000\n' },
  ]);
  server.close();
  const foreign = spawnSync('find', [dir, cacheDir, '!', '-user', '1000'], { encoding: 'utf8' });
  expect(foreign.stdout).toBe('');
  expect(existsSync(join(dir, 'ui', 'made-here'))).toBe(true);
});

test('volumes are shared by all accesses, stay over down, and their empty mount points go', async () => {
  const dir = project();
  const config = configOf([], [step({ volumes: ['node_modules', 'a/b'] })]);
  const environment = await opened({ engine, dir, config, imageId, leaseSeconds: 60, accesses: ['none', 'full'] });
  await bash(environment, 'echo kept > node_modules/x', 'full');
  expect((await bash(environment, 'cat node_modules/x; df --output=target a/b | tail -1')).stdout).toBe(
    'kept\n/workspace/a/b\n',
  );
  expect(existsSync(join(dir, 'node_modules', 'x'))).toBe(false);
  await environment.release();
  expect((await endEnvironment(engine, dir)).ok).toBe(true);
  expect(existsSync(join(dir, 'node_modules'))).toBe(false);
  const again = await opened({ engine, dir, config, imageId, leaseSeconds: 60 });
  expect((await bash(again, 'cat node_modules/x')).stdout).toBe('kept\n');
  await again.release();

  const outside = await expectRefusal(dir, configOf([], [step({ volumes: ['../other'] })]));
  expect(outside).toMatchObject({ reason: 'config-invalid', message: expect.stringContaining('../other') });
  writeFileSync(join(dir, 'taken'), '');
  const file = await expectRefusal(dir, configOf([], [step({ volumes: ['taken'] })]));
  expect(file.message).toContain('taken');
});

async function expectRefusal(
  dir: string,
  config: ReturnType<typeof configOf>,
): Promise<{ reason: string; message: string }> {
  try {
    await opened({ engine, dir, config, imageId, accesses: ['none'] });
  } catch (error) {
    return JSON.parse((error as Error).message) as { reason: string; message: string };
  }
  throw new Error('it was opened');
}

test('a client killed mid-run: its commands die, and after the lease nothing with a label is left', async () => {
  const dir = project();
  const scripts = [
    { network: 'none', run: 'trap "" TERM; echo HELD; while :; do sleep 0.1; done' },
    { network: 'full', run: 'echo HELD; sleep 600' },
  ] as const;
  const client = startClient({ address, dir, imageId, config: configOf(), leaseSeconds: 3, scripts });
  await Promise.all([clientSaid(client, '{"held":0}'), clientSaid(client, '{"held":1}')]);
  expect(await containersOf(engine, dir)).toHaveLength(2);
  client.kill('SIGKILL');
  await once(client, 'exit');
  // Not the client's death ends them, but the lease that nobody renews any more.
  expect(await containersOf(engine, dir)).toHaveLength(2);
  await until(
    () => containersOf(engine, dir),
    (names) => names.length === 0,
    15_000,
  );
});

test('a client killed mid-run: the next one finds the container warm and the commands gone', async () => {
  const dir = project();
  const scripts = [{ network: 'none', run: 'trap "" TERM; echo HELD; while :; do sleep 0.1; done' }] as const;
  const client = startClient({ address, dir, imageId, config: configOf(), leaseSeconds: 60, scripts });
  await clientSaid(client, '{"held":0}');
  client.kill('SIGKILL');
  const next = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60 });
  await until(
    () => bash(next, 'pgrep -c sleep'),
    ({ stdout }) => stdout === '0\n',
    10_000,
  );
  expect(next.warm).toBe(true);
  await next.release();
});

test('a client that cannot reach the socket comes in through the engine, beside another, and is missed when it is killed', async () => {
  const dir = project();
  const direct = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60, accesses: ['none'] });
  // Another cache folder: the socket is not where this client looks for it.
  const elsewhere = { uid: process.getuid?.() ?? 0, cacheDir: mkdtempSync(join(tmpdir(), 'parity-cache-')) };
  const order = { address, dir, imageId, config: configOf(), leaseSeconds: 60 };
  const whole = startClient(
    { ...order, scripts: [{ network: 'none', run: 'seq 300000 | sha256sum; exit 9' }] },
    elsewhere,
  );
  const [lines, here] = await Promise.all([clientLines(whole), bash(direct, 'seq 300000 | sha256sum')]);
  expect(lines).toEqual([{ at: 0, exitCode: 9, text: here.stdout }]);
  expect(await containersOf(engine, dir)).toHaveLength(1);

  const scripts = [{ network: 'none', run: 'trap "" TERM; echo HELD; while :; do sleep 0.1; done' }] as const;
  const killed = startClient({ ...order, scripts }, elsewhere);
  await clientSaid(killed, '{"held":0}');
  killed.kill('SIGKILL');
  await until(
    () => bash(direct, 'pgrep -c sleep'),
    ({ stdout }) => stdout === '0\n',
    12_000,
  );
  await direct.release();
});

test('two clients that start at once share one container, and both are right', async () => {
  const dir = project();
  const order = { address, dir, imageId, config: configOf(), leaseSeconds: 5 };
  const clients = ['a', 'b', 'c'].map((word) =>
    startClient({
      ...order,
      scripts: [
        {
          network: 'none',
          run: `for i in $(seq 20000); do echo ${word}; done; hostname > /tmp/${word}; ls /tmp/[abc] | wc -l >/dev/null`,
        },
      ],
    }),
  );
  const outputs = await Promise.all(clients.map(clientLines));
  ['a', 'b', 'c'].forEach((word, at) => {
    expect(outputs[at]).toEqual([{ at: 0, exitCode: 0, text: `${word}\n`.repeat(20_000) }]);
  });
  expect(await containersOf(engine, dir)).toHaveLength(1);
});

test('what a killed process left half-made is replaced; what a living one is making is waited for', async () => {
  const dir = project();
  const probe = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60 });
  await bash(probe, 'true');
  const [name = ''] = await containersOf(engine, dir);
  await probe.release();
  await endEnvironment(engine, dir);
  const dead = spawnSync('true').pid;
  const labels = {
    ...commonLabels(environmentId(dir), dir),
    [label.creator]: `${(await import('node:os')).hostname()}/${dead}`,
  };
  await until(
    async () => await engine.createContainer({ name, image: imageId, command: ['true'], labels }),
    (made) => made.ok,
    5000,
  );
  const mended = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60 });
  expect((await bash(mended, 'echo fine')).stdout).toBe('fine\n');
  expect(await containersOf(engine, dir)).toEqual([name]);
  await mended.release();
  await endEnvironment(engine, dir);

  const byUs = commonLabels(environmentId(dir), dir);
  const half = { name, image: imageId, command: ['true'], labels: byUs };
  let id = '';
  await until(
    async () => {
      const made = await engine.createContainer(half);
      id = made.ok ? made.value : '';
      return made.ok;
    },
    (made) => made,
    5000,
  );
  const opening = opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60, accesses: ['none'] });
  // Its maker lives: it is not taken away. Then its maker gives it up.
  const looks = await Promise.all(Array.from({ length: 20 }, () => engine.inspectContainer(id)));
  expect(looks.every((look) => look.ok && look.value?.state === 'created')).toBe(true);
  await engine.removeContainer(id);
  const waited = await opening;
  expect((await bash(waited, 'echo fine')).stdout).toBe('fine\n');
  await waited.release();
});

test('another generation replaces an idle container at once and a used one when its last user leaves', async () => {
  const dir = project();
  const old = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60 });
  await bash(old, 'true');
  const oldNames = await containersOf(engine, dir);
  const newer = await opened({
    engine,
    dir,
    config: configOf([], [step({ volumes: ['v'] })]),
    imageId,
    leaseSeconds: 60,
  });
  await bash(newer, 'true');
  expect((await bash(old, 'echo still here')).stdout).toBe('still here\n');
  await old.release();
  await until(
    () => containersOf(engine, dir),
    (names) => names.length === 1 && names[0] !== oldNames[0],
    10_000,
  );
  await newer.release();
});

test('a cold environment has its own containers and caches and leaves none', async () => {
  const dir = project();
  const warm = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 60 });
  await bash(warm, 'touch /parity/cache/warm');
  const cold = await opened({ engine, dir, config: configOf(), imageId, cold: true });
  expect((await bash(cold, 'ls -A /parity/cache')).stdout).toBe('');
  expect(await containersOf(engine, dir)).toHaveLength(2);
  await cold.release();
  expect(await containersOf(engine, dir)).toHaveLength(1);
  const volumes = await engine.listVolumes([`${label.project}=${dir}`]);
  expect(volumes).toMatchObject({ ok: true, value: [{ labels: { [label.kind]: 'cache' } }] });
  await warm.release();
});

test('status tells of containers, lease and commands without renewing; clean leaves alone what is in use', async () => {
  const dir = project();
  const environment = await opened({ engine, dir, config: configOf(), imageId, leaseSeconds: 40, accesses: ['none'] });
  const status = await environmentStatus(engine, dir);
  expect(status).toMatchObject({
    ok: true,
    value: { containers: [{ network: 'none', state: 'running', sessions: 1, commands: [] }], services: [] },
  });
  const mine = onlyOf(engine, dir);
  const kept = await cleanEngine(mine, { all: false });
  expect(kept).toMatchObject({ ok: true, value: { containers: [], volumes: [], inUse: [expect.any(String)] } });
  await environment.release();
  const cleaned = await cleanEngine(mine, { all: false });
  expect(cleaned).toMatchObject({
    ok: true,
    value: { containers: [expect.any(String)], volumes: [expect.any(String)], inUse: [] },
  });
  expect(await containersOf(engine, dir)).toEqual([]);
  expect(await engine.listVolumes([`${label.project}=${dir}`])).toEqual({ ok: true, value: [] });
});

/** The engine as if this project were all that parity has in it: a clean must not touch what others made meanwhile. */
function onlyOf(whole: Engine, dir: string): Engine {
  const own = `${label.project}=${dir}`;
  return {
    ...whole,
    listContainers: (labels) => whole.listContainers([...labels, own]),
    listVolumes: (labels) => whole.listVolumes([...labels, own]),
    listNetworks: (labels) => whole.listNetworks([...labels, own]),
    listImages: (labels) => whole.listImages([...labels, own]),
  };
}

test('a generation is a function of what goes in: the same facts give the same name, each other fact another', () => {
  const facts = {
    id: 'abc',
    config: configOf(),
    imageId: 'sha256:1',
    platform,
    workspace: { hostRoot: '/p', hostProject: '/p', containerProject: '/workspace', mounts: [] },
    folders: [],
    mountPoints: [],
    boundFolders: ['1:2'],
    user: { uid: 1, gid: 1 },
    code: sha256('code'),
    proxies: {},
    certificates: undefined,
    direct: true,
    copied: false,
  } as const;
  const name = (change: object): string => planSteps({ ...facts, ...change }, { access: 'none' }).spec.name;
  expect(name({})).toBe(name({}));
  const others = [
    { imageId: 'sha256:2' },
    { user: { uid: 2, gid: 1 } },
    { code: sha256('other code') },
    { python: '3.11.9' },
    { memoryBytes: 1 },
    { boundFolders: ['1:3'] },
  ];
  expect(new Set([{}, ...others].map(name)).size).toBe(7);
});
