import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { addFiles, type Tree } from './repo.ts';

/** Repositories and files that are served over HTTP from this machine. */
export interface GitServer {
  readonly url: string;
  close(): void;
}

/** Serves the repositories of a folder as git's own server does, and the files in its `files`. */
export async function gitServer(root: string): Promise<GitServer> {
  const server: Server = createServer((request, answer) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://x');
    if (pathname.startsWith('/files/')) sendFile(join(root, pathname), answer);
    else backend(root, request, answer, pathname, search.slice(1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

function sendFile(path: string, answer: ServerResponse): void {
  try {
    answer.end(readFileSync(path));
  } catch {
    answer.writeHead(404).end();
  }
}

function backend(root: string, request: IncomingMessage, answer: ServerResponse, path: string, query: string): void {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const cgi = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
  });
  request.pipe(cgi.stdin);
  let head: Buffer | undefined = Buffer.alloc(0);
  cgi.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) return void answer.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    let status = 200;
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
      else answer.setHeader(name, value);
    }
    answer.writeHead(status).write(head.subarray(end + 4));
    head = undefined;
  });
  cgi.on('close', () => answer.end());
}

/** Adds files to a repository below a server's folder, which it makes when it is new; gives the commit. */
export function pushCommit(root: string, name: string, files: Tree, tag?: string): string {
  const work = join(root, `${name}.work`);
  addFiles(work, files);
  const git = (...words: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.test', ...words], { cwd: work, encoding: 'utf8' });
  git('init', '--quiet', '-b', 'main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'more');
  if (tag !== undefined) git('tag', tag);
  execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', join(root, `${name}.git`)]);
  git('push', '--quiet', '--tags', join(root, `${name}.git`), 'main');
  return git('rev-parse', 'HEAD').trim();
}
