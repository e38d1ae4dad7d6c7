import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder for everything parity may lose: `$PARITY_CACHE_DIR`, else the platform's own
 * (`$XDG_CACHE_HOME/parity`, `~/.cache/parity`, `~/Library/Caches/parity`). It may not exist yet.
 */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env['PARITY_CACHE_DIR']) return env['PARITY_CACHE_DIR'];
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'parity');
  return process.platform === 'darwin'
    ? join(homedir(), 'Library', 'Caches', 'parity')
    : join(homedir(), '.cache', 'parity');
}

/** The folder of the installed parity package, which holds Dockerfile.parity, images/ and the reference lock. */
export function packageRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error('parity: its own package.json is not above its code');
    dir = parent;
  }
  return dir;
}
