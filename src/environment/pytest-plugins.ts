import { readPackageFile } from '../core/package-file.ts';
import { rootOwner, type SeedEntry } from '../workspace/seed-entry.ts';
import { sitePackages } from './site-packages.ts';

/**
 * Parity's plugins for pytest, for a shard's tests, for several processes, for another order each time, for where its cache is, and one
 * that writes down what fails: their modules, and their folder in every container.
 */
export const pytestPlugins = {
  shard: 'parity_shard',
  split: 'parity_split',
  repeat: 'parity_repeat',
  cache: 'parity_cache',
  results: 'parity_results',
  container: '/parity/pytest',
} as const;

const folder = 'images/pytest';
const modules = [
  pytestPlugins.shard,
  pytestPlugins.split,
  pytestPlugins.repeat,
  pytestPlugins.cache,
  pytestPlugins.results,
  'parity_parts',
  'parity_division',
  'parity_unseen',
] as const;

/** The plugins' files, in the package. */
export const pytestPluginFiles: readonly string[] = modules.map((name) => `${folder}/${name}.py`);

// In the environment's cache volume.
const cacheFolder = '/parity/cache/pytest';

/**
 * The plugins' files, and .pth files by which the image's own Python finds them even where a command sets PYTHONPATH itself. `python` is
 * the image's Python, `3.11.9`.
 */
export function pytestPluginEntries(python: string | undefined): readonly SeedEntry[] {
  const file = (path: string, data: string | Buffer): SeedEntry => {
    return { type: 'file', path, data, mode: 0o644, owner: rootOwner };
  };
  return [
    ...modules.map((name) => file(`${pytestPlugins.container}/${name}.py`, readPackageFile(`${folder}/${name}.py`))),
    ...sitePackages(python).map((each) => file(`${each}/parity_pytest.pth`, `${pytestPlugins.container}\n`)),
  ];
}

/** A command's variables, with a plugin loaded by every pytest that it starts. */
export function withPytestPlugin(
  variables: Readonly<Record<string, string>>,
  plugin: string,
): Readonly<Record<string, string>> {
  const options = variables['PYTEST_ADDOPTS'] ?? '';
  const path = variables['PYTHONPATH'] ?? '';
  const found = path.split(':').includes(pytestPlugins.container);
  return {
    ...variables,
    PYTEST_ADDOPTS: `${options} -p ${plugin}`.trimStart(),
    PYTHONPATH: found ? path : [path, pytestPlugins.container].filter((one) => one !== '').join(':'),
  };
}

/** A command's variables, with the cache of every pytest that it starts in the environment's volume and not in the project. */
export function withPytestCache(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...withPytestPlugin(variables, pytestPlugins.cache), PARITY_PYTEST_CACHE: cacheFolder };
}
