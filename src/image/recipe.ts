import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContextFile } from '../base/context-tar.ts';
import type { Config } from '../config/config.ts';
import { canonicalJson, compareBytes, sha256, type Digest } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import { packageFileDigest, readPackageFile } from '../core/package-file.ts';
import { err, ok, type Result } from '../core/result.ts';
import { readJson } from '../core/json.ts';

/** What an image is built from besides the lock: the Dockerfile and the files that it copies. */
export interface Recipe {
  /** `undefined` for parity's own; else the project's Dockerfile, relative to the project. */
  readonly own: string | undefined;
  readonly files: () => readonly ContextFile[];
  readonly digest: Digest;
}

/** Name of the Dockerfile in the context. */
export const recipeName = 'Dockerfile.parity';

const parityFiles = ['images/uv.txt', 'images/toolchain.py', 'images/debian/apt-root.sh', 'images/debian/fetch.sh'];

/**
 * Reads the recipe: parity's Dockerfile.parity, or the project's own when the config names it. Of a project with its own, the
 * context holds only what its COPY and ADD instructions name. Err `recipe-invalid` when one of these is not there.
 */
export async function readRecipe(projectDir: string, config: Config): Promise<Result<Recipe>> {
  const own = config.image.dockerfile;
  const read = own === undefined ? ok([]) : await readOwn(projectDir, own);
  if (!read.ok) return read;
  const taken = new Set(read.value.map(({ path }) => path));
  const given = [...parityFiles, ...(own === undefined ? [recipeName] : [])].filter((path) => !taken.has(path));
  const states = [
    ...given.map((path) => [path, 0o644, packageFileDigest(path)] as const),
    ...read.value.map(({ path, data, mode }) => [path, mode ?? 0o644, sha256(data)] as const),
  ];
  const digest = sha256(canonicalJson(states.sort(([a], [b]) => compareBytes(a, b))));
  const files = (): readonly ContextFile[] =>
    [...given.map((path) => ({ path, data: readPackageFile(path) })), ...read.value].sort((a, b) =>
      compareBytes(a.path, b.path),
    );
  return ok({ own, files, digest });
}

/**
 * The paths and patterns that a Dockerfile's COPY and ADD instructions take from the context: not `--from` another stage, not
 * addresses. Continued lines, comments and the JSON form are understood; variables are not (no such path is there).
 */
export function copiedSources(dockerfile: string): readonly string[] {
  const sources: string[] = [];
  const joined = dockerfile
    .replace(/\r\n/g, '\n')
    .replace(/^[ \t]*#.*\n/gm, '')
    .replace(/\\[ \t]*\n/g, ' ');
  for (const line of joined.split('\n')) {
    const match = /^\s*(?:COPY|ADD)\s+((?:--\S+\s+)*)(.*)$/i.exec(line);
    if (match === null || /--from=/.test(match[1] ?? '')) continue;
    const rest = (match[2] ?? '').trim();
    const words = rest.startsWith('[') ? jsonWords(rest) : rest.split(/\s+/);
    sources.push(...words.slice(0, -1).filter((word) => !/^[a-z]+:\/\/|^<</i.test(word)));
  }
  return [...new Set(sources)];
}

async function readOwn(projectDir: string, own: string): Promise<Result<readonly ContextFile[]>> {
  let text: string;
  try {
    text = await readFile(join(projectDir, own), 'utf8');
  } catch (error) {
    return err(
      failure('recipe-invalid', `${own} cannot be read`, {
        detail: String(error),
        next: 'mend the file, or remove it to have parity’s own recipe',
      }),
    );
  }
  const files: ContextFile[] = [{ path: recipeName, data: text }];
  const given = new Set([...parityFiles, 'images/debian/*.sh', 'parity.lock.json']);
  for (const source of copiedSources(text)) {
    const pattern = source.replace(/^\.?\//, '').replace(/\/$/, '');
    if (given.has(pattern) || pattern.startsWith('parity-ca.cr')) continue;
    const found = await filesOf(projectDir, pattern);
    if (found.length === 0)
      return err(
        failure('recipe-invalid', `${own} copies ${source}, which is not in the project`, {
          next: 'correct the COPY instruction; its paths start at the project’s folder',
        }),
      );
    for (const path of found) {
      const file = join(projectDir, path);
      const executable = ((await stat(file)).mode & 0o111) !== 0;
      files.push({ path, data: await readFile(file), ...(executable ? { mode: 0o755 } : {}) });
    }
  }
  return ok(files);
}

/** The files of a pattern or folder, without git's and without what no image should have. */
async function filesOf(projectDir: string, pattern: string): Promise<readonly string[]> {
  const isFolder = await stat(join(projectDir, pattern)).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const patterns =
    pattern === '' || pattern === '.' ? ['**'] : isFolder ? [`${pattern}/**`] : [pattern, `${pattern}/**`];
  // Loaded only for a project with a recipe of its own.
  const { glob } = await import('tinyglobby');
  return await glob(patterns, {
    cwd: projectDir,
    dot: true,
    ignore: ['**/.git/**', '**/node_modules/**', '**/.venv/**'],
  });
}

function jsonWords(text: string): readonly string[] {
  const words = readJson(text, (value) => value);
  return Array.isArray(words) ? words.filter((word): word is string => typeof word === 'string') : [];
}
