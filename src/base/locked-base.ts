import type { Digest } from '../core/digest.ts';
import type { Platform } from '../core/platform.ts';

/** Where the image starts. */
export type LockedBase =
  | {
      readonly kind: 'registry';
      /** Reference without digest, e.g. `python:3.11-slim-bookworm`. Also an image reference of the user's own. */
      readonly image: string;
      /** The index's digest. */
      readonly digest: Digest;
    }
  | {
      readonly kind: 'debian';
      readonly suite: string;
      /** The archive's own date (Release's Date), `20261120T083000Z`: the snapshot to ask for a package that vanished. */
      readonly snapshot: string;
      readonly packages: Readonly<Record<Platform, readonly LockedDebianPackage[]>>;
    };

/** One Debian package. */
export interface LockedDebianPackage {
  readonly name: string;
  readonly version: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** Present on the packages that were asked for by name; the others came with them. */
  readonly requested?: true;
}
