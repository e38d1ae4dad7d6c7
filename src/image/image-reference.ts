import { baseDigest } from '../base/base-reference.ts';
import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import type { Platform } from '../core/platform.ts';
import type { Lock } from '../lock/lock.ts';
import { pythonContent } from '../lock/locked-content.ts';

/** The digest of all in a lock that decides an image's content on a platform: not who wrote it, not what it was resolved from. */
export function lockContentDigest(lock: Lock, platform: Platform): Digest {
  const { python, uv, node } = lock;
  return sha256(
    canonicalJson({
      base: baseDigest(lock.base, platform),
      python: pythonContent(python),
      uv,
      node:
        node === undefined ? undefined : { runtime: node.platforms[platform], npm: node.npm, managers: node.managers },
      system: lock.system[platform].map(({ sha256: hash }) => hash),
    }),
  );
}

/** What a name is made from. */
export interface ImageName {
  readonly lock: Lock;
  readonly platform: Platform;
  /** The recipe's digest. */
  readonly recipe: Digest;
}

/** The name under which the engine keeps an image: `parity/image:<16 hex>`, the same for the same lock content and recipe, whatever project has them. */
export function imageReference({ lock, platform, recipe }: ImageName): string {
  const digest = sha256(canonicalJson([lockContentDigest(lock, platform), recipe]));
  return `parity/image:${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`;
}
