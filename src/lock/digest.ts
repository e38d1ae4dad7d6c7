import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import type { Lock } from './lock.ts';

/**
 * The digest of what a lock pins: the same for locks that differ only in the parity that wrote them and in the images that were built from
 * them so far.
 */
export function lockDigest(lock: Lock): Digest {
  const known = digests.get(lock);
  if (known !== undefined) return known;
  const { parity: _parity, platforms: _platforms, ...pins } = lock;
  const digest = sha256(canonicalJson(pins));
  digests.set(lock, digest);
  return digest;
}

// A run asks for that of its lock several times, and thousands of hashes take milliseconds.
const digests = new WeakMap<Lock, Digest>();
