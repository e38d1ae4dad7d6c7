import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine, discoverEndpoints } from './connect-engine.ts';

let home: string;
const servers: Server[] = [];
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'parity home '))));
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listenAt(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
}
// What an engine leaves that was killed: a socket nobody listens on.
async function leaveStale(path: string): Promise<void> {
  await listenAt(`${path}.live`);
  linkSync(`${path}.live`, path);
  await new Promise((resolve) => servers.pop()?.close(resolve));
}
function makeContext(name: string, host: string, more: { tls?: boolean; skip?: boolean } = {}): string {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(home, '.docker', 'contexts', 'meta', id);
  mkdirSync(meta, { recursive: true });
  const docker = { Host: host, SkipTLSVerify: more.skip ?? false };
  writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker } }));
  const tls = join(home, '.docker', 'contexts', 'tls', id, 'docker');
  if (more.tls) mkdirSync(tls, { recursive: true });
  return tls;
}

describe('what someone chose', () => {
  it('is taken in the order --host, DOCKER_HOST, DOCKER_CONTEXT, the current context', () => {
    makeContext('colima', 'unix:///c.sock');
    makeContext('other', 'unix:///o.sock');
    writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: 'colima' }));
    const found = (host: string | undefined, env: NodeJS.ProcessEnv) => discoverEndpoints({ host, env, home });
    const explicit = (address: string, source: string) => ({
      ok: true,
      value: { kind: 'explicit', endpoint: { address, source } },
    });
    const all = { DOCKER_HOST: 'unix:///e.sock', DOCKER_CONTEXT: 'other' };
    expect(found('unix:///h.sock', all)).toEqual(explicit('unix:///h.sock', '--host'));
    expect(found(undefined, all)).toEqual(explicit('unix:///e.sock', 'DOCKER_HOST'));
    expect(found(undefined, { DOCKER_CONTEXT: 'other' })).toEqual(explicit('unix:///o.sock', 'docker context "other"'));
    expect(found(undefined, { DOCKER_HOST: '' })).toEqual(explicit('unix:///c.sock', 'docker context "colima"'));
    expect(found(undefined, { DOCKER_CONTEXT: 'default' })).toMatchObject({ ok: true, value: { kind: 'well-known' } });
  });

  it.each([
    ['unix:///run/a b.sock', 'unix:///run/a b.sock'],
    ['unix://', 'unix:///var/run/docker.sock'],
    ['/run/x.sock', 'unix:///run/x.sock'],
    ['tcp://10.0.0.9:2375', 'tcp://10.0.0.9:2375'],
    ['10.0.0.9:2375', 'tcp://10.0.0.9:2375'],
    ['http://localhost:2375', 'tcp://localhost:2375'],
    ['ssh://me@h:2222', 'ssh://me@h:2222'],
    ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/docker_engine'],
  ])('may be written as %s', (host, address) => {
    expect(discoverEndpoints({ host, env: {}, home })).toMatchObject({ ok: true, value: { endpoint: { address } } });
  });
  it.each(['ftp://x', 'tcp://', 'unix:relative', 'ssh://'])('may not be %s', (host) => {
    expect(discoverEndpoints({ host, env: {}, home })).toMatchObject({
      ok: false,
      error: { reason: 'usage', message: expect.stringContaining(host) },
    });
  });

  it('comes with TLS as the environment or the context says', () => {
    const host = 'tcp://10.0.0.9:2376';
    const endpointOf = (env: NodeJS.ProcessEnv) => discoverEndpoints({ env, home });
    expect(endpointOf({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1' })).toMatchObject({
      value: { endpoint: { tlsDir: join(home, '.docker') } },
    });
    expect(endpointOf({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' })).toEqual({
      ok: true,
      value: { kind: 'explicit', endpoint: { address: host, source: 'DOCKER_HOST', tlsDir: '/certs' } },
    });
    expect(endpointOf({ DOCKER_HOST: host, DOCKER_CERT_PATH: '/certs' })).toMatchObject({
      value: { endpoint: { tlsSkipVerify: true } },
    });
    expect(endpointOf({ DOCKER_HOST: 'unix:///x', DOCKER_TLS_VERIFY: '1' })).toEqual({
      ok: true,
      value: { kind: 'explicit', endpoint: { address: 'unix:///x', source: 'DOCKER_HOST' } },
    });
    const tlsDir = makeContext('remote', host, { tls: true, skip: true });
    expect(endpointOf({ DOCKER_CONTEXT: 'remote' })).toMatchObject({
      value: { endpoint: { address: host, tlsDir, tlsSkipVerify: true } },
    });
  });

  it('is never fallen through when it does not work', async () => {
    expect(await connectEngine({ env: { DOCKER_CONTEXT: 'gone' }, home })).toMatchObject({
      ok: false,
      error: { reason: 'engine-not-found', message: expect.stringContaining('"gone", which DOCKER_CONTEXT names') },
    });
    const connected = await connectEngine({ host: `unix://${home}/nothing.sock`, env: {}, home });
    expect(connected).toMatchObject({ ok: true, value: { considered: [{ present: false, chosen: true }] } });
    expect(connected.ok && (await connected.value.engine.listVolumes([]))).toMatchObject({
      ok: false,
      error: { reason: 'engine-not-found', message: expect.stringContaining(`unix://${home}/nothing.sock (--host)`) },
    });
  });
});

describe('the well-known sockets', () => {
  it('are tried in order, and each one passed over says why', async () => {
    const runtime = join(home, 'user runtime');
    await leaveStale(join(runtime, 'docker.sock'));
    await listenAt(join(home, '.colima', 'default', 'docker.sock'));
    await listenAt(join(runtime, 'podman', 'podman.sock'));
    mkdirSync(join(home, '.rd'));
    symlinkSync(join(home, 'gone'), join(home, '.rd', 'docker.sock'));
    const found = await connectEngine({ env: { XDG_RUNTIME_DIR: runtime }, home, root: home });
    if (!found.ok) throw new Error(found.error.message);
    const told = found.value.considered.map((one) => [one.endpoint.source, one.present, one.chosen, one.passedOver]);
    expect(told).toEqual([
      ["Docker's socket", false, false, 'no such socket'],
      ["Docker's rootless socket", true, false, expect.stringMatching(/is not running: connection refused/)],
      ["Docker Desktop's socket", false, false, 'no such socket'],
      ["Docker Desktop's socket", false, false, 'no such socket'],
      ["Colima's socket", true, true, undefined],
      ["Rancher Desktop's socket", false, false, 'a link to a socket that is gone'],
      ["Podman's rootless socket", true, false, 'another was found first'],
      ["Podman's rootful socket", false, false, 'no such socket'],
    ]);
  });

  it('are not tried when there is only one: its first call tells', async () => {
    await leaveStale(join(home, '.colima', 'default', 'docker.sock'));
    const found = await connectEngine({ env: {}, home, root: home });
    expect(found.ok && (await found.value.engine.listVolumes([]))).toMatchObject({
      ok: false,
      error: { reason: 'engine-not-running', next: 'colima start' },
    });
  });

  it('that all refuse, or are not there, fail with what was looked at', async () => {
    const none = await connectEngine({ env: {}, home, root: home });
    expect(none).toMatchObject({
      ok: false,
      error: { reason: 'engine-not-found', detail: expect.stringContaining("Colima's socket") },
    });
    expect(none.ok || none.error.next).toBeTruthy();
    await leaveStale(join(home, 'var', 'run', 'docker.sock'));
    await leaveStale(join(home, '.colima', 'default', 'docker.sock'));
    expect(await connectEngine({ env: {}, home, root: home })).toMatchObject({
      ok: false,
      error: { reason: 'engine-not-running', message: expect.stringContaining("Docker's socket") },
    });
  });
});
