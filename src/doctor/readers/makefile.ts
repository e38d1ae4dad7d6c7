import { posix } from 'node:path';
import { createCollector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { cut, mapText, joined, rangeOf, trimmed, type MappedText } from '../../formats/mapped-text.ts';
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
  // make's shell is sh, whose pipes give the status of the last command.
  const pipefail = /\bpipefail\b/.test(text);
  const rules = lines.flatMap((line) => ruleOf(line) ?? []);
  const targets = new Set(rules.flatMap((rule) => rule.targets));
  let target = '';
  let first: string | undefined;
  for (const line of lines) {
    if (!line.text.startsWith('\t')) {
      const rule = ruleOf(line);
      if (rule === undefined) continue;
      target = rule.targets.join(' ');
      const isFirst = first === undefined && !target.startsWith('.');
      if (isFirst) first = target;
      const span = source.places.span(...(rangeOf(line) ?? [0, 0]));
      const runs = (where: string, name: string): void =>
        collector.command({ command: `make ${name}`, by: 'make', where, span, ...(cwd === '.' ? {} : { cwd }) });
      if (isFirst) runs('', rule.targets[0] ?? target);
      // What is made first has its own commands.
      if (!target.startsWith('.')) for (const name of rule.needs) if (targets.has(name)) runs(target, name);
      continue;
    }
    const prefix = /^\t[\s@+-]*/.exec(line.text)?.[0] ?? '';
    const failureIgnored = prefix.includes('-') ? 'a leading -' : undefined;
    // `$$` is the shell's `$`.
    const body = expanded(cut(line, prefix.length), lookUp);
    readScript(
      body,
      { source, path, by: 'make', where: target, cwd, failureIgnored, pipefail, within: rangeOf(line) },
      collector,
    );
  }
  return collector.collect();
};

/** `check: lint test ## all of it`: the targets, and what they need; undefined for another line. */
function ruleOf({
  text,
}: MappedText): { readonly targets: readonly string[]; readonly needs: readonly string[] } | undefined {
  const [whole, named] = /^([^\s:#=][^:#=]*?)\s*::?(?![:=])/.exec(text) ?? [];
  if (text.startsWith('\t') || whole === undefined || named === undefined) return undefined;
  const rest = text.slice(whole.length).replace(/\s*[#;].*$/, '');
  const words = (list: string): readonly string[] => list.split(/\s+/).filter((word) => word !== '');
  // `lint: FLAGS = -x` sets a variable for the target.
  return { targets: words(named), needs: rest.includes('=') ? [] : words(rest.replace(/\|/g, ' ')) };
}

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
