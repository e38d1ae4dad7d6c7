import { dirname, posix, relative, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { lockSource } from '../../config/lock-source.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Digest } from '../../core/digest.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { spanAt } from '../../core/span.ts';
import type { DependencyLock } from './dependency-lock.ts';
import { readRequirementsFile } from './file-source.ts';
import type { LocalProject } from '../build/local-project.ts';
import { readProjects } from './add-project.ts';
import { readMetadata } from './metadata-source.ts';
import { addRequirement, placeOf, problem, readText, shownPath, toolsSource, type Reading } from './reading.ts';
import { uvWorkspaceAbove } from '../../config/uv-workspace-above.ts';
import { pythonManagers } from '../../config/python-managers.ts';
import { leadingName, normalisedName } from '../../formats/package-name.ts';
import type { IndexOptions, Place, Requirement } from './requirement.ts';
import { parseRequirementsFile } from './requirements-file.ts';

/** Everything that the project asks for, from every source that its toolchain names. */
export interface RequirementSet {
  /** Tools first, then sources in their order. */
  readonly requirements: readonly Requirement[];
  readonly index: IndexOptions;
  /** Lock files of other tools (uv.lock, poetry.lock …) that decide what is installed of them and at which versions. */
  readonly locks: readonly DependencyLock[];
  /** What each file says of Python's version. */
  readonly requiresPython: readonly { readonly text: string; readonly place: Place }[];
  /** What each file contributes, sorted: equal facts lock equally. By path relative to the project, with `/`. */
  readonly facts: ReadonlyMap<string, readonly string[]>;
  /** Every file that was looked for, by path relative to the project: what was in it, or null when it is not there. */
  readonly consulted: ReadonlyMap<string, Digest | null>;
  /** The repository's packages that are to be installed, by their folder (relative, `.` for the project's own). */
  readonly projects: ReadonlyMap<string, LocalProject>;
  /** What a person should know: what was left out, what was not obeyed. */
  readonly notes: readonly string[];
}

/**
 * Reads the tools and every requirement source with all that they include. Err `requirements-unsupported` with a
 * diagnostic for each line that can't be locked, `requirements-stale` for a lock file that is not of its pyproject.toml. Reads files only: no network, no engine.
 */
export async function readRequirements(projectDir: string, config: Config): Promise<Result<RequirementSet>> {
  const reading: Reading = {
    projectDir,
    requirements: [],
    requiresPython: [],
    facts: new Map(),
    notes: [],
    problems: [],
    locks: [],
    stale: [],
    done: new Set(),
    consulted: new Map(),
    projects: new Map(),
    requirementsFile: (...source) => readRequirementsFile(reading, ...source),
    metadata: (...source) => readMetadata(reading, ...source),
    index: {
      extraIndexUrls: [],
      isBestOfAll: false,
      findLinks: [],
      addresses: [],
      noIndex: false,
      prereleases: false,
      noBinary: [],
      onlyBinary: [],
    },
  };
  try {
    const text = await configText(reading, config);
    readTools(reading, config, text);
    for (const source of config.toolchain.requirements) await readSource(reading, source, text);
    await readProjects(reading, config, (key, folder) => placeInConfig(text, key, folder) ?? nowhere);
  } catch (error) {
    // No permission, a broken disk; what is merely missing is a problem with a place.
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return err(
      failure('io', "a requirements file can't be read", {
        detail: error.message,
        next: 'make it readable for this user (chmod u+r), then: parity lock',
      }),
    );
  }
  if (reading.problems.length > 0) return err(unsupported(reading.problems));
  if (reading.stale.length > 0) return err(stale(reading.stale));
  for (const facts of reading.facts.values()) facts.sort();
  return ok(reading);
}

function unsupported(problems: readonly Diagnostic[]): Failure {
  const first = problems[0];
  const place = first === undefined ? '' : `${first.file}:${first.span.line}: ${first.message}`;
  const rest = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return failure('requirements-unsupported', `the requirements can't be locked: ${place}${rest}`, {
    diagnostics: problems,
    ...(first?.hint === undefined ? {} : { next: first.hint }),
  });
}

function stale(problems: readonly Diagnostic[]): Failure {
  const [first] = problems;
  const where = first === undefined ? '' : `${first.file}:${first.span.line}: ${first.message}`;
  return failure('requirements-stale', `a lock file is stale: ${where}`, {
    diagnostics: problems,
    ...(first?.hint === undefined ? {} : { next: first.hint }),
  });
}

/** The config's own text, to tell where in it a tool or a source is named. */
interface ConfigText {
  readonly file: string;
  readonly text: string;
  /** Where its toolchain begins. */
  readonly from: number;
}

async function configText(reading: Reading, config: Config): Promise<ConfigText | undefined> {
  if (config.source.kind !== 'file') return undefined;
  const path = resolve(reading.projectDir, config.source.path);
  const text = await readText(path);
  if (text === undefined) return undefined;
  return { file: shownPath(reading, path), text, from: startOf(text, config.toolchain.name) };
}

/** Where the toolchain of a name begins in parity.yaml; at the top for the default one. */
function startOf(text: string, name: string | undefined): number {
  if (name === undefined) return 0;
  const all = Math.max(0, text.search(/^toolchains\s*:/m));
  return Math.max(all, text.indexOf(`${name}:`, all));
}

/** Where a value stands below a key; undefined when the config does not have it so (the layout's default, an anchor). */
function placeInConfig(config: ConfigText | undefined, key: string, value: string): Place | undefined {
  if (config === undefined) return undefined;
  const at = config.text.slice(config.from).search(new RegExp(`^\\s*${key}\\s*:|[{,]\\s*${key}\\s*:`, 'm'));
  const found = at < 0 ? -1 : config.text.indexOf(value, config.from + at);
  if (found < 0) return undefined;
  const span = spanAt(config.text, found, value.length);
  return placeOf(config.file, span, config.text.split(/\r?\n/)[span.line - 1]);
}

/** Where `toolchain.uv` and its like stand; undefined for a tool without a key of its own. */
function placeOfKey(config: ConfigText | undefined, key: string): Place | undefined {
  const named = new RegExp(`^[ \\t]+(?:${key}):[ \\t]*\\S`, 'm');
  const found = config === undefined ? null : named.exec(config.text.slice(config.from));
  if (config === undefined || found === null || !(pythonManagers as readonly string[]).includes(key)) return undefined;
  const span = spanAt(config.text, config.from + found.index + found[0].length - 1);
  return placeOf(config.file, span, config.text.split(/\r?\n/)[span.line - 1]);
}

function readTools(reading: Reading, config: Config, source: ConfigText | undefined): void {
  for (const tool of config.toolchain.tools) {
    const place = placeInConfig(source, 'tools', tool) ?? placeOfKey(source, leadingName(tool) ?? '');
    const [line] = parseRequirementsFile(tool);
    if (line?.kind === 'requirement') addRequirement(reading, line.text, toolsSource, place, line.hashes, false);
    else
      problem(reading, place ?? nowhere, {
        message: line?.kind === 'refused' ? `"${tool}": ${line.message}` : `"${tool}" is not a package to install`,
        hint: line?.kind === 'refused' ? line.hint : 'write NAME==VERSION, for example black==25.9.0',
      });
  }
}

async function readSource(reading: Reading, source: string, config: ConfigText | undefined): Promise<void> {
  const lock = lockSource(source);
  if (lock !== undefined) {
    const { readDependencyLock } = await import('./read-dependency-lock.ts');
    return await readDependencyLock(reading, lock, placeInConfig(config, 'requirements', source) ?? nowhere);
  }
  const limits = /^-c\s+(.+)$/.exec(source)?.[1];
  if (limits !== undefined) {
    const from = placeInConfig(config, 'requirements', source) ?? nowhere;
    return await readRequirementsFile(reading, resolve(reading.projectDir, limits), true, from, []);
  }
  const match = /^(.*?)(?:\[([^\]]*)\]|:([A-Za-z0-9._-]+))?$/.exec(source);
  const path = match?.[1] ?? source;
  const base = posix.basename(path);
  const from = placeInConfig(config, 'requirements', source) ?? nowhere;
  const absolute = resolve(reading.projectDir, path);
  if (base !== 'pyproject.toml' && base !== 'setup.cfg' && base !== 'setup.py') {
    await readRequirementsFile(reading, resolve(reading.projectDir, source), false, from, []);
    return;
  }
  const extras = (match?.[2] ?? '').split(',').map((extra) => normalisedName(extra.trim()));
  const wanted = extras.filter((extra) => extra !== '');
  const group = match?.[3];
  const selection = { extras: wanted, ...(group === undefined ? {} : { group: normalisedName(group) }) };
  if (base === 'pyproject.toml') tellWorkspaceAbove(reading, source, absolute, config);
  await readMetadata(reading, absolute, selection, from);
}

/**
 * A uv.lock outside the project that has its package decides in CI: where nobody asked for anything else, going on without it would test other
 * versions.
 */
function tellWorkspaceAbove(reading: Reading, source: string, absolute: string, config: ConfigText | undefined): void {
  const above = uvWorkspaceAbove(dirname(absolute));
  if (above === undefined || !relative(reading.projectDir, above).startsWith('..')) return;
  const lock = `${shownPath(reading, above)}/uv.lock`;
  const member = shownPath(reading, absolute);
  // In whatever style it is written.
  if (/(?:^|[{,])\s*["']?requirements["']?\s*:/m.test(config?.text ?? '')) {
    reading.notes.push(`${member} is resolved anew: ${lock}, which has its package, lies outside this project`);
    return;
  }
  problem(reading, placeOf(member, spanAt('', 0)), {
    message: `it is a member of the uv workspace whose ${lock} decides its versions, and that lies outside this project`,
    hint: `move parity.yaml to ${shownPath(reading, above)}, with \`cwd\` for steps that run here; or, to resolve it anew, name ${source} in toolchain.requirements`,
  });
}

/** Stands for the config where no text of it says the thing. */
const nowhere: Place = placeOf('parity.yaml', spanAt('', 0));
