import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { memberOf, readJson } from '../../core/json.ts';
import { spanAt } from '../../core/span.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { pythonJson } from '../../formats/python-json.ts';
import { tableAt, type Table } from '../../formats/table.ts';
import { tomlTable } from '../../formats/toml.ts';
import type { LockTool } from '../../config/lock-source.ts';
import type { DependencyLock } from './dependency-lock.ts';
import { undeclaredNames } from './undeclared-names.ts';
import { undeclaredInUvLock } from './uv-lock-difference.ts';

/** A lock file by its tool and its path. */
interface LockName {
  readonly source: { readonly tool: LockTool };
  readonly file: string;
}

/** The command by which a lock file's tool makes it anew, keeping the versions that still fit. */
export function relockCommand({ source: { tool }, file }: LockName): string {
  const commands = {
    uv: 'uv lock',
    poetry: 'poetry lock',
    pdm: 'pdm lock',
    pipenv: 'pipenv lock',
    pylock: 'make it anew with the tool that wrote it',
  };
  const folder = posix.dirname(file);
  return folder === '.' ? commands[tool] : `(cd ${folder} && ${commands[tool]})`;
}

/** What to do about a lock file that is not of its pyproject.toml. */
export function relockAdvice(lock: LockName): string {
  return `${relockCommand(lock)}, and commit ${lock.file}`;
}

/** The command by which a lock file's tool moves one package. */
export function upgradeCommand({ source: { tool }, file }: LockName, name: string): string {
  const commands = {
    uv: `uv lock --upgrade-package ${name}`,
    poetry: `poetry update ${name} --lock`,
    pdm: `pdm update --no-sync ${name}`,
    pipenv: `pipenv upgrade ${name}`,
    pylock: `make ${file} anew, with another ${name}`,
  };
  const folder = posix.dirname(file);
  return folder === '.' ? commands[tool] : `(cd ${folder} && ${commands[tool]})`;
}

/**
 * What is wrong with a lock file that was made from another pyproject.toml or Pipfile, by the hash that its tool wrote into it; undefined where
 * that fits or nothing can be told. Of uv.lock only a missing name is told here: uv compares the rest itself, in a container. Pure.
 */
export function freshnessProblem(lock: DependencyLock): Diagnostic | undefined {
  const { file, text, source, manifests } = lock;
  const beside = (name: string): string | undefined => manifests.get(posix.join(posix.dirname(file), name));
  if (source.tool === 'uv') {
    const place = undeclaredInUvLock(lock, { onlyNames: true });
    return place === undefined
      ? undefined
      : { severity: 'error', code: 'lock-file-stale', hint: relockAdvice(lock), ...place };
  }
  const key = { uv: undefined, poetry: 'content-hash', pdm: 'content_hash', pipenv: '"sha256"', pylock: undefined }[
    source.tool
  ];
  if (key === undefined) return undefined;
  const found = new RegExp(`^\\s*${key}\\s*[=:]\\s*"(?:sha256:)?([0-9a-f]{64})"`, 'm').exec(text);
  const manifestName = source.tool === 'pipenv' ? 'Pipfile' : 'pyproject.toml';
  const manifest = tomlTable(beside(manifestName));
  // pdm has another way to compare, which only pdm knows, for those who ask for it.
  if (found === null || manifest === undefined || /^lock_inputs\s*=/m.test(text)) return undefined;
  const hashes = { poetry: poetryHashes, pdm: pdmHashes, pipenv: pipfileHashes }[
    source.tool as 'poetry' | 'pdm' | 'pipenv'
  ];
  if (hashes(manifest, text).includes(found[1] ?? '')) return undefined;
  const [missing] = undeclaredNames(lock, posix.join(posix.dirname(file), manifestName));
  if (missing !== undefined) {
    const { says, isMissing: _, ...place } = missing;
    const message = `${file} ${says}`;
    return { severity: 'error', code: 'lock-file-stale', hint: relockAdvice(lock), ...place, message };
  }
  return staleLock(
    lock,
    `it was not made from this ${manifestName}: its ${key.replaceAll('"', '')} is another`,
    found.index + found[0].search(/\S/),
  );
}

/** The problem of a lock file that is not of its manifest. */
export function staleLock(
  lock: Pick<DependencyLock, 'source' | 'file' | 'text'>,
  message: string,
  offset = 0,
): Diagnostic {
  const line = /^[^\r\n]*/.exec(lock.text.slice(offset))?.[0] ?? '';
  return {
    severity: 'error',
    code: 'lock-file-stale',
    message,
    hint: relockAdvice(lock),
    file: lock.file,
    span: spanAt(lock.text, offset, Math.max(line.length, 1)),
    sourceLine: line,
  };
}

function hashOf(value: unknown, compact = false): string {
  return createHash('sha256').update(pythonJson(value, { compact })).digest('hex');
}

/** Poetry's content-hash (poetry/packages/locker.py); before 2.3 it was without dependency groups. */
function poetryHashes(manifest: Table): readonly string[] {
  return [hashOf(poetryContent(manifest, true)), hashOf(poetryContent(manifest, false))];
}

function poetryContent(manifest: Table, withGroups: boolean): Table {
  const project = present(tableAt(manifest, 'project'), ['requires-python', 'dependencies', 'optional-dependencies']);
  const groups = withGroups ? (tableAt(manifest, 'dependency-groups') ?? {}) : {};
  const poetry = tableAt(manifest, 'tool', 'poetry') ?? {};
  const hasOther = Object.keys(project).length > 0 || Object.keys(groups).length > 0;
  const legacy = ['dependencies', 'source', 'extras', 'dev-dependencies'];
  const own = {
    // What is not there was written as null, and still is where there is nothing else.
    ...(hasOther ? present(poetry, legacy) : Object.fromEntries(legacy.map((key) => [key, poetry[key] ?? null]))),
    ...present(poetry, ['group']),
  };
  if (!hasOther) return own;
  return {
    ...(Object.keys(project).length === 0 ? {} : { project }),
    ...(Object.keys(groups).length === 0 ? {} : { 'dependency-groups': groups }),
    tool: { poetry: own },
  };
}

function present(table: Table | undefined, keys: readonly string[]): Table {
  return Object.fromEntries(keys.flatMap((key) => (table?.[key] === undefined ? [] : [[key, table[key]]])));
}

/** pdm's content_hash (pdm/project/project_file.py). */
function pdmHashes(manifest: Table): readonly string[] {
  const settings = tableAt(manifest, 'tool', 'pdm') ?? {};
  const project = tableAt(manifest, 'project') ?? {};
  const groups: Record<string, unknown[]> = {};
  for (const table of [tableAt(manifest, 'dependency-groups'), tableAt(settings, 'dev-dependencies')])
    for (const [name, items] of Object.entries(table ?? {}))
      (groups[normalisedName(name)] ??= []).push(...(Array.isArray(items) ? (items as unknown[]) : []));
  return [
    hashOf({
      sources: settings['source'] ?? [],
      dependencies: project['dependencies'] ?? [],
      'dev-dependencies': groups,
      'optional-dependencies': project['optional-dependencies'] ?? {},
      'requires-python': project['requires-python'] ?? '',
      resolution: settings['resolution'] ?? {},
    }),
  ];
}

const pipfileSections = [
  'source',
  'packages',
  'dev-packages',
  'requires',
  'scripts',
  'pipfile',
  'pipenv',
  'default',
  'develop',
];

/**
 * Pipenv's hash of a Pipfile (plette/pipfiles.py). Pipenv's own default source counts where the Pipfile names none; its lock file says which that was.
 */
function pipfileHashes(manifest: Table, lockText: string): readonly string[] {
  const others = Object.entries(manifest).filter(([name]) => !pipfileSections.includes(name));
  const content = (sources: unknown): Table => ({
    _meta: { sources, requires: manifest['requires'] ?? {} },
    default: manifest['packages'] ?? {},
    develop: manifest['dev-packages'] ?? {},
    ...Object.fromEntries(others),
  });
  const ofLock = readJson(lockText, (value) => memberOf(memberOf(value, '_meta'), 'sources'));
  return [hashOf(content(manifest['source'] ?? ofLock), true)];
}
