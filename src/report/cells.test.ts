import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cellWidth, cutToCells } from './cells.ts';

describe('cellWidth', () => {
  it.each([
    '',
    'plain text',
    '\u001B[31mred\u001B[39m',
    'grün é',
    'e\u0301',
    '漢字 かな ﾊﾝ',
    '한국어',
    '👍 🚀',
    '👩‍👩‍👧 👋🏽 🇩🇪',
    '❤️ ☀️',
    '✓ ✗ ⠋ …',
    'a\u200Bb',
    'ａｂ',
  ])('agrees with string-width on %j', (text) => {
    expect(cellWidth(text)).toBe(stringWidth(text));
  });
});

describe('cutToCells', () => {
  it('cuts between characters and never takes more cells than it may', () => {
    expect(cutToCells('plain', 5)).toBe('plain');
    expect(cutToCells('plainer', 5)).toBe('plai…');
    expect(cutToCells('漢字漢字', 5)).toBe('漢字…');
    expect(cutToCells('漢字漢字', 6)).toBe('漢字…');
    expect(cutToCells('a👩‍👩‍👧b', 3)).toBe('a…');
  });
});
