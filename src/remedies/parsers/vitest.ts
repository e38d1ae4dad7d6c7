import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

//  FAIL  ui/badge.test.js > badge · with projects:  FAIL  |unit| ui/badge.test.js > badge · a file as a whole:  FAIL  a.test.js [ a.test.js ]
const heading = /^ FAIL {2}(?:\|[^|]+\| )?(\S+)(?: > .+| \[ .+ \])$/;
// AssertionError: expected 1 to be 2
const thrown = /^((?:[A-Za-z_]\w*)?(?:Error|Exception)\b[^:]{0,40}): (\S.*)$/;
//  ❯ ui/badge.test.js:5:23 ·  ❯ total ui/prices.js:2:9
const place = /^ ❯ (?:.* )?(\S+?):(\d+):(\d+)$/;
// The source line that failed stands above its marker:     5|   expect(badge("new")).toMatchSnapshot();
const source = /^ {1,8}\d+\| ?(.*)$/;
const marker = /^ {1,8}\| +\^/;
const end = /^⎯+/;
const longestMessage = 20;
const longestBlock = 120;

/** vitest: failed tests and files that could not be loaded, each with the error's words, its diff and the source line that failed. */
export function parseVitest({ lines }: ToolOutput): readonly RawDiagnostic[] {
  return lines.flatMap((text, at): readonly RawDiagnostic[] => {
    const [, file] = heading.exec(text) ?? [];
    if (file === undefined) return [];
    const rest = lines.slice(at + 1, at + longestBlock);
    const stop = rest.findIndex((line) => end.test(line));
    const block = stop < 0 ? rest : rest.slice(0, stop);
    // Several tests that fail alike share one error.
    const first = block.findIndex((line) => !heading.test(line));
    const [, name, words] = thrown.exec(block[first] ?? '') ?? [];
    if (name === undefined || words === undefined) return [];
    const frames = block.findIndex((line) => place.test(line));
    const more = block.slice(first + 1, frames < 0 ? first + 1 : frames);
    const failing = block.findIndex((line) => marker.test(line));
    const [, code] = source.exec(block[failing - 1] ?? '') ?? [];
    const message = [words, ...more, ...(code === undefined ? [] : [code.trimEnd()])]
      .filter((line) => line.trim() !== '')
      .slice(0, longestMessage)
      .join('\n');
    const places = block.flatMap((line) => {
      const [, path, row, column] = place.exec(line) ?? [];
      return path === undefined ? [] : [printedPlace(path, row, column)];
    });
    return [{ tool: 'vitest', code: name, severity: 'error', message, places: [...places, printedPlace(file)], at }];
  });
}
