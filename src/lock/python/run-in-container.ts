import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { networkSettings, withProjectIndex, type ProjectIndex } from '../../base/network-settings.ts';
import { setUpLabels, sweepSetUp } from '../../base/set-up-container.ts';
import { failure } from '../../core/failure.ts';
import { interruption, onAbort } from '../../core/interruption.ts';
import { packageRoot } from '../../core/paths.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { isObject, readJson, shaped } from '../../core/json.ts';
import type { Engine } from '../../engine/engine.ts';

/** One command of a stage; `@libc@` in it becomes the image's C library as platform tags name it. */
export interface ContainerTask {
  readonly name: string;
  readonly argv: readonly string[];
  /** Set when it runs the repository's code: the one folder that it may write to, below the one that it runs in. */
  readonly folder?: string;
}

/** Commands to run in a container: a stage's side by side, the stages one after the other until one fails. */
export interface ContainerRequest {
  /** Whose lock it is; a label. */
  readonly projectDir: string;
  readonly imageId: string;
  /** Path of a Python in the image. */
  readonly python: string;
  /** By name, relative to the folder that the commands run in. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly stages: readonly (readonly ContainerTask[])[];
  readonly outputs: readonly string[];
  /** Indexes that the project names, besides the host's. */
  readonly index: ProjectIndex;
  readonly onText: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** What the commands did: exit codes and stderr by task, and the outputs that are there. */
export interface ContainerAnswer {
  readonly codes: Readonly<Record<string, number>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

type Frame =
  | { readonly type: 'text'; readonly name: string; readonly text: string }
  | {
      readonly type: 'done';
      readonly codes: Readonly<Record<string, number>>;
      readonly files: Readonly<Record<string, string>>;
    };

/** The variable with the indexes that this machine has besides its default one, without those of the project. */
export const hostIndexVariable = 'PARITY_HOST_INDEX';

const folder = '/parity/lock';
const certificatesFile = `${folder}/ca.pem`;
const cacheVolume = 'parity-uv-cache';

/**
 * Runs a request in a container that removes itself, with the host's proxies, certificates and index settings and uv's cache
 * in a volume. Files go in and out through the engine: it may be on another machine. Err when the engine or the network
 * settings fail, or the container ends early; an aborted signal ends the container.
 */
export async function runInContainer(engine: Engine, request: ContainerRequest): Promise<Result<ContainerAnswer>> {
  const host = await networkSettings();
  if (!host.ok) return host;
  const { proxies, pythonIndex, needsHostNetwork, certificates } = withProjectIndex(host.value, request.index);
  const pem = certificates?.pem;
  await sweepSetUp(engine);
  const volume = await engine.createVolume(cacheVolume, { 'dev.parity.kind': 'cache' });
  if (!volume.ok) return volume;
  const created = await engine.createContainer({
    image: request.imageId,
    entrypoint: [],
    command: [request.python, '-I', `${folder}/resolve.py`],
    env: {
      ...proxies,
      ...pythonIndex,
      [hostIndexVariable]: host.value.pythonIndex['UV_INDEX'] ?? '',
      ...(pem === undefined ? {} : { SSL_CERT_FILE: certificatesFile, GIT_SSL_CAINFO: certificatesFile }),
      GIT_TERMINAL_PROMPT: '0',
      HOME: '/tmp',
      LANG: 'C.UTF-8',
      NO_COLOR: '1',
      UV_CACHE_DIR: '/parity/uv-cache',
      UV_NO_PROGRESS: '1',
      UV_PYTHON_DOWNLOADS: 'never',
    },
    labels: { ...setUpLabels(), 'dev.parity.project': request.projectDir },
    user: '0:0',
    workingDir: folder,
    autoRemove: true,
    network: needsHostNetwork ? 'host' : 'bridge',
    mounts: [{ type: 'volume', source: cacheVolume, target: '/parity/uv-cache' }],
    noNewPrivileges: true,
  });
  if (!created.ok) return created;
  const answer = await converse(engine, created.value, request, pem);
  if (!answer.ok) await engine.removeContainer(created.value);
  return answer;
}

async function converse(
  engine: Engine,
  id: string,
  request: ContainerRequest,
  pem: Buffer | undefined,
): Promise<Result<ContainerAnswer>> {
  const { signal } = request;
  const files: Record<string, string | Buffer> = {
    ...request.files,
    'request.json': JSON.stringify({ stages: request.stages, outputs: request.outputs }),
    'resolve.py': await readFile(join(packageRoot(), 'images', 'resolve.py')),
    ...(pem === undefined ? {} : { 'ca.pem': pem }),
  };
  const archive = pack();
  for (const [name, data] of Object.entries(files)) archive.entry({ name: `${folder.slice(1)}/${name}` }, data);
  archive.finalize();
  const put = await engine.putArchive(id, '/', Readable.from(archive));
  if (!put.ok) return put;
  const attached = await engine.attachContainer(id, {});
  if (!attached.ok) return attached;
  const channel = attached.value;
  const stop = (): void => {
    void engine.removeContainer(id);
  };
  const stopListening = onAbort(signal, stop);
  try {
    if (isAborted(signal)) return err(interruption(signal));
    const started = await engine.startContainer(id);
    if (!started.ok) return started;
    const answer = await readFrames(channel.stdout, channel.stderr, request.onText);
    if (isAborted(signal)) return err(interruption(signal));
    if (answer.done !== undefined) return ok({ ...answer.done, texts: answer.texts });
    const closed = await channel.closed;
    return err(
      failure('environment-lost', 'the container that resolves the lock ended before it answered', {
        detail: [answer.stderr.trim(), closed.ok ? '' : closed.error.message].filter((line) => line !== '').join('\n'),
        next: 'parity lock',
      }),
    );
  } finally {
    stopListening();
    channel.detach();
  }
}

async function readFrames(
  stdout: NodeJS.ReadableStream,
  stderr: NodeJS.ReadableStream,
  onText: (text: string) => void,
): Promise<{
  readonly done: Extract<Frame, { type: 'done' }> | undefined;
  readonly texts: Readonly<Record<string, string>>;
  readonly stderr: string;
}> {
  const texts: Record<string, string> = {};
  const complaints: Buffer[] = [];
  stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  // An error of the connection shows as `closed`; the lines end with it.
  stderr.on('error', () => undefined);
  stdout.on('error', () => undefined);
  let done: Extract<Frame, { type: 'done' }> | undefined;
  for await (const line of createInterface({ input: stdout, crlfDelay: Infinity })) {
    const frame = readJson(line, shaped(isFrame));
    if (frame === undefined) throw new Error(`parity: resolve.py printed what is no frame: ${line.slice(0, 200)}`);
    if (frame.type === 'done') {
      done = frame;
      break;
    }
    texts[frame.name] = (texts[frame.name] ?? '') + frame.text;
    onText(frame.text);
  }
  return { done, texts, stderr: Buffer.concat(complaints).toString() };
}

function isFrame(value: unknown): value is Frame {
  if (!isObject(value)) return false;
  const { type, name, text, codes, files } = value;
  if (type === 'text') return typeof name === 'string' && typeof text === 'string';
  return type === 'done' && isObject(codes) && isObject(files);
}

function isAborted(signal: AbortSignal | undefined): signal is AbortSignal {
  return signal !== undefined && signal.aborted;
}
