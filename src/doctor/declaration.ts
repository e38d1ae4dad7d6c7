import type { Span } from '../core/span.ts';

/**
 * What a place speaks of: `python`, `node`, `pypi:<normalised name>` (a Python package, tools included), `npm:<name>` (npm itself is
 * `npm:npm`), `image:<repository>` (a container image that is neither Python's nor Node's own).
 */
export type Subject = 'python' | 'node' | `pypi:${string}` | `npm:${string}` | `image:${string}`;

/**
 * The language of a value:
 * `pep440` a specifier set (`==25.9.0`, `>=23,<25`, `` = any version), `semver` an npm range (`^24.1`, `>=20`, `` = any version),
 * `prefix` a version of which only the beginning may be given (`3.11` is every 3.11.x; `24` every 24.x), `exact` one whole version as it
 * is (a lock file's entry, an image's tag).
 */
export type Scheme = 'pep440' | 'semver' | 'prefix' | 'exact';

/**
 * What a value is there for:
 * `install` this is what gets installed or selected there (a requirement of the development environment, an interpreter, a hook's rev),
 * `library` a published package's own dependency: a range there is meant, `floor` the oldest that is supported (requires-python, engines),
 * `target` which version a tool writes or checks for (target-version, python_version), `support` one of those that are supported
 * (a classifier, a leg of a test matrix), `locked` what another lock file holds.
 */
export type Role = 'install' | 'library' | 'floor' | 'target' | 'support' | 'locked';

/** One declared version, at its place. */
export interface Declaration {
  readonly subject: Subject;
  readonly role: Role;
  readonly scheme: Scheme;
  /** In the scheme's language; undefined when reading the file does not resolve it. */
  readonly value: string | undefined;
  /** Why there is no value, as text: `a variable ($BLACK_VERSION)`, `an expression`, `installed from git`. Exactly when there is none. */
  readonly unresolved?: string;
  /** Of exactly the characters of the value as written (the whole requirement when it names no version). */
  readonly span: Span;
  /** Those characters: the text at `span`. */
  readonly raw: string;
  /** How the file declares it, for people: `pip install`, `rev of psf/black`, `[project] requires-python`, `python-version of actions/setup-python`. */
  readonly how: string;
  /** A condition under which it holds, as written (an environment marker, a leg of a matrix). */
  readonly condition?: string;
}

/** A command line that something runs: CI, a hook, tox, make. */
export interface CommandDeclaration {
  /** One simple command as the shell would run it, variables unexpanded: no `&&`, pipes or continuation lines. */
  readonly command: string;
  readonly by: 'ci' | 'pre-commit' | 'tox' | 'nox' | 'make' | 'just' | 'npm-script' | 'pre-push';
  /** Names the job, hook, factor or target; empty for the target that make and just take when none is named. */
  readonly where: string;
  readonly span: Span;
  /** The folder it runs in, relative to the repository's top, when the file gives one. */
  readonly cwd?: string;
  /** Why its failure is ignored, as text: `|| true`, `continue-on-error: true`. */
  readonly failureIgnored?: string;
  /** A hook that is given some of its kind of files only (`files`, `exclude`). */
  readonly isPartial?: boolean;
}

/** A declaration and the file it stands in. */
export interface LocatedDeclaration extends Declaration {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
}

/** A command and the file it stands in. */
export interface LocatedCommandDeclaration extends CommandDeclaration {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
}

/** Another file of the repository that this one includes; paths relative to the repository's top, `/` between. */
export interface IncludedFile {
  readonly path: string;
  readonly as: 'requirements' | 'constraints' | 'python-version' | 'node-version' | 'workflow' | 'action' | 'gitlab';
  readonly span: Span;
}

/** The same with the file that includes it. */
export interface LocatedInclude extends IncludedFile {
  readonly from: string;
}

/** All that a file declares. What the reader can't resolve is an unresolved declaration or a problem; it leaves nothing out silently. */
export interface FileDeclarations {
  readonly declarations: readonly Declaration[];
  readonly commands: readonly CommandDeclaration[];
  readonly references: readonly IncludedFile[];
  /** The file, or a part of it, can't be read: why, and where. */
  readonly problems: readonly { readonly message: string; readonly span: Span }[];
}

/** A file of a repository. */
export interface SourceFile {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
  readonly text: string;
}

/** Reads one kind of file. Pure; never throws, whatever the text is. */
export type Reader = (file: SourceFile) => FileDeclarations;
