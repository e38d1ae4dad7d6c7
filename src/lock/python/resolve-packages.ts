import { platforms, type Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Lock, LockedPythonPackage } from '../lock.ts';
import type { RequirementSet } from '../requirements/read-requirements.ts';
import { pinsOfLocks } from './pins-of-locks.ts';
import { compiledFile, planCompile } from './compile.ts';
import type { LockedPin } from '../requirements/pins/locked-pins.ts';
import { indexOfEach } from '../requirements/lock-indexes.ts';
import type { Requirement } from '../requirements/requirement.ts';
import { heldDistributions } from './held-distributions.ts';
import { runInContainer } from './run-in-container.ts';
import { parseCompiled, parsePylock, type PlatformPackage } from './compiled-output.ts';
import { lockPackages } from './lock-packages.ts';
import { sourceTrees } from './source-trees.ts';
import { resolverFailure } from './resolver-failure.ts';

/** What the Python packages are resolved from, and where. */
export interface PackagesRequest {
  readonly engine: Engine;
  readonly projectDir: string;
  readonly read: RequirementSet;
  readonly uv: {
    readonly imageId: string;
    readonly uvPath: string;
    readonly python: string;
    readonly pythonVersion: string;
    readonly glibc?: string;
  };
  readonly previous?: Lock;
  readonly upgrade: false | 'all' | readonly string[];
  /** Names of packages that are built from this repository which only their builds tell. */
  readonly builtHere?: readonly string[];
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal;
}

/**
 * Resolves tools and requirements together with uv in a container. Err `requirements-conflict`, `requirements-unsupported`,
 * `network` or `integrity-mismatch` with who asks for what; or what the engine says.
 */
export async function resolvePackages(request: PackagesRequest): Promise<Result<readonly LockedPythonPackage[]>> {
  const { engine, read, uv, upgrade, onProgress, signal } = request;
  const running = {
    onText: (text: string): void =>
      onProgress({ type: 'phase-progress', phase: 'lock', id: 'lock', progress: { type: 'output', text } }),
    ...(signal === undefined ? {} : { signal }),
  };
  const { projectDir } = request;
  const asking = { engine, projectDir, index: read.index, uv, ...running };
  const held = await pinsOfLocks(read.locks, asking);
  if (!held.ok) return held;
  const { pins } = held.value;
  if (read.requirements.every((one) => one.constraint) && pins.length === 0) return ok([]);
  const previous = request.previous?.python.packages ?? [];
  for (const message of held.value.notes) onProgress({ type: 'note', severity: 'note', message });
  // A package whose pin was let go may come with other files.
  const kept = upgrade === 'all' ? [] : previous.filter(({ name }) => upgrade === false || !upgrade.includes(name));
  const joined = { requirements: read.requirements, pins, noBinary: read.index.noBinary, previous: kept };
  const stated = statedBy(request, pins);
  if (stated !== undefined) return lockPackages({ ...joined, compiled: [], perPlatform: stated, sources: new Map() });
  const named = [...read.projects.values()].flatMap(({ build }) => build.name ?? []);
  const builtHere = [...new Set([...named, ...(request.builtHere ?? [])])];
  const { requirements, index } = read;
  const indexOfPin = indexOfEach(read.locks);
  const plan = planCompile({ ...uv, requirements, pins, indexOfPin, index, previous, upgrade, builtHere });
  const answer = await runInContainer(engine, {
    index: read.index,
    ...plan,
    projectDir,
    imageId: uv.imageId,
    python: uv.python,
    ...running,
  });
  if (!answer.ok) return answer;
  const { codes, texts, files } = answer.value;
  const failed = Object.keys(codes).find((name) => codes[name] !== 0);
  if (failed !== undefined) {
    const asked = {
      requirements: [...read.requirements, ...pins.map(limitOf)],
      sources: plan.sources,
      files: plan.files,
    };
    return err(resolverFailure(texts[failed] ?? '', asked));
  }
  const perPlatform = Object.fromEntries(
    platforms.map((platform) => [
      platform,
      plan.platformFiles[platform].flatMap((name) => parsePylock(files[name] ?? '')),
    ]),
  ) as Record<Platform, PlatformPackage[]>;
  const trees = await sourceTrees(perPlatform, asking);
  if (!trees.ok) return trees;
  return lockPackages({
    ...joined,
    trees: trees.value,
    compiled: parseCompiled(files[compiledFile] ?? ''),
    perPlatform,
    sources: plan.sources,
  });
}

/** What each platform installs where lock files say all of it, and nothing else is asked for; undefined where uv has to tell. */
function statedBy(
  { read, uv }: PackagesRequest,
  pins: readonly LockedPin[],
): Readonly<Record<Platform, readonly PlatformPackage[]>> | undefined {
  const { requirements, locks, index } = read;
  if (requirements.length > 0 || index.noIndex || index.noBinary.length > 0 || index.onlyBinary.length > 0)
    return undefined;
  return heldDistributions(pins, locks, uv);
}

/** A lock file's pin as what it is to the resolver: a limit. */
function limitOf({ name, version, file, place }: LockedPin): Requirement {
  return { text: `${name}==${version}`, name, source: file, place, hashes: [], constraint: true };
}
