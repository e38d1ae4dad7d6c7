import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import type { Platform } from '../core/platform.ts';
import { scriptFolder } from './debian/workshop.ts';
import type { LockedBase } from './types.ts';

/** The digest of all that decides a base's content on a platform: the base's part of the lock, and the recipe that makes it. */
export function baseDigest(base: LockedBase, platform: Platform): Digest {
  if (base.kind === 'registry') return sha256(canonicalJson({ kind: base.kind, digest: base.digest, platform }));
  const recipe = sha256(readFileSync(join(scriptFolder(), 'bootstrap.sh')));
  return sha256(
    canonicalJson({
      kind: base.kind,
      suite: base.suite,
      snapshot: base.snapshot,
      packages: base.packages[platform].map(({ sha256: hash }) => hash),
      platform,
      recipe,
    }),
  );
}

/** The name under which the engine keeps a base, by its digest: `parity/base:<16 hex>`. Recipes start FROM it. */
export function baseReference(base: LockedBase, platform: Platform): string {
  return `parity/base:${baseDigest(base, platform).slice('sha256:'.length, 'sha256:'.length + 16)}`;
}
