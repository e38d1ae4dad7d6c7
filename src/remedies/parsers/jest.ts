import { printedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

// FAIL ui/badge.test.js · with --verbose or several projects: FAIL ui ui/badge.test.js (5.1 s)
const file = /^FAIL (?:.* )?(\S+\.[cm]?[jt]sx?)(?: \(.+\))?$/;
//   ● badge › new
const heading = /^ {2}● (.+)$/;
//       at Object.toMatchSnapshot (ui/badge.test.js:4:24)
const place = /^ {6}at (?:.* \()?((?!node:)[^\s():]+):(\d+):(\d+)\)?$/;
// The source around it:     > 4 |   expect(badge("new")).toMatchSnapshot();
const frame = /^ {4}(?:>| ) +\d+ \|/;
const end = /^(?: {2}● |(?:FAIL|PASS) |Test Suites: |Snapshot Summary$| › |Summary of all failing tests$)/;
const longestMessage = 20;
const longestBlock = 200;

/** jest: failed tests and files that could not be loaded, each with what it says down to the source around it. */
export function parseJest({ lines }: ToolOutput): readonly RawDiagnostic[] {
  const found: RawDiagnostic[] = [];
  let path: string | undefined;
  lines.forEach((text, at) => {
    path = file.exec(text)?.[1] ?? (text.startsWith('PASS ') ? undefined : path);
    const name = heading.exec(text)?.[1];
    if (name === undefined || path === undefined || name === 'Console') return;
    const rest = lines.slice(at + 1, at + longestBlock);
    const stop = rest.findIndex((line) => end.test(line));
    const block = stop < 0 ? rest : rest.slice(0, stop);
    const frames = block.findIndex((line) => frame.test(line) || place.test(line));
    const message = (frames < 0 ? block : block.slice(0, frames))
      .map((line) => line.replace(/^ {4}/, '').trimEnd())
      .filter((line) => line !== '')
      .slice(0, longestMessage)
      .join('\n');
    if (message === '') return;
    const places = block.flatMap((line) => {
      const [, other, row, column] = place.exec(line) ?? [];
      return other === undefined ? [] : [printedPlace(other, row, column)];
    });
    found.push({ tool: 'jest', code: null, severity: 'error', message, places: [...places, printedPlace(path)], at });
  });
  return found;
}
