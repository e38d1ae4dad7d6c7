import { posix } from 'node:path';
import { createCollector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { cut, joined, mapText, rangeOf, trimmed, type MappedText } from '../../formats/mapped-text.ts';
import { readScript } from '../script.ts';
import { readVariable } from '../variable.ts';

// test *args: (lint "src") build && report   · @lint: · [group('checks')] stands in a line of its own
const recipe = /^@?([A-Za-z_][\w-]*)((?:\s+(?:[^:"'(]|"[^"]*"|'[^']*'|\([^)]*\))*)?):(?!=)(.*)$/;
const assignment = /^(?:export\s+)?([A-Za-z_][\w-]*)\s*:=[ \t]*/;

/**
 * A justfile (https://just.systems): what its recipes run and install, and which recipes each needs. Variables that are set to a plain text are
 * followed; `@` and `-` before a command are just's own, and `-` ignores its failure.
 */
export const readJustfile: Reader = ({ path, text }) => {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  const lines = [...text.matchAll(/[^\n]*(?:\n|$)/g)].map(({ 0: line, index }) =>
    mapText(line.replace(/\r?\n$/, ''), index),
  );
  const variables = new Map<string, MappedText>();
  for (const line of lines) {
    const match = assignment.exec(line.text);
    if (match?.[1] === undefined) continue;
    const quoted = trimmed(cut(line, match[0].length));
    const value = /^(["'])[^"'{}]*\1$/.test(quoted.text) ? cut(quoted, 1, quoted.text.length - 1) : undefined;
    if (value === undefined) continue;
    variables.set(match[1], value);
    collector.add(readVariable(match[1], value, { source, how: match[1] }));
  }
  const cwd = posix.dirname(path);
  const folder = cwd === '.' ? {} : { cwd };
  let name = '';
  let isFirst = true;
  for (const line of lines) {
    const [, recipeName, , rest = ''] = recipe.exec(line.text) ?? [];
    if (recipeName !== undefined && !/^(?:set|alias|import|mod|export)$/.test(recipeName)) {
      name = recipeName;
      const span = source.places.span(line.offsets[0] ?? 0, (line.offsets.at(-1) ?? 0) + 1);
      const runs = (where: string, needed: string): void =>
        collector.command({ command: `just ${needed}`, by: 'just', where, span, ...folder });
      if (isFirst) runs('', name);
      isFirst = false;
      for (const needed of neededBy(rest)) runs(name, needed);
    } else if (/^\s+\S/.test(line.text) && name !== '') {
      const prefix = /^\s+[@-]*\s*/.exec(line.text)?.[0] ?? '';
      const failureIgnored = prefix.includes('-') ? 'a leading -' : undefined;
      const body = withVariables(cut(line, prefix.length), variables);
      if (!body.text.startsWith('#'))
        readScript(
          body,
          { source, path, by: 'just', where: name, cwd, failureIgnored, within: rangeOf(line) },
          collector,
        );
    } else if (line.text.trim() !== '' && !/^[#[]/.test(line.text)) name = '';
  }
  return collector.collect();
};

/** The recipes behind the colon: `lint (test "unit")`; what comes after `&&` runs, too. */
function neededBy(rest: string): readonly string[] {
  const plain = rest.replace(/\s#.*$/, '').replace(/\(([\w-]+)[^)]*\)/g, ' $1 ');
  return plain.split(/\s+|&&/).filter((word) => /^[A-Za-z_][\w-]*$/.test(word));
}

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
