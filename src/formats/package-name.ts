/** A Python package's name as PEP 503 compares it: lower case, one `-` for each run of `-`, `_` and `.`. Takes any text. */
export function normalisedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** The normalised name that a requirement (PEP 508) begins with; undefined when it begins with none. */
export function leadingName(requirement: string): string | undefined {
  const name = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(requirement)?.[1];
  return name === undefined ? undefined : normalisedName(name);
}
