import { canonicalJson, sha256, type Digest } from '../core/digest.ts';
import type { Lock } from './lock.ts';

/**
 * The digest of what a lock pins: the same for locks that differ only in the parity that wrote them and in the images that were built from
 * them so far.
 */
export function lockDigest(lock: Lock): Digest {
  const known = digests.get(lock);
  if (known !== undefined) return known;
  const { parity: _parity, platforms: _platforms, toolchains = {}, ...pins } = lock;
  const named = Object.entries(toolchains).map(([name, { platforms: _built, ...own }]) => [name, own] as const);
  const all = named.length === 0 ? pins : { ...pins, toolchains: Object.fromEntries(named) };
  const digest = sha256(canonicalJson(all));
  digests.set(lock, digest);
  return digest;
}

// A run asks for that of its lock several times, and thousands of hashes take milliseconds.
const digests = new WeakMap<Lock, Digest>();
