import { posix } from 'node:path';
import { lockHolds } from '../../config/detect/lock-sources.ts';
import { lockSource } from '../../config/lock-source.ts';
import { pythonManagerLine } from '../../config/python-managers.ts';
import { toolRequirement } from '../../config/value-checks.ts';
import type { BuildConfig, Toolchain } from '../../config/config.ts';
import { decision, type Decision } from '../../config/detect/decision.ts';
import { inFolder, within } from '../../config/detect/repo.ts';
import { leadingName, normalisedName } from '../../formats/package-name.ts';
import { parseRequirement, parseRequirementsFile } from '../../config/detect/requirement.ts';
import { tableAt, textsOf, type Table } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import type { CiPlace, LeftOut } from '../decided-pipeline.ts';
import type { Install, InstalledFolder, LockInstall, PlacedInstall } from './install.ts';
import { requiredUv } from '../uv-version.ts';
import { ownBuild } from './own-build.ts';
import type { TestedProgram } from './tested-programs.ts';

/** A requirement line, and where CI says it. */
export interface PlacedLine {
  readonly line: string;
  readonly place: CiPlace;
}

/** What the image has to hold for the imported steps. */
export interface ImportedToolchain {
  readonly requirements: readonly string[];
  readonly tools: readonly string[];
  readonly system: readonly string[];
  readonly decisions: readonly Decision[];
  readonly leftOut: readonly LeftOut[];
  /** How the repository's own packages are installed; absent = as it is without CI. */
  readonly build?: BuildConfig;
}

/** What decides it. Paths of installs are relative to the repository's top, those of the toolchain to the project. */
export interface ToolchainFacts {
  readonly installs: readonly PlacedInstall[];
  /** Python packages whose programs the steps run. */
  readonly used: readonly string[];
  /** Requirement lines of what CI installs with, which the image has only where a step runs it: `uv==0.9.2`. */
  readonly installers: readonly PlacedLine[];
  /** Debian packages whose programs the steps run. */
  readonly usedSystem: readonly string[];
  /** What tests start that CI's machines have. */
  readonly testedPrograms?: readonly TestedProgram[];
  /** Some step runs something that does not make an environment of its own. */
  readonly needsPackages: boolean;
  /** The jobs that run tests. */
  readonly testing: ReadonlySet<string>;
  readonly detected: { readonly toolchain: Toolchain; readonly decisions: readonly Decision[] };
  readonly readText: (path: string) => string | undefined;
  /** The project's folder, relative to the repository's top. */
  readonly prefix: string;
  /** For a toolchain with a name, which has the project itself only where a source names it. */
  readonly isNamed?: boolean;
}

/**
 * Puts what CI installs into the toolchain. What CI does not say (poetry and pipenv have it in their own files; a project in setup.py) is as
 * detection reads it, and so is a tool that steps run and nothing CI installs brings.
 */
export function importToolchain(facts: ToolchainFacts): ImportedToolchain {
  const { detected } = facts;
  const requirements = new Map<string, CiPlace>();
  const tools = new Map<string, { readonly line: string; readonly place: CiPlace }>();
  const system = new Map<string, CiPlace>();
  const leftOut: LeftOut[] = [];
  let asDetected = facts.needsPackages && !facts.installs.some(({ install }) => isPython(install));
  const locks = facts.installs.filter(({ install: { lock } }) => lock !== undefined && lockFileSource(lock, facts));
  const leave = (place: CiPlace, what: string, why: string): void => {
    if (!leftOut.some((each) => each.what === what && each.place.span.line === place.span.line))
      leftOut.push({ place, what, why });
  };
  for (const { install, place } of facts.installs) {
    const locked = install.lock === undefined ? undefined : lockFileSource(install.lock, facts);
    if (locked !== undefined && !requirements.has(locked)) requirements.set(locked, place);
    if (install.byManager && locked === undefined && (install.onlyRuns !== true || locks.length === 0))
      asDetected = true;
    for (const { what, why } of install.refused) leave(place, `install of ${what}`, why);
    for (const name of install.system) if (!system.has(name)) system.set(name, place);
    addFiles({ install, place }, facts, requirements, leave);
    for (const project of locked === undefined ? install.projects : []) {
      const sources = projectSources(project, facts, (what, why) => leave(place, what, why));
      if (sources === undefined) asDetected = true;
      for (const source of sources ?? []) if (!requirements.has(source)) requirements.set(source, place);
    }
    for (const said of install.tools) addTool(said, place, tools, leave);
  }
  mergeExtras(requirements);
  const decisions: Decision[] = [];
  const packages = [...system.keys()];
  for (const [source, place] of requirements) decisions.push(decided('requirements', source, place));
  for (const [name, { line, place }] of tools) decisions.push(decided(name, line, place));
  for (const [name, place] of system) decisions.push(decided(name, name, place));

  const unasked = unaskedPackages(facts, packages);
  packages.push(...unasked.map(({ subject }) => subject));
  decisions.push(...unasked);
  const lines = [...tools.values()].map(({ line }) => line);
  const sources = [...requirements.keys()];
  const known = (name: string): boolean =>
    tools.has(name) || sources.some((source) => provides(source, name, facts) === true);
  if (asDetected) {
    const fromCi = [...sources];
    for (const source of detected.toolchain.requirements)
      if (!fromCi.some((each) => each.startsWith(source.replace(/[[: ].*$/, '')))) sources.push(source);
    // A tool that nothing installs and no step runs only stands in some configuration, or is a hook's.
    const isUnasked = (name: string): boolean =>
      !facts.used.includes(name) &&
      detected.decisions.some(
        ({ subject, choice, why }) =>
          subject === name &&
          (why.startsWith('pre-commit runs it') ||
            (/^(?:black|isort|ruff|flake8|mypy|pytest|coverage)$/.test(name) &&
              (choice === 'any version' || why.startsWith("the reference lock's")))),
      );
    for (const line of detected.toolchain.tools)
      if (!tools.has(nameOf(line)) && !isUnasked(nameOf(line))) lines.push(line);
    decisions.push(
      ...detected.decisions.filter(
        ({ subject, severity }) =>
          severity === 'note' &&
          (subject === 'requirements' || lines.some((line) => nameOf(line) === subject && !tools.has(subject))),
      ),
    );
  }
  const named = new Set(lines.map(nameOf));
  for (const name of new Set(facts.used)) {
    if (named.has(name) || known(name)) continue;
    const used = usedTool(name, facts);
    named.add(name);
    lines.push(used.choice);
    decisions.push(used);
  }
  const own = ownBuild({ ...facts, sources, locked: locks, asDetected });
  decisions.push(...own.decisions);
  const build = own.build === undefined ? {} : { build: own.build };
  return { requirements: sources, tools: lines, system: packages, decisions, leftOut, ...build };
}

/** Debian packages of what steps and tests start, and CI's machines have without installing it. */
function unaskedPackages(
  { usedSystem, testedPrograms = [] }: ToolchainFacts,
  asked: readonly string[],
): readonly Decision[] {
  const whys = new Map<string, string>();
  for (const name of usedSystem) whys.set(name, "a step runs it; CI's machines have it unasked");
  for (const { package: name, program, file } of testedPrograms)
    if (!whys.has(name))
      whys.set(
        name,
        `${file} ${program.startsWith('a ') ? 'needs' : 'names'} ${program}, which CI’s machines have unasked`,
      );
  return [...whys].flatMap(([name, why]) =>
    asked.includes(name) ? [] : [{ ...decision(name, name, why), kind: 'toolchain' as const }],
  );
}

/** A tool that a step runs and nothing brings: as CI sets it up to install with, else as detection has it, else any. */
function usedTool(name: string, { installers, detected, readText, prefix }: ToolchainFacts): Decision {
  const said = installers.find(({ line }) => nameOf(line) === name);
  if (said !== undefined) return decided(name, said.line, said.place);
  const bringing =
    name === 'coverage' ? installers.find(({ line }) => /^(?:coveralls|codecov)$/.test(nameOf(line))) : undefined;
  if (bringing !== undefined) {
    const { file, span } = bringing.place;
    return { ...decision(name, name, `${file}:${span.line}: ${nameOf(bringing.line)} brings it`), kind: 'toolchain' };
  }
  const required = name === 'uv' ? requiredUv(prefix === '' ? '.' : prefix, readText) : undefined;
  if (required !== undefined) {
    const line = pythonManagerLine('uv', required.said);
    return { ...decision(name, line, `required-version of ${required.file}`), kind: 'toolchain' };
  }
  const line = detected.toolchain.tools.find((each) => nameOf(each) === name) ?? name;
  return {
    ...decision(name, line, 'a step runs it, and nothing that CI installs is known to bring it'),
    kind: 'toolchain',
  };
}

function decided(subject: string, choice: string, { file, span }: CiPlace): Decision {
  return { ...decision(subject, choice, `${file}:${span.line}`), kind: 'toolchain' };
}

function isPython(install: Install): boolean {
  return install.files.length + install.projects.length + install.tools.length > 0 || install.byManager;
}

function nameOf(line: string): string {
  return leadingName(line) ?? '';
}

/** Takes the requirements files of an install, and the files that limit versions. */
function addFiles(
  { install, place }: Pick<PlacedInstall, 'install' | 'place'>,
  { readText, prefix }: ToolchainFacts,
  requirements: Map<string, CiPlace>,
  leave: (place: CiPlace, what: string, why: string) => void,
): void {
  const limits = (install.limits ?? []).map((path) => ({ path, what: 'limits', option: '-c ' }));
  for (const { path, what, option } of [
    ...limits,
    ...install.files.map((each) => ({ path: each, what: 'install', option: '' })),
  ]) {
    const inside = within(prefix, path);
    if (readText(path) === undefined) leave(place, `${what} of ${path}`, 'there is no such file in the repository');
    else if (inside === undefined) leave(place, `${what} of ${path}`, 'it is outside the project');
    else if (!requirements.has(`${option}${inside}`)) requirements.set(`${option}${inside}`, place);
  }
}

function addTool(
  said: string,
  place: CiPlace,
  tools: Map<string, { readonly line: string; readonly place: CiPlace }>,
  leave: (place: CiPlace, what: string, why: string) => void,
): void {
  const line = said.trim();
  const complaint = toolRequirement(line);
  if (complaint !== undefined) return leave(place, `install of ${said}`, complaint.message);
  const name = nameOf(line);
  const before = tools.get(name);
  const weight = (text: string): number =>
    text.includes('==') || text.includes('@') ? 2 : /[<>~!]/.test(text) ? 1 : 0;
  if (before === undefined || (weight(line) > weight(before.line) && weight(before.line) === 0))
    tools.set(name, { line, place });
  else if (before.line !== line && weight(line) > 0)
    leave(place, `install of ${line}`, `an environment has one ${name}: ${before.line} is taken`);
}

/** The lock file that an install takes its versions from, as a source; undefined where the folder, and uv's workspace above it, has none. */
function lockFileSource({ tool, dir, options }: LockInstall, { readText, prefix }: ToolchainFacts): string | undefined {
  const names = {
    uv: 'uv.lock',
    poetry: 'poetry.lock',
    pdm: 'pdm.lock',
    pipenv: 'Pipfile.lock',
    pylock: 'pylock.toml',
  };
  for (let folder = dir; ; folder = posix.dirname(folder)) {
    const path = posix.join(folder, names[tool]);
    const file = within(prefix, path);
    const text = readText(path);
    const isMine = folder === dir || (text ?? '').includes(` = "${posix.relative(folder, dir)}" }`);
    if (text !== undefined && file !== undefined && isMine) {
      // In a member of a workspace, uv installs that member.
      const name = tableAt(tomlTable(readText(posix.join(dir, 'pyproject.toml'))), 'project')?.['name'];
      const member =
        folder === dir || options.some((option) => option.includes('package')) ? [] : ['--package', String(name)];
      return [file, ...member, ...options].join(' ');
    }
    if (tool !== 'uv' || folder === '.') return undefined;
  }
}

/** The sources of a project that is installed; undefined when only detection can say what it needs. */
function projectSources(
  project: InstalledFolder,
  { readText, prefix, isNamed = false }: ToolchainFacts,
  leave: (what: string, why: string) => void,
): readonly string[] | undefined {
  const path = posix.join(project.dir, 'pyproject.toml');
  const file = within(prefix, path);
  const table = tomlTable(readText(path));
  if (file === undefined) {
    leave(`install of ${project.dir}`, 'it is outside the project');
    return [];
  }
  const metadata = tableAt(table, 'project');
  const groups = tableAt(table, 'dependency-groups') ?? {};
  const wanted = [
    ...project.groups,
    ...(project.allGroups ? Object.keys(groups) : []),
    ...(project.defaultGroups ? defaultGroups(table, groups) : []),
  ];
  const sources: string[] = [];
  const known = (names: readonly string[], have: Table, what: string): readonly string[] =>
    [...new Set(names)].flatMap((name) => {
      const found = Object.keys(have).find((each) => normalisedName(each) === normalisedName(name));
      if (found === undefined) leave(`${what} ${name} of ${file}`, `the file has no such ${what}`);
      return found === undefined ? [] : [found];
    });
  const dynamic = textsOf(metadata?.['dynamic']);
  if (metadata !== undefined) {
    const optional = tableAt(metadata, 'optional-dependencies') ?? {};
    const extras = dynamic.includes('optional-dependencies')
      ? project.extras
      : known(project.allExtras ? Object.keys(optional) : project.extras, optional, 'extra');
    if (extras.length > 0) sources.push(`${file}[${extras.join(',')}]`);
    else if (
      isNamed ||
      textsOf(metadata['dependencies']).length > 0 ||
      dynamic.includes('dependencies') ||
      posix.dirname(file) !== '.'
    )
      sources.push(file);
  } else if (metadata === undefined && tableAt(table, 'tool', 'poetry') === undefined && legacyFile(project, readText))
    // What it needs is known by its build, which is asked when the lock is made.
    sources.push(withExtras(inFolder(posix.dirname(file), legacyFile(project, readText) ?? ''), project.extras));
  else if (metadata === undefined && !project.defaultGroups && tableAt(table, 'tool', 'poetry') !== undefined)
    sources.push(withExtras(file, project.allExtras ? poetryExtras(table) : project.extras));
  else if (project.groups.length === 0 || project.defaultGroups) return undefined;
  const outer = new Set(wanted);
  for (const group of known([...outer], groups, 'group')) sources.push(`${file}:${group}`);
  return sources;
}

/** The file that makes a folder without metadata in pyproject.toml a package. */
function legacyFile({ dir }: InstalledFolder, readText: ToolchainFacts['readText']): string | undefined {
  return ['setup.py', 'setup.cfg'].find((name) => readText(posix.join(dir, name)) !== undefined);
}

function poetryExtras(table: Table | undefined): readonly string[] {
  return Object.keys(tableAt(table, 'tool', 'poetry', 'extras') ?? {});
}

function withExtras(source: string, extras: readonly string[]): string {
  return extras.length === 0 ? source : `${source}[${extras.join(',')}]`;
}

function defaultGroups(table: Table | undefined, groups: Table): readonly string[] {
  const set = tableAt(table, 'tool', 'uv')?.['default-groups'];
  if (set === 'all') return Object.keys(groups);
  const names = Array.isArray(set) ? textsOf(set) : ['dev'];
  return names.filter((name) => groups[name] !== undefined);
}

/** `pyproject.toml` and `pyproject.toml[dev]` are one source. */
function mergeExtras(requirements: Map<string, CiPlace>): void {
  const extras = new Map<string, { readonly names: Set<string>; readonly place: CiPlace; readonly keys: string[] }>();
  for (const [source, place] of requirements) {
    const [, file, list] = /^(.*pyproject\.toml)(?:\[([^\]]*)\])?$/.exec(source) ?? [];
    if (file === undefined) continue;
    const entry = extras.get(file) ?? { names: new Set<string>(), place, keys: [] };
    for (const name of (list ?? '').split(',').filter(Boolean)) entry.names.add(name);
    entry.keys.push(source);
    extras.set(file, entry);
  }
  for (const [file, { names, place, keys }] of extras) {
    if (keys.length < 2) continue;
    const kept = [...requirements].filter(([source]) => !keys.includes(source));
    requirements.clear();
    requirements.set(names.size > 0 ? `${file}[${[...names].join(',')}]` : file, place);
    for (const [source, at] of kept) requirements.set(source, at);
  }
}

/** Whether a source is known to bring a package; undefined when that can't be told. */
function provides(source: string, name: string, facts: ToolchainFacts, depth = 0): boolean | undefined {
  const lock = lockSource(source);
  if (lock !== undefined) return lockHolds(facts.readText(inFolder(facts.prefix, lock.file)) ?? '', name);
  if (source.startsWith('-c ')) return false;
  const [, path = source, extras, group] = /^(.*?)(?:\[([^\]]*)\]|:([^/]*))?$/.exec(source) ?? [];
  const text = facts.readText(inFolder(facts.prefix, path));
  if (text === undefined || depth > 10) return undefined;
  if (!path.endsWith('pyproject.toml')) {
    const { requirements, includes } = parseRequirementsFile(text);
    if (requirements.some((line) => line.name === name)) return true;
    return includes.some(
      (include) => provides(posix.join(posix.dirname(path), include), name, facts, depth + 1) === true,
    );
  }
  const table = tomlTable(text);
  const has = (lines: unknown): boolean => textsOf(lines).some((line) => parseRequirement(line)?.name === name);
  const poetry = tableAt(table, 'tool', 'poetry');
  const inTable = (deps: unknown): boolean =>
    Object.keys(tableAt(deps) ?? {}).some((each) => normalisedName(each) === name);
  const groupHas = (each: string, level: number): boolean => {
    const items = tableAt(table, 'dependency-groups')?.[each];
    if (has(items)) return true;
    if (inTable(tableAt(poetry, 'group', each)?.['dependencies'])) return true;
    if (each === 'dev' && inTable(poetry?.['dev-dependencies'])) return true;
    return (Array.isArray(items) ? items : []).some((item: unknown) => {
      const inner = typeof item === 'object' && item !== null ? (item as Table)['include-group'] : undefined;
      return level < 10 && typeof inner === 'string' && groupHas(inner, level + 1);
    });
  };
  if (group !== undefined) return groupHas(group, 0);
  const project = tableAt(table, 'project');
  if (has(project?.['dependencies']) || inTable(poetry?.['dependencies'])) return true;
  const optional = tableAt(project, 'optional-dependencies') ?? {};
  const own = normalisedName(String(project?.['name'] ?? ''));
  const extraHas = (each: string, level: number): boolean => {
    const lines = textsOf(optional[each]);
    if (has(lines)) return true;
    // `dev = ["pkg[test]"]` takes another extra of the project itself.
    return lines.some((line) => {
      const [, self, names] = /^([\w.-]+)\[([^\]]*)\]/.exec(line) ?? [];
      return (
        level < 10 &&
        self !== undefined &&
        normalisedName(self) === own &&
        (names ?? '').split(',').some((inner) => extraHas(inner.trim(), level + 1))
      );
    });
  };
  return (extras ?? '').split(',').some((each) => extraHas(each.trim(), 0));
}
