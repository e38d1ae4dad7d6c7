import { posix, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { spanAt } from '../../core/span.ts';
import { readRequirementsFile } from './file-source.ts';
import { readMetadata } from './metadata-source.ts';
import { addRequirement, placeOf, problem, readText, shownPath, toolsSource, type Reading } from './reading.ts';
import { normaliseName, type IndexOptions, type Place, type Requirement } from './requirement.ts';
import { parseRequirementsFile } from './requirements-file.ts';

/** Everything that the project asks for, from every source that its toolchain names. */
export interface RequirementSet {
  /** Tools first, then sources in their order. */
  readonly requirements: readonly Requirement[];
  readonly index: IndexOptions;
  /** What each file says of Python's version. */
  readonly requiresPython: readonly { readonly text: string; readonly place: Place }[];
  /** What each file contributes, sorted: equal facts lock equally. By path relative to the project, with `/`. */
  readonly facts: ReadonlyMap<string, readonly string[]>;
  /** What a person should know: what was left out, what was not obeyed. */
  readonly notes: readonly string[];
}

/**
 * Reads the tools and every requirement source with all that they include. Err `requirements-unsupported` with a
 * diagnostic for each line that can't be locked. Reads files only: no network, no engine.
 */
export async function readRequirements(projectDir: string, config: Config): Promise<Result<RequirementSet>> {
  const reading: Reading = {
    projectDir,
    requirements: [],
    requiresPython: [],
    facts: new Map(),
    notes: [],
    problems: [],
    done: new Set(),
    requirementsFile: (...source) => readRequirementsFile(reading, ...source),
    metadata: (...source) => readMetadata(reading, ...source),
    index: {
      extraIndexUrls: [],
      findLinks: [],
      noIndex: false,
      prereleases: false,
      noBinary: [],
      onlyBinary: [],
    },
  };
  await readTools(reading, config);
  for (const source of config.toolchain.requirements) await readSource(reading, source, config);
  if (reading.problems.length > 0) return err(unsupported(reading.problems));
  for (const facts of reading.facts.values()) facts.sort();
  return ok(reading);
}

function unsupported(problems: readonly Diagnostic[]): Failure {
  const first = problems[0];
  const place = first === undefined ? '' : `${first.file}:${first.span.line}: ${first.message}`;
  const rest = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return failure('requirements-unsupported', `the requirements can’t be locked: ${place}${rest}`, {
    diagnostics: problems,
    ...(first?.hint === undefined ? {} : { next: first.hint }),
  });
}

async function readTools(reading: Reading, config: Config): Promise<void> {
  const path = config.source.kind === 'file' ? config.source.path : undefined;
  const file = path === undefined ? undefined : shownPath(reading, resolve(reading.projectDir, path));
  const text = path === undefined ? '' : ((await readText(resolve(reading.projectDir, path))) ?? '');
  let from = Math.max(0, text.search(/^\s*tools\s*:/m));
  for (const tool of config.toolchain.tools) {
    const found = text.indexOf(tool, from);
    const span = spanAt(text, Math.max(0, found), found < 0 ? 1 : tool.length);
    if (found >= 0) from = found;
    const place = file === undefined || found < 0 ? undefined : placeOf(file, span, text.split(/\r?\n/)[span.line - 1]);
    const [line] = parseRequirementsFile(tool);
    if (line?.kind === 'requirement') addRequirement(reading, line.text, toolsSource, place, line.hashes, false);
    else
      problem(reading, place ?? placeOf('parity.yaml', spanAt('', 0)), {
        message: line?.kind === 'refused' ? `"${tool}": ${line.message}` : `"${tool}" is not a package to install`,
        hint: line?.kind === 'refused' ? line.hint : 'write NAME==VERSION, for example black==25.9.0',
      });
  }
}

async function readSource(reading: Reading, source: string, config: Config): Promise<void> {
  const match = /^(.*?)(?:\[([^\]]*)\]|:([A-Za-z0-9._-]+))?$/.exec(source);
  const path = match?.[1] ?? source;
  const base = posix.basename(path);
  const from = placeOf(config.source.kind === 'file' ? config.source.path : 'parity.yaml', spanAt('', 0));
  const absolute = resolve(reading.projectDir, path);
  if (base === 'pyproject.toml' || base === 'setup.cfg') {
    const extras = (match?.[2] ?? '')
      .split(',')
      .map(normaliseName)
      .filter((extra) => extra !== '');
    const selection = { extras, ...(match?.[3] === undefined ? {} : { group: normaliseName(match[3]) }) };
    await readMetadata(reading, absolute, selection, from);
  } else await readRequirementsFile(reading, resolve(reading.projectDir, source), false, from, []);
}
