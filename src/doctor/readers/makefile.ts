import { posix } from 'node:path';
import { createCollector } from '../collector.ts';
import { makefileLines } from '../../formats/makefile.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { rangeOf, type MappedText } from '../../formats/mapped-text.ts';
import { expanded, readScript } from '../script.ts';
import { readVariable } from '../variable.ts';

/**
 * A Makefile: what its recipes run and install. Variables that are set once to a plain value are followed; `@`, `-` and `+` before a
 * command are make's own, and `-` ignores its failure.
 */
export const readMakefile: Reader = ({ path, text }) => {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  const lines = makefileLines(text);
  const variables = new Map<string, MappedText | undefined>();
  for (const line of lines) {
    if (line.kind !== 'assignment' || line.sign === '+=') continue;
    const { name, value } = line;
    // Set twice, it depends on more than this file.
    variables.set(name, variables.has(name) ? undefined : value);
    collector.add(readVariable(name, value, { source, how: name }));
  }
  const lookUp = (name: string): MappedText | undefined => {
    const value = variables.get(name);
    return value === undefined || value.text.includes('$') ? undefined : value;
  };
  const cwd = posix.dirname(path);
  // make's shell is sh, whose pipes give the status of the last command.
  const pipefail = /\bpipefail\b/.test(text);
  const targets = new Set(lines.flatMap((line) => (line.kind === 'rule' ? words(line.targets) : [])));
  let target = '';
  let first: string | undefined;
  for (const line of lines) {
    if (line.kind === 'rule') {
      target = words(line.targets).join(' ');
      const isFirst = first === undefined && !target.startsWith('.');
      if (isFirst) first = target;
      const span = source.places.span(...(rangeOf(line.line) ?? [0, 0]));
      const runs = (where: string, name: string): void =>
        collector.command({ command: `make ${name}`, by: 'make', where, span, ...(cwd === '.' ? {} : { cwd }) });
      if (isFirst) runs('', words(line.targets)[0] ?? target);
      // What is made first has its own commands.
      if (!target.startsWith('.')) for (const name of words(line.needs)) if (targets.has(name)) runs(target, name);
    }
    if (line.kind !== 'recipe') continue;
    const failureIgnored = line.flags.includes('-') ? 'a leading -' : undefined;
    // `$$` is the shell's `$`.
    const body = expanded(line.command, lookUp);
    readScript(
      body,
      { source, path, by: 'make', where: target, cwd, failureIgnored, pipefail, within: rangeOf(line.line) },
      collector,
    );
  }
  return collector.collect();
};

function words(list: string): readonly string[] {
  return list.split(/\s+/).filter((word) => word !== '');
}
