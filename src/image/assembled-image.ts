import type { LockedImage } from '../lock/lock.ts';
import type { CanonicalResult } from './canonical/canonicalise.ts';

/** An image in canonical form; its files exist until the callback that receives it ends. */
export interface AssembledImage {
  readonly canonical: CanonicalResult;
  readonly image: LockedImage;
}
