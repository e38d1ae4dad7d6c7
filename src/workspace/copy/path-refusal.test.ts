import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkRefusal, pathRefusal } from './path-refusal.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'parity place '));
  mkdirSync(join(root, 'core', 'deep'), { recursive: true });
  writeFileSync(join(root, 'file'), '');
  symlinkSync('/tmp', join(root, 'out'));
  symlinkSync('core', join(root, 'in'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ['a.py', undefined],
  ['core/deep/new/ü "x".txt', undefined],
  ['.github/workflows/ci.yml', undefined],
  ['core/.gitignore', undefined],
  ['...', undefined],
  ['../x', 'it would lie outside the project'],
  ['core/../../x', 'it would lie outside the project'],
  ['/etc/passwd', 'it would lie outside the project'],
  ['', 'it would lie outside the project'],
  ['core//x', 'it would lie outside the project'],
  ['./x', 'it would lie outside the project'],
  ['core/x\0y', 'it would lie outside the project'],
  ['.git/hooks/pre-commit', "it would be git's own"],
  ['core/.GIT/config', "it would be git's own"],
  ['.git', "it would be git's own"],
  ['git~1/config', "it would be git's own"],
  ['.git. /config', "it would be git's own"],
  ['.g\u200cit/config', "it would be git's own"],
  ['.git::$INDEX_ALLOCATION/config', "it would be git's own"],
  ['out/x', 'a symbolic link here leads elsewhere'],
  ['in/x', 'a symbolic link here leads elsewhere'],
  ['file/x', 'a file here is in the way'],
  ['na\udc80me', 'its name is not UTF-8'],
])('a file %j comes back, or why not: %s', (path, why) => {
  expect(pathRefusal(root, path)).toBe(why);
});

const out = 'it is a symbolic link that leads out of the project';
test.each([
  ['link', 'core/a.py', undefined],
  ['core/deep/link', '../../file', undefined],
  ['core/link', '..', undefined],
  ['link', '/etc/passwd', out],
  ['link', '../x', out],
  ['core/link', '../../x', out],
  // `out/..` is not where it seems to be: the name before may be a link.
  ['link', 'core/../../x', out],
  ['link', 'in/../x', out],
  ['link', '', out],
  ['link', '..\\..\\x', out],
  ['link', '.git/config', "it is a symbolic link to git's own files"],
])('a link %s → %j comes back, or why not: %s', (path, target, why) => {
  expect(linkRefusal(path, target)).toBe(why);
});
