// What a group of expensive tests depends on: which files, and one digest over their names and contents.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * The files below `root` that git does not ignore and that patterns (git's globs, from the root) name, sorted by bytes. Throws for a
 * pattern that names none: a file that moved would otherwise no longer count.
 */
export function filesOf(root, patterns) {
  const files = new Set();
  for (const pattern of patterns) {
    const asked = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', `:(glob)${pattern}`];
    const listed = execFileSync('git', asked, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
    const named = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
    if (named.length === 0) throw new Error(`${pattern} names no file of this repository`);
    for (const path of named) files.add(path);
  }
  return [...files].sort(byBytes);
}

/** The test files and all that they import, directly or not, from below test/: what makes a test is part of what it depends on. */
export function withTestImports(root, tests) {
  const found = new Set();
  const add = (path) => {
    if (found.has(path)) return;
    found.add(path);
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)) {
      const target = posix.join(posix.dirname(path), specifier);
      if (target.startsWith('test/') && existsSync(join(root, target))) add(target);
    }
  };
  for (const test of tests) add(test);
  return [...found].sort(byBytes);
}

/**
 * One digest over files' names and contents, the same on every machine: git gives each file's blob as it would be committed, line ends
 * normalised.
 */
export function digestOf(root, files) {
  const input = files.map((path) => `${JSON.stringify(path)}\n`).join('');
  const blobs = execFileSync('git', ['hash-object', '--stdin-paths'], { cwd: root, input, encoding: 'utf8' });
  const lines = blobs.trimEnd().split('\n');
  if (lines.length !== files.length) throw new Error(`git hashed ${lines.length} of ${files.length} files`);
  const hash = createHash('sha256');
  files.forEach((path, index) => hash.update(`${path}\0${lines[index]}\n`));
  return `sha256:${hash.digest('hex')}`;
}

/** Byte order, which no locale changes. */
function byBytes(a, b) {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
