/**
 * A version constraint of poetry, Pipenv or pixi as PEP 440 clauses: `^1.2` → `>=1.2,<2`
 * (https://python-poetry.org/docs/dependency-specification/). Empty for any version (`*`, `latest`); undefined for what PEP 440 can't say:
 * alternatives (`||`), a caret before what is no version.
 */
export function poetrySpecifier(constraint: string): string | undefined {
  if (constraint.includes('|')) return undefined;
  const clauses = constraint
    .split(/\s*,\s*|\s+(?=[\^~<>=!*\d])(?<![<>=!~^]\s+)/)
    .map((part) => part.trim())
    .filter((part) => !['', '*', 'latest'].includes(part))
    .map((part) => oneClause(wildcards(part)));
  return clauses.includes(undefined) ? undefined : clauses.join(',');
}

/** `1.x` and `1.*.*` are `1.*`. */
function wildcards(part: string): string {
  return part.replace(/^((?:[<>=!~^]*)\s*v?\d+(?:\.\d+)*)(?:\.[*xX])+$/, '$1.*');
}

function oneClause(part: string): string | undefined {
  const match = /^(\^|~(?!=)|)\s*v?(\d[^\s]*)$/.exec(part);
  if (match === null)
    return /^(?:\^|~(?!=))/.test(part) ? undefined : part.replace(/\s+/g, '').replace(/^(?:=(?=[^=])|(?=[\w]))/, '==');
  const [, operator = '', written = ''] = match;
  if (operator === '') return `==${written}`;
  const version = written.replace(/\.[*xX](?:\..*)?$/, '');
  const release = version
    .replace(/[^0-9.].*$/, '')
    .split('.')
    .filter((piece) => piece !== '')
    .map(Number);
  if (operator === '^') return `>=${version},<${caretEnd(release)}`;
  const kept = release.slice(0, Math.min(2, release.length));
  return `>=${version},<${bump(kept, kept.length - 1)}`;
}

/** The first release that a caret excludes: the left-most part that is not zero goes up. */
function caretEnd(release: readonly number[]): string {
  const first = release.findIndex((part) => part > 0);
  return bump(release, first < 0 ? release.length - 1 : first);
}

function bump(release: readonly number[], index: number): string {
  return [...release.slice(0, index), (release[index] ?? 0) + 1].join('.');
}
