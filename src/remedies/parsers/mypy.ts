import { printedPlace, type Said, type ToolOutput } from '../said.ts';

// core/models.py:12: error: Incompatible default …  [assignment] · with --show-column-numbers 12:5, with --show-error-end 12:5:12:9;
// about a file as a whole without any: ../core/pricing.py: error: Duplicate module named "pricing" …
const said = /^([^\s"'<>|+-][^"<>|]*?\.pyi?):(?:(\d+):(?:(\d+):(?:\d+:\d+:)?)?)? (error|warning|note): (.*)$/;
// mypy: can't read file 'core/nowhere.py': No such file or directory
const trouble = /^mypy: (?:error: )?(\S.*)$/;
const code = /\s+\[([a-z][a-z0-9-]*)\]$/;
// Under the source line that --pretty shows.
const marker = /^\s+\^~*(?:\.\.\.)?$/;
const end = /^(?:Found \d+ errors? in |Success: )/;
// A message takes no more lines than this in 80 columns.
const longestWrapped = 15;

/** mypy in each of its forms; the notes that follow an error at the same place belong to its message. */
export function parseMypy({ lines, words }: ToolOutput): readonly Said[] {
  const found: Said[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const text = lines[at] ?? '';
    const [, path, line, column, severity, first] = said.exec(text) ?? [];
    if (path === undefined || first === undefined) {
      const wrong = words.has('mypy') || words.has('dmypy') ? trouble.exec(text)?.[1] : undefined;
      if (wrong !== undefined)
        found.push({ tool: 'mypy', code: null, severity: 'error', message: wrong, places: [], at });
      continue;
    }
    const place = printedPlace(path, line, column);
    const whole = unwrapped(lines, at, first);
    const message = whole.replace(code, '').trimEnd();
    const last = found.at(-1);
    const previous = last?.places[0];
    if (severity === 'note' && last?.severity === 'error' && previous?.path === path && previous.line === place.line) {
      found[found.length - 1] = { ...last, message: `${last.message}\n${message}` };
      continue;
    }
    found.push({
      tool: 'mypy',
      code: code.exec(whole)?.[1] ?? null,
      severity: severity === 'error' || severity === 'warning' ? severity : 'note',
      message,
      places: [place],
      at,
    });
  }
  return found;
}

/** The message in one line. With --pretty it goes on in the lines below, up to the source line and its marker. */
function unwrapped(lines: readonly string[], at: number, first: string): string {
  if (code.test(first)) return first;
  const parts = [first];
  for (let next = at + 1; next <= at + longestWrapped; next += 1) {
    const text = lines[next] ?? '';
    if (/^\s/.test(text)) return marker.test(lines[next + 1] ?? '') ? parts.join(' ') : first;
    if (text === '' || said.test(text) || end.test(text)) return first;
    parts.push(text);
  }
  return first;
}
