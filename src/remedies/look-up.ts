import type { Remedy } from './remedy.ts';

/**
 * The entries that a person may mean: that of the id, else all that are known by the tool's code, written alone (`F401`, `TS2307`) or with its
 * tool (`mypy/assignment`). Letter case does not count. Empty when there is none.
 */
export function lookUp(query: string, entries: readonly Remedy[]): readonly Remedy[] {
  const lowerQuery = query.toLowerCase();
  const named = entries.filter(({ id }) => id.toLowerCase() === lowerQuery);
  if (named.length > 0) return named;
  return entries.filter(({ matchers }) =>
    matchers.some(({ tool, codes = [] }) =>
      codes.some((code) =>
        [code, `${tool}/${code}`, `${tool}:${code}`].some((name) => name.toLowerCase() === lowerQuery),
      ),
    ),
  );
}

/** Every name that `lookUp` knows: ids first, then codes with their tools, then codes alone. */
export function lookUpNames(entries: readonly Remedy[]): readonly string[] {
  const codes = entries.flatMap(({ matchers }) =>
    matchers.flatMap(({ tool, codes = [] }) => codes.map((code) => ({ tool, code }))),
  );
  const names = [
    ...entries.map(({ id }) => id),
    ...codes.flatMap(({ tool, code }) => (tool === undefined ? [] : [`${tool}/${code}`])),
    ...codes.map(({ code }) => code),
  ];
  return [...new Set(names)];
}
