import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256, shortDigest } from '../../src/core/digest.ts';
import { packageRoot } from '../../src/core/paths.ts';
import type { Engine } from '../../src/engine/engine.ts';

/** What make.sh puts into an image besides packages. */
const moreFiles: Readonly<Record<string, readonly string[]>> = {
  postgres: ['entrypoint.sh'],
  registry: ['config.yml'],
};

/**
 * The image that images/<name> makes (make.sh, image.conf), made when the engine has none of these very files. Gives its
 * reference; throws with the script's own words when it fails.
 */
export async function madeImage(engine: Engine, name: 'test-environment' | 'postgres' | 'registry'): Promise<string> {
  const dir = join(packageRoot(), 'images', name);
  const files = ['make.sh', 'image.conf', ...(moreFiles[name] ?? [])];
  const digest = shortDigest(sha256(files.map((file) => readFileSync(join(dir, file), 'utf8')).join('\0')));
  const ref = `parity-${name}:${digest}`;
  const there = await engine.inspectImage(ref);
  if (!there.ok) throw new Error(there.error.message);
  if (there.value !== undefined) return ref;
  const script = spawn('bash', [join(dir, 'make.sh')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  script.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => script.on('close', resolve));
  const changes = readFileSync(join(dir, 'image.conf'), 'utf8').trim().split('\n');
  const imported = await engine.importImage(script.stdout, ref, { changes });
  if ((await exit) !== 0) {
    await engine.removeImage(ref);
    throw new Error(`images/${name}/make.sh failed: ${said}`);
  }
  if (!imported.ok) throw new Error(`${imported.error.message} ${imported.error.detail ?? ''}`);
  return ref;
}
