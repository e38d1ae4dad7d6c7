import { parse, type ParsedScript } from 'unbash';

let last: { readonly script: string; readonly tree: ParsedScript } | undefined;

/**
 * A script's syntax tree, by the offsets of the script as it is written. Never throws: what is broken is in `errors`, and then only the words of
 * its commands have true positions.
 */
export function shellSyntax(script: string): ParsedScript {
  if (last?.script !== script) {
    // Windows' line ends, each character in its place: bash reads `\r` as a part of the last word.
    const text = script.replace(/\\\r\n/g, ' \\\n').replace(/\r(?=\n)/g, ' ');
    last = { script, tree: parse(text) };
  }
  return last.tree;
}
