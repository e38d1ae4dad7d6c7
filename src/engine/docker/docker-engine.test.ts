import { createServer as createHttpServer } from 'node:http';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startHttpEngine, type HttpAnswers, type HttpEngine } from '../../../test/support/http-engine.ts';
import type { Engine } from '../engine.ts';
import { createDockerEngine } from './docker-engine.ts';
import { sshArguments } from './ssh-agent.ts';

let server: HttpEngine | undefined;
async function engineThat(answers: HttpAnswers): Promise<Engine> {
  server = await startHttpEngine(answers);
  return createDockerEngine({ address: server.address, source: 'DOCKER_HOST' });
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
});

describe('an engine that dies', () => {
  it('in the middle of a plain answer fails the call', async () => {
    const engine = await engineThat({
      answer(_request, response) {
        response.writeHead(200, { 'Content-Length': 1000 });
        response.write('{"Id":"abc",', () => response.destroy());
      },
    });
    expect(await engine.inspectContainer('abc')).toMatchObject({
      ok: false,
      error: { reason: 'engine-unreachable', message: expect.stringContaining('could not inspect container abc') },
    });
  });
  it('in the middle of a refusal fails the call', async () => {
    const engine = await engineThat({
      answer(_request, response) {
        response.writeHead(500, { 'Content-Length': 1000 });
        response.write('{"message":', () => response.destroy());
      },
    });
    expect(await engine.startContainer('abc')).toMatchObject({ ok: false, error: { reason: 'engine-unreachable' } });
  });
  it('before it answers fails the call', async () => {
    const engine = await engineThat({ answer: (request) => request.socket.destroy() });
    expect(await engine.listVolumes([])).toMatchObject({ ok: false, error: { reason: 'engine-unreachable' } });
  });
  it('while it is being sent an archive fails the call and lets go of the archive', async () => {
    const engine = await engineThat({ answer: () => undefined });
    const archive = new Readable({ read() {} });
    archive.push(Buffer.alloc(1000));
    const loading = engine.loadImages(archive);
    await vi.waitUntil(() => server?.requests.length === 1);
    await server?.close();
    server = undefined;
    expect(await loading).toMatchObject({ ok: false, error: { reason: 'engine-unreachable' } });
    expect(archive.destroyed).toBe(true);
  });
  it('in the middle of an archive destroys the stream with an error', async () => {
    const engine = await engineThat({
      answer(_request, response) {
        response.writeHead(200);
        response.write(Buffer.alloc(2048, 'x'), () => response.destroy());
      },
    });
    const saved = await engine.saveImages(['x']);
    expect(saved.ok).toBe(true);
    await expect(saved.ok && saved.value.toArray()).rejects.toThrow();
  });
});

it('fails an archive whose end is an error of the engine', async () => {
  const engine = await engineThat({
    answer(_request, response) {
      response.write(Buffer.alloc(1024, 'x'));
      response.end('{"errorDetail":{"message":"no space left on device"},"error":"no space left on device"}');
    },
  });
  const saved = await engine.saveImages(['x']);
  await expect(saved.ok && saved.value.toArray()).rejects.toThrow(/could not save x: .*no space left on device/);
});

it('sends a body and not a URL with everything in it when it creates a container', async () => {
  let sent: Buffer = Buffer.alloc(0);
  const engine = await engineThat({
    answer(_request, response, body) {
      sent = body;
      response.writeHead(201).end('{"Id":"abc"}');
    },
  });
  await engine.createContainer({ image: 'x', name: 'n', labels: {}, env: { TOKEN: 'secret' } });
  expect(server?.requests).toEqual(['POST /containers/create?name=n']);
  expect(JSON.parse(sent.toString())).toMatchObject({ Env: ['TOKEN=secret'] });
});

it('attaches without a byte of its own on stdin', async () => {
  let received = '';
  let headers: NodeJS.Dict<string | string[]> = {};
  const engine = await engineThat({
    answer: (_request, response) =>
      response.end('{"Id":"abc","Name":"/n","Config":{"Tty":false},"State":{"Status":"running"}}'),
    upgrade(request, socket) {
      headers = request.headers;
      socket.on('data', (data: Buffer) => {
        received += data.toString();
        if (received === 'typed\n') socket.end(Buffer.from([1, 0, 0, 0, 0, 0, 0, 2, 0x6f, 0x6b]));
      });
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    },
  });
  const attached = await engine.attachContainer('abc', { stdin: true });
  if (!attached.ok) throw new Error(attached.error.message);
  attached.value.stdin.write('typed\n');
  expect(Buffer.concat(await attached.value.stdout.toArray()).toString()).toBe('ok');
  expect(await attached.value.closed).toEqual({ ok: true, value: undefined });
  expect(received).toBe('typed\n');
  expect(headers).toMatchObject({ 'content-length': '0', upgrade: 'tcp' });
});

it('tells by the closed promise and the streams that an attached engine broke off inside a frame', async () => {
  const engine = await engineThat({
    answer: (_request, response) =>
      response.end('{"Id":"abc","Name":"/n","Config":{"Tty":false},"State":{"Status":"running"}}'),
    upgrade(_request, socket) {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.end(Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 65]));
    },
  });
  const attached = await engine.attachContainer('abc');
  if (!attached.ok) throw new Error(attached.error.message);
  await expect(attached.value.stdout.toArray()).rejects.toThrow(/inside a frame/);
  expect(await attached.value.closed).toMatchObject({ ok: false, error: { reason: 'engine-unreachable' } });
});

it('goes to its own endpoint whatever DOCKER_HOST says', async () => {
  vi.stubEnv('DOCKER_HOST', 'not an address');
  vi.stubEnv('DOCKER_CERT_PATH', '/nowhere');
  const engine = await engineThat({ answer: (_request, response) => response.end('{"Volumes":null}') });
  expect(await engine.listVolumes([])).toEqual({ ok: true, value: [] });
  expect(process.env['DOCKER_HOST']).toBe('not an address');
});

it('refuses an engine that is too old, saying what it needs', async () => {
  const engine = await engineThat({
    answer: (request, response) =>
      response.end(request.url?.startsWith('/version') ? '{"Version":"1.13.1","ApiVersion":"1.26"}' : '{}'),
  });
  expect(await engine.describe()).toMatchObject({
    ok: false,
    error: { reason: 'engine-too-old', message: expect.stringContaining('1.26') },
  });
});

it('gives up on a registry that does not answer in time', async () => {
  const engine = await engineThat({
    answer: (request, response) => void (request.url === '/info' && response.end('{}')),
  });
  expect(await engine.resolveImage('registry.example:5000/x:1', { timeoutMs: 50 })).toMatchObject({
    ok: false,
    error: { reason: 'network', message: expect.stringContaining('no answer within 50 ms') },
  });
});

it('says of a socket that this user may not use what to type', async () => {
  const engine = await engineThat({});
  // Root may use any socket: be nobody for the call.
  const isRoot = process.getuid?.() === 0;
  chmodSync(server?.socketPath ?? '', 0o000);
  // What is loaded at the first call is loaded before, since nobody may not read it everywhere.
  await import('dockerode');
  if (isRoot) process.seteuid?.(65_534);
  const refused = await engine.listVolumes([]);
  if (isRoot) process.seteuid?.(0);
  expect(refused).toMatchObject({
    ok: false,
    error: {
      reason: 'engine-forbidden',
      message: expect.stringContaining(`${server?.address} (DOCKER_HOST)`),
      next: 'sudo usermod -aG docker $USER && newgrp docker',
    },
  });
});

describe('over tcp', () => {
  it('asks the host', async () => {
    const http = createHttpServer((_request, response) => response.end('{"Volumes":[{"Name":"v","Labels":null}]}'));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const engine = createDockerEngine({
      address: `tcp://127.0.0.1:${(http.address() as AddressInfo).port}`,
      source: '--host',
    });
    expect(await engine.listVolumes([])).toEqual({ ok: true, value: [{ name: 'v', labels: {} }] });
    await engine.close();
    http.close();
  });
});

describe('over ssh', () => {
  // Plays ssh: carries bytes between its stdin and stdout and the engine's socket, as `docker system dial-stdio` does.
  function playSsh(script: string): void {
    const dir = mkdtempSync(join(tmpdir(), 'parity ssh '));
    writeFileSync(join(dir, 'ssh'), `#!${process.execPath}\n${script}`, { mode: 0o755 });
    vi.stubEnv('PATH', `${dir}${delimiter}${process.env['PATH']}`);
  }
  it('speaks through the ssh command', async () => {
    server = await startHttpEngine({ answer: (_request, response) => response.end('{"Volumes":[]}') });
    playSsh(
      `const s = require('net').connect(${JSON.stringify(server.socketPath)}); process.stdin.pipe(s); s.pipe(process.stdout);`,
    );
    const engine = createDockerEngine({ address: 'ssh://me@build.example:2222', source: '--host' });
    expect(await engine.listVolumes([])).toEqual({ ok: true, value: [] });
    expect(await engine.listVolumes([])).toEqual({ ok: true, value: [] });
    await engine.close();
  });
  it('tells what ssh said when that fails', async () => {
    playSsh("process.stderr.write('me@build.example: Permission denied (publickey).\\n'); process.exitCode = 255;");
    const engine = createDockerEngine({ address: 'ssh://me@build.example', source: '--host' });
    expect(await engine.listVolumes([])).toMatchObject({
      ok: false,
      error: {
        reason: 'engine-unreachable',
        detail: 'me@build.example: Permission denied (publickey).',
        next: 'ssh me@build.example docker version',
      },
    });
    await engine.close();
  });
  it('says so when there is no ssh command', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const engine = createDockerEngine({ address: 'ssh://build.example', source: '--host' });
    expect(await engine.listVolumes([])).toMatchObject({ ok: false, error: { reason: 'host-tool-missing' } });
  });
  it('hands over user, port and socket, and takes no option for a host', () => {
    expect(sshArguments('ssh://me@h:22/run/x.sock').join(' ')).toBe(
      '-l me -p 22 -o ConnectTimeout=30 -T -- h docker --host unix:///run/x.sock system dial-stdio',
    );
  });
});
