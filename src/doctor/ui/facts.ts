import type { Span } from '../../core/span.ts';

/** What is seen of a repository's UI folders beside versions and commands. Paths are relative to the repository's top. */
export interface UiFacts {
  readonly lockGaps: readonly LockGap[];
  readonly strayImports: readonly StrayImport[];
  readonly typedFolders: readonly TypedFolder[];
  readonly platformGaps: readonly PlatformGap[];
  readonly foreignSources: readonly ForeignSource[];
}

/** An optional package that an entry of an npm lock file names and the file does not have: npm installs it nowhere. */
export interface PlatformGap {
  /** The lock file. */
  readonly path: string;
  /** Of the name in the entry's optionalDependencies. */
  readonly span: Span;
  readonly name: string;
  /** The package that asks for it. */
  readonly by: string;
}

/** A package that an npm lock file takes from another host than the registry in use. */
export interface ForeignSource {
  /** The lock file. */
  readonly path: string;
  /** Of the address. */
  readonly span: Span;
  /** The address as written. */
  readonly raw: string;
  readonly name: string;
  /** `localhost:4873`. */
  readonly host: string;
  /** An address of the machine itself: another machine has nothing there. */
  readonly isOwnMachine: boolean;
}

/** A dependency on which a package.json and its lock file do not agree: `npm ci` and `pnpm install --frozen-lockfile` refuse the two. */
export interface LockGap {
  /** The package.json. */
  readonly path: string;
  /** Of the wanted range there; the file's start for a name that is asked for no more. */
  readonly span: Span;
  /** The wanted range as written; empty for a name that is asked for no more. */
  readonly raw: string;
  readonly name: string;
  /** The version (pnpm: the range) in the lock file; absent when it has none. */
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
export const noUi: UiFacts = {
  lockGaps: [],
  strayImports: [],
  typedFolders: [],
  platformGaps: [],
  foreignSources: [],
};
