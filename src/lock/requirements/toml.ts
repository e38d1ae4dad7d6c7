import { getStaticTOMLValue, parseTOML, ParseError, type AST } from 'toml-eslint-parser';
import type { Span } from '../../core/span.ts';

/** A TOML document as plain values, with the place of each. */
export interface TomlDocument {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where the value under a path stands; the document's start for one that is not there. */
  readonly at: (path: readonly (string | number)[]) => Span;
}

/** A TOML document that is none. */
export interface TomlProblem {
  readonly message: string;
  readonly span: Span;
}

/** Reads TOML; gives the first problem, with its place, when it is none. */
export function readToml(text: string): TomlDocument | TomlProblem {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { lineNumber: line, column } = error;
    return {
      message: error.message,
      span: { line, column: column + 1, endLine: line, endColumn: column + 2 },
    };
  }
  const places = new Map<string, Span>();
  const visit = (node: AST.TOMLContentNode, path: readonly (string | number)[]): void => {
    const { start, end } = node.loc;
    places.set(JSON.stringify(path), {
      line: start.line,
      column: start.column + 1,
      endLine: end.line,
      endColumn: end.column + 1,
    });
    if (node.type === 'TOMLArray')
      for (const [index, element] of node.elements.entries()) visit(element, [...path, index]);
    if (node.type === 'TOMLInlineTable')
      for (const pair of node.body) visit(pair.value, [...path, ...getStaticTOMLValue(pair.key)]);
  };
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') visit(node.value, getStaticTOMLValue(node.key));
    else for (const pair of node.body) visit(pair.value, [...node.resolvedKey, ...getStaticTOMLValue(pair.key)]);
  }
  const start = { line: 1, column: 1, endLine: 1, endColumn: 2 };
  return {
    value: getStaticTOMLValue(program) as Readonly<Record<string, unknown>>,
    at: (path) => places.get(JSON.stringify(path)) ?? start,
  };
}
