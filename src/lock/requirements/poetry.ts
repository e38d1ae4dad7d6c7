import { poetrySpecifier } from '../../formats/poetry-specifier.ts';
import { tableAt, type Table } from '../../formats/table.ts';
import { packageSource, sourceText, writtenSource, type PackageSource, type SourceProblem } from './package-source.ts';

/** A dependency as `[tool.poetry…]` writes it, in PEP 508; `optional` ones come only with an extra. */
export interface PoetryDependency {
  /** undefined when it can't be said in PEP 508: a path, an address. */
  readonly text?: string;
  readonly refused?: string;
  /** What to do about what is refused. */
  readonly hint?: string;
  /** A folder, relative to the file's: a project of its own. */
  readonly path?: string;
  readonly optional: boolean;
}

/**
 * Turns one entry of a poetry dependency table into PEP 508; several when it lists alternatives by Python or platform
 * (https://python-poetry.org/docs/dependency-specification/). `name` keeps its spelling.
 */
export function poetryDependency(name: string, value: unknown): PoetryDependency[] {
  if (Array.isArray(value)) return value.flatMap((alternative) => poetryDependency(name, alternative));
  if (typeof value === 'string') return poetryDependency(name, { version: value });
  const table = tableAt(value);
  if (table === undefined) return [{ refused: `"${name}" has neither a version nor a table`, optional: false }];
  const optional = table['optional'] === true;
  if (typeof table['path'] === 'string') return [{ path: table['path'], optional }];
  if (typeof table['file'] === 'string')
    return [{ refused: `"${name}" comes from a file, which can't be locked for others`, optional }];
  const source = sourceOf(name, table);
  if (source !== undefined && 'message' in source) return [{ refused: source.message, hint: source.hint, optional }];
  const version =
    source !== undefined
      ? ` @ ${sourceText(source)}`
      : typeof table['version'] === 'string'
        ? specifierOf(table['version'])
        : '';
  if (version === undefined)
    return [{ refused: `"${name}" asks for one of several ranges, which PEP 508 can't say`, optional }];
  const extras = Array.isArray(table['extras']) ? `[${table['extras'].map(String).join(',')}]` : '';
  const markers = [
    ...(typeof table['markers'] === 'string' ? [table['markers']] : []),
    ...(typeof table['python'] === 'string' ? [pythonMarker(table['python'])] : []),
    ...(typeof table['platform'] === 'string' ? [`sys_platform == '${table['platform']}'`] : []),
  ].filter((marker) => marker !== '');
  const marker = markers.length > 1 ? markers.map((one) => `(${one})`).join(' and ') : (markers[0] ?? '');
  return [{ text: `${name}${extras}${version}${marker === '' ? '' : ` ; ${marker}`}`, optional }];
}

/** A dependency's git repository or address; undefined for one of an index. */
function sourceOf(name: string, table: Table): PackageSource | SourceProblem | undefined {
  const [git, url] = [table['git'], table['url']];
  if (typeof git !== 'string' && typeof url !== 'string') return undefined;
  const revision = [table['rev'], table['tag'], table['branch']].find((each) => typeof each === 'string');
  const subdirectory = typeof table['subdirectory'] === 'string' ? table['subdirectory'] : undefined;
  // poetry itself writes the commit and the hash into its lock file.
  return packageSource(
    name,
    { ...writtenSource(typeof git === 'string' ? `git+${git}` : String(url)), revision, subdirectory },
    'poetry lock, and name poetry.lock in toolchain.requirements',
  );
}

/** PEP 440 can't say `^1.26 || ^2.0`: it is taken from where the first begins to where the last ends. */
function specifierOf(constraint: string): string | undefined {
  const alternatives = constraint.split(/\|\|?/).map((one) => poetrySpecifier(one.trim()));
  const [first] = alternatives;
  if (alternatives.length === 1 || first === undefined) return first;
  const last = alternatives.at(-1);
  if (last === undefined) return undefined;
  const lower = first.split(',').filter((clause) => /^(?:>|==|~=)/.test(clause));
  const upper = last.split(',').filter((clause) => clause.startsWith('<'));
  return [...lower.map((clause) => clause.replace(/^(?:==|~=)/, '>=')), ...upper].join(',');
}

function pythonMarker(constraint: string): string {
  return constraint
    .split('||')
    .map((alternative) =>
      (poetrySpecifier(alternative) ?? '')
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
