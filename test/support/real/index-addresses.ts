import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The addresses that lock files of the corpus have in place of those that the tools write, each with this machine's. */
export interface IndexAddresses {
  readonly 'https://index.example/simple': string;
  readonly 'https://files.example/packages': string;
  readonly 'https://npm.example/': string;
}

/** Asks uv and npm where they take packages from here. Throws with the program's own words when that fails. */
export function indexAddresses(uv: string, env: NodeJS.ProcessEnv): IndexAddresses {
  const dir = mkdtempSync(join(tmpdir(), 'parity-index-'));
  try {
    const project =
      '[project]\nname = "asks"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["iniconfig==2.0.0"]\n';
    writeFileSync(join(dir, 'pyproject.toml'), project);
    execFileSync(uv, ['lock', '--quiet', '--no-config'], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const lock = readFileSync(join(dir, 'uv.lock'), 'utf8');
    const index = /registry = "([^"]+)"/.exec(lock)?.[1];
    const files = /url = "(https?:[^"]+\/packages)\//.exec(lock)?.[1];
    if (index === undefined || files === undefined) throw new Error(`uv's lock file names no index:\n${lock}`);
    const npm = execFileSync('npm', ['config', 'get', 'registry'], { cwd: dir, env, encoding: 'utf8' }).trim();
    return {
      'https://index.example/simple': index,
      'https://files.example/packages': files,
      'https://npm.example/': npm.endsWith('/') ? npm : `${npm}/`,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
