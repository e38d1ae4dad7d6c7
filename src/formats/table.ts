/** A table of TOML, or an object of JSON, as plain values. */
export type Table = Readonly<Record<string, unknown>>;

/** The table at a path of keys, or the value itself without a path; undefined when there is no table. */
export function tableAt(root: unknown, ...path: readonly string[]): Table | undefined {
  let current = root;
  for (const key of path) {
    if (!isTable(current)) return undefined;
    current = current[key];
  }
  return isTable(current) ? current : undefined;
}

/** The texts of a list; none when it is no list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** The tables of a list; none when it is no list. */
export function tablesOf(value: unknown): readonly Table[] {
  return Array.isArray(value) ? value.filter(isTable) : [];
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
