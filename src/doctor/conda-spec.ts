import { normalisedName } from '../formats/package-name.ts';
import type { Declaration } from './declaration.ts';
import { cut, rangeOf, rangeInSource, type MappedText } from '../formats/mapped-text.ts';
import { type MappedRequirementContext } from './mapped-requirement.ts';

const form =
  /^\s*(?:[\w./:-]+::)?(?<name>[A-Za-z0-9_][\w.-]*)(?:\s*\[\s*version\s*=\s*(?<quote>["']?)(?<bracketed>[^"'\]]+)\k<quote>\s*\]|\s*(?<version>[=<>!~][^\s].*?|(?<=\s)[\d*{$<].*?))?\s*$/d;

/**
 * Reads one package as conda names it (https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html): `python=3.11`
 * is every 3.11.x, a build after a second `=` says nothing of the version. Undefined for what is none.
 */
export function condaSpec(mapped: MappedText, context: MappedRequirementContext): Declaration | undefined {
  const match = form.exec(mapped.text);
  const { name, version, bracketed } = match?.groups ?? {};
  if (match === null || name === undefined) return undefined;
  const at = match.indices?.groups?.[version === undefined ? 'bracketed' : 'version'];
  const written = version ?? bracketed;
  const [from, to] =
    written === undefined ? (match.indices?.groups?.['name'] ?? [0, mapped.text.length]) : (at ?? [0, 0]);
  return condaVersion({ name, mapped: cut(mapped, from, to), isNamed: written !== undefined }, context);
}

/**
 * Reads a version as conda has it, of a package that is named elsewhere (`python = "3.11.*"` of pixi). `isNamed` is false when the text
 * is the package's name and any version will do.
 */
export function condaVersion(
  { name, mapped, isNamed = true }: { readonly name: string; readonly mapped: MappedText; readonly isNamed?: boolean },
  { source, whole, role, how }: MappedRequirementContext,
): Declaration {
  const lower = name.toLowerCase();
  const subject =
    lower === 'python' ? 'python' : lower === 'nodejs' ? 'node' : (`pypi:${normalisedName(name)}` as const);
  const make = (
    from: number,
    to: number,
    meant: Pick<Declaration, 'scheme' | 'value' | 'unresolved'>,
  ): Declaration => ({
    subject,
    role,
    ...meant,
    ...rangeInSource(source, ...(rangeOf(cut(mapped, from, to)) ?? whole)),
    how,
  });
  const ranges = subject === 'node' ? 'semver' : 'pep440';
  const { text } = mapped;
  if (!isNamed || text.trim() === '*') return make(0, text.length, { scheme: ranges, value: '' });
  if (/[{}$<]{2}|[{$]/.test(text))
    return make(0, text.length, { scheme: ranges, value: undefined, unresolved: `a variable (${text})` });
  if (text.includes('|'))
    return make(0, text.length, { scheme: ranges, value: undefined, unresolved: `alternatives (${text})` });
  // `=3.11`, `==3.11.4`, `3.11.*`, each perhaps with a build: one version or its beginning.
  const one = /^(?<operator>={0,2})\s*(?<version>v?\d[\w.!+-]*?)(?<rest>\.?\*)?(?:(?:=|\s+)[\w.*]+)?\s*$/d.exec(text);
  const groups = one?.groups;
  if (one !== null && groups?.['version'] !== undefined) {
    const [from, to] = one.indices?.groups?.['version'] ?? [0, text.length];
    const isExact = groups['operator'] === '==' && groups['rest'] === undefined;
    if (isExact && subject !== 'node') return make(0, to, { scheme: 'pep440', value: `==${groups['version']}` });
    return make(from, to, { scheme: 'prefix', value: groups['version'] });
  }
  const clauses = text
    .replace(/\s*,\s*/g, ',')
    .replace(/([<>=!~])\s+/g, '$1')
    .trim();
  const [set = '', build] = clauses.split(/\s+/);
  const isRange =
    /^(?:(?:==|!=|~=|<=|>=|<|>|=)?\d[\w.*+!-]*,?)+$/.test(set) && (build === undefined || /^[\w.*]+$/.test(build));
  const plain = set.replace(/,$/, '').split(',');
  const width = build === undefined ? text.trimEnd().length : text.trimEnd().length - build.length - 1;
  if (!isRange)
    return make(0, text.length, { scheme: ranges, value: undefined, unresolved: `no version (${text.trim()})` });
  const value =
    ranges === 'semver'
      ? plain.map((clause) => clause.replace(/^==/, '').replace(/\.\*$/, '.x')).join(' ')
      : plain
          .map((clause) =>
            clause
              .replace(/^=?(?=\d)/, '==')
              .replace(/^(==.*[^*])$/, (all) => (clause.startsWith('==') ? all : `${all}.*`)),
          )
          .join(',');
  return make(0, width, { scheme: ranges, value });
}
