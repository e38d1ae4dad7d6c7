import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '../../test/support/repo.ts';
import { sha256 } from '../core/digest.ts';
import type { DraftChange } from '../workspace/copy/collect-draft.ts';
import { writeFiles } from './write-files.ts';

type Side = readonly [text: string, mode?: '100644' | '100755' | '120000'];

function change(path: string, before: Side | undefined, after: Side | undefined): DraftChange {
  const state = ([text, mode = '100644']: Side): NonNullable<DraftChange['before']> => {
    return { mode, digest: sha256(text).slice('sha256:'.length) };
  };
  return {
    path,
    before: before && state(before),
    after: after && { ...state(after), data: Buffer.from(after[0]) },
  };
}

test('writes, makes and deletes; permission bits, links and folders as they should be', async () => {
  const dir = folderOf({ 'core/a.py': 'a\n', 'core/old/gone.py': 'x\n', 'tool.sh': 'echo\n', 'was file': 'x\n' });
  chmodSync(join(dir, 'core/a.py'), 0o640);
  const fates = await writeFiles(dir, [
    change('core/a.py', ['a\n'], ['b\n']),
    change('core/old/gone.py', ['x\n'], undefined),
    change('link', undefined, ['core/a.py', '120000']),
    change('new ü/n e w.py', undefined, ['new\n']),
    change('tool.sh', ['echo\n'], ['echo\n', '100755']),
    change('was file', ['x\n'], undefined),
    change('was file/inner.py', undefined, ['inner\n']),
  ]);
  expect(fates.ok && [...fates.value.values()].every(({ fate, why }) => fate === 'written' && why === null)).toBe(true);
  expect(readFileSync(join(dir, 'core/a.py'), 'utf8')).toBe('b\n');
  expect(statSync(join(dir, 'core/a.py')).mode & 0o777).toBe(0o640);
  expect(existsSync(join(dir, 'core/old'))).toBe(false);
  expect(readlinkSync(join(dir, 'link'))).toBe('core/a.py');
  expect(readFileSync(join(dir, 'new ü/n e w.py'), 'utf8')).toBe('new\n');
  expect(statSync(join(dir, 'tool.sh')).mode & 0o111).toBe(0o111);
  expect(readFileSync(join(dir, 'was file/inner.py'), 'utf8')).toBe('inner\n');
});

test('leaves what is another file by now, and writes the others', async () => {
  const dir = folderOf({ 'saved.py': 'saved in an editor\n', 'a.py': 'a\n', 'same.py': 'done\n', 'kept.py': 'kept\n' });
  mkdirSync(join(dir, 'folder.py'));
  const fates = await writeFiles(dir, [
    change('a.py', ['a\n'], ['b\n']),
    change('deleted.py', ['a\n'], ['b\n']),
    change('folder.py', ['a\n'], ['b\n']),
    change('kept.py', ['another\n'], undefined),
    change('made.py', undefined, ['b\n']),
    change('same.py', ['todo\n'], ['done\n']),
    change('saved.py', ['a\n'], ['b\n']),
  ]);
  expect(fates.ok && Object.fromEntries([...fates.value].map(([path, { fate, why }]) => [path, why ?? fate]))).toEqual({
    'a.py': 'written',
    'deleted.py': 'changed-since',
    'folder.py': 'changed-since',
    'kept.py': 'changed-since',
    'made.py': 'written',
    'same.py': 'written',
    'saved.py': 'changed-since',
  });
  expect(readFileSync(join(dir, 'saved.py'), 'utf8')).toBe('saved in an editor\n');
  expect(existsSync(join(dir, 'deleted.py'))).toBe(false);
});

test('writes through no link that came meanwhile, and nothing that leads out', async () => {
  const outside = folderOf({ 'a.py': 'theirs\n' });
  const dir = folderOf({ 'core/a.py': 'a\n' });
  rmSync(join(dir, 'core'), { recursive: true });
  symlinkSync(outside, join(dir, 'core'));
  const fates = await writeFiles(dir, [
    change('../x.py', undefined, ['x']),
    change('.git/hooks/pre-commit', undefined, ['x']),
    change('core/a.py', ['theirs\n'], ['b\n']),
    change('link', undefined, ['../../etc/passwd', '120000']),
  ]);
  expect(fates.ok && [...fates.value.values()].map(({ why }) => why)).toEqual([
    'it would lie outside the project',
    "it would be git's own",
    'a symbolic link here leads elsewhere',
    'it is a symbolic link that leads out of the project',
  ]);
  expect(readFileSync(join(outside, 'a.py'), 'utf8')).toBe('theirs\n');
});

test('says which file the file system refused, and what was written before it', async () => {
  const dir = folderOf({ 'a.py': 'a\n' });
  writeFileSync(join(dir, 'long'), '');
  const name = `${'x'.repeat(300)}.py`;
  const fates = await writeFiles(dir, [change('a.py', ['a\n'], ['b\n']), change(name, undefined, ['b\n'])]);
  expect(fates.ok ? undefined : { ...fates.error, message: fates.error.message.slice(0, 3) }).toEqual({
    reason: 'io',
    message: 'xxx',
    detail: 'written before that: a.py',
  });
});
