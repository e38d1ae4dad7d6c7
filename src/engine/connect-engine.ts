import { lstatSync, statSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { installAdvice } from './engine-advice.ts';
import { contextEndpoint, dockerConfigDir, type ContextOptions } from './contexts.ts';
import { createDockerEngine } from './docker/docker-engine.ts';
import { engineFailure } from './docker/errors.ts';
import type { Endpoint, Engine } from './engine.ts';

/** One place where an engine was looked for. */
export interface ConsideredEndpoint {
  readonly endpoint: Endpoint;
  /** The socket is there; always true of an address on the network, which only a call can tell. */
  readonly present: boolean;
  readonly chosen: boolean;
  /** Why it was not chosen; absent for the one that was. */
  readonly passedOver?: string;
}

/** An engine and how it was found. */
export interface Connection {
  readonly engine: Engine;
  readonly endpoint: Endpoint;
  readonly considered: readonly ConsideredEndpoint[];
}

/** What decides where an engine is looked for. */
export interface DiscoverOptions extends ContextOptions {
  /** `--host`: an address as DOCKER_HOST takes it. */
  readonly host?: string | undefined;
  /** Goes before the paths that are the same for every user; empty but in tests. */
  readonly root?: string;
}

/** An endpoint that someone chose, or the well-known sockets in their order. */
export type Candidates =
  | { readonly kind: 'explicit'; readonly endpoint: Endpoint }
  | { readonly kind: 'well-known'; readonly endpoints: readonly Endpoint[] };

/**
 * Where an engine may be: --host, DOCKER_HOST, the docker context, else the well-known sockets. Reads files, connects to
 * nothing. Err `usage` for an address that is none, `engine-not-found` for a context that is not there.
 */
export function discoverEndpoints({ host, env, home, root = '' }: DiscoverOptions): Result<Candidates> {
  const named = [
    { address: host, source: '--host' },
    { address: env['DOCKER_HOST'], source: 'DOCKER_HOST' },
  ].find(({ address }) => address !== undefined && address !== '');
  if (named?.address !== undefined) {
    const address = normalAddress(named.address);
    if (address === undefined)
      return err(
        failure('usage', `${named.source} is no engine's address: ${named.address}`, {
          next: 'use unix:///path/to/socket, tcp://host:port, ssh://user@host or npipe:////./pipe/name',
        }),
      );
    return ok({ kind: 'explicit', endpoint: { address, source: named.source, ...tlsOf(address, { env, home }) } });
  }
  const context = contextEndpoint({ env, home });
  if (!context.ok) return context;
  if (context.value !== undefined) return ok({ kind: 'explicit', endpoint: context.value });
  return ok({ kind: 'well-known', endpoints: wellKnown(env, home, root) });
}

/**
 * Finds the engine. A chosen engine is taken as it is (its first call shows whether it works), with no fallback to another;
 * of the well-known sockets, the first that takes a connection, which is tried only when there is more than one.
 */
export async function connectEngine(options: Partial<DiscoverOptions> = {}): Promise<Result<Connection>> {
  const found = discoverEndpoints({ env: process.env, home: homedir(), ...options });
  if (!found.ok) return found;
  if (found.value.kind === 'explicit') {
    const { endpoint } = found.value;
    return ok(connection(endpoint, [{ endpoint, present: absence(endpoint) === undefined, chosen: true }]));
  }
  const looked = found.value.endpoints.map((endpoint) => ({ endpoint, absent: absence(endpoint) }));
  const present = looked.filter(({ absent }) => absent === undefined).map(({ endpoint }) => endpoint);
  const refusals = new Map<Endpoint, Failure>();
  let chosen = present.length === 1 ? present[0] : undefined;
  if (present.length > 1) {
    for (const endpoint of present) {
      const refusal = await refusalOf(endpoint);
      if (refusal === undefined) {
        chosen = endpoint;
        break;
      }
      refusals.set(endpoint, refusal);
    }
  }
  const considered = looked.map(({ endpoint, absent }): ConsideredEndpoint => {
    if (endpoint === chosen) return { endpoint, present: true, chosen: true };
    const passedOver = absent ?? refusals.get(endpoint)?.message ?? 'another was found first';
    return { endpoint, present: absent === undefined, chosen: false, passedOver };
  });
  return chosen === undefined
    ? err(noneFailure(considered, [...refusals.values()]))
    : ok(connection(chosen, considered));
}

function connection(endpoint: Endpoint, considered: readonly ConsideredEndpoint[]): Connection {
  return { engine: createDockerEngine(endpoint), endpoint, considered };
}

/** An address in its full form, as the docker command reads it; undefined when it is none. */
function normalAddress(text: string): string | undefined {
  if (text === 'unix://') return 'unix:///var/run/docker.sock';
  if (/^unix:\/\/.+/.test(text)) return text;
  if (text.startsWith('/')) return `unix://${text}`;
  if (/^npipe:\/\/.+/.test(text)) return text;
  if (/^(?:tcp|ssh):\/\/[^/]/.test(text)) return URL.canParse(text.replace(/^tcp:/, 'http:')) ? text : undefined;
  if (/^https?:\/\/[^/]/.test(text)) return URL.canParse(text) ? text.replace(/^https?:/, 'tcp:') : undefined;
  if (text.includes('://')) return undefined;
  return URL.canParse(`http://${text}`) ? `tcp://${text}` : undefined;
}

// As the docker command and its client library read the environment: a folder alone means TLS without a check of the server.
function tlsOf(address: string, { env, home }: ContextOptions): Pick<Endpoint, 'tlsDir' | 'tlsSkipVerify'> {
  const verify = Boolean(env['DOCKER_TLS_VERIFY']);
  if (!address.startsWith('tcp:') || !(verify || env['DOCKER_TLS'] || env['DOCKER_CERT_PATH'])) return {};
  return {
    tlsDir: env['DOCKER_CERT_PATH'] || dockerConfigDir({ env, home }),
    ...(!verify && { tlsSkipVerify: true }),
  };
}

function wellKnown(env: NodeJS.ProcessEnv, home: string, root: string): readonly Endpoint[] {
  if (process.platform === 'win32')
    return [
      { address: 'npipe:////./pipe/docker_engine', source: "Docker's pipe" },
      { address: 'npipe:////./pipe/dockerDesktopLinuxEngine', source: "Docker Desktop's pipe" },
    ];
  const runtimeDir = env['XDG_RUNTIME_DIR'];
  const colimaHome = env['COLIMA_HOME'] || join(home, '.colima');
  const at = (path: string, source: string): Endpoint => ({ address: `unix://${path}`, source });
  return [
    at(`${root}/var/run/docker.sock`, "Docker's socket"),
    ...(runtimeDir ? [at(join(runtimeDir, 'docker.sock'), "Docker's rootless socket")] : []),
    at(join(home, '.docker', 'run', 'docker.sock'), "Docker Desktop's socket"),
    at(join(home, '.docker', 'desktop', 'docker.sock'), "Docker Desktop's socket"),
    at(join(colimaHome, 'default', 'docker.sock'), "Colima's socket"),
    at(join(home, '.rd', 'docker.sock'), "Rancher Desktop's socket"),
    ...(runtimeDir ? [at(join(runtimeDir, 'podman', 'podman.sock'), "Podman's rootless socket")] : []),
    at(`${root}/run/podman/podman.sock`, "Podman's rootful socket"),
  ];
}

function socketPath(endpoint: Endpoint): string | undefined {
  return /^(?:unix|npipe):\/\/(.*)$/.exec(endpoint.address)?.[1];
}

/** Why there is no socket at an endpoint; undefined when there is one, or when only a call can tell. */
function absence(endpoint: Endpoint): string | undefined {
  const path = socketPath(endpoint);
  if (path === undefined || endpoint.address.startsWith('npipe:')) return undefined;
  try {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return undefined;
    // What a stopped Docker Desktop leaves behind.
    return lstatSync(path, { throwIfNoEntry: false }) === undefined
      ? 'no such socket'
      : 'a link to a socket that is gone';
  } catch {
    return 'this user may not look there';
  }
}

/** Why a local socket takes no connection; undefined when it does. */
function refusalOf(endpoint: Endpoint): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const socket = connectSocket(socketPath(endpoint) ?? '');
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error) => resolve(engineFailure(error, { action: 'connect to the engine', endpoint })));
  });
}

function noneFailure(considered: readonly ConsideredEndpoint[], refusals: readonly Failure[]): Failure {
  const detail = considered
    .map(({ endpoint, passedOver }) => `${endpoint.source}, ${endpoint.address}: ${passedOver}`)
    .join('\n');
  const [first] = refusals;
  if (first !== undefined) return { ...first, detail };
  return failure('engine-not-found', 'no engine was found: no well-known socket is there', {
    detail,
    next: installAdvice(),
  });
}
