import { mkdirSync } from 'node:fs';
import { beforeAll, expect } from 'vitest';
import type { Service } from '../../src/config/config.ts';
import type { ProgressEvent } from '../../src/core/progress.ts';
import { openEnvironment } from '../../src/environment/open-environment.ts';
import { engineTest } from '../support/engine-test.ts';
import {
  bash,
  clientSaid,
  configOf,
  containersOf,
  opened,
  platform,
  projectDir,
  startClient,
  step,
  until,
} from '../support/environment.ts';
import { madeImage } from '../support/made-image.ts';

const { address, engine, dirs, test } = engineTest();
let imageId: string;
let postgres: string;

beforeAll(async () => {
  imageId = await madeImage(engine, 'test-environment');
  postgres = await madeImage(engine, 'postgres');
});

function project(): string {
  const dir = projectDir();
  mkdirSync(dir, { recursive: true });
  dirs.push(dir);
  return dir;
}

function service(parts: Partial<Service>): Service {
  return { name: 'db', image: postgres, env: {}, readyTimeoutSeconds: 60, ports: [], ...parts };
}

const database = (): Service =>
  service({
    env: { POSTGRES_USER: 'shop', POSTGRES_PASSWORD: 'a b\'c"d', POSTGRES_DB: 'orders' },
    ready: 'pg_isready -h localhost -U shop',
    ports: [5432],
  });

/** Says `SSLRequest` to the server, whose answer is one byte: N (no TLS) from this PostgreSQL. */
const knock = (host: string): string =>
  `python3 -c 'import socket; s = socket.create_connection(("${host}", 5432), 3); s.sendall(bytes([0,0,0,8,4,210,22,47])); print(s.recv(1).decode())'`;

test('PostgreSQL is reached by name and at localhost, stays warm, and is not seen without services', async () => {
  const dir = project();
  const config = configOf([database()], [step({ network: 'services' }), step({ network: 'full' })]);
  const first = await opened({ engine, dir, config, imageId, leaseSeconds: 60 });
  expect((await bash(first, `${knock('db')}; ${knock('localhost')}`, 'services')).stdout).toBe('N\nN\n');
  const hidden = await bash(first, `${knock('localhost')}; ${knock('db')}`, 'none');
  expect(hidden.stdout).toBe('');
  expect(hidden.stderr).toContain('Temporary failure in name resolution');
  const outside = await bash(first, `cat /proc/net/route | wc -l; ls /sys/class/net`, 'services');
  expect(outside.stdout).toBe('1\nlo\n');
  expect((await bash(first, `${knock('db')}; ${knock('localhost')}`, 'full')).stdout).toBe('N\nN\n');
  const names = await containersOf(engine, dir);
  expect(names).toHaveLength(4);
  await first.release();

  const events: ProgressEvent[] = [];
  const second = await openEnvironment({
    engine,
    project: { dir },
    config,
    imageId,
    platform,
    leaseSeconds: 60,
    accesses: ['services', 'full'],
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
  });
  if (!second.ok) throw new Error(second.error.message);
  expect(events).toEqual([]);
  expect((await bash(second.value, knock('db'), 'services')).stdout).toBe('N\n');
  expect(await containersOf(engine, dir)).toEqual(names);

  // The service dies; the next opening has another.
  const db = names.find((name) => name.endsWith('-db')) ?? '';
  await second.value.release();
  await engine.signalContainer(db, 'SIGKILL');
  await until(
    () => containersOf(engine, dir),
    (seen) => !seen.includes(db),
    10_000,
  );
  const third = await opened({ engine, dir, config, imageId, leaseSeconds: 60, accesses: ['services'] });
  expect((await bash(third, knock('db'), 'services')).stdout).toBe('N\n');
  expect(await containersOf(engine, dir)).toEqual(names);
  await third.release();
});

test('the password is asked for, the database and the user are there', async () => {
  const dir = project();
  const queried = database();
  const config = configOf([
    { ...queried, ready: `PGPASSWORD="$POSTGRES_PASSWORD" psql -h localhost -U shop -d orders -c 'select 1'` },
  ]);
  const right = await opened({ engine, dir, config, imageId, leaseSeconds: 5, accesses: ['services'] });
  await right.release();
  const wrong = configOf([
    {
      ...queried,
      readyTimeoutSeconds: 20,
      ready: `PGPASSWORD=wrong psql -h localhost -U shop -d orders -c 'select 1'`,
    },
  ]);
  const refused = await openEnvironment({ ...base(project()), config: wrong });
  expect(refused).toMatchObject({
    ok: false,
    error: { reason: 'service-not-ready', message: 'service "db" was not ready within 20 s' },
  });
  expect(refused.ok ? '' : refused.error.detail).toContain('password authentication failed');
});

function base(dir: string): Omit<Parameters<typeof openEnvironment>[0], 'config'> {
  const signal = new AbortController().signal;
  return {
    engine,
    project: { dir },
    imageId,
    platform,
    accesses: ['services'],
    leaseSeconds: 5,
    emit: () => {},
    signal,
  };
}

test('a service that ends, one that is never ready, one without an image and two on one port are each told as such', async () => {
  const ended = await openEnvironment({
    ...base(project()),
    config: configOf([service({ ready: 'pg_isready -h localhost' })]),
  });
  expect(ended).toMatchObject({
    ok: false,
    error: { reason: 'service-not-ready', message: 'service "db" ended before it was ready' },
  });
  expect(ended.ok ? '' : ended.error.detail).toContain('superuser password is not specified');

  const image = 'localhost:1/no/such:1';
  const missing = await openEnvironment({ ...base(project()), config: configOf([service({ image })]) });
  expect(missing.ok ? '' : missing.error.message).toContain(
    `service "db": its image ${image} is not there and cannot be pulled`,
  );

  const beside = await openEnvironment({
    ...base(project()),
    accesses: ['none', 'services'],
    config: configOf([service({ image })]),
  });
  if (!beside.ok) throw new Error(beside.error.message);
  expect((await bash(beside.value, 'echo goes on')).stdout).toBe('goes on\n');
  const command = { name: 'asks', argv: ['true'], cwd: '/', env: {}, network: 'services' } as const;
  expect(await beside.value.start(command)).toMatchObject({ ok: false, error: { service: 'db' } });
  await beside.value.release();

  const twice = configOf([database(), { ...database(), name: 'other' }]);
  const refused = await openEnvironment({ ...base(project()), config: twice });
  expect(refused).toMatchObject({
    ok: false,
    error: { reason: 'config-invalid', message: 'the services "db" and "other" both listen on port 5432' },
  });
});

test('without a readiness command a service is ready when its ports take connections', async () => {
  const dir = project();
  const { ready: _, ...silent } = database();
  const environment = await opened({
    engine,
    dir,
    config: configOf([silent]),
    imageId,
    leaseSeconds: 5,
    accesses: ['services'],
  });
  expect((await bash(environment, knock('db'), 'services')).stdout).toBe('N\n');
  await environment.release();
});

test('two clients at once start one database', async () => {
  const dir = project();
  const order = { address, dir, imageId, config: configOf([database()]), leaseSeconds: 30 };
  const scripts = [{ network: 'services', run: `${knock('db')}; echo HELD; sleep 1` }] as const;
  const clients = [startClient({ ...order, scripts }), startClient({ ...order, scripts })];
  await Promise.all(clients.map((client) => clientSaid(client, 'held')));
  expect(await containersOf(engine, dir)).toHaveLength(2);
  for (const client of clients) client.kill('SIGTERM');
});

test('a killed client’s services end with the lease', async () => {
  const dir = project();
  const order = { address, dir, imageId, config: configOf([database()]), leaseSeconds: 3 };
  const client = startClient({ ...order, scripts: [{ network: 'services', run: 'echo HELD; sleep 600' }] });
  await clientSaid(client, 'held');
  expect(await containersOf(engine, dir)).toHaveLength(2);
  client.kill('SIGKILL');
  await until(
    () => containersOf(engine, dir),
    (names) => names.length === 0,
    15_000,
  );
});
