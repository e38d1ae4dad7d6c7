/** What a page shows beside the run itself; secrets are hidden in it. */
export interface PageFacts {
  /** Step → why it ran or did not have to, in one sentence without a full stop: `runs: core/app.py changed`. */
  readonly why: ReadonlyMap<string, string>;
  readonly sources: SourceLines;
  /** Null when the run ended before its lock was known. */
  readonly versions: VersionsTable | null;
}

/** The repository's lines around what tools complain of: file → line number (1-based) → text without its line end. */
export type SourceLines = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The toolchain's versions in three places. */
export interface VersionsTable {
  readonly rows: readonly VersionRow[];
  /** Why the image was not looked into; null when it was. */
  readonly notObserved: string | null;
}

/** One of the toolchain's parts. */
export interface VersionRow {
  readonly name: string;
  /** As the project asks for it, and where: `black==25.9.0`, `core/requirements.txt`; null when it came with something else. */
  readonly declared: string | null;
  /** Several where platforms differ; none when the lock does not name it. */
  readonly locked: readonly string[];
  /** Null when it is not there, or can't be told. */
  readonly observed: string | null;
  /** The lock names it for other platforms, too, or it is nothing that can be looked at: that it is not there is no difference. */
  readonly isOptional?: true;
}

/** What is known of a run that ended before anything was. */
export const noFacts: PageFacts = { why: new Map(), sources: new Map(), versions: null };
