import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Packs parity as a release does and installs the archive in an empty project in `dir`; gives the command that npm
 * linked there and the paths that the archive holds. Throws when npm fails.
 */
export function installPackage(dir: string): { readonly bin: string; readonly files: readonly string[] } {
  // The tests' global set-up has built dist/; a build in the midst of other tests would pull it away under them.
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', dir], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [packed] = packedFiles(JSON.parse(output));
  if (packed === undefined) throw new Error(`npm pack said nothing of use: ${output}`);
  execFileSync('npm', ['init', '--yes'], { cwd: dir, stdio: 'ignore' });
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `./${packed.filename}`], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { bin: join(dir, 'node_modules', '.bin', 'parity'), files: packed.files.map(({ path }) => path) };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** npm 11 and older print a list; npm 12 prints an object by package name. */
function packedFiles(value: readonly Packed[] | Readonly<Record<string, Packed>>): readonly Packed[] {
  return Array.isArray(value) ? value : Object.values(value);
}
