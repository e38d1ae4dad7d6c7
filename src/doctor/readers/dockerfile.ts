import { createCollector, type Collector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader } from '../declaration.ts';
import { cut, mapText, joined, trimmed, type MappedText, type Source } from '../../formats/mapped-text.ts';
import { expanded, readScript } from '../script.ts';
import { readVariable } from '../variable.ts';
import { readImageText } from './container-image.ts';

/** A Dockerfile or Containerfile (https://docs.docker.com/reference/dockerfile): its images, its arguments, and what RUN installs. */
export const readDockerfile: Reader = ({ path, text }) => {
  const collector = createCollector();
  const source = { text, places: placesOf(text) };
  readInstructions(instructionsOf(text), { source, path, collector });
  return collector.collect();
};

/** An instruction and what it was given, continuation lines joined, comments between them left out, here-documents taken in. */
interface Instruction {
  readonly name: string;
  readonly rest: MappedText;
}

interface Scope {
  readonly source: Source;
  readonly path: string;
  readonly collector: Collector;
}

function instructionsOf(text: string): readonly Instruction[] {
  const escape = /^(?:#[^\n]*\n)*?#[ \t]*escape[ \t]*=[ \t]*`/i.test(text) ? '`' : '\\';
  const lines = [...text.replace(/^\uFEFF/, ' ').matchAll(/[^\n]*\n|[^\n]+$/g)].map(({ 0: line, index }) => ({
    line: line.replace(/\r?\n$/, ''),
    start: index,
  }));
  const found: Instruction[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const parts: MappedText[] = [];
    for (; at < lines.length; at += 1) {
      const { line = '', start = 0 } = lines[at] ?? {};
      if (/^\s*(?:#|$)/.test(line)) {
        if (parts.length === 0) break;
        continue;
      }
      const isContinued = line.trimEnd().endsWith(escape);
      const kept = isContinued ? line.trimEnd().slice(0, -1) : line;
      parts.push(mapText(kept, start), { text: '\n', offsets: [-1] });
      if (!isContinued) break;
    }
    if (parts.length === 0) continue;
    // The newlines that a backslash joins are blanks to a shell.
    let whole = joined(parts.map((part) => (part.text === '\n' ? { text: ' ', offsets: part.offsets } : part)));
    for (const [, tabs, , end = ''] of whole.text.matchAll(/<<(-?)(["']?)(\w+)\2/g)) {
      if (!/^\s*(?:RUN|COPY|ADD)\b/i.test(whole.text)) break;
      const body: MappedText[] = [{ text: '\n', offsets: [-1] }];
      for (at += 1; at < lines.length; at += 1) {
        const { line = '', start = 0 } = lines[at] ?? {};
        if ((tabs === '-' ? line.trimStart() : line) === end) break;
        body.push(mapText(line, start), { text: '\n', offsets: [-1] });
      }
      whole = joined([whole, ...body]);
    }
    const match = /^\s*([A-Za-z]+)\s+/.exec(whole.text);
    if (match?.[1] === undefined) continue;
    const name = match[1].toUpperCase();
    const onBuild = name === 'ONBUILD' ? /^\s*([A-Za-z]+)\s+/.exec(whole.text.slice(match[0].length)) : null;
    const rest = cut(whole, match[0].length + (onBuild?.[0].length ?? 0));
    found.push({ name: onBuild?.[1]?.toUpperCase() ?? name, rest: trimmed(rest) });
  }
  return found;
}

function readInstructions(instructions: readonly Instruction[], scope: Scope): void {
  // Arguments before the first FROM are for FROM lines; a stage has its own, and takes a global one in by naming it.
  const globals = new Map<string, MappedText>();
  let stage: Map<string, MappedText> | undefined;
  const stages = new Set<string>();
  for (const { name, rest } of instructions) {
    const lookUp = (variable: string): MappedText | undefined => (stage ?? globals).get(variable);
    if (name === 'ARG' || name === 'ENV') readVariables(name, rest, { globals, stage, lookUp }, scope);
    else if (name === 'FROM') {
      stage = new Map();
      readFrom(rest, { globals, stages }, scope);
    } else if (name === 'COPY' || name === 'ADD') {
      const from = /--from=(\S+)/.exec(rest.text);
      if (from?.[1] !== undefined) {
        const mapped = cut(rest, from.index + '--from='.length, from.index + from[0].length);
        readImage(
          expanded(mapped, (variable) => globals.get(variable)),
          stages,
          `${name} --from`,
          scope,
        );
      }
    } else if (name === 'RUN') readRun(rest, { lookUp, stages }, scope);
  }
}

function readFrom(
  rest: MappedText,
  { globals, stages }: { readonly globals: ReadonlyMap<string, MappedText>; readonly stages: Set<string> },
  scope: Scope,
): void {
  const match = /^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(rest.text);
  if (match?.[1] === undefined) return;
  const start = match[0].indexOf(match[1], match[0].search(/(?<=^|\s)(?!--)\S/));
  const mapped = cut(rest, start, start + match[1].length);
  readImage(
    expanded(mapped, (variable) => globals.get(variable)),
    stages,
    'FROM',
    scope,
  );
  if (match[2] !== undefined) stages.add(match[2].toLowerCase());
}

function readImage(mapped: MappedText, stages: ReadonlySet<string>, how: string, { source, collector }: Scope): void {
  if (stages.has(mapped.text.toLowerCase()) || /^\d+$/.test(mapped.text)) return;
  readImageText(mapped, { source, how }, collector);
}

/** `ARG NAME=value`, `ENV A=1 B="2"`, `ENV NAME value`. A version that no image and no RUN takes up is one by the name alone. */
function readVariables(
  name: 'ARG' | 'ENV',
  rest: MappedText,
  known: {
    readonly globals: Map<string, MappedText>;
    readonly stage: Map<string, MappedText> | undefined;
    readonly lookUp: (name: string) => MappedText | undefined;
  },
  { source, collector }: Scope,
): void {
  const { globals, stage, lookUp } = known;
  const into_ = stage ?? globals;
  const old = name === 'ENV' ? /^(\w+)\s+(?!=)(\S.*)$/s.exec(rest.text) : null;
  const pairs =
    old?.[1] !== undefined && old[2] !== undefined && !old[1].includes('=')
      ? [{ key: old[1], start: rest.text.length - old[2].length, end: rest.text.length }]
      : [...rest.text.matchAll(/(\w+)(=?)("[^"]*"|'[^']*'|(?:\\.|[^\s\\"'])*)/g)].map((match) => {
          const [whole, key = '', equals, value = ''] = match;
          const quote = /^["']/.test(value) ? 1 : 0;
          const end = match.index + whole.length - quote;
          return { key, start: equals === '' ? -1 : end - value.length + 2 * quote, end };
        });
  for (const { key, start, end } of pairs) {
    if (start < 0) {
      const global = globals.get(key);
      if (global !== undefined) into_.set(key, global);
      continue;
    }
    const value = expanded(cut(rest, start, end), lookUp);
    into_.set(key, value);
    collector.add(readVariable(key, value, { source, how: `${name} ${key}` }));
  }
}

function readRun(
  rest: MappedText,
  {
    lookUp,
    stages,
  }: { readonly lookUp: (name: string) => MappedText | undefined; readonly stages: ReadonlySet<string> },
  scope: Scope,
): void {
  let body = rest;
  for (;;) {
    const flag = /^--(\S+)\s+/.exec(body.text);
    if (flag === null) break;
    const from = /(?:^|,)from=([^,\s]+)/.exec(flag[1] ?? '');
    if (flag[1]?.startsWith('mount=') === true && from?.[1] !== undefined) {
      const start = flag[0].indexOf(from[1], flag[0].indexOf('from='));
      readImage(cut(body, start, start + from[1].length), stages, 'RUN --mount from', scope);
    }
    body = cut(body, flag[0].length);
  }
  const { source, path, collector } = scope;
  // The exec form: ["pip", "install", "black==25.9.0"].
  if (/^\[.*\]$/s.test(body.text))
    body = joined(
      [...body.text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].flatMap((word) => [
        cut(body, word.index + 1, word.index + word[0].length - 1),
        { text: ' ', offsets: [-1] },
      ]),
    );
  // A here-document's body is the script itself.
  const document = /^(?:<<-?["']?\w+["']?)\s*\n/.exec(body.text);
  if (document !== null) body = cut(body, document[0].length);
  readScript(body, { source, path, where: 'RUN', lookUp }, collector);
}
