import { relative, sep } from 'node:path';
import type { DecideFacts, DecidedPipeline } from '../../ci/decided-pipeline.ts';
import { checksChanges, decideGithub } from '../../ci/github/decide.ts';
import { readGithubPipeline } from '../../ci/github/read.ts';
import { decideGitlab } from '../../ci/gitlab/decide.ts';
import { readGitlabPipeline } from '../../ci/gitlab/read.ts';
import { importPipelines, type Imported } from '../../ci/import/import-pipelines.ts';
import type { CiPipeline, CiSystem } from '../../ci/model.ts';
import type { Detected } from '../../config/detect.ts';
import type { ReadRepo } from '../../config/detect/repo.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { gitSettings, gitTopLevel } from '../../git/git.ts';
import { repositoryName } from '../../git/repository-name.ts';
import { findCiFiles, importable, namedCiFiles, type FoundCiFile } from './find-ci-files.ts';
import { leftOutLines } from './left-out-lines.ts';
import { RepositoryReader } from './repository-reader.ts';
import { testedPrograms } from './tested-programs.ts';
import { detectedVersions, isEverywhere, wantedVersions, type WantedVersions } from './wanted-versions.ts';

/** What to import from: files as typed, a system's own, or whatever is found. */
export type ImportSource = 'auto' | CiSystem | readonly string[];

/** An import, and the files that it came from, relative to the repository's top. */
export interface ImportedFiles extends Imported {
  readonly files: readonly string[];
}

/** A project whose CI is imported. */
export interface ImportTarget {
  /** Absolute. */
  readonly dir: string;
  /** The files that git does not ignore, relative to `dir`. */
  readonly files: readonly string[];
  readonly repo: ReadRepo;
  /** What detection makes of it by its layout. */
  readonly detected: Detected;
}

/**
 * Imports a project's CI into a config. Err `usage` when there is no such file, no CI, or nothing in it that runs for a change;
 * `config-invalid`, with its places, for a file that is no YAML or has no jobs.
 */
export async function importCi(
  target: ImportTarget,
  { from, cwd }: { readonly from: ImportSource; readonly cwd: string },
): Promise<Result<ImportedFiles>> {
  const top = await gitTopLevel(target.dir);
  const reader = new RepositoryReader(top.ok ? top.value : target.dir);
  const found = typeof from === 'string' ? findCiFiles(reader, from) : await namedCiFiles(reader, cwd, from);
  if (!found.ok) return found;
  const read = readPipelines(found.value, reader, target);
  const problems = read.flatMap(problemsOf);
  if (problems.length > 0) {
    const files = [...new Set(problems.map(({ file }) => file))].join(', ');
    return err(failure('config-invalid', `${files} can't be imported`, { diagnostics: problems }));
  }
  const chosen = from === 'auto' ? chooseSystem(read) : read;
  const imported = await importRead(target, reader, { chosen, all: read, jobs: 'all' });
  if (imported.config.pipeline.length > 0) return ok(imported);
  const reasons = leftOutLines(imported);
  return err(
    failure('usage', `nothing in ${imported.files.join(', ') || 'CI'} can be imported as a step`, {
      ...(reasons.length === 0 ? {} : { detail: reasons.join('\n') }),
      next: 'parity init',
    }),
  );
}

/**
 * Imports the jobs of a project's CI that check its code, out of the files that check changes. Undefined when there is no such job; a file that
 * can't be read counts as none.
 */
export async function importChecks(target: ImportTarget, reader: RepositoryReader): Promise<ImportedFiles | undefined> {
  const found = findCiFiles(reader, 'auto');
  if (!found.ok) return undefined;
  const read = readPipelines(found.value, reader, target).filter((pipeline) => problemsOf(pipeline).length === 0);
  const chosen = chooseSystem(read).filter((pipeline) => pipeline.system === 'gitlab' || checksChanges(pipeline));
  const imported = await importRead(target, reader, { chosen, all: read, jobs: 'checks' });
  return imported.config.pipeline.length > 0 ? imported : undefined;
}

function readPipelines(
  found: readonly FoundCiFile[],
  reader: RepositoryReader,
  target: ImportTarget,
): readonly CiPipeline[] {
  const around = { readText: reader.text, files: filesFromTop(reader, target) };
  return found.map(({ path, text, system }) =>
    system === 'github' ? readGithubPipeline({ path, text }) : readGitlabPipeline({ path, text }, around),
  );
}

/** The project's files, relative to the repository's top. */
function filesFromTop({ root }: RepositoryReader, { dir, files }: ImportTarget): readonly string[] {
  const prefix = prefixOf(root, dir);
  return files.map((file) => (prefix === '.' ? file : `${prefix}/${file}`));
}

function prefixOf(root: string, dir: string): string {
  return relative(root, dir).split(sep).join('/') || '.';
}

async function importRead(
  target: ImportTarget,
  reader: RepositoryReader,
  {
    chosen,
    all,
    jobs,
  }: { readonly chosen: readonly CiPipeline[]; readonly all: readonly CiPipeline[]; readonly jobs: 'all' | 'checks' },
): Promise<ImportedFiles> {
  const origin = (await gitSettings(reader.root, ['remote.origin.url'])).get('remote.origin.url');
  const repository = origin === undefined ? undefined : repositoryName(origin);
  const { dir, files, detected } = target;
  const prefix = prefixOf(reader.root, dir);
  const ownFiles = filesFromTop(reader, target);
  const decideAll = (wanted: WantedVersions): readonly DecidedPipeline[] =>
    chosen.map((pipeline) =>
      decide(pipeline, {
        wantedPython: wanted.python.version,
        wantedNode: wanted.node.version,
        ...(repository === undefined ? {} : { repository }),
        readText: reader.text,
        files: ownFiles,
      }),
    );
  // All jobs are asked for their versions first: the legs that are carried over are those of the one that suits them all.
  const wanted = wantedVersions(decideAll(detectedVersions(target)), target);
  const pipelines = decideAll(wanted);
  const left = all.filter((pipeline) => !chosen.includes(pipeline));
  const imported = importPipelines({
    pipelines: [...pipelines, ...left.map(asLeftOut)],
    system: chosen[0]?.system ?? 'github',
    jobs,
    wanted,
    isEverywhere,
    detected,
    prefix,
    readText: reader.text,
    has: reader.has,
    files: ownFiles,
    testedPrograms: await testedPrograms(dir, files),
  });
  const gave = new Set(imported.jobs.map(({ file }) => file));
  return { ...imported, files: gave.size > 0 ? [...gave] : chosen.map(({ file }) => file.path) };
}

function decide(pipeline: CiPipeline, facts: DecideFacts): DecidedPipeline {
  return pipeline.system === 'github' ? decideGithub(pipeline, facts) : decideGitlab(pipeline, facts);
}

/** Of the files that were found, those that check changes; of two systems GitHub's, when it checks any. */
function chooseSystem(read: readonly CiPipeline[]): readonly CiPipeline[] {
  const github = read.filter((pipeline) => pipeline.system === 'github' && checksChanges(pipeline));
  const gitlab = read.filter(({ system }) => system === 'gitlab');
  if (github.length > 0) return github;
  return gitlab.length > 0 ? gitlab : read;
}

function asLeftOut({ system, file, kind }: CiPipeline): DecidedPipeline {
  const why =
    kind === 'action' || system === 'gitlab'
      ? 'another CI system checks changes here; import it with --from'
      : 'no change starts it: it runs by hand, on a schedule, for a release, or when another workflow calls it';
  const place = { file: file.path, span: { line: 1, column: 1, endLine: 1, endColumn: 1 } };
  return { file: file.path, jobs: [], understood: [], leftOut: [{ place, what: 'the whole file', why }] };
}

function problemsOf(pipeline: CiPipeline): readonly Diagnostic[] {
  const found = pipeline.problems.map(({ message, file, span }): Diagnostic => ({
    severity: 'error',
    code: 'not-yaml',
    message,
    file: file.path,
    span,
    sourceLine: lineOf(file.source.text, span.line),
  }));
  if (found.length > 0) return found;
  const { file, kind, jobs } = pipeline;
  const span = { line: 1, column: 1, endLine: 1, endColumn: 2 };
  const complain = (message: string, hint: string): readonly Diagnostic[] => [
    {
      severity: 'error',
      code: 'no-jobs',
      message,
      file: file.path,
      span,
      sourceLine: lineOf(file.source.text, 1),
      hint,
    },
  ];
  if (kind === 'action') return complain('this is an action, not a workflow', 'import the workflow that uses it');
  return jobs.some((job) => job.kind === 'job') ? [] : complain('there are no jobs in it', importable);
}

function lineOf(text: string, line: number): string {
  return (text.split('\n')[line - 1] ?? '').replace(/\r$/, '');
}
