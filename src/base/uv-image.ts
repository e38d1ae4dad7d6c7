import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import { packageRoot } from '../core/paths.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import { writeCacheFile } from '../core/write-file.ts';
import type { Engine, ImageInfo } from '../engine/engine.ts';
import { ensureBase } from './base.ts';
import { contextTar } from './context-tar.ts';
import { baseDigest, baseReference } from './base-reference.ts';
import { buildArguments, networkSettings } from './network-settings.ts';
import { inPhase } from './in-phase.ts';
import { setUpLabels } from './set-up-container.ts';
import type { LockedBase } from './locked-base.ts';

/** Where uv is in its image and in the toolchain stages. */
export const uvPath = '/opt/uv/bin/uv';

/** The uv that resolves and installs: its version and its wheels' hashes, sorted, as images/uv.txt pins them. */
export const uvPin: { readonly version: string; readonly hashes: readonly Digest[] } = readPin();

/** An image with uv and the base's Python. */
export interface UvImage {
  readonly imageId: string;
  readonly uvPath: typeof uvPath;
  /** Path of the base's Python in it. */
  readonly python: string;
  /** Exact, `3.11.2`, as the image has it. */
  readonly pythonVersion: string;
  /** Major and minor version of its glibc, `2.36`; absent where the C library is another. */
  readonly glibc?: string;
}

/** Makes sure of the uv image, as ensureUv does, and asks its Python what it is. */
export async function ensureUvImage(
  engine: Engine,
  base: LockedBase,
  platform: Platform,
  options: { readonly onProgress: EmitProgress; readonly signal?: AbortSignal | undefined },
): Promise<Result<UvImage>> {
  const image = await ensureUv(engine, base, platform, options);
  if (!image.ok) return image;
  // An ID's content never changes, so it is asked once.
  const file = join(cacheFolder('uv-images'), `${image.value.id.replace(/^sha256:/, '')}.txt`);
  const known = parsePython(await readFile(file, 'utf8').catch(() => ''));
  if (known !== undefined) return ok({ imageId: image.value.id, uvPath, ...known });
  const asked = await inspectPython(engine, image.value, platform);
  if (asked.ok) {
    const { python, pythonVersion, glibc } = asked.value;
    const line = `${python} ${pythonVersion} ${glibc === undefined ? 'other' : `glibc-${glibc}`}\n`;
    await writeCacheFile(file, line).catch(() => undefined);
  }
  return asked;
}

/** What the image's Python said of itself: its path, its version, and its C library. */
function parsePython(text: string): Pick<UvImage, 'python' | 'pythonVersion' | 'glibc'> | undefined {
  const [, python = '', pythonVersion = '', library = ''] = /^(\/\S+) (\d+\.\d+\.\d+\S*) (\S+)\s*$/m.exec(text) ?? [];
  if (python === '') return undefined;
  const glibc = /^glibc-(\d+\.\d+)/.exec(library)?.[1];
  return { python, pythonVersion, ...(glibc === undefined ? {} : { glibc }) };
}

/** Name of the Dockerfile in the context. */
const recipeName = 'uv.Dockerfile';

/**
 * Makes sure that the engine has the image in which `parity lock` resolves and Python parts of images are made: images/uv.Dockerfile on
 * the locked base. Found by the digest of both, else built.
 */
export async function ensureUv(
  engine: Engine,
  base: LockedBase,
  platform: Platform,
  options: { readonly onProgress: EmitProgress; readonly signal?: AbortSignal | undefined },
): Promise<Result<ImageInfo>> {
  const root = packageRoot();
  const recipe = await readFile(join(root, 'images', 'uv.Dockerfile'));
  const pins = await readFile(join(root, 'images', 'uv.txt'));
  const digest = sha256(canonicalJson([baseDigest(base, platform), sha256(recipe), sha256(pins)]));
  const reference = `parity/uv:${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;
  const there = await engine.inspectImage(reference);
  if (!there.ok) return there;
  if (there.value === undefined) {
    const ensured = await ensureBase(engine, base, platform, options);
    if (!ensured.ok) return ensured;
    const network = await networkSettings();
    if (!network.ok) return network;
    const pem = network.value.certificates?.pem;
    const built = await inPhase(
      options.onProgress,
      'lock',
      reference,
      `Installing uv ${uvPin.version}`,
      async (tell) =>
        await engine.build({
          context: contextTar([
            { path: recipeName, data: recipe },
            { path: 'images/uv.txt', data: pins },
            ...(pem === undefined ? [] : [{ path: 'parity-ca.crt', data: pem }]),
          ]),
          dockerfile: recipeName,
          tags: [reference],
          buildArgs: { BASE: baseReference(base, platform), ...buildArguments(network.value) },
          labels: { 'dev.parity.kind': 'uv' },
          platform,
          ...(network.value.needsHostNetwork ? { network: 'host' } : {}),
          onProgress: tell,
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        }),
      () => reference,
    );
    if (!built.ok) return built;
  }
  const image = await engine.inspectImage(reference);
  if (!image.ok) return image;
  if (image.value === undefined)
    return err(failure('image-not-found', `${reference} was built and is not in the engine`, { next: 'run it again' }));
  return ok(image.value);
}

/** Runs the image's Python once to hear where and what it is. */
async function inspectPython(engine: Engine, image: ImageInfo, platform: Platform): Promise<Result<UvImage>> {
  const program =
    "import os,platform,sys;print(os.path.realpath(sys.executable), platform.python_version(), '-'.join(platform.libc_ver()))";
  const created = await engine.createContainer({
    image: image.id,
    platform,
    entrypoint: [],
    command: ['/opt/uv/bin/python', '-I', '-c', program],
    labels: setUpLabels(),
    network: 'none',
  });
  if (!created.ok) return created;
  const id = created.value;
  try {
    const started = await engine.startContainer(id);
    if (!started.ok) return started;
    const exit = await engine.waitContainer(id);
    if (!exit.ok) return exit;
    const logs = await engine.containerLogs(id);
    if (!logs.ok) return logs;
    const answer = parsePython(logs.value);
    if (exit.value.exitCode !== 0 || answer === undefined)
      return err(failure('image-build-failed', "the base image's Python does not run", { detail: logs.value }));
    return ok({ imageId: image.id, uvPath, ...answer });
  } finally {
    await engine.removeContainer(id);
  }
}

function readPin(): { readonly version: string; readonly hashes: readonly Digest[] } {
  const text = readFileSync(join(packageRoot(), 'images', 'uv.txt'), 'utf8');
  const version = /^uv==(\S+)/m.exec(text)?.[1];
  const hashes = [...text.matchAll(/--hash=(sha256:[0-9a-f]{64})/g)].map((match) => match[1] as Digest).sort();
  if (version === undefined || hashes.length === 0) throw new Error('parity: images/uv.txt pins no uv');
  return { version, hashes };
}
