import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '../../test/support/repo.ts';
import { diffFile, type FileSide } from './diff-file.ts';

const side = (text: string | Buffer, mode: FileSide['mode'] = '100644'): FileSide => {
  return { mode, data: Buffer.from(text) };
};
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');

test('is a diff as git shows it, with how many lines come and go', () => {
  expect(diffFile('core/a b.py', side(`${lines(1, 9)}x = 'a'\n`), side(`${lines(1, 9)}x = "a"\ny = 1\n`))).toEqual({
    text: [
      'diff --git a/core/a b.py b/core/a b.py',
      '--- a/core/a b.py\t',
      '+++ b/core/a b.py\t',
      '@@ -7,4 +7,5 @@',
      ' line 7',
      ' line 8',
      ' line 9',
      "-x = 'a'",
      '+x = "a"',
      '+y = 1',
      '',
    ].join('\n'),
    added: 2,
    removed: 1,
    remark: null,
  });
});

test.each([
  ['changed in two places', 'a.py', side(lines(1, 40)), side(lines(2, 20) + lines(25, 40) + 'more\n')],
  ['all new', 'core/ü/n e w.py', undefined, side('x = 1\n')],
  ['deleted', 'old.py', side('x = 1\ny = 2\n'), undefined],
  ['an empty new one', 'empty.py', undefined, side('')],
  ['emptied', 'a.py', side('x\n'), side('')],
  ['filled', 'a.py', side(''), side('x\ny\n')],
  ['without a last newline', 'a.py', side('x = 1'), side('x = 1\n')],
  ['losing its last newline', 'a.py', side('x = 1\ny\n'), side('x = 1\ny')],
  ['executable, with other text', 'tool.sh', side('echo\n'), side('echo 1\n', '100755')],
  ['executable alone', 'tool.sh', side('echo\n'), side('echo\n', '100755')],
  ['with quotes and a backslash', 'a "q" \\ b.py', side('x\n'), side('y\n')],
  ['CRLF kept', 'win.py', side("a = 'x'\r\nb = 1\r\n"), side('a = "x"\r\nb = 1\r\n')],
  ['CRLF lost', 'win.py', side('a\r\nb\r\n'), side('a\nb\n')],
] as const)('git apply makes of it what it should be: %s', (_, path, before, after) => {
  const dir = folderOf({});
  const place = join(dir, path);
  mkdirSync(dirname(place), { recursive: true });
  if (before !== undefined) {
    writeFileSync(place, before.data);
    chmodSync(place, before.mode === '100755' ? 0o755 : 0o644);
  }
  const { text } = diffFile(path, before, after);
  const run = spawnSync('git', ['apply', '-'], { cwd: dir, input: text ?? '', encoding: 'utf8' });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
  expect(existsSync(place)).toBe(after !== undefined);
  if (after === undefined) return;
  expect(readFileSync(place)).toEqual(after.data);
  expect((statSync(place).mode & 0o100) !== 0).toBe(after.mode === '100755');
});

test('says of what is no text, of too much, and of line endings that it is so', () => {
  const noText = { text: null, added: 0, removed: 0 };
  expect(diffFile('a.png', side(Buffer.from([0, 1])), side(Buffer.from([0, 2])))).toEqual({
    ...noText,
    remark: 'binary',
  });
  expect(diffFile('l.py', side(Buffer.from([0xe9])), side('e'))).toEqual({ ...noText, remark: 'binary' });
  expect(diffFile('big.csv', side('1,2\n'.repeat(2_000_000)), side(''))).toEqual({ ...noText, remark: 'too-large' });
  expect(diffFile('win.py', side('a\r\nb\r\n'), side('a\nb\n'))).toMatchObject({ remark: 'line-endings', added: 2 });
});
