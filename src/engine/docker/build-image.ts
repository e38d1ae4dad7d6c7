import type { Duplex, Readable } from 'node:stream';
import type Docker from 'dockerode';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { BuildOptions, EngineInfo } from '../engine.ts';
import { createBuildKitReader, loadTraceDecoder } from './buildkit.ts';
import { createClassicReader } from './classic-build.ts';
import type { DockerClient } from './client.ts';
import { sha256Id } from './convert.ts';
import { engineTextFailure, type EngineCall } from './errors.ts';
import { OperationFailed, readRecords } from './records.ts';

/** Builds an image with the builder that the engine offers; gives its ID. The context is destroyed in the end. */
export async function buildImage(
  client: DockerClient,
  describe: () => Promise<Result<EngineInfo>>,
  options: BuildOptions,
): Promise<Result<string>> {
  try {
    const facts = await describe();
    if (!facts.ok) return facts;
    return facts.value.builder === 'buildkit'
      ? await withBuildKit(client, options)
      : await withClassic(client, options);
  } finally {
    options.context.destroy();
  }
}

async function withClassic(client: DockerClient, options: BuildOptions): Promise<Result<string>> {
  const reader = createClassicReader(options.onProgress ?? (() => undefined));
  let imageId: string | undefined;
  let failed: string | undefined;
  const built = await client.call(
    buildAction(options),
    async (docker) => {
      const answer = (await docker.buildImage(options.context, toQuery(options))) as Readable;
      failed = await readUntilFailure(answer, (record) => {
        if (record.stream !== undefined) reader.take(record.stream);
        imageId = idOf(record.aux) ?? imageId;
      });
      reader.end();
    },
    callOptions(options),
  );
  if (!built.ok) return built;
  if (failed !== undefined) return err(buildFailure(failed, reader.last(), buildCall(client, options)));
  return imageOf(imageId, client, options);
}

async function withBuildKit(client: DockerClient, options: BuildOptions): Promise<Result<string>> {
  const decode = await loadTraceDecoder();
  const reader = createBuildKitReader(options.onProgress ?? (() => undefined));
  let imageId: string | undefined;
  let failed: string | undefined;
  const built = await client.call(
    buildAction(options),
    async (docker) => {
      const sessions = trackSessions(docker);
      try {
        const query = { ...toQuery(options), version: '2' } as Docker.ImageBuildOptions;
        const answer = (await sessions.docker.buildImage(options.context, query)) as Readable;
        failed = await readUntilFailure(answer, (record) => {
          if (record.id === 'moby.buildkit.trace' && typeof record.aux === 'string') reader.take(decode(record.aux));
          else imageId = idOf(record.aux) ?? imageId;
        });
      } finally {
        sessions.end();
        reader.end();
      }
    },
    callOptions(options),
  );
  if (!built.ok) return built;
  if (failed !== undefined) return err(buildFailure(failed, reader.failed(), buildCall(client, options)));
  return imageOf(imageId, client, options);
}

/** Reads the answer to its end; gives the engine's text when a record failed the build. */
async function readUntilFailure(
  answer: Readable,
  take: Parameters<typeof readRecords>[1],
): Promise<string | undefined> {
  try {
    await readRecords(answer, take);
    return undefined;
  } catch (error) {
    if (error instanceof OperationFailed) return error.message;
    throw error;
  }
}

/**
 * dockerode ends BuildKit's session only when a build's answer ends well; after a refusal or an abort its connection would
 * keep the process alive. So the connections that a build opens are noted, to be closed whatever happens.
 */
function trackSessions(docker: Docker): { readonly docker: Docker; end(): void } {
  const sockets: Duplex[] = [];
  const modem = Object.create(docker.modem) as Docker['modem'];
  modem.dial = (options, callback) =>
    docker.modem.dial(options, (error, answer) => {
      if (options.path === '/session' && answer !== null) {
        const socket = answer as Duplex;
        // The build's answer reports a session that breaks.
        socket.on('error', () => undefined);
        sockets.push(socket);
      }
      callback?.(error, answer);
    });
  return {
    docker: Object.create(docker, { modem: { value: modem } }) as Docker,
    end: () => sockets.forEach((socket) => socket.destroy()),
  };
}

function toQuery(options: BuildOptions): Docker.ImageBuildOptions {
  const { dockerfile, target, tags, buildArgs, labels, noCache, platform, network, extraHosts, signal } = options;
  const query = {
    dockerfile,
    t: [...tags],
    buildargs: { ...buildArgs },
    labels: { ...labels },
    rm: true,
    forcerm: true,
    ...(target !== undefined && { target }),
    ...(noCache === true && { nocache: true }),
    ...(platform !== undefined && { platform }),
    ...(network !== undefined && { networkmode: network }),
    ...(extraHosts !== undefined && { extrahosts: [...extraHosts] }),
    ...(signal !== undefined && { abortSignal: signal }),
  };
  return query as unknown as Docker.ImageBuildOptions;
}

function idOf(aux: unknown): string | undefined {
  const id = (aux as { readonly ID?: unknown } | null | undefined)?.ID;
  return typeof id === 'string' ? sha256Id(id) : undefined;
}

function buildAction(options: BuildOptions): string {
  return `build ${options.tags[0] ?? options.dockerfile}`;
}

function callOptions({ signal }: BuildOptions): Pick<EngineCall, 'signal' | 'fallbackReason'> {
  return { signal, fallbackReason: 'image-build-failed' };
}

function buildCall(client: DockerClient, options: BuildOptions): EngineCall {
  return client.describeCall(buildAction(options), callOptions(options));
}

/** An instruction that failed is a failed build whatever its words; only a full disk is told apart, since mending it is another thing. */
function buildFailure(
  words: string,
  step: { readonly title: string; readonly lines: readonly string[] } | undefined,
  engineCall: EngineCall,
): Failure {
  const output = step?.lines ?? [];
  const detail = [...output.slice(-30), words].join('\n');
  const full = output.some((line) => /no space left on device/i.test(line));
  const known = engineTextFailure(full ? 'no space left on device' : words, engineCall);
  // BuildKit: `process "/bin/sh -c …" did not complete successfully: exit code: 3` · classic: `The command '…' returned a non-zero code: 3`
  const ranAndFailed = /did not complete successfully|returned a non-zero code|exit status \d+$/.test(words) && !full;
  const message =
    step === undefined || step.title === '' ? known.message : `${known.message}: step \`${step.title}\` failed`;
  if (ranAndFailed) return failure('image-build-failed', message, { detail });
  return { ...known, message, detail };
}

function imageOf(id: string | undefined, client: DockerClient, options: BuildOptions): Result<string> {
  if (id !== undefined) return ok(id);
  return err(engineTextFailure('the build ended without naming an image', buildCall(client, options)));
}
