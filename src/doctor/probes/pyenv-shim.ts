import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const numerically = new Intl.Collator('en', { numeric: true }).compare;

/** A version manager's stand-in: which program it starts, it learns from files of the folder that it is called in. */
export function isShim(path: string): boolean {
  return basename(dirname(path)) === 'shims';
}

/**
 * The program that pyenv would start for a shim in a repository: of the version that PYENV_VERSION, the repository's .python-version or
 * pyenv's own choice names (https://github.com/pyenv/pyenv#understanding-python-version-selection). Found by reading, so that nothing
 * which the repository names is run unless pyenv installed it. Undefined when it is another manager's, or has no such version.
 */
export async function pyenvProgram(
  shim: string,
  { topDir, env }: { readonly topDir: string; readonly env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  const root = dirname(dirname(shim));
  const installed = await readdir(join(root, 'versions')).catch((): string[] => []);
  const chosen =
    env['PYENV_VERSION'] || (await textOf(join(topDir, '.python-version'))) || (await textOf(join(root, 'version')));
  for (const name of chosen.split(/[\s:]+/)) {
    const version = installed.includes(name)
      ? name
      : installed
          .filter((one) => name !== '' && one.startsWith(`${name}.`))
          .toSorted(numerically)
          .at(-1);
    if (version === undefined) continue;
    const bin = join(root, 'versions', version, 'bin');
    if ((await readdir(bin).catch((): string[] => [])).includes(basename(shim))) return join(bin, basename(shim));
  }
  return undefined;
}

async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.replace(/#.*/g, '').trim();
}
