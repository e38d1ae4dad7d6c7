import { cut, joined, mapText, trimmed, type MappedText } from './mapped-text.ts';

/** A line of a Makefile, with those that a backslash joins to it. Variables in it stay as written. */
export type MakefileLine =
  | {
      readonly kind: 'assignment';
      readonly name: string;
      readonly sign: '=' | ':=' | '::=' | '?=' | '+=' | '!=';
      readonly value: MappedText;
    }
  | {
      readonly kind: 'rule';
      readonly line: MappedText;
      /** What stands before the colon, and behind it: names and variables; empty where the rule only sets a variable for its targets. */
      readonly targets: string;
      readonly needs: string;
      /** `check: ; pytest`: the command in the rule's own line. */
      readonly inline?: string;
    }
  /** `@`, `-` and `+` before the command are make's own. `line` has the tab. */
  | { readonly kind: 'recipe'; readonly line: MappedText; readonly flags: string; readonly command: MappedText };

/** The assignments, rules and recipe lines of a Makefile, in order; conditionals, functions and includes are left out. */
export function makefileLines(text: string): readonly MakefileLine[] {
  return logicalLines(text).flatMap((line) => recipeLine(line) ?? assignment(line) ?? rule(line) ?? []);
}

function recipeLine(line: MappedText): MakefileLine | undefined {
  const prefix = /^\t[\s@+-]*/.exec(line.text)?.[0];
  return prefix === undefined
    ? undefined
    : { kind: 'recipe', line, flags: prefix.trim(), command: cut(line, prefix.length) };
}

function assignment(line: MappedText): MakefileLine | undefined {
  const match = /^\s*(?:export\s+|override\s+)?([A-Za-z_][\w.-]*)\s*(\?=|\+=|!=|::?=|=)[ \t]*/.exec(line.text);
  if (match?.[1] === undefined) return undefined;
  const sign = match[2] as '=' | ':=' | '::=' | '?=' | '+=' | '!=';
  const value = trimmed(cut(line, match[0].length, /\s#/.exec(line.text)?.index ?? line.text.length));
  return { kind: 'assignment', name: match[1], sign, value };
}

function rule(line: MappedText): MakefileLine | undefined {
  const [whole, targets] = /^([^\s:#=][^:#=]*?)\s*::?(?![:=])/.exec(line.text) ?? [];
  if (whole === undefined || targets === undefined) return undefined;
  const rest = line.text.slice(whole.length);
  const [, inline] = /^[^#;]*;\s*(.*)$/.exec(rest) ?? [];
  const needs = rest.replace(/\s*[#;].*$/, '');
  // `lint: FLAGS = -x` sets a variable for the target.
  return {
    kind: 'rule',
    line,
    targets,
    needs: needs.includes('=') ? '' : needs.replace(/\|/g, ' '),
    ...(inline === undefined ? {} : { inline }),
  };
}

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
