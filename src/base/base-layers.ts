import { join } from 'node:path';
import { isDigest, type Digest } from '../core/digest.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import { cacheJson, readCachedJson } from '../core/json-cache.ts';
import type { ImageInfo } from '../engine/engine.ts';

/** A layer of the base: its diff ID and the size of its tar. */
export interface BaseLayer {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

// An engine tells the sizes of tars only by saving them, which takes seconds: they are learnt once for each base, when it is made or first saved.
const sizesFile = (base: ImageInfo): string =>
  join(cacheFolder('base-layers'), `${base.id.replace(/^sha256:/, '')}.json`);

/** A base's layers with their sizes, as they were when it was made here or last saved; undefined when it never was. */
export async function cachedBaseLayers(base: ImageInfo): Promise<readonly BaseLayer[] | undefined> {
  return readCachedJson(sizesFile(base), (sizes) => {
    if (!Array.isArray(sizes) || sizes.length !== base.layers.length) return undefined;
    const layers = base.layers.map((digest, index) => ({ digest, sizeBytes: Number(sizes[index]) }));
    return layers.every(isWhole) ? layers : undefined;
  });
}

/** Remembers them. A cache that can't be written is no failure. */
export async function cacheBaseLayers(base: ImageInfo, layers: readonly BaseLayer[]): Promise<void> {
  const sizes = layers.map(({ sizeBytes }) => sizeBytes);
  await cacheJson(sizesFile(base), sizes);
}

function isWhole(layer: { readonly digest: string; readonly sizeBytes: number }): layer is BaseLayer {
  return isDigest(layer.digest) && Number.isSafeInteger(layer.sizeBytes);
}
