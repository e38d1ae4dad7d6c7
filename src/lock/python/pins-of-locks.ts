import { failure, type Failure } from '../../core/failure.ts';
import { platforms, type Platform } from '../../core/platform.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { MarkerEnvironment } from '../../formats/evaluate-marker.ts';
import { overriddenNames, type DependencyLock } from '../requirements/dependency-lock.ts';
import {
  markerEnvironment,
  pinsForPlatforms,
  type LockedPins,
  type PickLocked,
} from '../requirements/pins/locked-pins.ts';
import { uvExports, type UvExportRequest } from './uv-export.ts';

/**
 * What the lock files that the toolchain names say to install: uv.lock as uv itself exports it, in a container; the others say it plainly. Err
 * `requirements-stale` when uv says that its lock file is not of its pyproject.toml, `requirements-unsupported` for what no image can install.
 */
export async function pinsOfLocks(
  locks: readonly DependencyLock[],
  request: UvExportRequest,
): Promise<Result<LockedPins>> {
  const parts: LockedPins[] = [];
  const uv = locks.filter(({ source }) => source.tool === 'uv');
  if (uv.length > 0) {
    const exported = await uvExports(uv, request);
    if (!exported.ok) return exported;
    parts.push(...exported.value.map((part, at) => withOverrides(uv[at], part)));
  }
  for (const lock of locks.filter(({ source }) => source.tool !== 'uv')) {
    const pick = await pickerOf(lock);
    parts.push(withOverrides(lock, pinsForPlatforms(lock, environments(request.uv.pythonVersion), pick)));
  }
  const problems = parts.flatMap((part) => part.problems);
  if (problems.length > 0) return err(unsupported(problems));
  return ok({
    pins: parts.flatMap((part) => part.pins),
    problems,
    notes: parts.flatMap((part) => part.notes),
  });
}

function withOverrides(lock: DependencyLock | undefined, part: LockedPins): LockedPins {
  const names = lock === undefined ? new Set<string>() : overriddenNames(lock);
  return { ...part, pins: part.pins.map((pin) => (names.has(pin.name) ? { ...pin, overrides: true } : pin)) };
}

async function pickerOf({ source: { tool } }: DependencyLock): Promise<PickLocked> {
  if (tool === 'poetry') return (await import('../requirements/pins/poetry-lock.ts')).pickPoetry;
  if (tool === 'pdm') return (await import('../requirements/pins/pdm-lock.ts')).pickPdm;
  if (tool === 'pipenv') return (await import('../requirements/pins/pipfile-lock.ts')).pickPipenv;
  return (await import('../requirements/pins/pylock.ts')).pickPylock;
}

function environments(pythonVersion: string): Readonly<Record<Platform, MarkerEnvironment>> {
  const names = { extras: [], groups: [] };
  return Object.fromEntries(
    platforms.map((platform) => [platform, markerEnvironment(platform, pythonVersion, names)]),
  ) as unknown as Readonly<Record<Platform, MarkerEnvironment>>;
}

function unsupported(problems: readonly Diagnostic[]): Failure {
  const [first] = problems;
  const rest = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const message = first === undefined ? '' : `${first.file}:${first.span.line}: ${first.message}`;
  return failure('requirements-unsupported', `${message}${rest}`, {
    diagnostics: problems,
    ...(first?.hint === undefined ? {} : { next: first.hint }),
  });
}
