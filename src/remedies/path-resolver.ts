import { posix } from 'node:path';

/** Where a step ran, and what is known of the repository. */
export interface StepLocation {
  /** The step's folder in the container, absolute, below `top`. */
  readonly cwd: string;
  /** Folders that its commands go to (`cd ui`, `npm --prefix ui`), as written. */
  readonly folders: readonly string[];
  /** Where the repository's top lies in the container. */
  readonly top?: string;
  /** Whether the repository has a file, by its path from the top; when absent every path that may be one is believed. */
  readonly isFile?: (path: string) => boolean;
  /** The text of a file of the repository, by its path from the top; undefined when it can't be read. */
  readonly readText?: (path: string) => string | undefined;
}

/** Where the repository's top lies in every container. */
export const containerTop = '/workspace';

const elsewhere = /(?:^|\/)(?:site-packages|dist-packages|node_modules)\//;

// Where CI systems check a repository out: GitHub, its containers, GitLab, Azure, CircleCI, Read the Docs.
const checkouts =
  /^(?:\/(?:home|Users)\/runner\/work\/[^/]+\/[^/]+|\/__w\/[^/]+\/[^/]+|\/github\/workspace|[A-Za-z]:\/a\/(?:[^/]+\/[^/]+|\d+\/s)|\/builds(?:\/[^/]+){2}|\/(?:home|Users)\/vsts\/work\/\d+\/s|\/home\/circleci\/project|\/home\/travis\/build\/[^/]+\/[^/]+)\//;
// What is no checkout: interpreters, caches, files that tests make.
const noCheckout =
  /^\/(?:usr|lib|opt|tmp|var|proc|dev|etc|nix)\/|\/(?:lib\/python\d|\.tox|\.nox|\.venv|\.cache|hostedtoolcache)/;

/** The file of the repository that an absolute path of another machine means: by where CI checks out, or by its tail of two names and more. */
function onOtherMachine(printed: string, isFile: (path: string) => boolean): string | null {
  const path = /^[A-Za-z]:[\\/]/.test(printed) ? printed.replaceAll('\\', '/') : printed;
  if (!/^(?:\/|[A-Za-z]:\/)/.test(path) || elsewhere.test(path)) return null;
  const checkedOut = checkouts.exec(path)?.[0];
  if (checkedOut !== undefined && isFile(path.slice(checkedOut.length))) return path.slice(checkedOut.length);
  if (noCheckout.test(path)) return null;
  const names = path.split('/').slice(1);
  for (let from = 1; from < names.length - 1; from++) {
    const tail = names.slice(from).join('/');
    if (isFile(tail)) return tail;
  }
  return null;
}

/**
 * Gives the function that places a printed path: relative to the repository's top with `/` between, null when it is no file of the
 * repository (outside of it, or of a dependency).
 */
export function createPathResolver({
  cwd,
  folders,
  top = containerTop,
  isFile,
}: StepLocation): (printed: string) => string | null {
  const known = new Map<string, string | null>();
  const find = (printed: string): string | null => {
    const path = printed.replace(/^file:\/\//, '');
    // Where a step goes to another folder, that is where its tools ran.
    const bases = isFile === undefined ? [cwd] : [...folders.map((folder) => posix.resolve(cwd, folder)), cwd];
    for (const base of bases) {
      const below = posix.relative(top, posix.resolve(base, path));
      if (below === '' || below === '..' || below.startsWith('../') || elsewhere.test(`${below}/`)) continue;
      if (isFile === undefined || isFile(below)) return below;
    }
    return isFile === undefined ? null : onOtherMachine(path, isFile);
  };
  return (printed) => {
    const before = known.get(printed);
    if (before !== undefined) return before;
    const found = find(printed);
    known.set(printed, found);
    return found;
  };
}
