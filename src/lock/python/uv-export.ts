import { posix } from 'node:path';
import { dependencyOptions } from '../../config/lock-source.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { spanAt } from '../../core/span.ts';
import { readRequirement } from '../../formats/requirement.ts';
import { normalisedName } from '../../formats/package-name.ts';
import type { Engine } from '../../engine/engine.ts';
import { relockAdvice, relockCommand } from '../requirements/dependency-lock-freshness.ts';
import { placeInLock, type DependencyLock } from '../requirements/dependency-lock.ts';
import { notFromIndex, type LockedPin, type LockedPins } from '../requirements/pins/locked-pins.ts';
import { packageSource, writtenSource } from '../requirements/package-source.ts';
import { parseRequirementsFile, type RequirementsLine } from '../requirements/requirements-file.ts';
import type { IndexOptions } from '../requirements/requirement.ts';
import { undeclaredInUvLock } from '../requirements/uv-lock-difference.ts';
import { runInContainer, type ContainerTask } from './run-in-container.ts';

/** Where uv runs. */
export interface UvExportRequest {
  readonly engine: Engine;
  readonly projectDir: string;
  readonly index: IndexOptions;
  readonly uv: {
    readonly imageId: string;
    readonly uvPath: string;
    readonly python: string;
    readonly pythonVersion: string;
  };
  readonly onText: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Has uv itself say what it would install of each uv.lock, and whether the file is of its pyproject.toml. The container sees
 * the manifests and nothing else of the repository.
 */
export async function uvExports(
  locks: readonly DependencyLock[],
  request: UvExportRequest,
): Promise<Result<readonly LockedPins[]>> {
  const { engine, projectDir, index, uv, onText, signal } = request;
  const answer = await runInContainer(engine, {
    projectDir,
    index,
    imageId: uv.imageId,
    python: uv.python,
    files: Object.assign({}, ...locks.map(filesOf)) as Record<string, string>,
    // Side by side: what can't be told of a file does not keep uv from exporting it.
    stages: [locks.flatMap((lock, at) => [checkTask(lock, at, uv), exportTask(lock, at, uv)])],
    outputs: locks.map((_, at) => exportedFile(at)),
    onText,
    ...(signal === undefined ? {} : { signal }),
  });
  if (!answer.ok) return answer;
  const { codes, texts, files } = answer.value;
  const results: LockedPins[] = [];
  for (const [at, lock] of locks.entries()) {
    const notes: string[] = [];
    const checked = checkFailure(lock, codes[checkName(at)], texts[checkName(at)] ?? '', notes);
    if (checked !== undefined) return err(checked);
    const text = files[exportedFile(at)];
    if (codes[exportName(at)] !== 0 || text === undefined) return err(exportFailure(lock, texts[exportName(at)] ?? ''));
    results.push({ ...readExport(lock, text), notes });
  }
  return ok(results);
}

/** The tree that uv sees: each lock file in one of its own, at the paths that the project has. */
function folderOf(at: number): string {
  return `project-${at}`;
}

function filesOf(lock: DependencyLock, at: number): Record<string, string> {
  const files = [[lock.file, lock.text] as const, ...lock.manifests];
  // The uv of the image is parity's; which uv the team works with is no matter to what its lock file says.
  const tidy = (text: string): string => text.replace(/^[ \t]*required-version[ \t]*=.*$/m, '');
  return Object.fromEntries(
    files.map(([path, text]) => [`${folderOf(at)}/${path}`, /(?:pyproject|uv)\.toml$/.test(path) ? tidy(text) : text]),
  );
}

function checkName(at: number): string {
  return `check ${at}`;
}

function exportName(at: number): string {
  return `export ${at}`;
}

function exportedFile(at: number): string {
  return `exported-${at}.txt`;
}

// A lock file that fits is known to fit without an index, wherever its packages came from; one that doesn't is resolved anew to tell.
const checkScript = `"$@" --offline 2>/dev/null || "$@"`;

function checkTask(lock: DependencyLock, at: number, uv: UvExportRequest['uv']): ContainerTask {
  const check = [
    uv.uvPath,
    'lock',
    '--check',
    '--color',
    'never',
    '--python',
    uv.python,
    '--directory',
    workingFolder(lock, at),
  ];
  return {
    name: checkName(at),
    argv: ['sh', '-c', checkScript, 'sh', 'env', '-u', 'UV_DEFAULT_INDEX', '-u', 'UV_INDEX', ...check],
  };
}

function exportTask(lock: DependencyLock, at: number, uv: UvExportRequest['uv']): ContainerTask {
  const from = [uv.uvPath, 'export', '--frozen', '--color', 'never', '--python', uv.python];
  const form = ['--directory', workingFolder(lock, at), '--format', 'requirements.txt', '--no-header', '--no-annotate'];
  const to = ['--output-file', `/parity/lock/${exportedFile(at)}`];
  return { name: exportName(at), argv: [...from, ...form, ...to, ...dependencyOptions(lock.source)] };
}

function workingFolder(lock: DependencyLock, at: number): string {
  return posix.join(folderOf(at), posix.dirname(lock.file));
}

/** Takes the requirements file that uv wrote apart: versions with hashes. Pure. */
export function readExport(lock: DependencyLock, text: string): Omit<LockedPins, 'notes'> {
  const pins: LockedPin[] = [];
  const problems: Diagnostic[] = [];
  for (const line of parseRequirementsFile(text)) {
    // What lies in the repository is built there.
    if (line.kind === 'path' && !/\.(?:whl|tar\.gz|zip)$/.test(line.path)) continue;
    if (line.kind === 'requirement') {
      const { requirement } = readRequirement(line.text);
      if (requirement === undefined) continue;
      const name = normalisedName(requirement.name.text);
      const url = requirement.url?.text;
      const source = url === undefined ? undefined : packageSource(name, writtenSource(url, line.hashes));
      const isSource = source !== undefined && !('message' in source);
      const version = isSource
        ? lockedVersion(lock, name)
        : /^==\s*(\S+)$/.exec(requirement.specifier?.text ?? '')?.[1];
      if (version === undefined) continue;
      pins.push({
        name,
        version,
        hashes: line.hashes,
        ...(isSource ? { source } : {}),
        ...(requirement.marker === undefined ? {} : { marker: requirement.marker.text }),
        file: lock.file,
        place: placeInLock(lock, name, version),
      });
    } else if (line.kind === 'refused' || line.kind === 'path') {
      const [, named, from = line.raw] = /^([\w.-]+)\s*@\s*(\S+)/.exec(line.raw) ?? [];
      const name = named ?? /([^/]+?)-\d[^/]*$/.exec(line.raw)?.[1] ?? line.raw;
      if (line.kind === 'path') problems.push(notFromIndex(lock, name, from));
      else problems.push(refusedSource(lock, name, line));
    }
  }
  return { pins, problems };
}

/** The version that a uv.lock has of a package from a repository or an address; empty where it has none. */
function lockedVersion({ text }: DependencyLock, name: string): string {
  return new RegExp(`^name = "${name}"\\nversion = "([^"]+)"\\nsource = \\{ (?:git|url) = `, 'm').exec(text)?.[1] ?? '';
}

function refusedSource(
  lock: DependencyLock,
  name: string,
  { message, hint, isSecret }: Extract<RequirementsLine, { kind: 'refused' }>,
): Diagnostic {
  const { sourceLine, ...place } = placeInLock(lock, name);
  const shown = isSecret === true || sourceLine === undefined ? {} : { sourceLine };
  return { severity: 'error', code: 'requirement-unsupported', message, hint, ...place, ...shown };
}

/*
 * The one place where the text of `uv lock --check` and `uv export` (0.13) is matched. Above each pattern stands what uv says.
 */

// error: The lockfile at `uv.lock` needs to be updated, but `--check` was provided.
const staleText = /lockfile at `[^`]*` needs to be updated/;

// error: No solution found when resolving dependencies
const unsolvableText = /No solution found|unsatisfiable/;

// error: Failed to parse `uv.lock`
const unreadableText = /Failed to parse `uv\.lock`|is not a valid lockfile|unsupported lockfile version/i;

// error: Failed to generate package metadata for `dyn @ editable+.`
const computedText = /Failed to generate package metadata for `([^` @]+)/;

// error: Request failed after 3 retries in 10.7s
//   cause: Failed to fetch: `…/simple/six/`
const unreachableText = /Failed to fetch|error sending request|Request failed after/;

// error: Extra `x` is not defined in the project's `optional-dependencies` table
// error: Group `x` is not defined in any project's `dependency-groups` table
const undefinedText = /(?:Extra|Group|Package|extra|group|package)s? `[^`]*` (?:is|are) not (?:defined|found)[^\n]*/;

function checkFailure(
  lock: DependencyLock,
  code: number | undefined,
  text: string,
  notes: string[],
): Failure | undefined {
  if (code === 0) return undefined;
  const detail = text.replace(/^(?:Using|Resolved) .*\n/gm, '').trim();
  if (unreadableText.test(text)) return exportFailure(lock, text);
  const next = relockAdvice(lock);
  const uncomputed = computedText.exec(text)?.[1];
  if (uncomputed !== undefined) {
    notes.push(
      `whether ${lock.file} is of ${uncomputed}'s pyproject.toml is not told: its build backend computes what it needs`,
    );
    return undefined;
  }
  if (staleText.test(text) || unsolvableText.test(text) || unreachableText.test(text)) {
    const place = undeclaredInUvLock(lock);
    const diagnostic: Diagnostic =
      place === undefined
        ? stalePlace(lock, 'it was not made from this pyproject.toml: uv would write another')
        : { severity: 'error', code: 'lock-file-stale', hint: relockAdvice(lock), ...place };
    return failure(
      'requirements-stale',
      `${lock.file} is stale: ${diagnostic.file}:${diagnostic.span.line}: ${diagnostic.message}`,
      {
        detail,
        diagnostics: [diagnostic],
        next,
      },
    );
  }
  return failure(
    'requirements-unsupported',
    `uv can't tell whether ${lock.file} is of its pyproject.toml: ${firstError(detail)}`,
    {
      detail,
      diagnostics: [stalePlace(lock, firstError(detail))],
      next,
    },
  );
}

function exportFailure(lock: DependencyLock, text: string): Failure {
  const detail = text.replace(/^(?:Using|Resolved) .*\n/gm, '').trim();
  const why = undefinedText.exec(detail)?.[0] ?? firstError(detail);
  return failure('requirements-unsupported', `uv can't export ${lock.file}: ${why}`, {
    detail,
    diagnostics: [stalePlace(lock, why)],
    next: `mend \`${[lock.file, ...lock.source.options].join(' ')}\` in toolchain.requirements, or: ${relockCommand(lock)}`,
  });
}

function firstError(text: string): string {
  return (/^error: (.*)$/m.exec(text)?.[1] ?? text.split('\n', 1)[0] ?? '').trim();
}

function stalePlace({ file, text }: DependencyLock, message: string): Diagnostic {
  const sourceLine = text.split(/\r?\n/, 1)[0] ?? '';
  return {
    severity: 'error',
    code: 'lock-file-stale',
    message,
    file,
    span: spanAt(text, 0, Math.max(sourceLine.length, 1)),
    sourceLine,
  };
}
