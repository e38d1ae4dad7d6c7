import { printedPlace, type PrintedPlace, type RawDiagnostic, type ToolOutput } from '../raw-diagnostic.ts';

const error = /^ERROR: (\S.*)$/;
// What pip says and nobody else does, for steps that don't call it by its name (make, a script).
const known = [
  'Could not find a version that satisfies',
  'No matching distribution found for',
  'Could not install packages due to an ',
  'ResolutionImpossible: ',
  'THESE PACKAGES DO NOT MATCH THE HASHES',
  'Hashes are required in --require-hashes mode',
  'In --require-hashes mode',
  'Could not open requirements file',
  'Invalid requirement: ',
  'Failed building wheel for ',
  'Could not build wheels for ',
] as const;
const knownForm = /^(?:Cannot install .+ because these package versions|Package '.+' requires a different Python)/;
// WARNING: Retrying (Retry(total=0, …)) after connection broken by 'NewConnectionError('…: Failed to establish …')': /simple/left-pad/
const retrying = /^ *WARNING: Retrying \(.*?\) after connection broken by ['"](\w+)\((.*)\)['"]: (\S+)$/;
// error: subprocess-exited-with-error, then a box: × …, │ …, ╰─> …
const boxed = /^ *error: ([a-z]+(?:-[a-z]+)+)$/;
const box = /^ *(?:×|│|╰─>|\| |x ) ?(.*)$/;
// … (from -r requirements.txt (line 3)) · (from line 3 of requirements.txt) · Could not open requirements file: […]: 'nowhere.txt'
const fromFile = /\(from -r (.+?) \(line (\d+)\)\)/;
const fromLine = /\(from line (\d+) of (.+?)\)/;
const conflict = /^The conflict is caused by:$/;
const longestMessage = 12;

/** pip's errors; those of a lost network with what broke the connection, those of a requirements file with their line. */
export function parsePip({ lines, words }: ToolOutput): readonly RawDiagnostic[] {
  const isNamed = words.has('pip') || words.has('pip3') || words.has('pip-sync') || words.has('pip-compile');
  const found: RawDiagnostic[] = [];
  let broken: { readonly name: string; readonly why: string } | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const text = lines[at] ?? '';
    const [, name, why, where] = retrying.exec(text) ?? [];
    if (name !== undefined && why !== undefined && where !== undefined)
      broken = { name, why: `${reasonOf(why)} (${where})` };
    const id = boxed.exec(text)?.[1];
    const inBox = id === undefined ? undefined : boxBelow(lines, at);
    if (id !== undefined && inBox !== undefined) found.push(rawDiagnostic(id, inBox, at));
    if (!isPips(text, isNamed)) continue;
    const begun = at;
    const texts = [error.exec(text)?.[1] ?? ''];
    // Its errors come in a row, and go on in lines that are indented.
    for (; isPips(lines[at + 1] ?? '', isNamed) || /^(?: {4,}\S|Hint: )/.test(lines[at + 1] ?? ''); at += 1)
      texts.push((lines[at + 1] ?? '').replace(/^ERROR: /, ''));
    const caused = conflictBelow(lines, at);
    const message = [...texts, ...caused, ...(broken === undefined ? [] : [broken.why])].slice(0, longestMessage);
    const previous = found.at(-1);
    // It says twice that there is no solution.
    if (texts[0]?.startsWith('ResolutionImpossible: ') === true && previous?.code === 'ResolutionImpossible') continue;
    const code = caused.length > 0 ? 'ResolutionImpossible' : (broken?.name ?? null);
    found.push(rawDiagnostic(code, message.join('\n'), begun));
    broken = undefined;
  }
  return found;
}

function isPips(text: string, isNamed: boolean): boolean {
  const message = error.exec(text)?.[1];
  if (message === undefined) return false;
  if (known.some((words) => message.startsWith(words)) || knownForm.test(message)) return true;
  return isNamed && !message.startsWith('usage: ');
}

/** `HTTPSConnection(host='acme.test', port=443): Failed to establish a new connection: [Errno -3] …` without the object it is about. */
function reasonOf(words: string): string {
  return words.replace(/^["']?<?[\w.]*(?:Connection|Pool)\b[^:]*: /, '').replace(/["']\)?$/, '');
}

function boxBelow(lines: readonly string[], at: number): string | undefined {
  const texts: string[] = [];
  for (let next = lines[at + 1] === '' ? at + 2 : at + 1; texts.length < longestMessage; next += 1) {
    const line = lines[next] ?? '';
    const inside = box.exec(line)?.[1] ?? (/^ {6,}\S/.test(line) && texts.length > 0 ? line.trim() : undefined);
    if (inside === undefined) break;
    if (inside !== '') texts.push(inside);
  }
  return texts.length === 0 ? undefined : texts.join('\n');
}

function conflictBelow(lines: readonly string[], at: number): readonly string[] {
  const begin = lines.slice(at + 1, at + 4).findIndex((line) => conflict.test(line));
  if (begin < 0) return [];
  const rest = lines.slice(at + 1 + begin);
  const end = rest.findIndex((line, index) => index > 0 && !/^ {4}\S/.test(line));
  return (end < 0 ? rest : rest.slice(0, end)).slice(0, longestMessage);
}

function rawDiagnostic(code: string | null, message: string, at: number): RawDiagnostic {
  return { tool: 'pip', code, severity: 'error', message, places: placesOf(message), at };
}

function placesOf(message: string): readonly PrintedPlace[] {
  const [, file, line] = fromFile.exec(message) ?? [];
  if (file !== undefined) return [printedPlace(file, line)];
  const [, otherLine, otherFile] = fromLine.exec(message) ?? [];
  return otherFile === undefined ? [] : [printedPlace(otherFile, otherLine)];
}
