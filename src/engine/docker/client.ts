import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, type AgentOptions, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { finished } from 'node:stream';
import type Docker from 'dockerode';
import { err, ok, type Result } from '../../core/result.ts';
import { readJson } from '../../core/json.ts';
import type { Endpoint } from '../engine.ts';
import { engineFailure, type EngineCall } from './errors.ts';
import { sshAgent } from './ssh-agent.ts';

/** One endpoint's dockerode, made at first use, with failures turned into values. */
export interface DockerClient {
  readonly endpoint: Endpoint;
  /** Runs calls of dockerode; `action` completes "could not …" in the failure's message. */
  call<T>(action: string, run: (docker: Docker) => Promise<T>, more?: CallOptions): Promise<Result<T>>;
  /** A request whose answer is read as a stream; for what dockerode has no method for, or reads whole. */
  stream(
    docker: Docker,
    method: 'GET' | 'POST',
    path: string,
    query?: Query,
    more?: StreamOptions,
  ): Promise<IncomingMessage>;
  /** What `call` would say of an error; for errors that come later than the call. */
  describeCall(action: string, more?: CallOptions): EngineCall;
  close(): void;
}

/** What else decides a call's failure. */
export type CallOptions = Pick<EngineCall, 'signal' | 'fallbackReason'>;

/** What else goes with a request. */
export interface StreamOptions {
  readonly signal?: AbortSignal;
  readonly authconfig?: object;
}

/** Query parameters; a list repeats the parameter. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A client of an endpoint; connects to nothing yet. Importing dockerode waits until the first call. */
export function createClient(endpoint: Endpoint): DockerClient {
  const agent = agentOf(endpoint);
  let made: Promise<Docker> | undefined;
  const docker = (): Promise<Docker> => (made ??= construct(endpoint, agent));

  const client: DockerClient = {
    endpoint,
    describeCall: (action, more) => ({ action, endpoint, ...more }),
    async call(action, run, more) {
      try {
        more?.signal?.throwIfAborted();
        return ok(await run(await docker()));
      } catch (error) {
        return err(engineFailure(error, client.describeCall(action, more)));
      }
    },
    stream: (docker, method, path, query = {}, { signal, authconfig } = {}) =>
      new Promise((resolve, reject) => {
        docker.modem.dial(
          {
            path: `${path}?`,
            method,
            isStream: true,
            options: { _query: query, _body: {} },
            statusCodes: { 200: true, 201: true, 204: true },
            ...(signal === undefined ? {} : { abortSignal: signal }),
            ...(authconfig === undefined ? {} : { authconfig }),
          },
          (error, answer) => (error ? reject(error) : resolve(answer as IncomingMessage)),
        );
      }),
    close: () => agent.destroy(),
  };
  return client;
}

// A fresh connection to a local socket costs less than the doubt whether a kept one still lives; a handshake (TLS, ssh) costs more.
function agentOf(endpoint: Endpoint): HttpAgent {
  if (endpoint.address.startsWith('ssh:')) return sshAgent(endpoint.address);
  if (endpoint.tlsDir !== undefined) {
    // A local socket has no use for it, and waits for its loading.
    const { Agent: HttpsAgent } = process.getBuiltinModule('node:https');
    return new HttpsAgent({ keepAlive: true, rejectUnauthorized: endpoint.tlsSkipVerify !== true });
  }
  // Without a server name, Node works one out for TLS that is none.
  const options: AgentOptions & { servername: string } = {
    keepAlive: endpoint.address.startsWith('tcp:'),
    servername: '',
  };
  return new HttpAgent(options);
}

async function construct(endpoint: Endpoint, agent: HttpAgent): Promise<Docker> {
  const { default: Dockerode } = await import('dockerode');
  // docker-modem lets DOCKER_HOST fill in what the options leave open, and throws on one it can't read: it must not see it.
  const inherited = process.env['DOCKER_HOST'];
  delete process.env['DOCKER_HOST'];
  try {
    const docker = new Dockerode({ ...address(endpoint), agent } as Docker.DockerOptions & { agent: HttpAgent });
    readAnswersSafely(docker.modem);
    return docker;
  } finally {
    if (inherited !== undefined) process.env['DOCKER_HOST'] = inherited;
  }
}

function address(endpoint: Endpoint): Docker.DockerOptions {
  const url = endpoint.address;
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) };
  if (url.startsWith('npipe://')) return { socketPath: url.slice('npipe://'.length) };
  // The agent makes the connection whatever the host's name.
  if (url.startsWith('ssh://')) return { host: 'engine', protocol: 'http' };
  const { hostname, port } = new URL(url.replace(/^tcp:/, 'http:'));
  const tls = endpoint.tlsDir;
  return {
    host: hostname,
    port: port === '' ? (tls === undefined ? 2375 : 2376) : Number(port),
    protocol: tls === undefined ? 'http' : 'https',
    ...(tls === undefined ? {} : tlsMaterial(tls)),
  };
}

function tlsMaterial(dir: string): Docker.DockerOptions {
  const part = (name: string): Buffer | undefined => {
    try {
      return readFileSync(join(dir, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };
  const [ca, cert, key] = [part('ca.pem'), part('cert.pem'), part('key.pem')];
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/**
 * Mends two habits of docker-modem. It reads a plain answer by its 'end' alone: when the engine dies in the middle of one, the call would never
 * settle. Here every answer is taken as a stream and read to any of its three ends.
 */
function readAnswersSafely(modem: Docker['modem']): void {
  const dial = modem.dial.bind(modem) as typeof modem.dial;
  modem.dial = (options, callback = () => undefined) => {
    if (options.hijack === true && options.openStdin === true && isEmpty(options.options?._body)) {
      // Without a body docker-modem would not send the request before the first byte of stdin; with the query as its body,
      // that body could reach the container's stdin. An empty one is what the docker command sends.
      const headers = { ...options.headers, 'Content-Type': 'text/plain' };
      return dial({ ...options, headers, file: Buffer.alloc(0) }, callback);
    }
    if (options.isStream === true || options.hijack === true) return dial(options, callback);
    return dial({ ...options, isStream: true }, (error, answer) => {
      if (error) return callback(error, null);
      const chunks: Buffer[] = [];
      const body = answer as IncomingMessage;
      body.on('data', (chunk: Buffer) => chunks.push(chunk));
      finished(body, (cut) => (cut ? callback(cut, null) : callback(null, parsed(Buffer.concat(chunks)))));
    });
  };
}

/** Reads a stream to its end; rejects when it was cut. */
export async function readWhole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function isEmpty(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).length === 0;
}

function parsed(body: Buffer): object {
  // dockerode has the shapes of the engine's answers; one that is no JSON goes on as it is.
  const value = readJson(body.toString(), (answer) => answer);
  return value === undefined ? body : (value as object);
}
