import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { compareBytes, sha256 } from '../../core/digest.ts';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';

/** What was asked of a repository and what it answered, as plain data: a digest for each text, null for a file that is not there. */
export interface RepositoryAnswers {
  readonly texts: Readonly<Record<string, string | null>>;
  readonly there: Readonly<Record<string, boolean>>;
  readonly names: Readonly<Record<string, readonly string[]>>;
}

/** Reads files of a repository by their path from its top, and keeps what was asked: the same answers give the same import. */
export class RepositoryReader {
  /** The repository's top, absolute. */
  readonly root: string;
  readonly #texts = new Map<string, string | undefined>();
  readonly #there = new Map<string, boolean>();
  readonly #names = new Map<string, readonly string[]>();

  constructor(root: string) {
    this.root = root;
  }

  /** The text of a file; undefined for one outside the repository, a folder, or one that can't be read. */
  readonly text = (path: string): string | undefined => {
    const normal = posix.normalize(path);
    if (this.#texts.has(normal)) return this.#texts.get(normal);
    const text = readInside(this.root, normal);
    this.#texts.set(normal, text);
    return text;
  };

  /** True for a file or folder of the repository. */
  readonly has = (path: string): boolean => {
    const known = this.#there.get(path);
    if (known !== undefined) return known;
    const there = existsSync(join(this.root, path));
    this.#there.set(path, there);
    return there;
  };

  /** The names in a folder, in byte order; none for what is no folder. */
  names(folder: string): readonly string[] {
    const known = this.#names.get(folder);
    if (known !== undefined) return known;
    const names = namesIn(join(this.root, folder)).toSorted(compareBytes);
    this.#names.set(folder, names);
    return names;
  }

  /** All that was asked so far. */
  answers(): RepositoryAnswers {
    const texts = [...this.#texts].map(([path, text]) => [path, text === undefined ? null : sha256(text)] as const);
    return {
      texts: Object.fromEntries(texts),
      there: Object.fromEntries(this.#there),
      names: Object.fromEntries(this.#names),
    };
  }
}

/** True when a repository gives the same answers again. */
export function answersAgain(root: string, { texts, there, names }: RepositoryAnswers): boolean {
  const reader = new RepositoryReader(root);
  return (
    Object.entries(there).every(([path, was]) => reader.has(path) === was) &&
    Object.entries(names).every(([folder, were]) => reader.names(folder).join('\n') === were.join('\n')) &&
    Object.entries(texts).every(([path, digest]) => {
      const text = reader.text(path);
      return text === undefined ? digest === null : digest === sha256(text);
    })
  );
}

function readInside(root: string, path: string): string | undefined {
  if (path.startsWith('..') || path.startsWith('/')) return undefined;
  const full = join(root, path);
  try {
    // A link of the repository must not make parity read a file outside it.
    if (!`${realpathSync.native(full)}${sep}`.startsWith(`${realpathSync.native(root)}${sep}`)) return undefined;
  } catch {
    return undefined;
  }
  return readTextIfExists(full)?.replace(/^\uFEFF/, '');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
