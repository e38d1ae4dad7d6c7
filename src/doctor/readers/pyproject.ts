import { convertSpecifier } from '../../config/detect/poetry.ts';
import { normalName } from '../../config/detect/requirement.ts';
import { readToml, type TomlDocument } from '../../lock/requirements/toml.ts';
import { placesOf, type Places } from '../places.ts';
import type { Reader, Reading, Role } from '../reading.ts';
import { readRequirement } from '../requirement.ts';

/**
 * pyproject.toml: PEP 621 and its dynamic cousins, dependency groups (PEP 735), poetry, hatch, pdm and uv, and what the settings of
 * black, ruff, mypy, pyright and isort say of Python and of themselves.
 */
export const readPyproject: Reader = ({ text }) => {
  const places = placesOf(text);
  const toml = readToml(text);
  if (!('value' in toml)) return { readings: [], commands: [], references: [], problems: [toml] };
  const found: Found = { text, places, toml, readings: [] };
  readProject(found);
  for (const [group] of entries(toml.value, 'dependency-groups'))
    readList(found, ['dependency-groups', group], 'install', `[dependency-groups] ${group}`);
  readPoetry(found);
  readOthers(found);
  readSettings(found);
  return { readings: found.readings, commands: [], references: [], problems: [] };
};

interface Found {
  readonly text: string;
  readonly places: Places;
  readonly toml: TomlDocument;
  readonly readings: Reading[];
}

type Path = readonly (string | number)[];

function readProject(found: Found): void {
  readList(found, ['project', 'dependencies'], 'library', '[project] dependencies');
  for (const [extra] of entries(found.toml.value, 'project', 'optional-dependencies'))
    readList(found, ['project', 'optional-dependencies', extra], 'install', `[project.optional-dependencies] ${extra}`);
  readPython(found, ['project', 'requires-python'], 'floor', '[project] requires-python', (said) => said);
  for (const [index, classifier] of list(valueAt(found, ['project', 'classifiers'])).entries()) {
    const version =
      typeof classifier === 'string'
        ? /^Programming Language :: Python :: (\d+\.\d+)$/.exec(classifier)?.[1]
        : undefined;
    if (version === undefined) continue;
    const said = textAt(found, ['project', 'classifiers', index]);
    if (said === undefined) continue;
    const from = said.value.length - version.length;
    found.readings.push({
      ...spanned(found, said, from, said.value.length),
      subject: 'python',
      role: 'support',
      scheme: 'prefix',
      value: version,
      how: 'a classifier',
    });
  }
  readList(found, ['build-system', 'requires'], 'library', '[build-system] requires');
}

function readPoetry(found: Found): void {
  const poetry: Path = ['tool', 'poetry'];
  readTable(found, [...poetry, 'dependencies'], 'library', '[tool.poetry.dependencies]');
  readTable(found, [...poetry, 'dev-dependencies'], 'install', '[tool.poetry.dev-dependencies]');
  for (const [group] of entries(found.toml.value, 'tool', 'poetry', 'group'))
    readTable(
      found,
      [...poetry, 'group', group, 'dependencies'],
      'install',
      `[tool.poetry.group.${group}.dependencies]`,
    );
}

function readOthers(found: Found): void {
  for (const [group] of entries(found.toml.value, 'tool', 'pdm', 'dev-dependencies'))
    readList(found, ['tool', 'pdm', 'dev-dependencies', group], 'install', `[tool.pdm.dev-dependencies] ${group}`);
  for (const key of ['dev-dependencies', 'constraint-dependencies', 'override-dependencies'])
    readList(found, ['tool', 'uv', key], 'install', `[tool.uv] ${key}`);
  for (const [name] of entries(found.toml.value, 'tool', 'hatch', 'envs')) {
    const env: Path = ['tool', 'hatch', 'envs', name];
    for (const key of ['dependencies', 'extra-dependencies'])
      readList(found, [...env, key], 'install', `[tool.hatch.envs.${name}] ${key}`);
    readPython(found, [...env, 'python'], 'install', `[tool.hatch.envs.${name}] python`, undefined);
  }
}

/** Settings that name a Python to write or check for, and versions that a tool demands of itself. */
function readSettings(found: Found): void {
  const dotted = (said: string): string | undefined => /^py(\d)(\d+)$/.exec(said)?.slice(1).join('.');
  const black = valueAt(found, ['tool', 'black', 'target-version']);
  for (const index of list(black).keys())
    readPython(
      found,
      ['tool', 'black', 'target-version', index],
      'target',
      '[tool.black] target-version',
      undefined,
      dotted,
    );
  readPython(found, ['tool', 'ruff', 'target-version'], 'target', '[tool.ruff] target-version', undefined, dotted);
  readPython(found, ['tool', 'mypy', 'python_version'], 'target', '[tool.mypy] python_version', undefined);
  readPython(found, ['tool', 'pyright', 'pythonVersion'], 'target', '[tool.pyright] pythonVersion', undefined);
  readPython(found, ['tool', 'isort', 'py_version'], 'target', '[tool.isort] py_version', undefined, (said) =>
    /^(\d)(\d+)$/.exec(said)?.slice(1).join('.'),
  );
  for (const tool of ['black', 'ruff', 'uv'] as const) {
    const said = textAt(found, ['tool', tool, 'required-version']);
    if (said === undefined) continue;
    // black admits a bare number: that version, or every release of that year.
    const value = /^\d+$/.test(said.value)
      ? `==${said.value}.*`
      : /^\d/.test(said.value)
        ? `==${said.value}`
        : said.value.replace(/\s+/g, '');
    found.readings.push({
      ...spanned(found, said, 0, said.value.length),
      subject: `pypi:${tool}`,
      role: 'install',
      scheme: 'pep440',
      value,
      how: `[tool.${tool}] required-version`,
    });
  }
}

/** A list of requirements. */
function readList(found: Found, path: Path, role: Role, how: string): void {
  for (const index of list(valueAt(found, path)).keys()) {
    const said = textAt(found, [...path, index]);
    if (said === undefined) continue;
    const reading = said.exact
      ? readRequirement(said.value, { places: found.places, offset: said.start, role, how })
      : undefined;
    if (reading !== undefined) found.readings.push(reading);
  }
}

/** A table of poetry's: `name = "^1.2"`, `name = { version = "^1.2", … }`, or a list of those. */
function readTable(found: Found, path: Path, role: Role, how: string): void {
  for (const [name, value] of entries(found.toml.value, ...path.map(String))) {
    const alternatives = Array.isArray(value)
      ? [...value.keys()].map((index): Path => [...path, name, index])
      : [[...path, name]];
    for (const place of alternatives) {
      const inTable = textAt(found, [...place, 'version']);
      const said = inTable ?? textAt(found, place);
      const isPython = name.toLowerCase() === 'python';
      const subject = isPython ? ('python' as const) : (`pypi:${normalName(name)}` as const);
      const kind: Pick<Reading, 'subject' | 'role' | 'scheme' | 'how'> = {
        subject,
        role: isPython ? 'floor' : role,
        scheme: 'pep440',
        how,
      };
      if (said === undefined) continue;
      const specifier = convertSpecifier(said.value);
      const marker = textAt(found, [...place, 'markers'])?.value ?? textAt(found, [...place, 'python'])?.value;
      found.readings.push({
        ...spanned(found, said, 0, said.value.length),
        ...kind,
        value: specifier,
        ...(specifier === undefined ? { undecided: `alternatives (${said.value})` } : {}),
        ...(marker === undefined ? {} : { condition: marker }),
      });
    }
  }
}

/** What a setting says of Python: a specifier when `specifier` is given, else a version, perhaps in a form of its own. */
function readPython(
  found: Found,
  path: Path,
  role: Role,
  how: string,
  specifier: ((said: string) => string) | undefined,
  version: (said: string) => string | undefined = (said) => /^\d+(?:\.\d+)*$/.exec(said)?.[0],
): void {
  const said = textAt(found, path);
  if (said === undefined) return;
  const value = specifier === undefined ? version(said.value) : specifier(said.value).replace(/\s+/g, '');
  found.readings.push({
    ...spanned(found, said, 0, said.value.length),
    subject: 'python',
    role,
    scheme: specifier === undefined ? 'prefix' : 'pep440',
    value,
    ...(value === undefined ? { undecided: `no version (${said.value})` } : {}),
    how,
  });
}

interface Said {
  /** What it means. */
  readonly value: string;
  /** Offset of its first character between the quotes. */
  readonly start: number;
  readonly end: number;
  /** True when each character stands as it means: no escapes. */
  readonly exact: boolean;
}

/** The text at a path (numbers as written); undefined when there is none. */
function textAt(found: Found, path: Path): Said | undefined {
  const value = valueAt(found, path);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const { line, column, endLine, endColumn } = found.toml.at(path);
  const [start, end] = [found.places.offset(line, column), found.places.offset(endLine, endColumn)];
  const source = found.text.slice(start, end);
  const quote = /^(?:"""\n?|'''\n?|["'])/.exec(source)?.[0] ?? '';
  const closing = quote.trimEnd().length;
  const inner = source.slice(quote.length, source.length - closing);
  return {
    value: typeof value === 'number' ? source : value,
    start: start + quote.length,
    end: end - closing,
    exact: inner === value || typeof value === 'number',
  };
}

function spanned(found: Found, said: Said, from: number, to: number): Pick<Reading, 'span' | 'said'> {
  const [start, end] = said.exact ? [said.start + from, said.start + to] : [said.start, said.end];
  return { span: found.places.span(start, end), said: found.text.slice(start, end) };
}

function valueAt({ toml }: Found, path: Path): unknown {
  let value: unknown = toml.value;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function entries(value: unknown, ...path: readonly string[]): readonly (readonly [string, unknown])[] {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return [];
    current = (current as Record<string, unknown>)[key];
  }
  return typeof current === 'object' && current !== null && !Array.isArray(current) ? Object.entries(current) : [];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
