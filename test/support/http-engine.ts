import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server on a socket of its own that answers as a test tells it. */
export interface HttpEngine {
  readonly address: string;
  readonly socketPath: string;
  /** `METHOD /path?query`, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** How a test answers; `upgrade` is for hijacked connections. */
export interface HttpAnswers {
  readonly answer?: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
  readonly upgrade?: (request: IncomingMessage, socket: Socket) => void;
}

/** Starts a server on a unix socket in a folder of its own. */
export async function startHttpEngine({ answer, upgrade }: HttpAnswers): Promise<HttpEngine> {
  const dir = await mkdtemp(join(tmpdir(), 'parity engine '));
  const socketPath = join(dir, 'engine.sock');
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer?.(request, response, Buffer.concat(chunks)));
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    requests.push(`${request.method} ${request.url}`);
    upgrade?.(request, socket);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    address: `unix://${socketPath}`,
    socketPath,
    requests,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true });
    },
  };
}
