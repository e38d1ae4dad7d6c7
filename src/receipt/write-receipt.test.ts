import { expect, test } from 'vitest';
import type { Receipt } from './receipt.ts';
import { formatReceipt, receiptParts } from './write-receipt.ts';

test('files stand in the byte order of their names, whatever they are called', () => {
  const write = (names: readonly string[]): readonly string[] => {
    const files = Object.fromEntries(names.map((name) => [name, `100644 ${name}`]));
    // Only what the writer looks at.
    const lines = formatReceipt({ files, outcome: 'passed' } as unknown as Receipt).split('\n');
    expect([lines[0], lines[1], ...lines.slice(-4)]).toEqual([
      '{',
      '  "files": {',
      '  },',
      '  "outcome": "passed"',
      '}',
      '',
    ]);
    return lines.slice(2, -4);
  };
  expect(write(['a "b"\n.py', 'b.py'])).toEqual([
    '    "a \\"b\\"\\n.py": "100644 a \\"b\\"\\n.py",',
    '    "b.py": "100644 b.py"',
  ]);
  // An object has what looks like a number first, and UTF-16 has other ideas of order.
  expect(write(['2', '.x', '10', '\u{1F600}', '\uFF5E', 'é']).map((line) => line.split('"')[1])).toEqual([
    '.x',
    '10',
    '2',
    'é',
    '\uFF5E',
    '\u{1F600}',
  ]);
  expect(write([String.raw`\x`, '\uDCE9']).map((line) => line.split('"')[1])).toEqual(['\\\\x', '\\udce9']);
});

test('a list of files gives the bytes that their record gives, and the record is not asked for', () => {
  const lists = [
    [],
    ['a "b"\n.py', 'b.py'],
    ['.x', '10', '2', 'é'],
    ['é', '\uFF5E', '\u{1F600}'],
    [String.raw`\x`, '\uDCE9'],
  ];
  for (const names of lists) {
    const listed = names.map((path) => ({ path, mode: '100644', digest: `digest of ${path.length}` }) as const);
    const files = Object.fromEntries(listed.map(({ path, mode, digest }) => [path, `${mode} ${digest}`]));
    const receipt = { parity: '1', files, outcome: 'passed', commit: undefined } as unknown as Receipt;
    expect([...receiptParts(receipt, listed)].join('')).toBe(formatReceipt(receipt));
  }
  const thousands = Array.from({ length: 2500 }, (_, n) => `${n + 1000}.py`);
  const listed = thousands.map((path) => ({ path, mode: '100755', digest: path }) as const);
  const unasked = {
    outcome: 'passed',
    get files() {
      return expect.unreachable('asked for');
    },
  } as unknown as Receipt;
  const asked = { outcome: 'passed', files: Object.fromEntries(thousands.map((path) => [path, `100755 ${path}`])) };
  expect([...receiptParts(unasked, listed)].join('')).toBe(formatReceipt(asked as unknown as Receipt));
});
