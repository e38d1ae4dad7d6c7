import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/core/paths.ts';

let server: Server;
let at = '';
let asked: string[] = [];

beforeAll(async () => {
  const pages: Readonly<
    Record<string, () => { readonly status?: number; readonly to?: string; readonly html?: string }>
  > = {
    '/page.html': () => ({ html: '<h1 id="top">A</h1><a name=old></a><h2 id="user-content-readme">B</h2>' }),
    '/old.html': () => ({ status: 301, to: '/new.html' }),
    '/new.html': () => ({ html: 'new' }),
    '/docs': () => ({ status: 302, to: '/en/v11/docs/' }),
    '/en/v11/docs/': () => ({ html: 'docs' }),
    '/busy.html': () => ({ status: 429 }),
  };
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { status = 200, to, html = '' } = pages[request.url ?? '']?.() ?? { status: 404 };
    response.writeHead(status, to === undefined ? {} : { location: to }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

/** The script's output, with the server's address as AT, and its exit code. */
function check(...links: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  asked = [];
  const script = join(packageRoot(), 'scripts/check-links.mjs');
  const child = spawn(process.execPath, [script, ...links], { env: { PATH: process.env['PATH'] ?? '' } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said: said.replaceAll(at, 'AT') })));
}

test('pages that are there, with the places that are named in them, each page asked for once', async () => {
  const links = ['page.html', 'page.html#top', 'page.html#old', 'page.html#readme', 'docs'].map(
    (path) => `${at}/${path}`,
  );
  expect(await check(...links)).toEqual({
    code: 0,
    said: '5 links: 5 right, 0 broken, 0 moved, 0 could not be asked\n',
  });
  expect(asked.sort()).toEqual(['/docs', '/en/v11/docs/', '/page.html']);
});

test('what is wrong is told, and what nobody could tell is not passed', async () => {
  const gone = `${at}/gone.html`;
  expect(await check(gone, `${at}/page.html#nowhere`, `${at}/old.html`, `${at}/busy.html`)).toEqual({
    code: 1,
    said: `broken   AT/gone.html
         404 Not Found
broken   AT/page.html#nowhere
         the page has no #nowhere
moved    AT/old.html
         it is at AT/new.html now
unknown  AT/busy.html
         429 Too Many Requests
4 links: 0 right, 2 broken, 1 moved, 1 could not be asked
`,
  });
  const { code, said } = await check('http://127.0.0.1:9/page.html', `${at}/page.html`);
  expect(code).toBe(3);
  expect(said).toMatch(
    /^unknown {2}http:\/\/127\.0\.0\.1:9\/page\.html\n {9}\S.*\n2 links: 1 right, 0 broken, 0 moved, 1 could not be asked\n$/,
  );
});
