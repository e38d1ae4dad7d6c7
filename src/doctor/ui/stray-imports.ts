import { posix } from 'node:path';
import { placesOf } from '../../formats/places.ts';
import type { StrayImport } from './facts.ts';

/** A script and the aliases that hold in it. */
export interface Script {
  /** Relative to the repository's top. */
  readonly path: string;
  readonly text: string;
  /** From its tsconfig.json's `paths`: what an import begins with, and the folders (relative to the top) that it stands for. */
  readonly aliases: readonly Alias[];
}

/** `@/` stands for `ui/src/`. */
export interface Alias {
  readonly prefix: string;
  readonly folders: readonly string[];
}

/** What there is to find. */
export interface ImportCandidates {
  /** The names that git has. */
  readonly tracked: ReadonlySet<string>;
  /** The same, by their lower-case form. */
  readonly trackedByLowerCase: ReadonlyMap<string, string>;
  /** What a path that git does not have is here, if it is there. */
  readonly here: (path: string) => 'untracked' | 'ignored' | undefined;
}

/** Endings of files whose imports are read. */
export const scriptPattern = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;

// import x from './a' · export * from "./a" · import './a.css' · import('./a') · require('./a')
const imported = /(?<![/\w.-])(?:from\s*|import\s*\(\s*|import\s+|require\s*\(\s*)(["'])([^"'\n]+)\1/g;
const comment = /\/\*[\s\S]*?\*\/|(?<![:"'`\\/\w])\/\/[^\n]*/g;
const endings = ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json', '.vue', '.svelte'];
const styles = ['.css', '.scss', '.sass', '.less'];

/**
 * The imports of a script that find their file here but not among git's names: it was never added, is ignored, or is called otherwise in
 * capital letters, which only some file systems overlook. An import that finds nothing at all is tsc's to tell.
 */
export function strayImports({ path, text, aliases }: Script, findable: ImportCandidates): readonly StrayImport[] {
  // Blanks keep every character's place.
  const code = text.replace(comment, (found) => found.replace(/[^\n]/g, ' '));
  const places = placesOf(text);
  return [...code.matchAll(imported)].flatMap((match): readonly StrayImport[] => {
    const raw = match[2] ?? '';
    const found = findOne(targetsOf(raw, path, aliases).flatMap(asScript), findable);
    if (found === undefined) return [];
    const start = match.index + match[0].length - 1 - raw.length;
    return [{ path, span: places.span(start, start + raw.length), raw, ...found }];
  });
}

/** Where an import leads, without its ending; nowhere for a package. */
function targetsOf(specifier: string, path: string, aliases: readonly Alias[]): readonly string[] {
  const spec = specifier.replace(/[?#].*$/, '');
  const bases = /^\.{1,2}(?:\/|$)/.test(spec)
    ? [posix.join(posix.dirname(path), spec)]
    : aliases.flatMap(({ prefix, folders }) =>
        spec.startsWith(prefix) ? folders.map((folder) => posix.join(folder, spec.slice(prefix.length))) : [],
      );
  return bases.filter((base) => base !== '..' && !base.startsWith('../'));
}

function findOne(
  paths: readonly string[],
  { tracked, trackedByLowerCase, here }: ImportCandidates,
): Pick<StrayImport, 'found' | 'state'> | undefined {
  if (paths.some((path) => tracked.has(path))) return undefined;
  for (const path of paths) {
    const found = trackedByLowerCase.get(path.toLowerCase());
    if (found !== undefined) return { found, state: 'other-case' };
  }
  for (const path of paths) {
    const state = here(path);
    if (state !== undefined) return { found: path, state };
  }
  return undefined;
}

/** The files that an import without an ending may mean, TypeScript's `./x.js` for `x.ts` included. */
function asScript(path: string): readonly string[] {
  const typed = /\.([mc]?)js(x?)$/.exec(path);
  const sources = typed === null ? [] : [path.replace(/js(x?)$/, 'ts$1'), path.replace(/js(x?)$/, 'tsx')];
  return [
    path,
    ...sources,
    ...[...endings, ...styles].map((ending) => path + ending),
    ...endings.map((ending) => posix.join(path, `index${ending}`)),
  ];
}
