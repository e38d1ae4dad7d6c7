import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { readTextIfExists } from '../core/read-text-if-exists.ts';
import { canonicalJson } from '../core/digest.ts';
import { ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import { runDir } from './environment-id.ts';
import type { EnvironmentRequest } from './environment-request.ts';
import { directSocket, relayCommand } from './protocol.ts';
import { openSession, type Session, type SessionOptions, type SupervisorLink } from './session.ts';
import type { EngineIdentity } from './host-files-probe.ts';

/** A running container that has a supervisor. */
export interface ReachableContainer {
  readonly id: string;
  readonly name: string;
}

/**
 * Opens a session with a container's supervisor: over its own socket where this process shares a kernel with it (0.2 ms,
 * and no engine in between), else through an engine's exec. Err `environment-lost` when neither answers.
 */
export async function reachSupervisor(
  engine: Engine,
  container: ReachableContainer,
  options: SessionOptions = {},
): Promise<Result<Session>> {
  const direct = await directLink(join(runDir(container.name), directSocket));
  if (direct !== undefined) {
    const session = await openSession(direct, options);
    if (session.ok) return session;
  }
  const relayed = await relayedLink(engine, container.id);
  return relayed.ok ? openSession(relayed.value, options) : relayed;
}

/**
 * Opens a session over a container's own socket, without the engine: undefined when nothing listens there, or when the container may be
 * another engine's.
 */
export async function reachDirectly(
  name: string,
  engine: EngineIdentity,
  options: SessionOptions,
): Promise<Session | undefined> {
  const folder = runDir(name);
  const made = readTextIfExists(join(folder, engineFile.file));
  const link = made === engineFile.of(engine) ? await directLink(join(folder, directSocket)) : undefined;
  const session = link === undefined ? undefined : await openSession(link, { ...options, timeoutMs: 1000 });
  return session?.ok ? session.value : undefined;
}

/** How the commands of an environment are connected to its containers. */
export function sessionOptions({ fresh }: Pick<EnvironmentRequest, 'fresh'>, leaseSeconds: number): SessionOptions {
  return { leaseSeconds, ...(fresh === true ? { fresh } : {}) };
}

/** What a socket's folder says of the engine whose container it is. */
export const engineFile = {
  file: 'engine',
  of: ({ address, hostname, dataRoot, product }: EngineIdentity): string =>
    canonicalJson([address, hostname, dataRoot, product]),
};

function directLink(path: string): Promise<SupervisorLink | undefined> {
  if (process.platform !== 'linux' || Buffer.byteLength(path) > 107) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket: Socket = connect(path);
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => {
      resolve({ input: socket, output: socket, needsHeartbeat: false, close: () => socket.destroySoon() });
    });
  });
}

async function relayedLink(engine: Engine, id: string): Promise<Result<SupervisorLink>> {
  const relay = await engine.exec(id, { command: relayCommand, stdin: true });
  if (!relay.ok) return relay;
  const { stdin, stdout, stderr } = relay.value;
  if (stdin === undefined) throw new Error('parity: an exec that was asked for stdin has none');
  stderr.resume();
  const input = stdin as SupervisorLink['input'];
  return ok({ input, output: stdout, needsHeartbeat: true, close: () => input.end() });
}
