import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What set-up actions put on a runner: programs of this machine, and others that are installed once into a cache folder. */
export interface HostTools {
  /** The interpreter, 3.11. */
  readonly python: string;
  readonly uv: string;
  /** A folder with `node` and `npm` of that Node. */
  nodeFolder(major: string): string;
  /** A folder with `pnpm`. */
  pnpmFolder(version: string): string;
  /** What programs need to reach package indexes from here, and caches that outlive a test. */
  readonly env: Readonly<Record<string, string>>;
}

const uvVersion = '0.13.9';

/** Finds and installs the tools. Throws, naming what is missing, when the machine has no Python 3.11. */
export function hostTools(): HostTools {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'parity-test-real');
  mkdirSync(cache, { recursive: true });
  const env = { ...passedOn(), ...caches(cache) };
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const python = run('python3.11', '-c', 'import sys; print(sys.executable)').trim();
  const uvFolder = once(cache, `uv-${uvVersion}`, (dir) => {
    run(python, '-m', 'pip', 'install', '--quiet', '--target', dir, `uv==${uvVersion}`);
  });
  const fromNpm = (spec: string): string =>
    once(cache, spec.replace('@', '-'), (dir) => {
      run('npm', 'install', '--no-save', '--no-audit', '--no-fund', '--prefix', dir, spec);
    });
  return {
    python,
    uv: join(uvFolder, 'bin', 'uv'),
    nodeFolder: (major) =>
      process.versions.node.split('.')[0] === major
        ? dirname(process.execPath)
        : join(fromNpm(`node@${major}`), 'node_modules', '.bin'),
    pnpmFolder: (version) => join(fromNpm(`pnpm@${version}`), 'node_modules', '.bin'),
    env,
  };
}

// Installed aside and renamed: what is there is whole.
function once(cache: string, name: string, install: (dir: string) => void): string {
  const dir = join(cache, name);
  if (existsSync(dir)) return dir;
  const aside = mkdtempSync(join(cache, 'part-'));
  try {
    install(aside);
    if (!existsSync(dir)) renameSync(aside, dir);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return dir;
}

function passedOn(): Record<string, string> {
  const names = /CERT|CA_BUNDLE|CAINFO|_proxy$|^PIP_INDEX_URL$|^UV_(?:DEFAULT_INDEX|INDEX_URL)$/i;
  const found = Object.entries(process.env).filter(([name]) => names.test(name));
  return Object.fromEntries(found.map(([name, value]) => [name, value ?? '']));
}

function caches(cache: string): Record<string, string> {
  return {
    PIP_CACHE_DIR: join(cache, 'pip'),
    UV_CACHE_DIR: join(cache, 'uv'),
    POETRY_CACHE_DIR: join(cache, 'poetry'),
    npm_config_cache: join(cache, 'npm'),
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
}
