import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import type { DecideFacts, DecidedPipeline } from '../../ci/decided-pipeline.ts';
import { checksChanges, decideGithub } from '../../ci/github/decide.ts';
import { readGithubPipeline } from '../../ci/github/read.ts';
import { decideGitlab } from '../../ci/gitlab/decide.ts';
import { readGitlabPipeline } from '../../ci/gitlab/read.ts';
import { importPipelines, type Imported } from '../../ci/import/import-pipelines.ts';
import type { CiPipeline, CiSystem } from '../../ci/model.ts';
import { detectConfig } from '../../config/detect.ts';
import { referenceNode } from '../../config/detect/reference.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { compareBytes } from '../../core/digest.ts';
import { failure } from '../../core/failure.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import { gitSettings, gitTopLevel } from '../../git/git.ts';

/** What to import from: files as typed, a system's own, or whatever is found. */
export type ImportSource = 'auto' | CiSystem | readonly string[];

/** An import, and the files that it came from, relative to the repository's top. */
export interface ImportedFiles extends Imported {
  readonly files: readonly string[];
}

/** A CI file as it was found. */
interface Found {
  readonly path: string;
  readonly text: string;
  readonly system: CiSystem;
}

/** CI systems whose files parity knows by sight and does not import. */
const otherSystems: readonly (readonly [path: string, name: string])[] = [
  ['.circleci/config.yml', 'CircleCI'],
  ['azure-pipelines.yml', 'Azure Pipelines'],
  ['Jenkinsfile', 'Jenkins'],
  ['.travis.yml', 'Travis CI'],
  ['bitbucket-pipelines.yml', 'Bitbucket Pipelines'],
  ['.drone.yml', 'Drone'],
  ['.woodpecker.yml', 'Woodpecker'],
  ['appveyor.yml', 'AppVeyor'],
  ['.cirrus.yml', 'Cirrus CI'],
  ['.buildkite/pipeline.yml', 'Buildkite'],
];

const known = 'parity imports GitHub workflows (.github/workflows/*.yml) and GitLab pipelines (.gitlab-ci.yml)';

/**
 * Imports a project's CI into a config. Err `usage` when there is no such file, no CI, or nothing in it that runs for a change;
 * `config-invalid`, with its places, for a file that is no YAML or has no jobs.
 */
export async function importCi(options: {
  readonly dir: string;
  readonly cwd: string;
  readonly from: ImportSource;
  readonly files: readonly string[];
}): Promise<Result<ImportedFiles>> {
  const { dir, cwd, from } = options;
  const top = await gitTopLevel(dir);
  const root = top.ok ? top.value : dir;
  const readText = (path: string): string | undefined => readInside(root, path);
  const found = typeof from === 'string' ? await findFiles(root, from) : await namedFiles(root, cwd, from);
  if (!found.ok) return found;
  const detected = detectConfig(dir, options.files);
  const origin = (await gitSettings(root, ['remote.origin.url'])).get('remote.origin.url');
  const repository = origin === undefined ? undefined : repositoryOf(origin);
  const facts: DecideFacts = {
    wantedPython: detected.config.toolchain.python,
    wantedNode: detected.config.toolchain.node ?? referenceNode,
    ...(repository === undefined ? {} : { repository }),
    readText,
  };
  const read = found.value.map(({ path, text, system }) =>
    system === 'github' ? readGithubPipeline({ path, text }) : readGitlabPipeline({ path, text }, readText),
  );
  const problems = read.flatMap(problemsOf);
  if (problems.length > 0) {
    const files = [...new Set(problems.map(({ file }) => file))].join(', ');
    return err(failure('config-invalid', `${files} can't be imported`, { diagnostics: problems }));
  }
  const chosen = from === 'auto' ? chooseSystem(read) : read;
  const left = read.filter((pipeline) => !chosen.includes(pipeline));
  const pipelines = chosen.map((pipeline) => decide(pipeline, facts));
  const prefix = relative(root, dir).split(sep).join('/') || '.';
  const imported = importPipelines({
    pipelines: [...pipelines, ...left.map(asLeftOut)],
    detected,
    prefix,
    readText,
    has: (path) => existsSync(join(root, path)),
    files: options.files.map((file) => (prefix === '.' ? file : `${prefix}/${file}`)),
  });
  const gave = chosen.filter((_, index) => pipelines[index]?.jobs.some(({ steps }) => steps.length > 0));
  const files = (gave.length > 0 ? gave : chosen).map(({ file }) => file.path);
  if (imported.config.pipeline.length > 0) return ok({ ...imported, files });
  const reasons = imported.leftOut.map(({ place, what, why }) => `${place.file}:${place.span.line}: ${what}: ${why}`);
  return err(
    failure('usage', `nothing in ${files.join(', ') || 'CI'} can be imported as a step`, {
      ...(reasons.length === 0 ? {} : { detail: reasons.join('\n') }),
      next: 'parity init',
    }),
  );
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
  return { jobs: [], understood: [], leftOut: [{ place, what: 'the whole file', why }] };
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
  return jobs.some((job) => job.kind === 'job') ? [] : complain('there are no jobs in it', known);
}

function lineOf(text: string, line: number): string {
  return (text.split('\n')[line - 1] ?? '').replace(/\r$/, '');
}

async function findFiles(root: string, from: 'auto' | CiSystem): Promise<Result<readonly Found[]>> {
  const found: Found[] = [];
  if (from !== 'gitlab') found.push(...(await workflowsIn(root, '.github/workflows')));
  const gitlab = from === 'github' ? undefined : readInside(root, '.gitlab-ci.yml');
  if (gitlab !== undefined) found.push({ path: '.gitlab-ci.yml', text: gitlab, system: 'gitlab' });
  if (found.length > 0) return ok(found);
  const other = otherSystems.find(([path]) => existsSync(join(root, path)));
  const what =
    from === 'auto' ? 'no CI to import' : from === 'github' ? 'no .github/workflows/*.yml' : 'no .gitlab-ci.yml';
  const has = other === undefined ? '' : `; it has ${other[0]}, which is ${other[1]}'s`;
  return err(failure('usage', `there is ${what} in ${root}${has}`, { detail: known, next: 'parity init' }));
}

async function workflowsIn(root: string, folder: string): Promise<readonly Found[]> {
  const names = await readdir(join(root, folder)).catch(() => []);
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort(compareBytes)
    .flatMap((name): Found[] => {
      const path = `${folder}/${name}`;
      const text = readInside(root, path);
      return text === undefined ? [] : [{ path, text, system: 'github' }];
    });
}

async function namedFiles(root: string, cwd: string, names: readonly string[]): Promise<Result<readonly Found[]>> {
  const found: Found[] = [];
  for (const name of names) {
    const one = await namedFile(root, cwd, name);
    if (!one.ok) return one;
    found.push(...one.value);
  }
  return ok([...new Map(found.map((each) => [each.path, each])).values()]);
}

async function namedFile(root: string, cwd: string, name: string): Promise<Result<readonly Found[]>> {
  const absolute = resolve(cwd, name);
  const path = relative(root, absolute).split(sep).join('/');
  const there = await stat(absolute).catch(() => undefined);
  if (there === undefined) {
    const others = await findFiles(root, 'auto');
    const system = systemWord(name);
    if (system !== undefined)
      return err(failure('usage', `--from ${name}: ${known}, not ${system}'s`, { next: 'parity init --from auto' }));
    const next = others.ok ? `parity init --from ${others.value[0]?.path ?? 'auto'}` : 'parity init';
    return err(failure('usage', `there is no file ${name}`, { detail: known, next }));
  }
  if (path.startsWith('..') || isAbsolute(path))
    return err(failure('usage', `${name} is outside the repository ${root}`, { next: 'parity init --from auto' }));
  if (there.isDirectory()) {
    const all = await workflowsIn(root, path);
    if (all.length > 0) return ok(all);
    return err(
      failure('usage', `there is no workflow in the folder ${name}`, {
        detail: known,
        next: 'parity init --from auto',
      }),
    );
  }
  const other = otherSystems.find(
    ([each]) => posix.basename(each) === posix.basename(path) && (each === path || !each.includes('/')),
  );
  if (other !== undefined) return err(failure('usage', `${name} is ${other[1]}'s; ${known}`, { next: 'parity init' }));
  const text = readInside(root, path);
  if (text === undefined) return err(failure('io', `cannot read ${name}`));
  return ok([{ path, text, system: systemOf(path, text) }]);
}

/** A system that somebody may name in place of a file. */
function systemWord(name: string): string | undefined {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  return otherSystems.find(
    ([, system]) =>
      system.toLowerCase().replace(/[^a-z]/g, '') === plain || system.toLowerCase().split(' ')[0] === plain,
  )?.[1];
}

/** By where it lies, by its name, else by what is in it: GitHub's jobs stand below `jobs:`. */
function systemOf(path: string, text: string): CiSystem {
  if (/(?:^|\/)\.github\/workflows\//.test(path)) return 'github';
  if (/gitlab-ci/.test(path)) return 'gitlab';
  return /^(?:jobs|runs):/m.test(text) ? 'github' : 'gitlab';
}

/** The text of a file below a folder; undefined for one outside it, a folder, or one that can't be read. */
function readInside(root: string, path: string): string | undefined {
  const normal = posix.normalize(path);
  if (normal.startsWith('..') || normal.startsWith('/')) return undefined;
  return readTextIfExists(join(root, normal))?.replace(/^\uFEFF/, '');
}

/** `owner/name` of what git has for its origin, in any of the ways it is written. */
function repositoryOf(address: string): string | undefined {
  return /[:/]([^/:\s]+(?:\/[^/:\s]+)*?\/[^/\s]+?)(?:\.git)?\/?$/.exec(address.replace(/^[a-z+]+:\/\/[^/]+/, ''))?.[1];
}
