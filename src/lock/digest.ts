import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import type { Lock } from './lock.ts';

/**
 * The digest of what a lock pins: the same for locks that differ only in the parity that wrote them and in the images that were built from
 * them so far.
 */
export function lockDigest(lock: Lock): Digest {
  const { parity: _parity, platforms: _platforms, ...pins } = lock;
  return sha256(canonicalJson(pins));
}
