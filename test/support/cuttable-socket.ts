import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket in front of an engine's, which a test can cut as a dying engine does. */
export interface CuttableSocket {
  readonly address: string;
  /** Connections so far. */
  readonly connections: () => number;
  /** Breaks every connection and takes no new one. */
  cut(): void;
  close(): Promise<void>;
}

/** Puts a socket in front of another (`unix:///…`). */
export async function cuttableSocket(address: string): Promise<CuttableSocket> {
  const dir = await mkdtemp(join(tmpdir(), 'parity-cut-'));
  const path = join(dir, 'engine.sock');
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    connections += 1;
    const engine = connect({ path: address.replace(/^unix:\/\//, ''), allowHalfOpen: true });
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `unix://${path}`,
    connections: () => connections,
    cut,
    async close() {
      cut();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
