import { posix } from 'node:path';
import { createCollector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { cut, mapText, joined, trimmed, type MappedText } from '../../formats/mapped-text.ts';
import { expanded, readScript } from '../script.ts';
import { readVariable } from '../variable.ts';

/**
 * A Makefile: what its recipes run and install. Variables that are set once to a plain value are followed; `@`, `-` and `+` before a
 * command are make's own, and `-` ignores its failure.
 */
export const readMakefile: Reader = ({ path, text }) => {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  const lines = logicalLines(text);
  const variables = new Map<string, MappedText | undefined>();
  for (const line of lines) {
    const match = /^(?:export\s+|override\s+)?([A-Za-z_][\w.-]*)\s*(?:\?|::?|!)?=[ \t]*/.exec(line.text);
    if (match?.[1] === undefined || line.text.startsWith('\t')) continue;
    const value = trimmed(cut(line, match[0].length, /\s#/.exec(line.text)?.index ?? line.text.length));
    // Set twice, it depends on more than this file.
    variables.set(match[1], variables.has(match[1]) ? undefined : value);
    collector.add(readVariable(match[1], value, { source, how: match[1] }));
  }
  const lookUp = (name: string): MappedText | undefined => {
    const value = variables.get(name);
    return value === undefined || value.text.includes('$') ? undefined : value;
  };
  const cwd = posix.dirname(path);
  let target = '';
  for (const line of lines) {
    if (!line.text.startsWith('\t')) {
      const named = /^([^\s:#=][^:#=]*?)\s*::?(?!=)/.exec(line.text)?.[1];
      if (named !== undefined) target = named.trim();
      continue;
    }
    const prefix = /^\t[\s@+-]*/.exec(line.text)?.[0] ?? '';
    const failureIgnored = prefix.includes('-') ? 'a leading -' : undefined;
    // `$$` is the shell's `$`.
    const body = expanded(cut(line, prefix.length), lookUp);
    readScript(body, { source, path, by: 'make', where: target, cwd, failureIgnored }, collector);
  }
  return collector.collect();
};

/** Lines with those that a backslash joins to them. */
function logicalLines(text: string): readonly MappedText[] {
  const lines: MappedText[] = [];
  let parts: MappedText[] = [];
  for (const match of text.replace(/^\uFEFF/, ' ').matchAll(/[^\n]*(?:\n|$)/g)) {
    if (match[0] === '' && match.index >= text.length && parts.length === 0) break;
    const line = match[0].replace(/\r?\n$/, '');
    const isContinued = /(?<!\\)(?:\\\\)*\\$/.test(line);
    parts.push(mapText(isContinued ? line.slice(0, -1) : line, match.index));
    if (isContinued && match.index + match[0].length < text.length) {
      parts.push({ text: ' ', offsets: [-1] });
      continue;
    }
    lines.push(joined(parts));
    parts = [];
  }
  return lines;
}
