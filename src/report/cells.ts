import { eastAsianWidth } from 'get-east-asian-width';

// Not string-width: loading it compiles a pattern of every emoji, which takes as long as ten small steps.

/**
 * How many cells of a terminal a text takes: wide characters and emoji two, marks and control characters none, escape
 * sequences for colours none.
 */
export function cellWidth(text: string): number {
  // oxlint-disable-next-line no-control-regex
  const shown = text.replace(/\u001B\[[0-9;]*m/g, '');
  if (/^[\u0020-\u007E]*$/.test(shown)) return shown.length;
  let cells = 0;
  for (const { segment } of graphemes().segment(shown)) cells += graphemeWidth(segment);
  return cells;
}

/** The text in at most `cells` cells, cut between characters with `…` at its end when it does not fit. */
export function cutToCells(text: string, cells: number): string {
  if (cellWidth(text) <= cells) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes().segment(text)) {
    used += graphemeWidth(segment);
    if (used > cells - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

function graphemeWidth(grapheme: string): number {
  // Variation selector 16 asks for the coloured, wide form; two regional indicators are a flag.
  if (grapheme.includes('\uFE0F') || /^\p{RI}\p{RI}/u.test(grapheme)) return 2;
  const first = grapheme.codePointAt(0) ?? 0;
  if (/^[\p{Cc}\p{Cf}\p{Cs}\p{M}]/u.test(grapheme)) return 0;
  return eastAsianWidth(first);
}

let segmenter: Intl.Segmenter | undefined;
function graphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter;
}
