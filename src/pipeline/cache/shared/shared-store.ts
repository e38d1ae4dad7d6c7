import type { Result } from '../../../core/result.ts';

/** Where machines share passes: an entry's bytes by its key. Whoever can write there is not believed for that: entries are signed. */
export interface SharedStore {
  /** An entry's name for people. */
  nameOf(key: string): string;
  /** The entry of a key; undefined for none. Err when the place does not answer, or the entry is too large to be one. */
  read(key: string): Promise<Result<Buffer | undefined>>;
  /** Writes an entry whole or not at all; one that is there already stays, unless it is to be replaced. */
  write(key: string, entry: Buffer, how: { readonly replace: boolean }): Promise<Result<void>>;
  close(): Promise<void>;
}

/** No entry is larger: of a log the last 256 KiB are kept, and of diagnostics a bounded number. */
export const maxEntryBytes = 4 * 1024 * 1024;
