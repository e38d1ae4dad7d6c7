import { createCollector, type Collector } from '../collector.ts';
import { iniEntry, iniLines, readIni, type Ini, type IniEntry, type IniSection } from '../../formats/ini.ts';
import { placesOf } from '../../formats/places.ts';
import { pythonDeclaration } from '../python-version.ts';
import type { Reader } from '../declaration.ts';
import { readRequirementLine, repositoryPath } from '../requirement-line.ts';
import { cut, mapText, joined, rangeOf, trimmed, type MappedText, type Source } from '../../formats/mapped-text.ts';
import { readToolCommand } from '../tool-command.ts';
import { pythonFactor, readToxNames, toxNames } from '../tox-names.ts';
import { readToolSections } from './tool-ini.ts';

/** tox.ini, of tox 3 and 4 (https://tox.wiki/en/latest/config.html), with the sections for GitHub that its plugins read. */
export const readToxIni: Reader = ({ path, text }) => {
  const source = { text, places: placesOf(text) };
  const collector = createCollector();
  const ini = readIni(text);
  for (const { message, start, end } of ini.problems.slice(0, 1))
    collector.problem({ message, span: source.places.span(start, end) });
  readToxSections(ini, { source, path, collector, main: 'tox' });
  readToolSections(ini, source, collector);
  return collector.collect();
};

/** Where tox's sections stand. */
export interface ToxScope {
  readonly source: Source;
  /** Of the file; what the sections name is relative to its folder. */
  readonly path: string;
  readonly collector: Collector;
  /** The name of tox's own section. */
  readonly main: 'tox' | 'tox:tox';
}

/** tox's sections, in tox.ini, in setup.cfg, or in a text within pyproject.toml. */
export function readToxSections(ini: Ini, scope: ToxScope): void {
  const { source, collector, main } = scope;
  const own = iniEntry(ini, main, 'envlist', 'env_list');
  if (own !== undefined)
    readToxNames(
      resolved(ini, main, iniLines(own)).flatMap(({ line }) => toxNames(line)),
      { source, role: 'support', how: 'tox envlist' },
      collector,
    );
  const requires = iniEntry(ini, main, 'requires');
  if (requires !== undefined) readDeps(ini, requires, { name: main, how: 'tox requires' }, scope);
  readMinimum(iniEntry(ini, main, 'minversion', 'min_version'), scope);
  for (const section of ini.sections) {
    if (/^(?:gh-actions|gh|travis)$/.test(section.name)) readMapping(section, scope);
    const env = /^testenv(?::(.+))?$/.exec(section.name);
    if (env !== null) readEnvironment(ini, section, scope);
  }
}

function readMinimum(entry: IniEntry | undefined, { source, collector }: ToxScope): void {
  const mapped = entry === undefined ? undefined : iniLines(entry)[0];
  const range = mapped === undefined ? undefined : rangeOf(mapped);
  if (mapped === undefined || range === undefined || !/^\d[\w.]*$/.test(mapped.text)) return;
  collector.add({
    subject: 'pypi:tox',
    role: 'floor',
    scheme: 'pep440',
    value: `>=${mapped.text}`,
    span: source.places.span(...range),
    raw: mapped.text,
    how: 'tox minversion',
  });
}

/** `3.11: py311, lint` of tox-gh-actions, `3.11 = 3.11, lint` of tox-gh. */
function readMapping({ name, entries }: IniSection, { source, collector }: ToxScope): void {
  for (const entry of entries) {
    if (entry.key !== 'python') continue;
    for (const line of iniLines(entry)) {
      const key = /^([\w.-]+)\s*[:=]/.exec(line.text)?.[1];
      if (key === undefined) continue;
      const mapped = cut(line, 0, key.length);
      const context = { source, whole: rangeOf(mapped) ?? ([0, 0] as const), how: `[${name}] python` };
      collector.add(pythonDeclaration(mapped, 'version', { ...context, role: 'support' }));
    }
  }
}

function readEnvironment(ini: Ini, section: IniSection, scope: ToxScope): void {
  const { source, path, collector } = scope;
  const named = section.name.slice('testenv:'.length);
  const names = named === '' ? [] : toxNames(mapText(named, section.start + 'testenv:'.length));
  readToxNames(names, { source, role: 'support', how: `[${section.name}]` }, collector);
  const isMatrix = names.some(({ text }) => text.split('-').some((factor) => pythonFactor(factor) !== undefined));
  const value = (...keys: readonly string[]): IniEntry | undefined =>
    section.entries.findLast(({ key }) => keys.includes(key.replace(/-/g, '_').toLowerCase()));
  for (const entry of section.entries) {
    const key = entry.key.toLowerCase();
    if (key === 'deps') readDeps(ini, entry, { name: section.name, how: `[${section.name}] deps` }, scope);
    if (key === 'basepython' || key === 'base_python') readBasePython(ini, entry, section.name, isMatrix, scope);
  }
  const folder = value('changedir', 'change_dir');
  const written = folder === undefined ? '.' : (iniLines(folder)[0]?.text ?? '.');
  const cwd = repositoryPath(path, written);
  const outcome = value('ignore_outcome');
  const failureIgnored =
    outcome !== undefined && /^true$/i.test(outcome.text.trim()) ? 'ignore_outcome = true' : undefined;
  const envs = names.length === 0 ? ['testenv'] : [...new Set(names.map(({ text }) => text))];
  for (const key of ['commands_pre', 'commands', 'commands_post']) {
    const entry = value(key);
    for (const { line } of entry === undefined ? [] : resolved(ini, section.name, iniLines(entry, true), true))
      for (const where of envs)
        readToolCommand(line, { source, path, by: 'tox', where, cwd, failureIgnored }, collector);
  }
}

function readDeps(
  ini: Ini,
  entry: IniEntry,
  { name, how }: { readonly name: string; readonly how: string },
  { source, path, collector }: ToxScope,
): void {
  for (const { line, condition } of resolved(ini, name, iniLines(entry, true)))
    // `requires = tox>=4, tox-uv` on one line is what tox 3 took.
    for (const part of how === 'tox requires' ? partsOf(line) : [line]) {
      const whole = rangeOf(part) ?? [0, 0];
      readRequirementLine(part, { source, path, whole, role: 'install', how, condition }, collector);
    }
}

function partsOf(line: MappedText): readonly MappedText[] {
  // A comma before a letter parts requirements; one before an operator parts clauses.
  const parts: MappedText[] = [];
  let from = 0;
  for (const comma of line.text.matchAll(/,\s*(?=[A-Za-z][\w.-]*)/g)) {
    if (/\[[^\]]*$/.test(line.text.slice(0, comma.index))) continue;
    parts.push(cut(line, from, comma.index));
    from = comma.index + comma[0].length;
  }
  return [...parts, cut(line, from)];
}

function readBasePython(
  ini: Ini,
  entry: IniEntry,
  name: string,
  isMatrix: boolean,
  { source, collector }: ToxScope,
): void {
  const lines = resolved(ini, name, iniLines(entry));
  const names = lines.flatMap(({ line, condition }) =>
    [...line.text.matchAll(/[^,\s]+/g)].map((match) => ({
      one: cut(line, match.index, match.index + match[0].length),
      condition,
    })),
  );
  for (const { one, condition } of names) {
    const forPython = condition
      ?.split(/[-,\s{}]+/)
      .some((factor) => pythonFactor(factor.replace(/^!/, '')) !== undefined);
    collector.add(
      pythonDeclaration(one, 'interpreter', {
        source,
        whole: rangeOf(one) ?? [0, 0],
        role: isMatrix || forPython === true || names.length > 1 ? 'support' : 'install',
        how: `[${name}] ${entry.key}`,
        ...(condition === undefined ? {} : { condition }),
      }),
    );
  }
}

interface Line {
  readonly line: MappedText;
  /** The factors for which it holds. */
  readonly condition?: string;
}

/** Lines with their factors taken away, and with what they take from other sections (`{[base]deps}`) in its place. */
function resolved(
  ini: Ini,
  section: string,
  lines: readonly MappedText[],
  continued = false,
  outer?: string,
  depth = 0,
): readonly Line[] {
  return lines.flatMap((given): readonly Line[] => {
    const factors = /^([\w{}.!-]+(?:\s*,\s*[\w{}.!-]+)*)\s*:(?:\s+|$)/.exec(given.text);
    const isFactors = factors?.[1] !== undefined && balanced(factors[1]);
    const line = isFactors ? cut(given, factors[0].length) : given;
    const condition = [outer, isFactors ? factors[1] : undefined].filter((one) => one !== undefined).join(', ');
    const base = condition === '' ? {} : { condition };
    if (trimmed(line).text === '') return [];
    const reference = /\{\[([^\]{}]+)\]([^{}]+)\}/.exec(line.text);
    if (reference === null || depth > 8) return [{ line, ...base }];
    const [all, from = '', key = ''] = reference;
    const entry = iniEntry(ini, from, key.replace(/:.*$/, ''));
    if (entry === undefined) return [{ line, ...base }];
    const found = iniLines(entry, continued);
    if (line.text.trim() === all)
      return resolved(ini, from, found, continued, condition === '' ? undefined : condition, depth + 1);
    const [only] = found;
    if (found.length !== 1 || only === undefined) return [{ line, ...base }];
    const whole = joined([cut(line, 0, reference.index), only, cut(line, reference.index + all.length)]);
    return resolved(ini, section, [whole], continued, outer, depth + 1).map((one) => ({ ...one, ...base }));
  });
}

function balanced(text: string): boolean {
  return text.split('{').length === text.split('}').length;
}
