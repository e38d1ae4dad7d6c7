import type { Span } from '../../core/span.ts';

/** What is seen of a repository's UI folders beside versions and commands. Paths are relative to the repository's top. */
export interface UiFacts {
  readonly lockGaps: readonly LockGap[];
  readonly strayImports: readonly StrayImport[];
  readonly typedFolders: readonly TypedFolder[];
}

/** A dependency of a package.json that its npm lock file does not satisfy: `npm ci` refuses the two. */
export interface LockGap {
  /** The package.json. */
  readonly path: string;
  /** Of the wanted range there. */
  readonly span: Span;
  readonly raw: string;
  readonly name: string;
  /** The version in the lock file; absent when it has none. */
  readonly locked?: string;
  /** The lock file. */
  readonly lock: string;
}

/** An import that finds its file here and will not in a checkout. */
export interface StrayImport {
  /** The committed file that imports. */
  readonly path: string;
  readonly span: Span;
  /** The specifier as written. */
  readonly raw: string;
  /** The file that it finds here, by the name that git has where it has one. */
  readonly found: string;
  /** `other-case`: committed, but under a name that differs in capital letters from what is asked for. */
  readonly state: 'untracked' | 'ignored' | 'other-case';
}

/** A folder with a tsconfig.json that says what to check. */
export interface TypedFolder {
  readonly dir: string;
  /** The tsconfig.json. */
  readonly path: string;
  /** What checks the types there. */
  readonly command: string;
  /** The scripts of the package.json beside it. */
  readonly scripts: Readonly<Record<string, string>>;
}

/** Nothing of a UI. */
export const noUi: UiFacts = { lockGaps: [], strayImports: [], typedFolders: [] };
