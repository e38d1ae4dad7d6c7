import type { LockedImage } from '../lock/lock.ts';
import type { CanonicalResult } from './canonical/canonicalise.ts';

/** An image that was just built and re-assembled; its files are there as long as the work with it goes on. */
export interface AssembledImage {
  readonly canonical: CanonicalResult;
  readonly image: LockedImage;
}
