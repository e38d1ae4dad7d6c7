import semver from 'semver';
import type { ManagerName, ManagerWish } from '../../config/config.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import type { LockedManagers, LockedNode, LockedNpmPackage } from '../lock.ts';
import { rangeOf, wishFailure, wisher } from './manager-wish.ts';
import { newestVersion } from './newest-version.ts';
import { npmOfNode } from './npm-of-node.ts';
import { npmView, type NpmVersion } from './npm-view.ts';
import { packageHash, readPackageHash } from './package-hash.ts';

/** Which package managers to lock for a Node. */
export interface ManagersRequest {
  /** Its exact version. */
  readonly node: string;
  /** Each manager once. */
  readonly wishes: readonly ManagerWish[];
  readonly projectDir: string;
  /** Pins that stay while they fit. */
  readonly previous?: LockedNode | undefined;
  /** Whether one may leave its pin. */
  readonly mayMove: (name: ManagerName) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The package managers of a lock, and what a person should know of the choice. */
export interface ResolvedManagers extends Pick<LockedNode, 'npm' | 'managers'> {
  readonly notes: readonly string[];
}

/**
 * Finds the package managers that a repository asks for, and npm: the one that it asks for, else the one that its Node brings. Err names
 * the place that asks for what can't be had: `package-vanished` when the registry lacks it, `config-invalid` when it does not run on this
 * Node, `integrity-mismatch` when it is another package than packageManager's hash says.
 */
export async function resolveManagers(request: ManagersRequest): Promise<Result<ResolvedManagers>> {
  const npm = await resolveNpm(request);
  if (!npm.ok) return npm;
  const managers: { -readonly [K in keyof LockedManagers]: LockedManagers[K] } = {};
  for (const name of ['pnpm', 'yarn'] as const) {
    const wish = request.wishes.find((each) => each.name === name);
    if (wish === undefined) continue;
    const found = await meetWish(wish, request.previous?.managers?.[name], request);
    if (!found.ok) return found;
    managers[name] = found.value;
  }
  const bunWish = request.wishes.find(({ name }) => name === 'bun');
  if (bunWish !== undefined) {
    const bun = await resolveBun(bunWish, request);
    if (!bun.ok) return bun;
    managers.bun = bun.value;
  }
  const { package: locked, notes } = npm.value;
  return ok({ npm: locked, ...(Object.keys(managers).length === 0 ? {} : { managers }), notes });
}

interface ResolvedNpm {
  readonly package: LockedNpmPackage;
  readonly notes: readonly string[];
}

async function resolveNpm(request: ManagersRequest): Promise<Result<ResolvedNpm>> {
  const { node, wishes, previous, signal } = request;
  const wish = wishes.find(({ name }) => name === 'npm');
  const own = npmOfNode(node);
  const isOwn =
    wish === undefined || (wish.isBound === true && own !== undefined && semver.satisfies(own.version, rangeOf(wish)));
  if (!isOwn) {
    const found = await meetWish(wish, previous?.npm, request);
    const instead = own === undefined ? '' : ` in place of the npm ${own.version} that Node ${node} brings`;
    const isSaid = wish.isBound === true && found.ok;
    const notes = isSaid
      ? [`${wisher(wish)} asks for npm ${wish.version}: npm ${found.value.version} is locked${instead}`]
      : [];
    return found.ok ? ok({ package: found.value, notes }) : found;
  }
  const chooses = 'toolchain.npm in parity.yaml chooses another';
  if (own !== undefined) {
    const notes =
      own.of === undefined
        ? []
        : [
            `npm ${own.version} is the one of Node ${own.of}, the newest of its line that this parity knows; ${chooses}`,
          ];
    if (previous?.npm.version === own.version) return ok({ package: previous.npm, notes });
    const answer = await npmView('npm', own.version, signal);
    if (!answer.ok) return answer;
    const found = answer.value.find(({ version }) => version === own.version);
    if (found !== undefined) return ok({ package: locked('npm', found), notes });
  }
  const newest = await newestRunning(request);
  if (!newest.ok) return newest;
  const { version } = newest.value;
  const why =
    own === undefined ? `which npm Node ${node} brings is not known here` : `the npm registry lacks npm ${own.version}`;
  return ok({
    package: newest.value,
    notes: [`${why}: npm ${version} is locked, the newest that runs on it; ${chooses}`],
  });
}

async function newestRunning({ node, signal }: ManagersRequest): Promise<Result<LockedNpmPackage>> {
  // Nearly always the newest will do, and that answer is small.
  for (const range of ['latest', '>=1']) {
    const answer = await npmView('npm', range, signal);
    if (!answer.ok) return answer;
    const found = newestOf(answer.value.filter((each) => runsOn(each, node)));
    if (found !== undefined) return ok(locked('npm', found));
  }
  return err(
    failure('package-vanished', `the npm registry has no npm that runs on Node ${node}`, {
      next: 'choose another version in toolchain.node',
    }),
  );
}

async function meetWish(
  wish: ManagerWish,
  previous: LockedNpmPackage | undefined,
  request: ManagersRequest,
): Promise<Result<LockedNpmPackage>> {
  const { node, projectDir, signal } = request;
  const range = rangeOf(wish);
  const name = packageName(wish, range);
  const isKept = previous?.name === name && semver.satisfies(previous.version, range) && !request.mayMove(wish.name);
  if (isKept) return await checkHash(wish, previous, request);
  const answer = await npmView(name, range, signal);
  if (!answer.ok) return answer;
  const fitting = answer.value.filter(
    ({ version }) => semver.satisfies(version, range) && (name !== 'yarn' || semver.major(version) < 2),
  );
  if (fitting.length === 0)
    return err(
      wishFailure('package-vanished', wish, projectDir, {
        message: `the npm registry has no ${name} ${wish.version}`,
        next: `npm view ${name} versions, then name one of them in ${wish.file}, or as toolchain.${wish.name} in parity.yaml`,
      }),
    );
  const found = newestOf(fitting.filter((each) => runsOn(each, node)));
  if (found === undefined) {
    const needed = newestOf(fitting);
    return err(
      wishFailure('config-invalid', wish, projectDir, {
        message: `${wish.name} ${needed?.version ?? ''} runs on Node ${needed?.nodeEngines ?? ''}, and the lock has Node ${node}`,
        next: `name another ${wish.name} in ${wish.file}, or another toolchain.node in parity.yaml`,
      }),
    );
  }
  return await checkHash(wish, locked(name, found), request);
}

// Each of its packages is a program. On x86-64 the one that needs no AVX2: an image is the same on every processor.
const bunPackages: Readonly<Record<Platform, string>> = {
  'linux/amd64': '@oven/bun-linux-x64-baseline',
  'linux/arm64': '@oven/bun-linux-aarch64',
};

/** Bun by the version of its package `bun`, whose parts for other systems are packages of their own. */
async function resolveBun(
  wish: ManagerWish,
  request: ManagersRequest,
): Promise<Result<Pick<LockedNode, 'version' | 'platforms'>>> {
  const { previous, projectDir, mayMove, signal } = request;
  const kept = previous?.managers?.bun;
  const isKept = kept !== undefined && semver.satisfies(kept.version, rangeOf(wish)) && !mayMove('bun');
  if (isKept && wish.hash === undefined) return ok(kept);
  const found = await meetWish(isKept ? { ...wish, version: kept.version } : wish, undefined, request);
  if (!found.ok) return found;
  const { version } = found.value;
  const entries: (readonly [Platform, LockedNpmPackage])[] = [];
  for (const platform of platforms) {
    const name = bunPackages[platform];
    const answer = await npmView(name, version, signal);
    if (!answer.ok) return answer;
    const program = answer.value.find((each) => each.version === version);
    if (program === undefined)
      return err(
        wishFailure('package-vanished', wish, projectDir, {
          message: `the npm registry has no ${name} ${version}, which is bun on ${platform}`,
          next: `npm view ${name} versions, then name one of them in ${wish.file}, or as toolchain.bun in parity.yaml`,
        }),
      );
    entries.push([platform, locked(name, program)]);
  }
  return ok({ version, platforms: Object.fromEntries(entries) as Record<Platform, LockedNpmPackage> });
}

/** The npm package of a package manager: Yarn's 1 is another than that of 2 and later. */
function packageName({ name }: ManagerWish, range: string): string {
  const isBerry = name === 'yarn' && (semver.minVersion(range)?.major ?? 1) >= 2;
  return isBerry ? '@yarnpkg/cli-dist' : name;
}

async function checkHash(
  wish: ManagerWish,
  found: LockedNpmPackage,
  { projectDir, signal }: ManagersRequest,
): Promise<Result<LockedNpmPackage>> {
  if (wish.hash === undefined) return ok(found);
  const expected = readPackageHash(wish.hash);
  const next = `correct the hash in ${wish.file}: corepack use ${wish.name}@${found.version}`;
  if (expected === undefined)
    return err(
      wishFailure('config-invalid', wish, projectDir, { message: `${wish.hash} is no hash that Node knows`, next }),
    );
  const hash = await packageHash(found, expected.algorithm, signal);
  if (!hash.ok) return hash;
  if (hash.value === expected.hex) return ok(found);
  return err(
    wishFailure('integrity-mismatch', wish, projectDir, {
      message: `${wish.name} ${found.version} of the npm registry is not the package whose hash stands here`,
      detail: `expected ${expected.algorithm} ${expected.hex}\nfound    ${expected.algorithm} ${hash.value}`,
      next,
    }),
  );
}

function newestOf(versions: readonly NpmVersion[]): NpmVersion | undefined {
  const newest = newestVersion(versions.map(({ version }) => version));
  return versions.find(({ version }) => version === newest);
}

function runsOn({ nodeEngines }: NpmVersion, node: string): boolean {
  return semver.satisfies(node, nodeEngines ?? '*');
}

function locked(name: string, { version, integrity }: NpmVersion): LockedNpmPackage {
  return { name, version, integrity };
}
