import { describe, expect, it } from 'vitest';
import { styledLine } from './ansi.ts';

const html = (line: string): string => styledLine(line).html;

describe('a line of a terminal on a page', () => {
  it('keeps what its colours say, as classes', () => {
    expect(html('a \u001B[31mred\u001B[0m and \u001B[1;32mbold green\u001B[22m, green\u001B[39m, plain')).toBe(
      'a <span class="c1">red</span> and <span class="c2 b">bold green</span><span class="c2">, green</span>, plain',
    );
    expect(html('\u001B[97;41m FAIL \u001B[m \u001B[7minverse\u001B[27m \u001B[90mgrey')).toBe(
      '<span class="g1"> FAIL </span> <span class="g7">inverse</span> <span class="c8">grey</span>',
    );
  });

  it('brings colours of every kind to the few that each theme makes legible', () => {
    const classes = (codes: string): string => /class="([^"]*)"/.exec(html(`\u001B[${codes}mx`))?.[1] ?? '';
    expect(
      ['38;5;9', '38;5;208', '38;5;244', '38;2;30;144;255', '38;2;255;255;255', '48;5;2', '38;5;1;4', '95', '37'].map(
        classes,
      ),
    ).toEqual(['c1', 'c3', 'c8', 'c6', '', 'g2', 'c1 u', 'c5', '']);
  });

  it('shows what tools print as text, half an escape and what else controls a terminal not at all', () => {
    expect(html('<b>&"\u001B[3')).toBe('&lt;b&gt;&amp;&quot;');
    expect(html('\u001B[31m</script>\u001B[0m\u001B')).toBe('<span class="c1">&lt;/script&gt;</span>');
    expect(html('bell \u0007 and \u202Ereversed\u2066')).toBe('bell \uFFFD and [U+202E]reversed[U+2066]');
  });

  it('leaves colours out of a line that is a picture', () => {
    expect(html('\u001B[31mx\u001B[32my'.repeat(500))).toBe('xy'.repeat(500));
  });
});
