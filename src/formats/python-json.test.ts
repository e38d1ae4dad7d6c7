import { expect, it } from 'vitest';
import { pythonJson } from './python-json.ts';

// What json.dumps of Python 3.11 gives for the same value.
const value = { b: [1, true, null, 'ü\u007f😀'], a: { é: 1.5, Z: '' }, é: '"\\\n' };

it("writes as Python's json.dumps with sorted keys does", () => {
  expect(pythonJson(value)).toBe(
    String.raw`{"a": {"Z": "", "\u00e9": 1.5}, "b": [1, true, null, "\u00fc` +
      '\u007f' +
      String.raw`\ud83d\ude00"], "\u00e9": "\"\\\n"}`,
  );
});

it('writes without blanks where asked', () => {
  expect(pythonJson({ b: [1, 2], a: {} }, { compact: true })).toBe('{"a":{},"b":[1,2]}');
});
