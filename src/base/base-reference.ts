import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import type { Platform } from '../core/platform.ts';
import type { LockedBase } from './locked-base.ts';

/**
 * Which recipe makes a Debian base: what its scripts make, not how they are written, so that a faster way to the same bytes leaves every image as it
 * is. It is the digest of the first bootstrap.sh that made these bytes; whoever changes what comes out takes the new one's.
 */
const debianRecipe: Digest = 'sha256:09462e637e3387ccbcb83896a7ba3601942680659bfa662efc041d3226fbf9ec';

/** The digest of all that decides a base's content on a platform: the base's part of the lock, and the recipe that makes it. */
export function baseDigest(base: LockedBase, platform: Platform): Digest {
  if (base.kind === 'registry') return sha256(canonicalJson({ kind: base.kind, digest: base.digest, platform }));
  return sha256(
    canonicalJson({
      kind: base.kind,
      suite: base.suite,
      snapshot: base.snapshot,
      packages: base.packages[platform].map(({ sha256: hash }) => hash),
      platform,
      recipe: debianRecipe,
    }),
  );
}

/** The name under which the engine keeps a base, by its digest: `parity/base:<16 hex>`. Recipes start FROM it. */
export function baseReference(base: LockedBase, platform: Platform): string {
  return `parity/base:${baseDigest(base, platform).slice('sha256:'.length, 'sha256:'.length + 16)}`;
}
