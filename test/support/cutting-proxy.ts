import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A port in front of another on loopback, which breaks its connections after so many bytes. */
export interface CuttingProxy {
  readonly port: number;
  /** Breaks the connections that carry traffic each time that so many more bytes went through, so many times. */
  cutAfter(bytes: number, times: number): void;
  /** How often it broke connections since the last `cutAfter`. */
  readonly cuts: () => number;
  /** Bytes that went through, both ways, so far. */
  readonly bytes: () => number;
  close(): void;
}

/** Puts a port in front of another of this machine. */
export async function cuttingProxy(target: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let [limit, left, carried, cuts, total] = [0, 0, 0, 0, 0];
  const carry = (bytes: number): void => {
    carried += bytes;
    total += bytes;
    if (left === 0 || carried < limit) return;
    [left, carried, cuts] = [left - 1, 0, cuts + 1];
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.on('data', (chunk) => carry(chunk.length));
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cutAfter: (bytes, times) => ([limit, left, carried, cuts] = [bytes, times, 0, 0]),
    cuts: () => cuts,
    bytes: () => total,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
