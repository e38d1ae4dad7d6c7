import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-fs';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { hostProxies } from '../host-network.ts';
import { scriptFailure } from './script-failure.ts';
import { scriptFolder, type ScriptTask, type ScriptRunner, type ScriptRunnerOptions } from './script-runner.ts';

const work = '/parity-work';

/** A container that outlives a killed parity ends by itself after this long. */
const lifeSeconds = 3600;

/**
 * Opens a script runner in a container of a Debian image: one of parity's own bases of that suite when the engine has it, else
 * `debian:<suite>-slim`. mmdebstrap is installed in it from the image's own package sources.
 */
export async function openContainerScriptRunner(
  dir: string,
  options: ScriptRunnerOptions,
): Promise<Result<ScriptRunner>> {
  const { engine } = options;
  const image = options.image === undefined ? await debianImage(options) : ok(options.image);
  if (!image.ok) return image;
  const created = await engine.createContainer({
    image: image.value,
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    entrypoint: [],
    command: ['sleep', String(lifeSeconds)],
    env: { ...hostProxies(), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    labels: { 'dev.parity.kind': 'workshop' },
    user: '0:0',
    autoRemove: true,
    init: true,
    network: Object.values(hostProxies()).some((value) => /127\.|localhost/.test(value)) ? 'host' : 'bridge',
  });
  if (!created.ok) return created;
  const id = created.value;
  const give = async (from: string, to: string, entries?: readonly string[]): Promise<Result<void>> =>
    await engine.putArchive(
      id,
      '/',
      Readable.from(pack(from, { ...(entries ? { entries: [...entries] } : {}), map: under(to) })),
    );
  const close = async (): Promise<void> => {
    await engine.removeContainer(id);
    await rm(dir, { recursive: true, force: true });
  };
  const started = await engine.startContainer(id);
  const ready = started.ok ? await give(scriptFolder(), `${work}-scripts`) : started;
  const given = ready.ok ? await give(dir, work) : ready;
  const prepared =
    given.ok && options.image === undefined
      ? await runInside(
          options,
          id,
          // The name of each package that the scripts need, from the image's own sources; quiet when they are all there.
          [
            'sh',
            '-c',
            `command -v mmdebstrap >/dev/null || { if [ -f ${work}/ca.crt ]; then echo 'Acquire::https::CaInfo "${work}/ca.crt";' >/etc/apt/apt.conf.d/99parity; fi; apt-get update -q && apt-get install -qy --no-install-recommends mmdebstrap debian-archive-keyring; }`,
          ],
          'the tools to make a Debian base could not be installed in a container',
        )
      : given;
  if (!prepared.ok) {
    await close();
    return prepared;
  }
  const run = async (task: ScriptTask): Promise<Result<void>> => {
    const sent = await give(dir, work, task.reads);
    if (!sent.ok) return sent;
    const ran = await runInside(options, id, ['sh', `${work}-scripts/${task.script}`, ...task.args(work)], task.title);
    if (!ran.ok) return ran;
    for (const name of task.writes) {
      const got = await engine.getArchive(id, `${work}/${name}`);
      if (!got.ok) return got;
      try {
        await pipeline(got.value, extract(dir));
      } catch (error) {
        return err(failure('io', `${name} could not be read from the container`, { detail: String(error) }));
      }
    }
    return ok(undefined);
  };
  return ok({ kind: 'container', dir, run, close });
}

async function runInside(
  options: ScriptRunnerOptions,
  id: string,
  command: readonly string[],
  what: string,
): Promise<Result<void>> {
  const env: Record<string, string> = { PARITY_IN_CONTAINER: '1', PARITY_CA_FILE: `${work}/ca.crt` };
  for (const name of ['PARITY_DEBIAN_MIRROR', 'PARITY_DEBIAN_SNAPSHOT']) {
    const value = process.env[name];
    if (value) env[name] = value;
  }
  const ran = await options.engine.exec(id, { command, env, ...(options.signal ? { signal: options.signal } : {}) });
  if (!ran.ok) return ran;
  let output = '';
  const take = (data: Buffer | string): void => {
    const text = data.toString();
    output = (output + text).slice(-64_000);
    options.onOutput(text);
  };
  const streams = [ran.value.stdout, ran.value.stderr];
  for (const stream of streams) stream.on('data', take);
  await Promise.all(streams.map((stream) => (stream.readableEnded ? undefined : once(stream, 'close'))));
  const code = await ran.value.exitCode;
  if (options.signal?.aborted === true) return err(failure('interrupted', `${what}: interrupted`));
  if (!code.ok) return code;
  return code.value === 0 ? ok(undefined) : err(scriptFailure(what, output));
}

async function debianImage(options: ScriptRunnerOptions): Promise<Result<string>> {
  const { engine, suite } = options;
  const own = await ownBase(engine, suite);
  if (own !== undefined) return ok(own);
  const reference = `debian:${suite}-slim`;
  const there = await engine.inspectImage(reference);
  if (!there.ok) return there;
  if (there.value !== undefined) return ok(reference);
  const pulled = await engine.pullImage(reference, {
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (pulled.ok) return ok(reference);
  return err(
    failure(
      'host-tool-missing',
      'a Debian base needs apt and mmdebstrap on this machine, or a Debian image to use them in',
      {
        detail: pulled.error.detail ?? pulled.error.message,
        next: `on Debian or Ubuntu: apt-get install mmdebstrap; elsewhere: docker pull ${reference}`,
      },
    ),
  );
}

async function ownBase(engine: Engine, suite: string): Promise<string | undefined> {
  const bases = await engine.listImages(['dev.parity.kind=base', `dev.parity.suite=${suite}`]);
  return bases.ok ? bases.value[0]?.id : undefined;
}

function under(folder: string): (header: { name: string }) => never {
  return ((header: { name: string }) => {
    header.name = header.name === '.' ? folder.slice(1) : `${folder.slice(1)}/${header.name}`;
    return header;
  }) as never;
}
