import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { sha256 } from '../../core/digest.ts';
import { openRegistry } from './registry.ts';

// The answers that a real registry on loopback does not give: tokens that run out, stores elsewhere, errors of a server.
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Scripted {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function serve(answer: (request: IncomingMessage, body: string) => Scripted): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { status, headers = {}, body: text = '' } = answer(request, body);
      response.writeHead(status, headers).end(text);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const digest = sha256('content');

it('gets a token, gets another when that one ran out, and gives it to no other host', async () => {
  let issued = 0;
  const seen: string[] = [];
  const auth = await serve((request) => {
    seen.push(`${request.method} ${new URL(request.url ?? '', 'http://x').searchParams.get('scope')}`);
    issued += 1;
    return { status: 200, body: JSON.stringify({ token: `token-${issued}` }) };
  });
  let stored = '';
  let leaked: string | undefined;
  const store = await serve((request, body) => {
    leaked = request.headers.authorization;
    stored = body;
    return { status: 201 };
  });
  let uses = 0;
  const registry = await serve((request) => {
    uses += 1;
    // Each token is good for two requests.
    const expected = `Bearer token-${Math.ceil(issued)}`;
    if (request.headers.authorization !== expected || uses % 3 === 0)
      return { status: 401, headers: { 'www-authenticate': `Bearer realm="http://${auth}/token",service="s"` } };
    if (request.method === 'POST') return { status: 202, headers: { location: `http://${store}/upload?state=1` } };
    return { status: request.method === 'HEAD' ? 404 : 200 };
  });
  const opened = await openRegistry({ registry, repository: 'team/it', login: { username: 'me', password: 'x' } });
  if (!opened.ok) throw new Error(opened.error.message);
  expect(await opened.value.hasBlob(digest)).toEqual({ ok: true, value: false });
  expect(await opened.value.putBlob(digest, 7, () => Buffer.from('content'))).toEqual({ ok: true, value: undefined });
  expect([stored, leaked]).toEqual(['content', undefined]);
  expect(new Set(seen)).toEqual(new Set(['GET repository:team/it:pull,push']));
  expect(issued).toBeGreaterThan(1);
  await opened.value.close();
});

it('tries again after a server’s error, and begins an upload anew', async () => {
  let begun = 0;
  let put = 0;
  const registry = await serve((request) => {
    if (request.method === 'POST') {
      begun += 1;
      return { status: 202, headers: { location: `/v2/team/it/blobs/uploads/${begun}?_state=x` } };
    }
    if (request.method !== 'PUT') return { status: 200 };
    put += 1;
    expect(request.url).toBe(`/v2/team/it/blobs/uploads/${begun}?_state=x&digest=${encodeURIComponent(digest)}`);
    return put === 1 ? { status: 503 } : { status: 201 };
  });
  const opened = await openRegistry({ registry, repository: 'team/it', login: {} });
  if (!opened.ok) throw new Error(opened.error.message);
  expect(await opened.value.putBlob(digest, 7, () => Buffer.from('content'))).toMatchObject({ ok: true });
  expect([begun, put]).toEqual([2, 2]);
  await opened.value.close();
});

it('says in the registry’s words that it may not push, and what to type', async () => {
  const registry = await serve((request) =>
    request.url === '/v2/' ? { status: 200 } : { status: 403, body: '{"errors":[{"code":"DENIED"}]}' },
  );
  const opened = await openRegistry({ registry, repository: 'team/it', login: {} });
  if (!opened.ok) throw new Error(opened.error.message);
  expect(await opened.value.putBlob(digest, 7, () => Buffer.from('content'))).toMatchObject({
    ok: false,
    error: {
      reason: 'registry-refused',
      detail: '{"errors":[{"code":"DENIED"}]}',
      next: expect.stringContaining(`docker login ${registry}`) as string,
    },
  });
  await opened.value.close();
});

it('catches a registry that keeps another manifest than it was given', async () => {
  const registry = await serve((request) => {
    if (request.method === 'PUT') return { status: 201 };
    return { status: 200, headers: { 'docker-content-digest': sha256('other') } };
  });
  const opened = await openRegistry({ registry, repository: 'team/it', login: {} });
  if (!opened.ok) throw new Error(opened.error.message);
  expect(await opened.value.putManifest('tag', 'x/y', digest, Buffer.from('content'))).toMatchObject({
    ok: false,
    error: { reason: 'integrity-mismatch', message: expect.stringContaining(`found ${sha256('other')}`) as string },
  });
  await opened.value.close();
});

it('is stopped by its signal', async () => {
  const controller = new AbortController();
  const registry = await serve((request) => {
    if (request.url !== '/v2/') controller.abort();
    return { status: request.url === '/v2/' ? 200 : 503 };
  });
  const opened = await openRegistry({ registry, repository: 'team/it', login: {}, signal: controller.signal });
  if (!opened.ok) throw new Error(opened.error.message);
  expect(await opened.value.hasBlob(digest)).toMatchObject({ ok: false, error: { reason: 'interrupted' } });
});
