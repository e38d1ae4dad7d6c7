import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Programs of the package index, each in an environment of its own. */
export interface LockTools {
  /** The path of a tool, in an environment that is made when first asked for. */
  tool(name: string, ...pins: readonly string[]): string;
  /** Runs a program in a folder, with a home of its own; gives its output. Rejects when it fails. A server of the test's own can answer meanwhile. */
  run(dir: string, program: string, ...args: readonly string[]): Promise<string>;
  remove(): void;
}

/** Makes a folder for such programs. */
export function lockTools(): LockTools {
  const tools = mkdtempSync(join(tmpdir(), 'parity-locks-'));
  return {
    tool(name, ...pins) {
      const home = join(tools, pins.join('-').replace(/[^\w.-]/g, '') || name);
      const isThere = readText(join(home, 'pyvenv.cfg')) !== undefined;
      if (!isThere) {
        execFileSync('python3', ['-m', 'venv', home]);
        const quiet = ['--quiet', '--disable-pip-version-check'];
        execFileSync(join(home, 'bin', 'pip'), ['install', ...quiet, ...(pins.length > 0 ? pins : [name])]);
      }
      return join(home, 'bin', name);
    },
    async run(dir, program, ...args) {
      const home = {
        HOME: tools,
        // Poetry's cache knows a package by its index's name: another test's file would stand for this one's.
        XDG_CACHE_HOME: join(tools, '.cache'),
        PIPENV_VENV_IN_PROJECT: '1',
        POETRY_VIRTUALENVS_IN_PROJECT: 'true',
        PDM_CHECK_UPDATE: '0',
      };
      const { VIRTUAL_ENV: _, ...env } = process.env;
      const running = promisify(execFile)(program, args, { cwd: dir, env: { ...env, ...home }, encoding: 'utf8' });
      running.child.stdin?.end();
      return (await running).stdout;
    },
    remove() {
      rmSync(tools, { recursive: true, force: true });
    },
  };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
