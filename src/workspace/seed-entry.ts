/** A file or folder that is put into a container before it starts. */
export type SeedEntry =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly data: string | Buffer;
      readonly mode: number;
      readonly owner: Owner;
    }
  | { readonly type: 'folder'; readonly path: string; readonly mode: number; readonly owner: Owner };

/** The owner of an entry. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Root, for what steps may read and not change. */
export const rootOwner: Owner = { uid: 0, gid: 0 };
