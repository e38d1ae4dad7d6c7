/** A table of TOML, or an object of JSON, as plain values. */
export type Table = Readonly<Record<string, unknown>>;

/** The table at a path of keys; undefined when there is none. */
export function tableAt(root: unknown, ...path: readonly string[]): Table | undefined {
  let current = root;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || Array.isArray(current)) return undefined;
    current = (current as Table)[key];
  }
  return typeof current === 'object' && current !== null && !Array.isArray(current) ? (current as Table) : undefined;
}

/** The texts of a list; none when it is no list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
