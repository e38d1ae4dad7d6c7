import { posix } from 'node:path';
import { createCollector } from '../collector.ts';
import { justfileLines } from '../../formats/justfile.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { cut, joined, rangeOf, type MappedText } from '../../formats/mapped-text.ts';
import { readScript } from '../script.ts';
import { readVariable } from '../variable.ts';

/**
 * A justfile (https://just.systems): what its recipes run and install, and which recipes each needs. Variables that are set to a plain text are
 * followed; `@` and `-` before a command are just's own, and `-` ignores its failure.
 */
export const readJustfile: Reader = ({ path, text }) => {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  const lines = justfileLines(text);
  const variables = new Map<string, MappedText>();
  for (const line of lines) {
    if (line.kind !== 'assignment') continue;
    variables.set(line.name, line.value);
    collector.add(readVariable(line.name, line.value, { source, how: line.name }));
  }
  const cwd = posix.dirname(path);
  const folder = cwd === '.' ? {} : { cwd };
  let name = '';
  for (const line of lines) {
    if (line.kind === 'recipe') {
      const isFirst = name === '';
      name = line.name;
      const span = source.places.span(line.line.offsets[0] ?? 0, (line.line.offsets.at(-1) ?? 0) + 1);
      const runs = (where: string, needed: string): void =>
        collector.command({ command: `just ${needed}`, by: 'just', where, span, ...folder });
      if (isFirst) runs('', name);
      for (const needed of line.needs) runs(name, needed);
    } else if (line.kind === 'command') {
      const failureIgnored = line.flags.includes('-') ? 'a leading -' : undefined;
      const body = withVariables(line.command, variables);
      if (!body.text.startsWith('#'))
        readScript(
          body,
          { source, path, by: 'just', where: name, cwd, failureIgnored, within: rangeOf(line.line) },
          collector,
        );
    }
  }
  return collector.collect();
};

/** `{{ python }} -m pytest` with what `python` is set to. */
function withVariables(line: MappedText, variables: ReadonlyMap<string, MappedText>): MappedText {
  const parts: MappedText[] = [];
  let from = 0;
  for (const match of line.text.matchAll(/\{\{\s*([A-Za-z_][\w-]*)\s*\}\}/g)) {
    const value = variables.get(match[1] ?? '');
    if (value === undefined) continue;
    parts.push(cut(line, from, match.index), value);
    from = match.index + match[0].length;
  }
  return from === 0 ? line : joined([...parts, cut(line, from)]);
}
