import { expect, it } from 'vitest';
import { applyEdits } from './apply-edits.ts';

const edit = (
  line: number,
  column: number,
  raw: string,
  replacement: string,
): Parameters<typeof applyEdits>[1][number] => ({
  path: 'requirements.txt',
  span: { line, column, endLine: line, endColumn: column + raw.length },
  raw,
  replacement,
});

it('replaces the characters of the edits and nothing else: comments, blanks and CRLF stay', () => {
  const text = 'black==24.1.0  # format\r\n\r\nmypy == 1.1 ; python_version > "3"\r\n';
  expect(applyEdits(text, [edit(1, 6, '==24.1.0', '==25.9.0'), edit(3, 6, '== 1.1', '== 1.18.2')])).toEqual({
    text: 'black==25.9.0  # format\r\n\r\nmypy == 1.18.2 ; python_version > "3"\r\n',
    made: 2,
  });
});

it('leaves alone what is not what was read, and the second of two edits of one place', () => {
  const text = 'black==24.1.0\n';
  expect(applyEdits(text, [edit(1, 6, '==23.1.0', '==25.9.0')])).toEqual({ text, made: 0 });
  const twice = [edit(1, 6, '==24.1.0', '==25.9.0'), edit(1, 6, '==24.1.0', '==25.1.0')];
  expect(applyEdits(text, twice)).toEqual({ text: 'black==25.9.0\n', made: 1 });
});
