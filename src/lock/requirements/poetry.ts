/** A dependency as `[tool.poetry…]` writes it, in PEP 508; `optional` ones come only with an extra. */
export interface PoetryDependency {
  /** undefined when it can't be said in PEP 508: a path, an address. */
  readonly text?: string;
  readonly refused?: string;
  readonly optional: boolean;
}

type Table = Readonly<Record<string, unknown>>;

/**
 * Turns one entry of a poetry dependency table into PEP 508; several when it lists alternatives by Python or platform
 * (https://python-poetry.org/docs/dependency-specification/). `name` keeps its spelling.
 */
export function poetryDependency(name: string, value: unknown): PoetryDependency[] {
  if (Array.isArray(value)) return value.flatMap((alternative) => poetryDependency(name, alternative));
  if (typeof value === 'string') return poetryDependency(name, { version: value });
  if (typeof value !== 'object' || value === null)
    return [{ refused: `"${name}" has neither a version nor a table`, optional: false }];
  const table = value as Table;
  const optional = table['optional'] === true;
  const address = ['git', 'path', 'url', 'file'].find((key) => typeof table[key] === 'string');
  if (address !== undefined)
    return [{ refused: `"${name}" comes from a ${address}, which can't be locked by hash`, optional }];
  if (typeof table['version'] === 'string' && table['version'].includes('||'))
    return [{ refused: `"${name}" asks for one of several ranges, which PEP 508 can't say`, optional }];
  const extras = Array.isArray(table['extras']) ? `[${table['extras'].map(String).join(',')}]` : '';
  const version = typeof table['version'] === 'string' ? specifier(table['version']) : '';
  const markers = [
    ...(typeof table['markers'] === 'string' ? [table['markers']] : []),
    ...(typeof table['python'] === 'string' ? [pythonMarker(table['python'])] : []),
    ...(typeof table['platform'] === 'string' ? [`sys_platform == '${table['platform']}'`] : []),
  ].filter((marker) => marker !== '');
  const marker = markers.length > 1 ? markers.map((one) => `(${one})`).join(' and ') : (markers[0] ?? '');
  return [{ text: `${name}${extras}${version}${marker === '' ? '' : ` ; ${marker}`}`, optional }];
}

/** A poetry version constraint as PEP 440 specifiers: `^1.2` → `>=1.2,<2`. Empty for `*`. */
export function specifier(constraint: string): string {
  return constraint
    .split(/\s*,\s*|\s+(?=[\^~<>=!*\d])(?<![<>=!~^]\s+)/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '*')
    .map(oneSpecifier)
    .join(',');
}

function oneSpecifier(part: string): string {
  const match = /^(\^|~(?!=)|)\s*v?(\d[^\s]*)$/.exec(part);
  if (match === null) return part.replace(/\s+/g, '').replace(/^=(?=[^=])/, '==');
  const [, operator = '', version = ''] = match;
  const release = version
    .replace(/[^0-9.].*$/, '')
    .split('.')
    .filter((piece) => piece !== '')
    .map(Number);
  if (operator === '^') return `>=${version},<${caretEnd(release)}`;
  if (operator === '~') {
    const kept = release.slice(0, Math.min(2, release.length));
    return `>=${version},<${bump(kept, kept.length - 1)}`;
  }
  return `==${version}`;
}

/** The first release that a caret excludes: the left-most part that is not zero goes up. */
function caretEnd(release: readonly number[]): string {
  const first = release.findIndex((part) => part > 0);
  return bump(release, first < 0 ? release.length - 1 : first);
}

function bump(release: readonly number[], index: number): string {
  return [...release.slice(0, index), (release[index] ?? 0) + 1].join('.');
}

function pythonMarker(constraint: string): string {
  return constraint
    .split('||')
    .map((alternative) =>
      specifier(alternative)
        .split(',')
        .filter((part) => part !== '')
        .map((part) =>
          part.replace(/^(\D+)(.+)$/, (_, operator: string, version: string) => {
            const variable = /^\d+\.\d+\.\d/.test(version) ? 'python_full_version' : 'python_version';
            return `${variable} ${operator} '${version}'`;
          }),
        )
        .join(' and '),
    )
    .filter((alternative) => alternative !== '')
    .map((alternative, _, all) => (all.length > 1 ? `(${alternative})` : alternative))
    .join(' or ');
}
