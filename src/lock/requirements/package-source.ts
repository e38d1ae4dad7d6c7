import { isDigest, type Digest } from '../../core/digest.ts';

/** Where a package comes from that no index has: a commit of a git repository, or a file at an address. */
export interface PackageSource {
  /** Of the repository, or of the file; without credentials, fragment and `git+`. */
  readonly url: string;
  /** Of a repository: 40 hex digits. */
  readonly commit?: string;
  /** Where below the root of the repository or of the archive the package lies. */
  readonly subdirectory?: string;
}

/** An address as a requirement or a lock file names it, without what may be missing in it. */
export interface WrittenSource {
  readonly url: string;
  /** True for a git repository. */
  readonly isGit: boolean;
  /** A commit, or the name of a branch or tag. */
  readonly revision?: string | undefined;
  readonly subdirectory?: string | undefined;
  /** The only files that may come, when any are named. */
  readonly hashes: readonly Digest[];
}

/** Why a package from an address can't be locked, and what to do. */
export interface SourceProblem {
  readonly message: string;
  readonly hint: string;
  /** True when the line that says it holds a secret. */
  readonly isSecret?: true;
}

/** Takes an address apart: `git+https://host/repo@commit#subdirectory=x`, `https://host/file.whl#sha256=…`. Pure. */
export function writtenSource(text: string, hashes: readonly Digest[] = []): WrittenSource {
  const [address = '', fragment = ''] = text.split('#', 2);
  const options = new Map(fragment.split('&').map((option) => option.split('=', 2) as [string, string | undefined]));
  const hash = `sha256:${options.get('sha256') ?? ''}`;
  const subdirectory = options.get('subdirectory');
  const where = subdirectory === undefined ? {} : { subdirectory };
  if (!address.startsWith('git+'))
    return { url: address, isGit: false, ...where, hashes: isDigest(hash) ? [...hashes, hash] : hashes };
  const whole = address.slice('git+'.length);
  // What stands before the path's first slash is a user.
  const path = whole.indexOf('/', whole.indexOf('://') + 3);
  const at = whole.lastIndexOf('@');
  const [url, revision] = path >= 0 && at > path ? [whole.slice(0, at), whole.slice(at + 1)] : [whole, undefined];
  return { url, isGit: true, ...(revision === undefined ? {} : { revision }), ...where, hashes };
}

/** The name that an old-style address gives its package: `#egg=shop`, or that of its wheel. Pure. */
export function nameInAddress(text: string): string | undefined {
  const egg = /[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(text)?.[1];
  return egg ?? /\/([A-Za-z0-9][A-Za-z0-9._]*)-\d[^/#?]*\.whl(?:[#?]|$)/.exec(text)?.[1];
}

/**
 * The source that can be locked: a commit, or a file with its hash; else what is wrong with it. `relock` says how its tool writes the missing
 * commit or hash; without it, a person writes it. Pure.
 */
export function packageSource(
  name: string,
  { url, isGit, revision, subdirectory, hashes }: WrittenSource,
  relock?: string,
): PackageSource | SourceProblem {
  const found = schemeProblem(name, url, isGit);
  if (found !== undefined) return found;
  const where = subdirectory === undefined ? {} : { subdirectory: subdirectory.replace(/^\.?\/|\/$/g, '') };
  if (isGit) {
    if (revision !== undefined && /^[0-9a-f]{40}$/.test(revision)) return { url, commit: revision, ...where };
    const moves = revision === undefined || revision === '' ? "the repository's default branch" : `"${revision}"`;
    return {
      message: `${name} comes from ${url} without a commit: ${moves} is another commit tomorrow`,
      hint: relock ?? `git ls-remote ${url} ${revision || 'HEAD'}, then write: ${name} @ git+${url}@COMMIT`,
    };
  }
  if (hashes.length > 0) return { url, ...where };
  return {
    message: `${name} comes from ${url} without a hash: another file may lie there tomorrow`,
    hint: relock ?? `curl -sL ${url} | sha256sum, then write: ${name} @ ${url}#sha256=HASH`,
  };
}

function schemeProblem(name: string, url: string, isGit: boolean): SourceProblem | undefined {
  if (/^https?:\/\/[^/@]*@/i.test(url))
    return {
      message: `the address of ${name} holds a user name or password, which the lock would show to everyone`,
      hint: 'write the address without it',
      isSecret: true,
    };
  if (/^https?:\/\//i.test(url)) return undefined;
  if (isGit && /^(?:ssh:\/\/|[^/]+@[^/]+:)/i.test(url))
    return {
      message: `${name} comes from ${url} by SSH, and the containers in which images are made have no key of yours`,
      hint: `use the repository's https:// address, or publish ${name} to your package index`,
    };
  return {
    message: `${name} comes from ${url}, which is neither a git repository nor a file that every machine can fetch by https`,
    hint: `publish ${name} to your package index, then ask for a version of it`,
  };
}

/** A source as PEP 508 writes it behind `@`. Pure. */
export function sourceText({ url, commit, subdirectory }: PackageSource): string {
  const fragment = subdirectory === undefined ? '' : `#subdirectory=${subdirectory}`;
  return `${commit === undefined ? url : `git+${url}@${commit}`}${fragment}`;
}
