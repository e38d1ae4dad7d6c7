// A registry on loopback (images/registry), for as long as something is measured against it.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bash, must } from './measure.mjs';

const image = 'parity-bench/registry';
const files = fileURLToPath(new URL('../images/registry', import.meta.url));
const docker = (...args) => must('docker', args).trim();

/** Calls `use` with the registry's address, and gives what it gives. */
export function withRegistry(scratch, use) {
  const tar = join(scratch, 'registry.tar');
  bash('bash "$FILES/make.sh" > "$TAR"', { env: { ...process.env, FILES: files, TAR: tar } });
  const conf = readFileSync(join(files, 'image.conf'), 'utf8').trim().split('\n');
  docker('import', ...conf.flatMap((line) => ['--change', line]), tar, image);
  rmSync(tar);
  const container = docker('run', '--detach', '--publish', '127.0.0.1::5000', image);
  try {
    const [, port] = /:(\d+)$/.exec(docker('port', container, '5000').split('\n')[0]);
    return use(`localhost:${port}`);
  } finally {
    docker('rm', '--force', '--volumes', container);
    docker('image', 'rm', image);
  }
}
