import { describe, expect, it } from 'vitest';
import { captureOutput } from './captured-output.ts';

const piece = (text: string, stream: 'stdout' | 'stderr' = 'stdout') => ({ stream, data: Buffer.from(text) }) as const;

describe('what is kept of a step’s output', () => {
  it('is all of it, each stream’s lines whole', () => {
    const captured = captureOutput();
    captured.add(piece('core/a.py:1: er'));
    captured.add(piece('would reformat core/a.py\nwould ', 'stderr'));
    captured.add(piece('ror: No\nlast'));
    captured.add(piece('reformat core/b.py\n', 'stderr'));
    expect(captured.text()).toBe('would reformat core/a.py\ncore/a.py:1: error: No\nwould reformat core/b.py\nlast');
    expect(captured.tail(4)).toBe('last');
  });

  it('is the beginning and the end of a large one, in bounded memory', () => {
    const captured = captureOutput();
    const line = (index: number): string => `line ${index} ${'x'.repeat(index % 150)}\n`;
    let bytes = 0;
    let index = 0;
    for (; bytes < 20_000_000; index += 1) {
      captured.add(piece(line(index)));
      bytes += line(index).length;
    }
    const text = captured.text();
    expect(text.length).toBeGreaterThan(2_000_000);
    expect(text.length).toBeLessThan(2_400_000);
    expect(text.startsWith(line(0) + line(1) + line(2))).toBe(true);
    expect(text.endsWith(line(index - 2) + line(index - 1))).toBe(true);
    const kept = text.trimEnd().split('\n');
    const broken = kept.filter(
      (one, at) => Number(one.split(' ')[1]) !== Number(kept[at - 1]?.split(' ')[1] ?? -1) + 1,
    );
    // Only where the middle is missing.
    expect(broken.length).toBeLessThanOrEqual(2);
    expect(captured.tail(64 * 1024).endsWith(line(index - 1))).toBe(true);
    expect(captured.tail(64 * 1024).length).toBeLessThan(3 * 64 * 1024);
  });

  it('does not wait for a line that never ends', () => {
    const captured = captureOutput();
    for (let index = 0; index < 100; index += 1) captured.add(piece('.'.repeat(50_000)));
    expect(captured.text().length).toBeLessThan(2_400_000);
  });

  it('keeps nothing of nothing', () => {
    expect([captureOutput().text(), captureOutput().tail(10)]).toEqual(['', '']);
  });
});
