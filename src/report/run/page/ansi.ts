import { markup, type Markup } from './markup.ts';

// A line that changes its look more often is a picture; it would make the page many times as large as the log.
const mostChanges = 200;
// oxlint-disable-next-line no-control-regex
const escapes = /\u001B(?:\[([0-9;:]*)m|\[?[0-9;:?<=>]*)?/;

interface Look {
  readonly color: number;
  readonly ground: number;
  readonly marks: ReadonlySet<string>;
}

// Colour 0 is the text's own; 1 to 6 are red, green, yellow, blue, magenta, cyan; 7 stands for white and 8 for grey.
const plain: Look = { color: 0, ground: 0, marks: new Set() };

/** A line of a terminal as HTML: colours become classes that each theme makes legible, bold and the like too; what else escapes there is left out. */
export function styledLine(line: string): Markup {
  if (!line.includes('\u001B')) return markup`${line}`;
  const parts = line.split(escapes);
  const isPicture = parts.length > 2 * mostChanges;
  const html: string[] = [];
  let look = plain;
  // Text and the parameters of the escape after it take turns.
  for (let at = 0; at < parts.length; at += 2) {
    const text = parts[at] ?? '';
    const classes = isPicture ? '' : classesOf(look);
    if (text !== '')
      html.push((classes === '' ? markup`${text}` : markup`<span class="${classes}">${text}</span>`).html);
    const codes = parts[at + 1];
    if (codes !== undefined) look = changed(look, codes);
  }
  return { html: html.join('') };
}

function classesOf({ color, ground, marks }: Look): string {
  const isInverse = marks.has('inverse');
  const over = isInverse ? color || 7 : ground;
  const own = isInverse || over !== 0 || color === 7 ? 0 : color;
  return [
    ...(own === 0 ? [] : [`c${own}`]),
    ...(over === 0 ? [] : [`g${over}`]),
    ...[...marks].filter((mark) => mark !== 'inverse'),
  ].join(' ');
}

const markCodes: Readonly<Record<number, string>> = { 1: 'b', 2: 'd', 3: 'i', 4: 'u', 7: 'inverse', 9: 's' };
const endCodes: Readonly<Record<number, readonly string[]>> = {
  22: ['b', 'd'],
  23: ['i'],
  24: ['u'],
  27: ['inverse'],
  29: ['s'],
};

function changed(before: Look, text: string): Look {
  const codes = text.split(/[;:]/).map(Number);
  let look = before;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extendedColor(codes.slice(at + 1));
      look = code === 38 ? { ...look, color } : { ...look, ground: color };
      at += used;
    } else look = withCode(look, code);
  }
  return look;
}

function withCode(look: Look, code: number): Look {
  if (code === 0) return plain;
  const mark = markCodes[code];
  if (mark !== undefined) return { ...look, marks: new Set([...look.marks, mark]) };
  const ended = endCodes[code];
  if (ended !== undefined) return { ...look, marks: new Set([...look.marks].filter((one) => !ended.includes(one))) };
  if (code === 39 || code === 30) return { ...look, color: 0 };
  if (code === 49 || code === 40) return { ...look, ground: 0 };
  if (code > 30 && code < 38) return { ...look, color: code - 30 };
  if (code > 40 && code < 48) return { ...look, ground: code - 40 };
  if (code >= 90 && code < 98) return { ...look, color: code === 90 ? 8 : code - 90 };
  if (code >= 100 && code < 108) return { ...look, ground: code === 100 ? 8 : code - 100 };
  return look;
}

/** The colour that `5;N` or `2;R;G;B` comes nearest to, and how many numbers it took. */
function extendedColor([kind, first = 0, second = 0, third = 0]: readonly number[]): readonly [number, number] {
  if (kind === 2) return [nearest(first, second, third), 4];
  if (kind !== 5) return [0, 1];
  if (first < 16) return [first === 8 ? 8 : first % 8, 2];
  const grey = 8 + (first - 232) * 10;
  if (first > 231) return [nearest(grey, grey, grey), 2];
  const level = (index: number): number => (index === 0 ? 0 : 55 + index * 40);
  const cube = first - 16;
  return [nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)), 2];
}

function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 48) return most > 64 && most < 160 ? 8 : 0;
  const middle = (most + least) / 2;
  return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
}
