// pytest's report of a failure: title, frames with their source, then what the test printed.
const title = /^_+ (?=\S*[^_\s])\S.* _+$/;
const frameEnd = /^_ _(?: _)* ?_?$/;
const captured = /^-+ (?:Captured .+|live log .+) -+$/;
// /usr/lib/python3.11/subprocess.py:571: CalledProcessError · core/pricing.py:10: in total
const place = /^(\S.*?):\d+: ?(?:in \S.*|[A-Za-z_][\w.]*)?$/;
const foreign = /^(?:\/|\.\.\/)|(?:site|dist)-packages\/|^</;
const said = /^(?:>|E(?:\s|$))/;
const capturedLines = 15;
// A title, what was raised, where.
const leastBlock = 4;

/**
 * pytest's failures in so many lines: whole when they fit. Else without the source of other people's code (the standard library's
 * docstrings, for one); and of a failure that is longer than the room that is left, what was raised, where, and the end of what it printed.
 */
export function pytestFailureLines(
  lines: readonly string[],
  room: number,
  plain: (line: string) => string,
): readonly string[] {
  if (lines.length <= room) return lines;
  const blocks = blocksOf(lines, plain).map((block) => withoutForeignSource(block, plain));
  const shown: string[] = [];
  for (const block of blocks) {
    const left = room - shown.length;
    if (block.length <= left) shown.push(...block);
    else {
      if (left >= leastBlock || shown.length === 0) shown.push(...shortened(block, left, plain));
      break;
    }
  }
  return shown;
}

/** The lines of each failure; the section's heading stands with the first. */
function blocksOf(lines: readonly string[], plain: (line: string) => string): readonly (readonly string[])[] {
  const blocks: string[][] = [[]];
  let titles = 0;
  for (const line of lines) {
    if (title.test(plain(line))) {
      titles += 1;
      if (titles > 1) blocks.push([]);
    }
    blocks.at(-1)?.push(line);
  }
  return blocks;
}

function withoutForeignSource(block: readonly string[], plain: (line: string) => string): readonly string[] {
  const output = block.findIndex((line) => captured.test(plain(line)));
  const body = output < 0 ? block : block.slice(0, output);
  const frames: string[][] = [[]];
  for (const line of body) {
    if (frameEnd.test(plain(line))) frames.push([]);
    frames.at(-1)?.push(line);
  }
  const kept = frames.flatMap((frame) => {
    const where = frame.map((line) => place.exec(plain(line))?.[1]).findLast((path) => path !== undefined);
    if (where === undefined || !foreign.test(where)) return frame;
    return frame.filter((line) => {
      const text = plain(line);
      return said.test(text) || place.test(text) || frameEnd.test(text) || title.test(text);
    });
  });
  return output < 0 ? kept : [...kept, ...endsOfOutput(block.slice(output), plain)];
}

/** Each captured section with its last lines. */
function endsOfOutput(lines: readonly string[], plain: (line: string) => string): readonly string[] {
  const sections: string[][] = [];
  for (const line of lines) {
    if (captured.test(plain(line))) sections.push([]);
    sections.at(-1)?.push(line);
  }
  return sections.flatMap(([heading = '', ...rest]) => [
    heading,
    ...(rest.length > capturedLines ? ['…', ...rest.slice(-capturedLines)] : rest),
  ]);
}

/** What was raised and where, and what the test printed; then as much of the source above as there is room for. */
function shortened(block: readonly string[], room: number, plain: (line: string) => string): readonly string[] {
  const output = block.findIndex((line) => captured.test(plain(line)));
  const isTelling = block.map((line, index) => {
    const text = plain(line);
    const isHeading = index === 0 || title.test(text);
    return isHeading || said.test(text) || place.test(text) || (output >= 0 && index >= output && text.trim() !== '');
  });
  let others = room - isTelling.filter(Boolean).length;
  // The source next to what was raised says more than the beginning of the function.
  for (let index = block.length - 1; index >= 0 && others > 0; index -= 1)
    if (isTelling[index] === false && block[index]?.trim() !== '') {
      isTelling[index] = true;
      others -= 1;
    }
  const kept = block.filter((_, index) => isTelling[index] === true);
  return kept.length <= room
    ? kept
    : [...kept.slice(0, leastBlock), ...kept.slice(leastBlock).slice(-(room - leastBlock))];
}
