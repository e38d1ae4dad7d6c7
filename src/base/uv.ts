import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDigest, sha256, type Digest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { packageRoot } from '../core/paths.ts';
import type { Platform } from '../core/platform.ts';
import type { EmitProgress } from '../core/progress.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import { ensureBase } from './base.ts';
import { contextTar, type ContextFile } from './context.ts';
import { baseReference } from './name.ts';
import { networkSettings, type NetworkSettings } from './network.ts';
import { inPhase } from './phase.ts';
import type { LockedBase } from './types.ts';

/** The uv that resolves and installs: its version and its wheels' hashes, as images/uv.txt pins them. */
export const uvPin: { readonly version: string; readonly hashes: readonly Digest[] } = readPin(
  readFileSync(join(packageRoot(), 'images', 'uv.txt'), 'utf8'),
);

/** An image that has uv, and the base's Python for it. */
export interface UvImage {
  readonly imageId: string;
  /** Path of uv in it. */
  readonly uvPath: string;
  /** Path of the base's Python. */
  readonly python: string;
  /** Its exact version, `3.11.2`. */
  readonly pythonVersion: string;
}

const uvPath = '/opt/uv/bin/uv';

/** Makes sure that the engine has the base with uv in it (the recipe's stage `uv`), and asks it for its Python's version. */
export async function ensureUvImage(
  engine: Engine,
  base: LockedBase,
  platform: Platform,
  options: { readonly onProgress: EmitProgress; readonly signal?: AbortSignal },
): Promise<Result<UvImage>> {
  const files: ContextFile[] = await Promise.all(
    ['Dockerfile.parity', 'images/uv.txt'].map(async (path) => ({ path, data: await readFile(join(packageRoot(), path)) })),
  );
  const digest = sha256(files.map(({ data }) => sha256(data)).join(' ') + baseReference(base, platform));
  const reference = `parity/uv:${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;
  const there = await engine.inspectImage(reference);
  if (!there.ok) return there;
  if (there.value !== undefined) return await withPython(engine, there.value.id);
  const started = await ensureBase(engine, base, platform, options);
  if (!started.ok) return started;
  const network = await networkSettings();
  if (!network.ok) return network;
  const built = await inPhase(
    options.onProgress,
    'base',
    'uv',
    `Installing uv ${uvPin.version} to resolve the packages with`,
    (tell) =>
      engine.build({
        context: contextTar([...files, ...certificatesOf(network.value)]),
        dockerfile: 'Dockerfile.parity',
        target: 'uv',
        tags: [reference],
        buildArgs: { BASE: baseReference(base, platform), ...network.value.proxies, ...network.value.pythonIndex },
        labels: { 'dev.parity.kind': 'uv' },
        platform,
        ...(network.value.needsHostNetwork ? { network: 'host' } : {}),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        onProgress: tell,
      }),
    () => `uv ${uvPin.version}`,
  );
  return built.ok ? await withPython(engine, built.value) : built;
}

function certificatesOf(network: NetworkSettings): readonly ContextFile[] {
  return network.certificates === undefined ? [] : [{ path: 'parity-ca.crt', data: network.certificates.pem }];
}

async function withPython(engine: Engine, imageId: string): Promise<Result<UvImage>> {
  const program = 'import platform, sys; print(sys.executable, platform.python_version())';
  const created = await engine.createContainer({
    image: imageId,
    entrypoint: [],
    command: ['python3', '-c', program],
    labels: { 'dev.parity.kind': 'lock' },
    network: 'none',
  });
  if (!created.ok) return created;
  try {
    const started = await engine.startContainer(created.value);
    if (!started.ok) return started;
    const ended = await engine.waitContainer(created.value);
    if (!ended.ok) return ended;
    const said = await engine.containerLogs(created.value);
    if (!said.ok) return said;
    const [python, pythonVersion] = said.value.trim().split(' ');
    if (ended.value.exitCode !== 0 || python === undefined || pythonVersion === undefined) {
      return err(
        failure('image-build-failed', 'the base has a Python that does not run', {
          detail: said.value,
          next: 'choose another image.base',
        }),
      );
    }
    return ok({ imageId, uvPath, python, pythonVersion });
  } finally {
    await engine.removeContainer(created.value);
  }
}

function readPin(text: string): { version: string; hashes: Digest[] } {
  const version = /^uv==(\S+)/m.exec(text)?.[1];
  const hashes = [...text.matchAll(/--hash=(\S+)/g)].map(([, hash]) => hash ?? '').filter(isDigest);
  if (version === undefined || hashes.length === 0) throw new Error('images/uv.txt does not pin uv');
  return { version, hashes: hashes.sort() };
}
