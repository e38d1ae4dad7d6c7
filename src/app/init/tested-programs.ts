import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { compilersIn, isTestFile, packageOf, programsIn, type TestedProgram } from '../../ci/import/tested-programs.ts';
import { cacheFolder } from '../../core/cache-folder.ts';
import { sha256 } from '../../core/digest.ts';
import { cacheJson, readCachedJson } from '../../core/json-cache.ts';
import { isObject, shaped } from '../../core/json.ts';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import { parityVersion } from '../../core/version.ts';

/** Bounds for repositories that hold more than people write. */
const largestBytes = 1024 * 1024;
const mostFiles = 5000;

/** What was found in a test file while its stat data was this. */
type Seen = Readonly<Record<string, { readonly stamp: string; readonly found: readonly string[] }>>;

/** The programs that a project's tests name, each once. Only files that changed since the last call are read. */
export async function testedPrograms(dir: string, files: readonly string[]): Promise<readonly TestedProgram[]> {
  const tests = files.filter(isTestFile).slice(0, mostFiles);
  if (tests.length === 0) return [];
  const digest = sha256(`${parityVersion} tested-programs\n${dir}`);
  const cache = join(cacheFolder('tests'), `${digest.slice('sha256:'.length)}.json`);
  const before: Seen = readCachedJson(cache, shaped(isSeen)) ?? {};
  const now: Record<string, Seen[string]> = {};
  const programs = new Map<string, TestedProgram>();
  let isNew = Object.keys(before).length !== tests.length;
  for (const file of tests) {
    const stamp = stampOf(join(dir, file));
    const known = before[file];
    if (known?.stamp !== stamp) isNew = true;
    const found =
      known?.stamp === stamp ? known.found : stamp === '' ? [] : programsIn(readTextIfExists(join(dir, file)) ?? '');
    now[file] = { stamp, found };
    for (const program of found)
      if (!programs.has(packageOf(program)))
        programs.set(packageOf(program), { program, package: packageOf(program), file });
  }
  for (const compiler of compilersIn(files))
    if (!programs.has(compiler.package)) programs.set(compiler.package, compiler);
  if (isNew) await cacheJson(cache, now);
  return [...programs.values()];
}

/** Empty for what is no plain file, or too large. */
function stampOf(path: string): string {
  try {
    const stats = lstatSync(path);
    const { size, mtimeMs, ctimeMs, ino } = stats;
    return !stats.isFile() || size > largestBytes ? '' : `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
  } catch {
    return '';
  }
}

function isSeen(value: unknown): value is Seen {
  return (
    isObject(value) &&
    Object.values(value).every(
      (each) => isObject(each) && typeof each['stamp'] === 'string' && Array.isArray(each['found']),
    )
  );
}
