import { posix } from 'node:path';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';

/** The output of a failing step. */
export interface FailingOutput {
  readonly diagnostics: readonly ToolDiagnostic[];
  /** The last part of its output. */
  readonly output: string;
  /** Where its paths may start, relative to the repository's top (`` = the top): the step's folder, then the project's. */
  readonly folders: readonly string[];
}

/** A file that a tool's output names, by what the tool wanted of it. */
export type FileReference =
  /** It was looked for: at one of these paths (relative to the top, best first), or at any path with one of these ends. */
  | {
      readonly wanted: 'file';
      readonly paths: readonly string[];
      readonly ends: readonly string[];
      /** It was to be written: what is missing is its folder. */
      readonly isWritten?: boolean;
    }
  /** It is there, but without what the tool looked for in it. */
  | { readonly wanted: 'content'; readonly paths: readonly string[]; readonly ends: readonly string[] }
  /** The tool found fault at a place in it. */
  | { readonly wanted: 'nothing'; readonly paths: readonly string[] };

/** Reads which files a failing step's output names as missing, lacking or at fault, in its order. It knows no file system. */
export function findFileReferences(failing: FailingOutput, committed: readonly string[]): readonly FileReference[] {
  // oxlint-disable-next-line no-control-regex
  const lines = failing.output.replace(/\u001b\[[\d;]*[A-Za-z]/g, '').split(/\r?\n/);
  const reader = new ReferenceReader(failing.folders, committed, lines);
  const fromDiagnostics = failing.diagnostics.flatMap(({ file, message }) => {
    const importer = (): readonly string[] => (file === null ? [] : [file]);
    return message
      .split('\n')
      .flatMap((line) => [...reader.imports(line, importer), ...reader.modules(line, importer)]);
  });
  const fromOutput = lines.flatMap((line, index) => [
    ...reader.imports(line, () => reader.fileAt([index, ...below(index)])),
    ...reader.modules(line, () => reader.fileAt([index, ...above(index), ...below(index)])),
    ...reader.missingPaths(line, index),
  ]);
  const faulty = [
    ...failing.diagnostics.flatMap(({ file }) => (file === null ? [] : [[file]])),
    ...lines.flatMap((line) => reader.places(line)),
  ];
  return [...fromDiagnostics, ...fromOutput, ...faulty.map((paths): FileReference => ({ wanted: 'nothing', paths }))];
}

const workspace = '/workspace/';

// `./Table` (TypeScript 2307, jest, Node), `Could not resolve "./Table" from "src/App.tsx"` (Rollup, esbuild),
// `Failed to resolve import "./Table" from "src/App.tsx"` (Vite, Vitest), `Can't resolve './Table' in '/workspace/ui/src'` (webpack).
const unresolved =
  /(?:resolve(?: import| entry module)?|find (?:module|package)|declaration file for module) (["'`])([^"'`]+)\1(?: (?:imported )?(?:from|by) (?:["'`]([^"'`]+)["'`]|([^\s"'`]+)))?(?: in ["'`]([^"'`]+)["'`])?/gi;
// `Module '"./money"' has no exported member 'x'` (2305), `'"./money"' has no exported member named 'x'` (2724),
// `"x" is not exported by "src/money.ts"` (Rollup), `No matching export in "src/money.ts" for import "x"` (esbuild)
const lackingExport =
  /'"([^"']+)"' has no exported member|is not exported by "([^"]+)"|No matching export in "([^"]+)"/g;
const noModule = /No module named '([\w.]+)'|module named "([\w.]+)"/g;
// `cannot import name 'x' from 'core' (/workspace/core/__init__.py)`, `Module "core" has no attribute "x"` (mypy)
const lackingName = /cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'/g;
const lackingAttribute = /Module "([\w.]+)" has no attribute "(\w+)"/g;
const template = /Template(?:DoesNotExist|NotFound)(?: at [^\n:]*)?: '?([\w./-]+)/g;
const missingFileLine =
  /no such file|not found|does ?n[o']t exist|no rule to make target|enoent|(?:cannot|can't|could not|couldn't|unable to) (?:find|open|read|resolve|load|locate|stat|access)/i;
// What opens a file to write it, in the source lines and arguments that tracebacks show.
const writing =
  /\.write_(?:text|bytes)\(|\bopen\([^)\n]*["'][wax]b?\+?t?["']|\bmode ?= ?["'][wax]|\.to_(?:csv|json|excel|parquet|pickle|html|feather)\(|\.?savefig\(|\.mkdir\(|\bmkdir: |\.touch\(|FileHandler\(|\b(?:writeFile|appendFile|mkdir|openForWrite)(?:Sync)?\b|createWriteStream|\bshutil\.(?:copy|move)/;
const tracebackStart = /^(?:_{3,} .* _{3,}|={3,} .* ={3,}|\s*Traceback \(most recent call last\):)$/;
const longestTraceback = 120;
const importerLine = /^(?:\s*-\s|.*?)((?:\/workspace\/)?[\w@.][\w@./ -]*\.\w+)(?:[:(]\d|$)/;
// core/app.py:3:1, src/App.tsx(3,22), File "core/app.py", line 3
const placedPath = /(?:^|[\s"'(])((?:\/workspace\/)?[^\s"'():]+\.\w+)(?:::?\d+|\(\d+,\d+\)|", line \d+)/g;
// FAILED core/tests/test_a.py::test_b (pytest), would reformat core/app.py (black), [warn] src/a.ts (prettier)
const faultyFileLine =
  /^(?:FAILED|ERROR|(?:error: )?would reformat|error: cannot format|--- |Would reformat:|\[warn\]) ?((?:\/workspace\/)?[^\s:]+\.\w+)/;

const scriptEnds = ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json', '.vue', '.svelte'];
const styleEnds = ['.css', '.scss', '.sass', '.less'];

/** Files that may be meant, looked up only when they are needed. */
type Files = () => readonly string[];

// An import's file stands under the message (esbuild, Node's require stack), a traceback above it.
const reach = [1, 2, 3, 4, 5, 6, 7, 8];
const below = (index: number): readonly number[] => reach.map((step) => index + step);
const above = (index: number): readonly number[] => reach.map((step) => index - step);

class ReferenceReader {
  private readonly folders: readonly string[];
  private readonly committed: readonly string[];
  private readonly isCommitted: ReadonlySet<string>;
  private readonly lines: readonly string[];

  constructor(folders: readonly string[], committed: readonly string[], lines: readonly string[]) {
    this.folders = [...new Set([...folders, ''])];
    this.committed = committed;
    this.isCommitted = new Set(committed);
    this.lines = lines;
  }

  /** Files at fault in a line, each with the paths that it may mean. */
  places(line: string): readonly (readonly string[])[] {
    const texts = [...line.matchAll(placedPath)].map(([, path]) => path);
    return [...texts, faultyFileLine.exec(line)?.[1]].flatMap((text) =>
      text === undefined ? [] : [this.pathsOf(text)],
    );
  }

  /** Modules of scripts that a line says can't be found, or lack something. */
  imports(line: string, around: Files): readonly FileReference[] {
    const missing = [...line.matchAll(unresolved)].map(([, , spec = '', quoted, bare, folder]): FileReference => {
      const named = quoted ?? bare?.replace(/[.,;:]$/, '');
      const importers = named === undefined ? around() : this.existing(named);
      const dirs = folder === undefined ? importers.map((path) => posix.dirname(path)) : this.pathsOf(folder);
      return { wanted: 'file', ...this.scriptsOf(spec, dirs) };
    });
    const lacking = [...line.matchAll(lackingExport)].map(([, spec, byRollup, byEsbuild]): FileReference => {
      const file = byRollup ?? byEsbuild;
      if (file !== undefined) return { wanted: 'content', paths: this.existing(file), ends: [] };
      return {
        wanted: 'content',
        ...this.scriptsOf(
          spec ?? '',
          around().map((path) => posix.dirname(path)),
        ),
      };
    });
    return [...missing, ...lacking];
  }

  /** Python modules and templates that a line says can't be found, or lack something. */
  modules(line: string, around: Files): readonly FileReference[] {
    const found: FileReference[] = [];
    for (const [, raised, checked] of line.matchAll(noModule))
      found.push({ wanted: 'file', ...this.pythonOf(raised ?? checked ?? '', around) });
    const lacking = [
      ...[...line.matchAll(lackingName)].map(([, name = '', module = '']) => ({ name, module })),
      ...[...line.matchAll(lackingAttribute)].map(([, module = '', name = '']) => ({ name, module })),
    ];
    for (const { name, module } of lacking)
      found.push(
        { wanted: 'file', ...this.pythonOf(`${module}.${name}`, around) },
        { wanted: 'content', ...this.pythonOf(module, around) },
      );
    for (const [, name = ''] of line.matchAll(template))
      found.push({ wanted: 'file', paths: [], ends: [`templates/${name}`] });
    return found;
  }

  /** Paths that a line says are not there. */
  missingPaths(line: string, index: number): readonly FileReference[] {
    if (!missingFileLine.test(line)) return [];
    const isWritten = this.isWriting(index);
    const quoted = [...line.matchAll(/(["'`])([^"'`]+)\1/g)].map(([, , text = '']) => text);
    const bare = line.split(/[\s"'`,;]+/).map((word) => word.replace(/^[(<[]+|[)\]>:.]+$/g, ''));
    const last = /: ([^:]+)$/.exec(line)?.[1] ?? '';
    const middle = /: ([^:]+): no such file/i.exec(line)?.[1] ?? '';
    const texts = new Set([...quoted, ...bare, last.trim(), middle.trim()].filter((text) => /[\w/]/.test(text)));
    return [...texts].map((text): FileReference => ({
      wanted: 'file',
      paths: this.pathsOf(text),
      ends: [],
      ...(isWritten ? { isWritten } : {}),
    }));
  }

  /** Whether the traceback that ends in a line (or Node's, which begins there) is of something that writes. */
  private isWriting(index: number): boolean {
    const from = this.lines.slice(Math.max(0, index - longestTraceback), index);
    const begin = from.findLastIndex((line) => tracebackStart.test(line));
    const trace = [...from.slice(Math.max(0, begin)), ...this.lines.slice(index, index + 8)];
    return trace.some((line) => writing.test(line));
  }

  /** The file that the first of these lines names which names one with a place: where an import stands that fails there. */
  fileAt(numbers: readonly number[]): readonly string[] {
    for (const number of numbers) {
      const text = importerLine.exec(this.lines[number] ?? '')?.[1];
      const there = text === undefined ? [] : this.existing(text.trim());
      if (there.length > 0) return there;
    }
    return [];
  }

  /** Paths that a text may mean, relative to the top; none when it leads out of the repository. */
  private pathsOf(text: string): readonly string[] {
    const plain = text.replace(/^file:\/\//, '').replace(/[?#].*$/, '');
    if (`${plain}/` === workspace) return [''];
    if (plain.startsWith(workspace)) return inside(plain.slice(workspace.length));
    if (plain.startsWith('/') || plain === '') return [];
    return [...new Set(this.folders.flatMap((folder) => inside(posix.join(folder, plain))))];
  }

  /** Committed files that a text may mean; one that starts in a folder that nobody knows is found by its end. */
  private existing(text: string): readonly string[] {
    const paths = this.pathsOf(text);
    const there = paths.filter((path) => this.isCommitted.has(path));
    if (there.length > 0) return there;
    const end = `/${text.replace(/^\.\//, '')}`;
    return text.startsWith('/') ? paths : this.committed.filter((path) => path.endsWith(end));
  }

  private scriptsOf(spec: string, dirs: readonly string[]): { paths: readonly string[]; ends: readonly string[] } {
    const bare = spec.replace(/[?#].*$/, '').replace(/^[\w-]+!/, '');
    if (bare.startsWith(workspace)) return { paths: inside(bare.slice(workspace.length)).flatMap(asScript), ends: [] };
    if (/^\.{1,2}(?:\/|$)/.test(bare))
      return { paths: dirs.flatMap((dir) => inside(posix.join(dir, bare))).flatMap(asScript), ends: [] };
    // From the root of the web page: `/src/main.tsx`.
    if (bare.startsWith('/'))
      return { paths: [...dirs, ...this.folders].flatMap((dir) => inside(posix.join(dir, bare))), ends: [] };
    return { paths: [], ends: aliasEnds(bare).flatMap(asScript) };
  }

  private pythonOf(module: string, around: Files): { paths: readonly string[]; ends: readonly string[] } {
    const path = module.split('.').join('/');
    const files = [`${path}.py`, `${path}/__init__.py`, `${path}.pyi`];
    const roots = [...this.folders, ...this.folders.map((folder) => posix.join(folder, 'src'))];
    // A script's own folder is where Python looks first.
    const own = around()
      .map((file) => posix.dirname(file))
      .map((dir) => (dir === '.' ? '' : dir));
    const paths = [...new Set([...roots, ...own])].flatMap((root) =>
      files.flatMap((file) => inside(posix.join(root, file))),
    );
    return { paths, ends: module.includes('.') ? files : [] };
  }
}

/** The ends that an import through an alias may have: `@/a/b`, `~/a/b`, `@app/a/b`, `src/a/b`. A package's own name has none. */
function aliasEnds(spec: string): readonly string[] {
  const root = /^(?:@|~|#)\/(.+)$/.exec(spec)?.[1];
  if (root !== undefined) return [root];
  const [first = '', ...rest] = spec.split('/');
  if (/^[@~#]/.test(first)) {
    const named = [first.slice(1), ...rest].join('/');
    return rest.length === 0 ? [] : rest.length === 1 ? [named] : [named, rest.join('/')];
  }
  return rest.length === 0 ? [] : [spec];
}

/** The files that an import without an ending may mean, TypeScript's `./x.js` for `x.ts` included. */
function asScript(path: string): readonly string[] {
  const typed = /\.([mc]?)js(x?)$/.exec(path);
  const sources =
    typed === null ? [] : [path.replace(/js(x?)$/, 'ts$1'), ...(typed[2] === '' ? [path.replace(/js$/, 'tsx')] : [])];
  const ends = [...scriptEnds, ...styleEnds];
  return [path, ...sources, ...ends.map((end) => path + end), ...scriptEnds.map((end) => `${path}/index${end}`)];
}

/** A joined path as a list: empty when it leads out of the repository. */
function inside(path: string): readonly string[] {
  const normal = posix.normalize(path).replace(/^\.\/|\/$/g, '');
  return normal === '..' || normal.startsWith('../') || normal === '.' || normal.startsWith('/') ? [] : [normal];
}
