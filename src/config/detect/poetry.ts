import { poetrySpecifier } from '../../formats/poetry-specifier.ts';

/** A dependency as poetry or Pipenv writes it, turned into a PEP 508 line; or why it can't be. */
export type Converted = { readonly line: string } | { readonly skipped: string };

/** Turns `name = "^1.2"` or `name = {version = "~1.2", extras = […], markers = "…"}` into a requirement line. */
export function convertDependency(name: string, value: unknown): Converted {
  if (typeof value === 'string') return withSpecifier(name, [], value, undefined);
  if (Array.isArray(value)) {
    // Alternatives for different Pythons: the one for any platform and the newest Python is the last.
    return value.length > 0 ? convertDependency(name, value.at(-1)) : { skipped: 'it has no version' };
  }
  if (typeof value !== 'object' || value === null) return { skipped: 'it has no version' };
  const table = value as Readonly<Record<string, unknown>>;
  const extras = Array.isArray(table['extras']) ? table['extras'].map(String) : [];
  const marker = [
    typeof table['markers'] === 'string' ? table['markers'] : undefined,
    typeof table['python'] === 'string' ? pythonMarker(table['python']) : undefined,
    typeof table['platform'] === 'string' ? `sys_platform == "${table['platform']}"` : undefined,
  ].filter((part) => part !== undefined);
  const condition = marker.length > 1 ? marker.map((part) => `(${part})`).join(' and ') : marker[0];
  if (table['optional'] === true) return { skipped: 'it is optional' };
  if (typeof table['git'] === 'string') {
    const rev = table['rev'] ?? table['tag'] ?? table['branch'] ?? table['ref'];
    const at = typeof rev === 'string' ? `@${rev}` : '';
    return { line: `${name}${list(extras)} @ git+${table['git']}${at}${tail(condition)}` };
  }
  if (typeof table['url'] === 'string') return { line: `${name}${list(extras)} @ ${table['url']}${tail(condition)}` };
  if (table['path'] !== undefined || table['file'] !== undefined) return { skipped: 'it is a local path' };
  return withSpecifier(name, extras, String(table['version'] ?? '*'), condition);
}

function withSpecifier(name: string, extras: readonly string[], text: string, marker: string | undefined): Converted {
  const specifier = poetrySpecifier(text);
  if (specifier === undefined) return { skipped: `its version \`${text}\` has no PEP 440 form` };
  return { line: `${name}${list(extras)}${specifier}${tail(marker)}` };
}

function pythonMarker(python: string): string | undefined {
  const clauses = poetrySpecifier(python)?.split(',').filter(Boolean) ?? [];
  if (clauses.length === 0) return undefined;
  return clauses
    .map((clause) => /^([=<>!~]+)(\d+(?:\.\d+)?)/.exec(clause))
    .filter((match) => match !== null)
    .map((match) => `python_version ${match[1]} "${match[2]?.includes('.') ? match[2] : `${match[2]}.0`}"`)
    .join(' and ');
}

function list(extras: readonly string[]): string {
  return extras.length === 0 ? '' : `[${extras.join(',')}]`;
}

function tail(marker: string | undefined): string {
  return marker === undefined || marker === '' ? '' : ` ; ${marker}`;
}
