import { networkSettings, withProjectIndex, type NetworkSettings } from '../base/network-settings.ts';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Lock } from '../lock/lock.ts';
import { indexOfEach } from '../lock/requirements/lock-indexes.ts';
import { readRequirements } from '../lock/requirements/read-requirements.ts';
import { formatLock } from '../lock/write.ts';
import type { EnsureImageOptions } from './ensure-options.ts';

/** The network settings of a build: those of this host, and the package index that the project's files name. Err when these can't be read. */
export async function recipeNetwork({
  projectDir,
  config,
  lock,
}: EnsureImageOptions): Promise<Result<NetworkSettings>> {
  const host = await networkSettings();
  if (!host.ok) return host;
  const requirements = await readRequirements(projectDir, config);
  if (!requirements.ok) return requirements;
  const addresses = lock.python.packages.flatMap(({ source }) => source?.url ?? []);
  const { index, locks } = requirements.value;
  // What is assigned to an index is asked for there by images/toolchain.py; it is no index of the other packages.
  const project = withProjectIndex(host.value, { ...index, addresses: [...index.addresses, ...addresses] });
  const network = {
    ...project,
    pythonIndex: { ...project.pythonIndex, ...indexSettings(indexOfEach(locks), host.value) },
  };
  const missing = missingRegistry(lock, network);
  return missing === undefined ? ok(network) : err(missing);
}

/** Which package comes from which index, for images/toolchain.py; nothing where lock files have all from the default one. */
function indexSettings(indexes: ReadonlyMap<string, string>, host: NetworkSettings): Readonly<Record<string, string>> {
  if ([...indexes.values()].every((url) => url === '')) return {};
  return {
    PARITY_PYTHON_INDEXES: JSON.stringify(Object.fromEntries(indexes)),
    PARITY_HOST_INDEX: host.pythonIndex['UV_INDEX'] ?? '',
  };
}

/** Build arguments that say where Debian's packages come from, by this host's variables. */
export function debianSettings(env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
  const mirror = env['PARITY_DEBIAN_MIRROR'];
  const snapshot = env['PARITY_DEBIAN_SNAPSHOT'];
  return { ...(mirror ? { DEBIAN_MIRROR: mirror } : {}), ...(snapshot ? { DEBIAN_SNAPSHOT: snapshot } : {}) };
}

/** The lock's text for the build context, without the image's digests, which are a build's result. */
export function recipeLock(lock: Lock): string {
  return formatLock({ ...lock, platforms: { 'linux/amd64': { image: null }, 'linux/arm64': { image: null } } });
}

function missingRegistry(lock: Lock, network: NetworkSettings): Failure | undefined {
  if (lock.node === undefined || network.npmRegistry !== undefined) return undefined;
  return failure(
    'host-tool-missing',
    'the image has Node, and no npm on this machine says which registry it comes from',
    {
      next: 'export NPM_CONFIG_REGISTRY=<your npm registry>, or install npm',
    },
  );
}
