import { join, posix } from 'node:path';
import { compareBytes, sha256, type Digest } from '../../core/digest.ts';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import { isProjectFile } from './files.ts';

/** A project as detection sees it: its own files' names, and the text of those that say how it is built and checked. */
export interface Repo {
  /** Relative to the project, `/` between parts, in byte order; hidden, vendored and installed folders left out. */
  readonly files: readonly string[];
  /** True when the project has this file. */
  has(path: string): boolean;
  /** The text of a declaring file; undefined for any other file, or one that is not there or not readable. */
  text(path: string): string | undefined;
}

/** A repo whose files have been read. */
export interface ReadRepo extends Repo {
  /** Of all that detection sees. */
  readonly digest: Digest;
}

/** A place in a file of the repo. */
export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** The names of files that say how a project is built and checked. */
const declaring =
  /^(?:pyproject\.toml|setup\.(?:cfg|py)|tox\.ini|\.?mypy\.ini|\.flake8|\.?pytest\.ini|\.?ruff\.toml|\.pre-commit-config\.ya?ml|\.gitlab-ci\.yml|[Mm]akefile|Pipfile|package\.json|tsconfig\.json|pnpm-(?:lock|workspace)\.yaml|yarn\.lock|\.yarnrc\.yml|\.nvmrc|\.node-version|\.bun-version|\.python-version|\.tool-versions|\.?mise\.toml|runtime\.txt|conftest\.py|(?:uv|poetry|pdm|Pipfile)\.lock|pylock(?:\.[^.]+)?\.toml|[\w.-]*(?:requirements?|constraints?|deps|dependencies)[\w.-]*\.(?:txt|in|pip))$/;

const declaringPath =
  /^(?:\.github\/workflows\/[^/]+\.ya?ml|mise\/config\.toml|\.circleci\/config\.yml|(?:.*\/)?requirements\/.*\.(?:txt|in|pip)|(?:.*\/)?scripts?\/[^/.]+(?:\.sh)?)$/;

const textLimit = 4_000_000;

/** How many Python files are read for what they import: enough to tell, few enough to be quick. */
const sampleSize = 60;

/** Reads what detection needs of a project, once; the rest of detection is pure. Files that can't be read count as empty. */
export function readRepo(dir: string, files: readonly string[]): ReadRepo {
  const own = files.filter((path) => !path.endsWith('/') && isProjectFile(path)).sort(compareBytes);
  const names = new Set(own);
  const python = own.filter((path) => path.endsWith('.py'));
  const tests = python.filter(isTestFile).slice(0, sampleSize / 2);
  const sample = new Set([...tests, ...python.filter((path) => !tests.includes(path)).slice(0, sampleSize / 2)]);
  const wanted = own.filter(
    (path) => declaring.test(posix.basename(path)) || declaringPath.test(path) || sample.has(path),
  );
  const texts = new Map<string, string>();
  for (const path of wanted) {
    const text = readTextIfExists(join(dir, path)) ?? '';
    if (text.length <= textLimit) texts.set(path, declaringText(path, text));
  }
  const digest = sha256(JSON.stringify([own, [...texts]]));
  return { files: own, has: (path) => names.has(path), text: (path) => texts.get(path), digest };
}

/** A file's text as detection reads it; of the lock files of pnpm and Yarn only the beginning, which has their format. */
export function declaringText(path: string, text: string): string {
  const read = /(?:^|\/)(?:pnpm-lock\.yaml|yarn\.lock)$/.test(path) ? text.slice(0, 2000) : text;
  return read.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

/** True for a file that pytest would collect by its name. */
export function isTestFile(path: string): boolean {
  const name = posix.basename(path);
  return /^test_.*\.py$|_test\.py$/.test(name);
}

/** Joins a folder (`.` for the project's) and a path in it. */
export function inFolder(folder: string, path: string): string {
  return folder === '.' ? path : `${folder}/${path}`;
}

/** The path of a file of a folder relative to it; undefined when it lies elsewhere. */
export function within(folder: string, path: string): string | undefined {
  if (folder === '.') return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** The 1-based line that an offset of a text is on. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
