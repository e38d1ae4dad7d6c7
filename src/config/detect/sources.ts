import { posix } from 'node:path';
import { decision, placeText, type Decision } from './decision.ts';
import { iniSettings, type IniSettings } from './ini-settings.ts';
import { lockHolds, lockOfRoot, lockSourceOf } from './lock-sources.ts';
import type { PythonRoot } from './python-roots.ts';
import { convertDependency } from './poetry.ts';
import { inFolder, lineAt, within, type Place, type Repo } from './repo.ts';
import { parseRequirement, parseRequirementsFile, type Requirement } from './requirement.ts';
import { tableAt, textsOf } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';

/** A requirement with its place. */
export interface Declared extends Requirement, Place {
  /** False for what the project itself needs when it runs: a library's dependency on black is no sign that black checks it. */
  readonly development: boolean;
  /** False when it is only read for its pin (its file is not installed). */
  readonly installed: boolean;
}

/** Where a root's requirements come from. */
export interface Sources {
  /** For `toolchain.requirements`. */
  readonly requirements: readonly string[];
  /** Requirement lines that no source can give (tox.ini, Pipfile), for `toolchain.tools`. */
  readonly lines: readonly string[];
  readonly declared: readonly Declared[];
  readonly decisions: readonly Decision[];
  /** True for a package that the root's lock file holds: it comes at that version, whoever asks for it. */
  readonly isLocked: (name: string) => boolean;
}

const developmentWord =
  /^(?:dev|devel|develop|development|tests?|testing|lint|linting|linters?|typing|types?|typecheck|typechecking|mypy|quality|checks?|qa|ci|local|style|fmt|format)$/i;

/** True for a file, extra or group that is there for checking: `dev`, `tests`, `test-lint`; not `tests_postgresql`, `docs`. */
function isDevelopment(name: string): boolean {
  return name !== '' && name.split(/[-_.]/).every((word) => developmentWord.test(word));
}

const mainName = /^(?:requirements|base|main|common|core|install|app|default|all)$/i;
const productionName = /^(?:prod|production|deploy)$/i;

/** Finds what a root needs: requirements files, pyproject.toml in each of its dialects, setup.cfg, Pipfile, tox.ini. */
export function requirementSources(repo: Repo, root: PythonRoot): Sources {
  const found: Found = { requirements: [], lines: [], declared: [], decisions: [] };
  const lock = lockOfRoot(repo, root.dir);
  if (lock !== undefined) {
    const top = lock.dir === root.dir ? root.pyproject : tomlTable(repo.text(inFolder(lock.dir, 'pyproject.toml')));
    const { source, decision } = lockSourceOf(lock, top, isDevelopment);
    // What is declared says which tools the project uses; what is installed of it, and at which version, the lock file says.
    for (const each of lock.dir === root.dir ? [root] : [root, { ...root, dir: lock.dir, pyproject: top }]) {
      const declaring: Found = { ...found, requirements: [], lines: [], decisions: [] };
      fromPyproject(repo, each, declaring);
      fromPipfile(repo, each, declaring);
    }
    const text = repo.text(lock.file) ?? '';
    return { ...found, requirements: [source], decisions: [decision], isLocked: (name) => lockHolds(text, name) };
  }
  fromFiles(repo, root, found);
  fromPyproject(repo, root, found);
  fromSetup(repo, root, found);
  fromPipfile(repo, root, found);
  if (!found.declared.some(({ development, installed }) => development && installed)) fromTox(repo, root, found);
  return { ...found, isLocked: () => false };
}

interface Found {
  readonly requirements: string[];
  readonly lines: string[];
  readonly declared: Declared[];
  readonly decisions: Decision[];
}

function fromFiles(repo: Repo, root: PythonRoot, found: Found): void {
  const candidates = requirementsFiles(repo, root);
  const parsed = new Map(candidates.map(({ path }) => [path, parseRequirementsFile(repo.text(path) ?? '')]));
  const included = new Set(
    [...parsed].flatMap(([path, file]) => file.includes.map((include) => posix.join(posix.dirname(path), include))),
  );
  const exact = new Map<string, Declared>();
  for (const { path, development, wanted } of candidates) {
    const file = parsed.get(path);
    if (file === undefined) continue;
    const declared = file.requirements.map((line) => ({ ...line, file: path, development, installed: wanted }));
    const clash = declared
      .map((line) => [line, exact.get(line.name)] as const)
      .find(([line, other]) => other?.exact !== undefined && line.exact !== undefined && line.exact !== other.exact);
    const installed = wanted && clash?.[1] === undefined;
    found.declared.push(...declared.map((line) => ({ ...line, installed })));
    if (wanted && clash?.[1] !== undefined) {
      const why = `${placeText(clash[0])} says ${clash[0].text} and ${placeText(clash[1])} says ${clash[1].text}: one environment can't hold both`;
      found.decisions.push(decision(path, 'left out', why, { severity: 'warning', places: [clash[0], clash[1]] }));
    }
    if (!installed) continue;
    for (const line of declared) if (line.marker === undefined) exact.set(line.name, line);
    if (!included.has(path)) found.requirements.push(path);
  }
  if (found.requirements.length > 0) {
    const left = candidates.filter(({ path, wanted }) => !wanted && !included.has(path)).map(({ path }) => path);
    const rest = left.length > 0 ? `; not for checking: ${left.join(', ')}` : '';
    found.decisions.push(decision('requirements', found.requirements.join(', '), `the files found${rest}`));
  }
}

/** The root's requirements files, those of the project first, then those for tests, then the rest. */
function requirementsFiles(repo: Repo, root: PythonRoot): { path: string; development: boolean; wanted: boolean }[] {
  const all = repo.files.flatMap((path) => {
    const name = within(root.dir, path);
    if (name === undefined || !/\.(?:txt|pip|in)$/.test(name)) return [];
    const base = posix.basename(name).replace(/\.(?:txt|pip|in)$/, '');
    const folder = posix.dirname(name);
    const inRequirements = /(?:^|\/)requirements$/.test(folder);
    if (!inRequirements && !/requirements?/i.test(base)) return [];
    const parts = folder === '.' ? [] : folder.split('/').filter((part) => part !== 'requirements');
    const depth = parts.length;
    if (depth > 1 || /^(?:docs?|examples?|benchmarks?|samples?|demos?)$/.test(parts[0] ?? '')) return [];
    // A compiled .txt stands for its .in.
    if (name.endsWith('.in') && repo.has(path.replace(/\.in$/, '.txt'))) return [];
    const kind = base.replace(/requirements?/i, '').replace(/^[-_.]+|[-_.]+$/g, '');
    const fromTests = /^tests?$/.test(parts[0] ?? '');
    const development = fromTests || isDevelopment(kind);
    const main = !fromTests && (kind === '' || mainName.test(kind));
    const production = !fromTests && productionName.test(kind);
    return [{ path, development, main, production, rank: (main ? 0 : development ? 1 : 2) * 10 + depth }];
  });
  // What production adds is wanted only where nothing else says what the project needs.
  const hasMain = all.some(({ main }) => main);
  return all
    .sort((a, b) => a.rank - b.rank)
    .map(({ path, development, main, production }) => {
      return { path, development, wanted: main || development || (production && !hasMain) };
    });
}

function fromPyproject(repo: Repo, root: PythonRoot, found: Found): void {
  const file = inFolder(root.dir, 'pyproject.toml');
  const text = repo.text(file) ?? '';
  const project = tableAt(root.pyproject, 'project');
  const at = (line: string): number => lineAt(text, Math.max(0, text.indexOf(line)));
  const declare = (lines: readonly string[], development: boolean, installed = true): void => {
    for (const line of lines) {
      const requirement = parseRequirement(line);
      if (requirement) found.declared.push({ ...requirement, file, line: at(line), development, installed });
    }
  };
  if (project !== undefined) {
    const dynamic = textsOf(project['dynamic']).includes('dependencies');
    const optional = tableAt(project, 'optional-dependencies') ?? {};
    const extras = Object.keys(optional).filter((name) => isDevelopment(name));
    declare(textsOf(project['dependencies']), false);
    for (const [name, lines] of Object.entries(optional)) declare(textsOf(lines), true, extras.includes(name));
    if (dynamic)
      dynamicDependencies(
        repo,
        root,
        found,
        extras.flatMap((name) => textsOf(optional[name])),
      );
    else if (textsOf(project['dependencies']).length > 0 || extras.length > 0) {
      found.requirements.push(extras.length > 0 ? `${file}[${extras.join(',')}]` : file);
      const others = Object.keys(optional).filter((name) => !extras.includes(name));
      const rest = others.length > 0 ? `; other extras are not for checking: ${others.join(', ')}` : '';
      found.decisions.push(
        decision(
          'requirements',
          found.requirements.at(-1) ?? file,
          `its dependencies${extras.length > 0 ? ' and the extras for checking' : ''}${rest}`,
        ),
      );
    }
  }
  const groups = tableAt(root.pyproject, 'dependency-groups') ?? {};
  const wanted = Object.keys(groups).filter((name) => isDevelopment(name));
  for (const [name, lines] of Object.entries(groups)) declare(textsOf(lines), true, wanted.includes(name));
  // A group that another one takes in comes with it.
  const nested = new Set(wanted.flatMap((name) => includedGroups(groups[name])));
  const outer = wanted.filter((name) => !nested.has(name));
  found.requirements.push(...outer.map((name) => `${file}:${name}`));
  if (outer.length > 0)
    found.decisions.push(
      decision('requirements', outer.map((name) => `${file}:${name}`).join(', '), 'its dependency groups for checking'),
    );
  if (project?.['dependencies'] === undefined) fromPoetry(root, found, file, at);
}

function includedGroups(group: unknown): readonly string[] {
  return (Array.isArray(group) ? group : []).flatMap((item: unknown) => {
    const name =
      typeof item === 'object' && item !== null ? (item as Record<string, unknown>)['include-group'] : undefined;
    return typeof name === 'string' ? [name] : [];
  });
}

function dynamicDependencies(repo: Repo, root: PythonRoot, found: Found, extraLines: readonly string[]): void {
  found.lines.push(...extraLines);
  const file = inFolder(root.dir, 'pyproject.toml');
  const entry = tableAt(root.pyproject, 'tool', 'setuptools', 'dynamic', 'dependencies')?.['file'];
  const files = (typeof entry === 'string' ? [entry] : textsOf(entry)).map((name) => inFolder(root.dir, name));
  const known = files.filter((path) => repo.has(path));
  for (const path of known) {
    if (!found.requirements.includes(path)) found.requirements.push(path);
    for (const line of parseRequirementsFile(repo.text(path) ?? '').requirements) {
      found.declared.push({ ...line, file: path, development: false, installed: true });
    }
  }
  if (known.length > 0 || repo.has(inFolder(root.dir, 'setup.cfg'))) return;
  const computed = 'its dependencies are computed by its build backend, which detection does not run';
  const taken = found.requirements.length > 0;
  const why = taken ? `${computed}; the requirements files are taken` : `${computed}: list them in \`requirements\``;
  found.decisions.push(decision(file, 'not read', why, { severity: taken ? 'note' : 'warning' }));
}

/** Poetry's own tables are read where they stand whenever a lock is made. */
function fromPoetry(root: PythonRoot, found: Found, file: string, at: (text: string) => number): void {
  const poetry = tableAt(root.pyproject, 'tool', 'poetry');
  if (poetry === undefined) return;
  const groups = tableAt(poetry, 'group') ?? {};
  const optional = Object.keys(tableAt(poetry, 'extras') ?? {}).filter((name) => isDevelopment(name));
  const names = [
    ...Object.keys(groups).filter(
      (name) => isDevelopment(name) && tableAt(groups, name)?.['dependencies'] !== undefined,
    ),
    ...(poetry['dev-dependencies'] === undefined ? [] : ['dev']),
  ];
  const tables: [table: unknown, development: boolean][] = [
    [poetry['dependencies'], false],
    [poetry['dev-dependencies'], true],
    ...names.map((name): [unknown, boolean] => [tableAt(groups, name)?.['dependencies'], true]),
  ];
  for (const [table, development] of tables)
    for (const [name, value] of Object.entries(tableAt(table) ?? {})) {
      const converted = name.toLowerCase() === 'python' ? undefined : convertDependency(name, value);
      const requirement = converted !== undefined && 'line' in converted ? parseRequirement(converted.line) : undefined;
      if (requirement)
        found.declared.push({ ...requirement, file, line: at(`\n${name}`) + 1, development, installed: true });
    }
  const main = tableAt(poetry, 'dependencies');
  const sources = [
    ...(main === undefined ? [] : [optional.length > 0 ? `${file}[${optional.join(',')}]` : file]),
    ...[...new Set(names)].map((name) => `${file}:${name}`),
  ];
  found.requirements.push(...sources);
  if (sources.length > 0)
    found.decisions.push(decision('requirements', sources.join(', '), "poetry's own dependency tables"));
}

function convertTables(
  found: Found,
  file: string,
  at: (text: string) => number,
  tables: readonly (readonly [table: unknown, development: boolean])[],
  what: string,
): void {
  let count = 0;
  const skipped: string[] = [];
  for (const [table, development] of tables) {
    for (const [name, value] of Object.entries(tableAt(table) ?? {})) {
      if (name.toLowerCase() === 'python') continue;
      const converted = convertDependency(name, value);
      if ('skipped' in converted) {
        skipped.push(`${name} (${converted.skipped})`);
        continue;
      }
      count++;
      found.lines.push(converted.line);
      const requirement = parseRequirement(converted.line);
      if (requirement)
        found.declared.push({ ...requirement, file, line: at(`\n${name}`) + 1, development, installed: true });
    }
  }
  if (count > 0) found.decisions.push(decision('requirements', `${count} from ${file}`, what));
  if (skipped.length > 0) {
    const why = 'not usable as requirements; add what the checks need to `toolchain.tools`';
    found.decisions.push(decision(file, `left out ${skipped.join(', ')}`, why, { severity: 'warning' }));
  }
}

function fromSetup(repo: Repo, root: PythonRoot, found: Found): void {
  const file = inFolder(root.dir, 'setup.cfg');
  const cfg = iniSettings(repo.text(file));
  const blocks: [value: string | undefined, line: number, development: boolean][] = [];
  const extras: string[] = [];
  const install = cfg.get('options')?.get('install_requires');
  if (install) blocks.push([install.value, install.line, false]);
  for (const [name, extra] of cfg.get('options.extras_require') ?? []) {
    if (!isDevelopment(name)) continue;
    blocks.push([extra.value, extra.line, true]);
    extras.push(name);
  }
  for (const [value, line, development] of blocks) {
    for (const text of value?.split('\n') ?? []) {
      const requirement = parseRequirement(text);
      if (requirement !== undefined) found.declared.push({ ...requirement, file, line, development, installed: true });
    }
  }
  if (blocks.length > 0) {
    const source = extras.length > 0 ? `${file}[${extras.join(',')}]` : file;
    found.requirements.push(source);
    found.decisions.push(decision('requirements', source, 'its install_requires and extras for checking'));
  }
  const setup = inFolder(root.dir, 'setup.py');
  const script = repo.text(setup) ?? '';
  const match = /\b(?:install_requires|extras_require)\s*=/.exec(script);
  if (match === null || install !== undefined || tableAt(root.pyproject, 'project') !== undefined) return;
  const place = { file: setup, line: lineAt(script, match.index) };
  if (found.requirements.length === 0) {
    found.requirements.push(setup);
    const why = 'what it installs is known by running it, which `parity lock` does in a container';
    found.decisions.push(decision('requirements', setup, why, { places: [place] }));
    return;
  }
  const why = 'it is a program, and detection does not run it; the requirements files are taken';
  found.decisions.push(decision(placeText(place), 'not read', why, { severity: 'note', places: [place] }));
}

function fromPipfile(repo: Repo, root: PythonRoot, found: Found): void {
  const file = inFolder(root.dir, 'Pipfile');
  const text = repo.text(file);
  const pipfile = tomlTable(text);
  if (text === undefined || pipfile === undefined) return;
  // The requirements files of such a repo are made from its Pipfile.
  if (found.requirements.length > 0) return;
  const at = (part: string): number => lineAt(text, Math.max(0, text.indexOf(part)));
  convertTables(
    found,
    file,
    at,
    [
      [pipfile['packages'], false],
      [pipfile['dev-packages'], true],
    ],
    'its packages, as requirement lines',
  );
}

function fromTox(repo: Repo, root: PythonRoot, found: Found): void {
  const file = inFolder(root.dir, 'tox.ini');
  let count = 0;
  const ini = iniSettings(repo.text(file));
  for (const [name, section] of ini) {
    if (
      !/^testenv(?::(?:py|lint|mypy|types?|typing|tests?|flake8|style|check|pep8|pep484|format|black|quality).*)?$/.test(
        name,
      )
    )
      continue;
    const deps = section.get('deps');
    for (const line of deps?.value.split('\n') ?? []) {
      const text = substituted(line, ini);
      const included = /^-r\s*(\S+)$/.exec(text)?.[1]?.replace(/^\{toxinidir\}\//, '');
      const path = included === undefined ? undefined : inFolder(root.dir, included);
      if (path !== undefined && repo.has(path) && !found.requirements.includes(path)) {
        found.requirements.push(path);
        for (const line of parseRequirementsFile(repo.text(path) ?? '').requirements) {
          found.declared.push({ ...line, file: path, development: true, installed: true });
        }
      }
      // A factor (`py37: …`) or a substitution (`{[x]y}`) is tox's to decide.
      const requirement = /[{}]|^[\w,!-]+:\s/.test(text) ? undefined : parseRequirement(text);
      if (requirement === undefined || deps === undefined || found.lines.includes(requirement.text)) continue;
      count++;
      found.lines.push(requirement.text);
      found.declared.push({ ...requirement, file, line: deps.line, development: true, installed: true });
    }
  }
  if (count > 0)
    found.decisions.push(
      decision(
        'requirements',
        `${count} from ${file}`,
        "its environments' deps; nothing else names the tools of the tests",
      ),
    );
}

/** tox's `{[section]key}` with that key's value. */
function substituted(text: string, ini: IniSettings): string {
  return text.replace(/\{\[([^\]]+)\]([\w-]+)\}/g, (whole, section: string, key: string) => {
    return ini.get(section)?.get(key.toLowerCase())?.value ?? whole;
  });
}
