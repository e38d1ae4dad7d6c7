import { platforms, type Platform } from '../../core/platform.ts';
import type { EmitProgress } from '../../core/progress.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Lock, LockedPythonPackage } from '../lock.ts';
import type { RequirementSet } from '../requirements/read-requirements.ts';
import { compiledFile, planCompile, platformFile } from './compile.ts';
import { runInContainer } from './run-in-container.ts';
import { parseCompiled, parsePylock, type PlatformPackage } from './compiled-output.ts';
import { lockPackages } from './lock-packages.ts';
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
  };
  readonly previous?: Lock;
  readonly upgrade: false | 'all' | readonly string[];
  readonly onProgress: EmitProgress;
  readonly signal?: AbortSignal;
}

/**
 * Resolves tools and requirements together with uv in a container. Err `requirements-conflict`, `requirements-unsupported`,
 * `network` or `integrity-mismatch` with who asks for what; or what the engine says.
 */
export async function resolvePackages(request: PackagesRequest): Promise<Result<readonly LockedPythonPackage[]>> {
  const { engine, read, uv, upgrade, onProgress, signal } = request;
  if (read.requirements.every((one) => one.constraint)) return ok([]);
  const previous = request.previous?.python.packages ?? [];
  const builtHere = [...read.projects.values()].flatMap(({ build }) => build.name ?? []);
  const plan = planCompile({ ...uv, requirements: read.requirements, index: read.index, previous, upgrade, builtHere });
  const answer = await runInContainer(engine, {
    index: read.index,
    ...plan,
    projectDir: request.projectDir,
    imageId: uv.imageId,
    python: uv.python,
    onText: (text) =>
      onProgress({ type: 'phase-progress', phase: 'lock', id: 'lock', progress: { type: 'output', text } }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!answer.ok) return answer;
  const { codes, texts, files } = answer.value;
  const failed = Object.keys(codes).find((name) => codes[name] !== 0);
  if (failed !== undefined) {
    const asked = { requirements: read.requirements, sources: plan.sources, files: plan.files };
    return err(resolverFailure(texts[failed] ?? '', asked));
  }
  const perPlatform = Object.fromEntries(
    platforms.map((platform) => [platform, parsePylock(files[platformFile(platform)] ?? '')]),
  ) as Record<Platform, PlatformPackage[]>;
  return lockPackages({
    compiled: parseCompiled(files[compiledFile] ?? ''),
    perPlatform,
    requirements: read.requirements,
    noBinary: read.index.noBinary,
    sources: plan.sources,
    // A package whose pin was let go may come with other files.
    previous: upgrade === 'all' ? [] : previous.filter(({ name }) => upgrade === false || !upgrade.includes(name)),
  });
}
