import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Command, Environment } from '../../src/environment/environment.ts';
import { withFreshTmp } from '../../src/pipeline/repeat-variables.ts';
import { shellCommand } from '../../src/pipeline/run-step.ts';
import { engineTest } from '../support/engine-test.ts';
import { bash, configOf, opened, projectDir, sweep, until } from '../support/environment.ts';
import { madeImage } from '../support/made-image.ts';
import { observed } from '../support/observed-engine.ts';

const { engine, folder, test } = engineTest();
const seen = observed(engine);
const dir = folder();
let environment: Environment;

beforeAll(async () => {
  mkdirSync(dir, { recursive: true });
  const imageId = await madeImage(engine, 'test-environment');
  environment = await opened({
    engine: seen.engine,
    dir,
    config: configOf(),
    imageId,
    leaseSeconds: 60,
    accesses: ['none'],
  });
});

afterAll(async () => {
  await environment.release();
});

test('exit codes, signals and commands that cannot start are told as a shell tells them', async () => {
  expect((await bash(environment, 'exit 255')).exitCode).toBe(255);
  expect(await bash(environment, 'kill -SEGV $$')).toMatchObject({ exitCode: null, signal: 'SIGSEGV' });
  const missing = await environment.start({ name: 'm', argv: ['no such'], cwd: '/', env: {}, network: 'none' });
  if (!missing.ok) throw new Error(missing.error.message);
  const pieces: string[] = [];
  for await (const { stream, data } of missing.value.output) pieces.push(`${stream}: ${data.toString()}`);
  expect(pieces).toEqual(['stderr: parity: no such: No such file or directory\n']);
  expect(await missing.value.exit).toMatchObject({ ok: true, value: { exitCode: 127 } });
});

test('a step runs in bash, and in sh where there is none, also in a folder for temporary files of its own', async () => {
  const poor = '/tmp/no-bash';
  await bash(environment, `mkdir ${poor}; for each in sh mkdir rm; do ln -s "$(command -v $each)" ${poor}; done`);
  const script = 'echo $0 ${TMPDIR-} $(test -d "${TMPDIR-}" && echo there); false; echo not reached';
  const said = async (
    how: Pick<Command, 'argv' | 'orElse'>,
    env: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const started = await environment.start({ name: 'shell', ...how, cwd: '/', env, network: 'none' });
    if (!started.ok) throw new Error(started.error.message);
    let text = '';
    for await (const { data } of started.value.output) text += data.toString();
    const exit = await started.value.exit;
    return `${text.trim()} ${exit.ok ? exit.value.exitCode : exit.error.message}`;
  };
  expect(await said(shellCommand(script), {})).toBe('bash 1');
  expect(await said(shellCommand(script), { PATH: poor })).toBe('sh 1');
  const fresh = { TMPDIR: '/tmp/parity-repeat-x/1-0' };
  expect(await said({ argv: withFreshTmp(script) }, fresh)).toBe(`bash ${fresh.TMPDIR} there 1`);
  expect(await said({ argv: withFreshTmp(script) }, { ...fresh, PATH: poor })).toBe(`sh ${fresh.TMPDIR} there 1`);
  expect((await bash(environment, `test -e ${fresh.TMPDIR}`)).exitCode).toBe(1);
});

test('200 MB of output and every byte value arrive whole, and a slow reader holds up nobody else', async () => {
  const flood = await environment.start({
    name: 'flood',
    argv: ['head', '-c', '200000000', '/dev/zero'],
    cwd: '/',
    env: {},
    network: 'none',
  });
  if (!flood.ok) throw new Error(flood.error.message);
  // Nobody reads the flood yet: it stops at its window, and another command is through at once.
  const other = await bash(
    environment,
    `python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 4096)' | sha256sum`,
  );
  expect(other.stdout.slice(0, 64)).toBe(
    (
      await bash(
        environment,
        `python3 -c 'import hashlib; print(hashlib.sha256(bytes(range(256)) * 4096).hexdigest())'`,
      )
    ).stdout.trim(),
  );
  let bytes = 0;
  for await (const { data } of flood.value.output) bytes += data.length;
  expect(bytes).toBe(200_000_000);
  expect(await flood.value.exit).toMatchObject({ ok: true, value: { exitCode: 0 } });

  const binary = await environment.start({
    name: 'binary',
    argv: ['python3', '-c', 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 4096)'],
    cwd: '/',
    env: {},
    network: 'none',
  });
  if (!binary.ok) throw new Error(binary.error.message);
  const chunks: Buffer[] = [];
  for await (const { data } of binary.value.output) chunks.push(data);
  expect(Buffer.concat(chunks).equals(Buffer.concat(Array.from({ length: 4096 }, () => allBytes)))).toBe(true);
});

const allBytes = Buffer.from(Array.from({ length: 256 }, (_, value) => value));

test('fifty commands at once keep their streams apart', async () => {
  const runs = await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      bash(environment, `for i in $(seq 200); do echo out-${at}; echo err-${at} >&2; done; exit ${at}`),
    ),
  );
  runs.forEach((run, at) => {
    expect(run.exitCode).toBe(at);
    expect(run.stdout).toBe(`out-${at}\n`.repeat(200));
    expect(run.stderr).toBe(`err-${at}\n`.repeat(200));
  });
});

test('what a command leaves running ends with it: background jobs, daemons, and one with an empty environment', async () => {
  const left = await bash(
    environment,
    `sleep 1111 & setsid sleep 1112 & env -i setsid -f sleep 1113
     python3 -c 'import os,time
if os.fork() == 0:
  os.setsid()
  if os.fork() == 0: os.execvp("sleep", ["sleep", "1114"])
  os._exit(0)
os.wait()'
     sleep 0.2; pgrep -c sleep`,
  );
  expect(left.stdout).toBe('4\n');
  expect((await bash(environment, 'pgrep -a sleep')).stdout).toBe('');
});

test('orphans are reaped: no zombie stays', async () => {
  await bash(environment, `for i in $(seq 40); do (sleep 0.01 &) ; done; sleep 0.2; true`);
  expect((await bash(environment, `ps -eo stat= | grep -c Z || true`)).stdout).toBe('0\n');
});

test('a command that closes its output early runs on; one that ignores SIGTERM ends by SIGKILL', async () => {
  expect(await bash(environment, 'exec >&- 2>&-; sleep 0.1; exit 7')).toMatchObject({ exitCode: 7, stdout: '' });
  const stubborn = await environment.start({
    name: 'stubborn',
    argv: ['bash', '-c', 'trap "" TERM INT; echo up; while :; do sleep 0.1; done'],
    cwd: '/',
    env: {},
    network: 'none',
  });
  if (!stubborn.ok) throw new Error(stubborn.error.message);
  for await (const { data } of stubborn.value.output) {
    if (!data.toString().includes('up')) continue;
    stubborn.value.signal('SIGTERM');
    stubborn.value.signal('SIGINT');
    stubborn.value.signal('SIGKILL');
  }
  expect(await stubborn.value.exit).toMatchObject({ ok: true, value: { exitCode: null, signal: 'SIGKILL' } });
});

test('Ctrl-C reaches a step as it would in a terminal', async () => {
  const waiting = await environment.start({
    name: 'waiting',
    argv: ['bash', '-c', 'echo up; sleep 60'],
    cwd: '/',
    env: {},
    network: 'none',
  });
  if (!waiting.ok) throw new Error(waiting.error.message);
  for await (const { data } of waiting.value.output) if (data.toString().includes('up')) waiting.value.signal('SIGINT');
  expect(await waiting.value.exit).toMatchObject({ ok: true, value: { signal: 'SIGINT' } });
});

test('stdin reaches the command whole and ends; without one it is /dev/null', async () => {
  const cat = await environment.start({
    name: 'cat',
    argv: ['sha256sum'],
    cwd: '/',
    env: {},
    network: 'none',
    stdin: zeros(20),
  });
  if (!cat.ok) throw new Error(cat.error.message);
  let text = '';
  for await (const { data } of cat.value.output) text += data.toString();
  expect(text.slice(0, 64)).toBe(
    (await bash(environment, 'head -c 20971520 /dev/zero | sha256sum')).stdout.slice(0, 64),
  );
  expect((await bash(environment, 'readlink /proc/self/fd/0')).stdout).toBe('/dev/null\n');
});

async function* zeros(megabytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < megabytes; at += 1) yield Buffer.alloc(1 << 20);
}

test('memory and CPU time of the whole group are measured', async () => {
  const heavy = await bash(
    environment,
    `python3 -c 'import time; block = bytearray(200_000_000); time.sleep(1.2)' & python3 -c 'import time; block = bytearray(200_000_000); time.sleep(1.2)'; wait; python3 -c 'import time
while time.process_time() < 0.4: pass'`,
  );
  expect(heavy.peakMemoryBytes).toBeGreaterThan(380_000_000);
  expect(heavy.peakMemoryBytes).toBeLessThan(600_000_000);
  // As the busy one of them counted itself.
  expect(heavy.cpuMs).toBeGreaterThan(400);
  expect(heavy.outOfMemory).toBe(false);
});

test('a command killed for memory says so, and its neighbour does not', async () => {
  const imageId = await madeImage(engine, 'test-environment');
  const small = projectDir();
  mkdirSync(small);
  const limited = await opened({
    engine,
    dir: small,
    config: configOf(),
    imageId,
    leaseSeconds: 5,
    memoryBytes: 96 << 20,
  });
  expect(await bash(limited, `python3 -c 'block = bytearray(400_000_000)'`)).toMatchObject({ outOfMemory: true });
  expect(await bash(limited, 'exit 1')).toMatchObject({ outOfMemory: false, exitCode: 1 });
  await limited.release();
  await sweep(engine, [small]);
});

test('commands go to the supervisor, side by side, and ask the engine for nothing', async () => {
  seen.asked();
  // Each waits for the others: an exec of the engine for each, one after the other, would never end.
  const others = 'touch /tmp/six-$0; until [ "$(ls /tmp/six-* | wc -l)" = 6 ]; do sleep 0.01; done';
  const ended = await Promise.all([1, 2, 3, 4, 5, 6].map((at) => bash(environment, others.replace('$0', `${at}`))));
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(seen.asked()).toEqual([]);
});

test('releasing ends what still runs, TERM first', async () => {
  const second = await opened({ engine, dir, config: configOf(), imageId: environment.imageId, leaseSeconds: 60 });
  expect(second.warm).toBe(true);
  const held = await second.start({
    name: 'held',
    argv: ['bash', '-c', 'trap "touch /tmp/said-goodbye; exit" TERM; echo up; while :; do sleep 0.05; done'],
    cwd: '/',
    env: {},
    network: 'none',
  });
  if (!held.ok) throw new Error(held.error.message);
  const reader = held.value.output[Symbol.asyncIterator]();
  await reader.next();
  await second.release();
  expect(await held.value.exit).toMatchObject({ ok: false, error: { reason: 'environment-lost' } });
  await until(
    () => bash(environment, 'test -e /tmp/said-goodbye'),
    (seen) => seen.exitCode === 0,
    5000,
  );
});
