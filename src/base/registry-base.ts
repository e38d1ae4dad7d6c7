import { failure } from '../core/failure.ts';
import { formatImageRef, parseImageRef } from '../core/image-ref.ts';
import { platforms, type Platform } from '../core/platform.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Engine } from '../engine/engine.ts';
import { baseReference } from './base-reference.ts';
import type { OnProgress } from './in-phase.ts';
import type { LockedBase } from './locked-base.ts';

/** A base from a registry as the lock pins it. */
export type RegistryBase = Extract<LockedBase, { kind: 'registry' }>;

/** The reference that `base: registry` means for a Python. */
export function pythonImage(python: string): string {
  return `python:${python}-slim-bookworm`;
}

/**
 * Asks the registry for a reference's index digest; pulls nothing. Err `image-not-found` when it lacks a platform that a
 * lock pins, `config-invalid` for text that is no reference, the engine's own failures otherwise.
 */
export async function resolveRegistry(
  engine: Engine,
  reference: string,
  timeoutMs?: number,
): Promise<Result<RegistryBase>> {
  const parsed = parseImageRef(reference);
  if (parsed === undefined)
    return err(
      failure('config-invalid', `image.base is not an image reference: ${reference}`, {
        next: 'write auto, registry, debian, or a reference such as registry.example.com/team/python:3.11',
      }),
    );
  const remote = await engine.resolveImage(reference, timeoutMs === undefined ? {} : { timeoutMs });
  if (!remote.ok) return remote;
  const missing = platforms.filter((platform) => !remote.value.platforms.includes(platform));
  if (missing.length > 0)
    return err(
      failure('image-not-found', `${reference} has no image for ${missing.join(' and ')}`, {
        next: 'choose a base that is there for linux/amd64 and linux/arm64, or image.base: debian',
      }),
    );
  const { digest: _, ...named } = parsed;
  return ok({ kind: 'registry', image: formatImageRef(named), digest: remote.value.digest });
}

/** Pulls a locked base by digest, and names it as recipes start from it; gives its image ID. */
export async function pullBase(
  engine: Engine,
  base: RegistryBase,
  platform: Platform,
  tell: OnProgress,
  signal?: AbortSignal,
): Promise<Result<string>> {
  const parsed = parseImageRef(base.image);
  if (parsed === undefined)
    return err(failure('lock-invalid', `the lock's base is not an image reference: ${base.image}`));
  const { tag: _, ...untagged } = parsed;
  const byDigest = formatImageRef({ ...untagged, digest: base.digest });
  const there = await engine.inspectImage(byDigest);
  if (!there.ok) return there;
  if (there.value?.platform !== platform) {
    const pulled = await engine.pullImage(byDigest, { platform, onProgress: tell, ...(signal ? { signal } : {}) });
    if (!pulled.ok) return pulled;
  }
  const tagged = await engine.tagImage(byDigest, baseReference(base, platform));
  if (!tagged.ok) return tagged;
  const image = await engine.inspectImage(baseReference(base, platform));
  if (!image.ok) return image;
  if (image.value === undefined)
    return err(failure('image-not-found', `${byDigest} was pulled and is not in the engine`, { next: 'run it again' }));
  return ok(image.value.id);
}
