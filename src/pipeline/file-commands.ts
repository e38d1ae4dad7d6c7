import { err, ok, type Result } from '../core/result.ts';

/**
 * Reads what a step has written into the file of GITHUB_ENV or GITHUB_OUTPUT: lines `NAME=value`, and values of several lines between
 * `NAME<<WORD` and a line that is WORD. Err with a sentence, as on GitHub, for a line that is neither; `text` is null for what is no such file.
 */
export function parseFileCommands(file: string, text: string | null): Result<ReadonlyMap<string, string>, string> {
  if (text === null) return err(`${file} is no file of at most 1 MiB`);
  const found = new Map<string, string>();
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
      const [name, word] = [line.slice(0, heredoc), line.slice(heredoc + 2)];
      const end = lines.indexOf(word, at + 1);
      if (name === '' || word === '') return err(`${file} has the line "${line}", which names nothing`);
      if (end < 0) return err(`${file} has a value for ${name} that no line "${word}" ends`);
      found.set(name, lines.slice(at + 1, end).join('\n'));
      at = end;
    } else if (equals > 0) found.set(line.slice(0, equals), line.slice(equals + 1));
    else return err(`${file} has the line "${line}", which is not NAME=value`);
  }
  return ok(found);
}
