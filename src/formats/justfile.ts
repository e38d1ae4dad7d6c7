import { cut, mapText, trimmed, type MappedText } from './mapped-text.ts';

/** A line of a justfile (https://just.systems). `{{ variables }}` in it stay as written. */
export type JustfileLine =
  /** Only one whose value is a plain text. */
  | { readonly kind: 'assignment'; readonly name: string; readonly value: MappedText }
  | {
      readonly kind: 'recipe';
      readonly line: MappedText;
      readonly name: string;
      readonly needs: readonly string[];
      /** In order; the value is what stands when nobody gives one. */
      readonly parameters: readonly { readonly name: string; readonly fallback?: string }[];
    }
  /** A line of the last recipe; `@` and `-` before the command are just's own. */
  | { readonly kind: 'command'; readonly line: MappedText; readonly flags: string; readonly command: MappedText };

// test *args: (lint "src") build && report   · @lint: · [group('checks')] stands in a line of its own
const recipe = /^@?([A-Za-z_][\w-]*)((?:\s+(?:[^:"'(]|"[^"]*"|'[^']*'|\([^)]*\))*)?):(?!=)(.*)$/;
const assignment = /^(?:export\s+)?([A-Za-z_][\w-]*)\s*:=[ \t]*/;

/** The assignments, recipes and commands of a justfile, in order. */
export function justfileLines(text: string): readonly JustfileLine[] {
  const lines: JustfileLine[] = [];
  let isInRecipe = false;
  for (const { 0: whole, index } of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    const line = mapText(whole.replace(/\r?\n$/, ''), index);
    const assigned = assignment.exec(line.text);
    const [, name, said = '', rest = ''] = recipe.exec(line.text) ?? [];
    if (assigned?.[1] !== undefined) {
      const quoted = trimmed(cut(line, assigned[0].length));
      if (/^(["'])[^"'{}]*\1$/.test(quoted.text))
        lines.push({ kind: 'assignment', name: assigned[1], value: cut(quoted, 1, quoted.text.length - 1) });
      isInRecipe = false;
    } else if (name !== undefined && !/^(?:set|alias|import|mod|export)$/.test(name)) {
      lines.push({ kind: 'recipe', line, name, needs: neededBy(rest), parameters: parametersIn(said) });
      isInRecipe = true;
    } else if (/^\s+\S/.test(line.text) && isInRecipe) {
      const prefix = /^\s+[@-]*\s*/.exec(line.text)?.[0] ?? '';
      lines.push({ kind: 'command', line, flags: prefix.trim(), command: cut(line, prefix.length) });
    } else if (line.text.trim() !== '' && !/^[#[]/.test(line.text)) isInRecipe = false;
  }
  return lines;
}

/** `name`, `version="3"`, `*args='-x tests'` */
function parametersIn(said: string): readonly { readonly name: string; readonly fallback?: string }[] {
  return [...said.matchAll(/[*+$]*([A-Za-z_][\w-]*)(?:=("[^"]*"|'[^']*'|\([^)]*\)|[\w-]+))?/g)].map(
    ([, name = '', fallback]) => ({
      name,
      ...(fallback === undefined || !/^["']/.test(fallback) ? {} : { fallback: fallback.slice(1, -1) }),
    }),
  );
}

/** The recipes behind the colon: `lint (test "unit")`; what comes after `&&` runs, too. */
function neededBy(rest: string): readonly string[] {
  const plain = rest.replace(/\s#.*$/, '').replace(/\(([\w-]+)[^)]*\)/g, ' $1 ');
  return plain.split(/\s+|&&/).filter((word) => /^[A-Za-z_][\w-]*$/.test(word));
}
