import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureUvImage } from '../../base/uv-image.ts';
import { canonicalJson, sha256 } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { packageRoot } from '../../core/paths.ts';
import type { Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { writeCacheFile } from '../../core/write-file.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Lock } from '../lock.ts';
import { runInContainer } from './run-in-container.ts';

/** Which Python, where, and who asks. */
export interface RewriterRequest {
  readonly engine: Engine;
  readonly lock: Lock;
  readonly platform: Platform;
  readonly projectDir: string;
  readonly emit: EmitProgress;
  readonly signal: AbortSignal;
}

const digestBytes = 32;

// Everything but what only a package's own tests need, in base64, for files come out of that container as text.
const packing = `import base64, io, tarfile
data = io.BytesIO()
def wanted(info):
    return None if "/tests" in info.name or "/__pycache__" in info.name else info
with tarfile.open(fileobj=data, mode="w:gz") as archive:
    archive.add("libraries", arcname=".", filter=wanted)
open("libraries.b64", "w").write(base64.b64encode(data.getvalue()).decode())
`;

/**
 * The library that `parity fix` rewrites Python with, for the lock's Python, as a gzipped tar: pinned and hashed by images/rewrite, no part of
 * anybody's lock or image. Fetched once, then from parity's cache. Err `network` with uv's words when it can't be had.
 */
export async function rewriterPackages(request: RewriterRequest): Promise<Result<Buffer>> {
  const { engine, lock, platform, projectDir, emit, signal } = request;
  const pins = await readFile(join(packageRoot(), 'images', 'rewrite', 'requirements.txt'), 'utf8');
  const minor = lock.python.version.split('.').slice(0, 2).join('.');
  const key = sha256(canonicalJson([pins, packing, platform, minor])).slice('sha256:'.length, 'sha256:'.length + 16);
  const file = join(cacheFolder('rewriter'), `${key}.tar.gz`);
  const kept = wholeOf(await readFile(file).catch(() => Buffer.alloc(0)));
  if (kept !== undefined) return ok(kept);
  const uv = await ensureUvImage(engine, lock.base, platform, { onProgress: emit, signal });
  if (!uv.ok) return uv;
  const { imageId, uvPath, python } = uv.value;
  const install = [uvPath, 'pip', 'install', '--python', python, '--target', 'libraries', '--require-hashes'];
  const answer = await runInContainer(engine, {
    projectDir,
    imageId,
    python,
    files: { 'rewriter.txt': pins, 'pack.py': packing },
    stages: [
      [{ name: 'install', argv: [...install, '--only-binary', ':all:', '-r', 'rewriter.txt'] }],
      [{ name: 'pack', argv: [python, '-I', 'pack.py'] }],
    ],
    outputs: ['libraries.b64'],
    index: { extraIndexUrls: [], findLinks: [] },
    onText: () => undefined,
    signal,
  });
  if (!answer.ok) return answer;
  const { codes, texts, files } = answer.value;
  const packed = files['libraries.b64'];
  if (packed === undefined || Object.values(codes).some((code) => code !== 0))
    return err(
      failure('network', `LibCST, which rewrites code, could not be had for Python ${minor}`, {
        detail: Object.values(texts).join('').trim(),
        next: 'parity fix --no-rewrite   (the fix commands alone)',
      }),
    );
  const data = Buffer.from(packed, 'base64');
  await writeCacheFile(file, Buffer.concat([data, digestOf(data)])).catch(() => undefined);
  return ok(data);
}

/** The data of a file that ends in the SHA-256 of all before; undefined when it is another than was written. */
function wholeOf(file: Buffer): Buffer | undefined {
  if (file.length <= digestBytes) return undefined;
  const data = file.subarray(0, -digestBytes);
  return digestOf(data).equals(file.subarray(-digestBytes)) ? data : undefined;
}

function digestOf(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
