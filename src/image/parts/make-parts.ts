import { closeSync, createWriteStream, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { buildArguments, type NetworkSettings } from '../../base/network-settings.ts';
import { contextTar } from '../../base/context-tar.ts';
import type { OnProgress } from '../../base/in-phase.ts';
import { sweepSetUp, setUpLabels } from '../../base/set-up-container.ts';
import type { Digest } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { fileFailure } from '../../core/file-failure.ts';
import { onAbort } from '../../core/interruption.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import { buildFailure } from '../build-failure.ts';
import { canonicalEntries, writeTar, type SourcedEntry } from '../canonical/canonical-layer.ts';
import { indexTar } from '../canonical/tar-index.ts';
import type { Recipe } from '../recipe.ts';
import { storePart } from './part-cache.ts';
import type { Part } from './parts.ts';

/** What parts are made from. */
export interface MakePartsOptions {
  readonly engine: Engine;
  /** An image of the base, and of uv for Python's parts. */
  readonly image: string;
  readonly recipe: Recipe;
  readonly lockText: string;
  readonly network: NetworkSettings;
  /** Besides the network's: `DEBIAN_MIRROR`, `DEBIAN_SNAPSHOT`. */
  readonly settings: Readonly<Record<string, string>>;
  readonly parts: readonly Part[];
  /** Where the parts' archive gets a folder of its own for a while. */
  readonly folder: string;
  readonly tell: OnProgress;
  /** Gets the removal of the container, which takes a second for some thousands of files: nobody waits for it but who ends. */
  readonly onRemoval: (removal: Promise<unknown>) => void;
  readonly signal?: AbortSignal | undefined;
}

// As in images/toolchain.py.
const contextFolder = '/parity-build';
const partsFolder = '/parity-parts';

/**
 * Makes parts in a container and keeps each in the cache; gives their files by key. The container takes the same steps as the stages
 * of Dockerfile.parity do. Err as a build of that fails.
 */
export async function makeParts(options: MakePartsOptions): Promise<Result<ReadonlyMap<Digest, string>>> {
  const { engine, image, network, settings, parts, signal } = options;
  await sweepSetUp(engine);
  const created = await engine.createContainer({
    image,
    entrypoint: [],
    command: [
      'python3',
      `${contextFolder}/toolchain.py`,
      'parts',
      `${contextFolder}/parity.lock.json`,
      partsFolder,
      ...parts.map(({ name }) => name),
    ],
    env: { ...buildArguments(network), ...settings },
    labels: setUpLabels(),
    user: '0',
    network: network.needsHostNetwork ? 'host' : 'bridge',
    keepOutput: false,
  });
  if (!created.ok) return created;
  const id = created.value;
  const stop = (): void => {
    void engine.removeContainer(id);
  };
  const stopListening = onAbort(signal, stop);
  try {
    const ran = await runToolchain(id, options);
    if (signal?.aborted === true) return err(failure('interrupted', 'stopped before the image was made'));
    return ran.ok ? await fetchParts(id, options) : ran;
  } finally {
    stopListening();
    options.onRemoval(engine.removeContainer(id));
  }
}

async function runToolchain(id: string, options: MakePartsOptions): Promise<Result<void>> {
  const { engine, recipe, lockText, network, tell } = options;
  const files = recipe.files().filter(({ path }) => path.startsWith('images/'));
  const put = await engine.putArchive(
    id,
    '/',
    contextTar([
      ...files.map((file) => ({ ...file, path: inContext(file.path.split('/').at(-1) ?? '') })),
      { path: inContext('parity.lock.json'), data: lockText },
      ...(network.certificates === undefined
        ? []
        : [{ path: inContext('parity-ca.crt'), data: network.certificates.pem }]),
    ]),
  );
  if (!put.ok) return put;
  const attached = await engine.attachContainer(id, {});
  if (!attached.ok) return attached;
  const { stdout, stderr, detach } = attached.value;
  let output = '';
  const read = async (stream: NodeJS.ReadableStream): Promise<void> => {
    // An error of the connection shows in what the container's end is asked for.
    stream.on('error', () => undefined);
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      output = `${output}${line}\n`.slice(-64_000);
      tell({ type: 'output', text: line });
    }
  };
  try {
    const reading = Promise.all([read(stdout), read(stderr)]);
    const started = await engine.startContainer(id);
    if (!started.ok) return started;
    const exit = await engine.waitContainer(id);
    if (!exit.ok) return exit;
    await reading;
    if (exit.value.exitCode === 0) return ok(undefined);
    const why = exit.value.oomKilled ? 'it ran out of memory' : `exit code ${exit.value.exitCode}`;
    return err(buildFailure(failure('image-build-failed', `the image's parts could not be made: ${why}`), output));
  } finally {
    detach();
  }
}

const inContext = (name: string): string => `${contextFolder.slice(1)}/${name}`;

/** Takes the parts out of the container, each to a file of its own in the cache. */
async function fetchParts(id: string, options: MakePartsOptions): Promise<Result<ReadonlyMap<Digest, string>>> {
  const { engine, parts } = options;
  const archive = await engine.getArchive(id, partsFolder);
  if (!archive.ok) return archive;
  try {
    const folder = await mkdtemp(join(options.folder, 'parts-'));
    const file = join(folder, 'all');
    await pipeline(archive.value, createWriteStream(file));
    const source = openSync(file, 'r');
    try {
      const trees = new Map<string, SourcedEntry[]>();
      for (const entry of indexTar(source)) {
        const [, name, path] = /^parity-parts\/((?:python\/)?[^/]+)\/(.+)$/.exec(entry.name) ?? [];
        if (name === undefined || path === undefined) continue;
        const prefix = entry.name.slice(0, -path.length);
        const linkName = entry.type === 'link' ? entry.linkName.slice(prefix.length) : entry.linkName;
        const tree = trees.get(name) ?? [];
        trees.set(name, tree);
        tree.push({ ...entry, name: path, linkName, source });
      }
      const files = new Map<Digest, string>();
      for (const { name, key } of parts) {
        // A package that this platform does not need makes no tree.
        const { digest } = await writeTar(canonicalEntries(trees.get(name) ?? []), join(folder, 'part'));
        files.set(key, await storePart(key, join(folder, 'part'), digest));
      }
      return ok(files);
    } finally {
      closeSync(source);
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    return err(fileFailure(error, "the image's parts could not be read"));
  }
}
