import { posix } from 'node:path';
import picomatch from 'picomatch';
import { shellWord } from '../../core/shell-word.ts';
import { spanOf, type CiStep, type CiUse } from '../model.ts';
import type { DecidedJob, DecidedStep } from '../decided-pipeline.ts';
import { contextOf, type ExpressionScope } from './context.ts';
import { interpolate, textOf } from './expression.ts';

/** Files that a job hands on under a name. */
export interface Upload {
  readonly job: string;
  readonly name: string;
  /** As the action takes them, relative to the repository's top: files, folders, patterns. */
  readonly paths: readonly string[];
}

/** A step that gets artifacts of the same run. */
export interface Download {
  readonly job: string;
  /** How many steps of the job stand before it. */
  readonly after: number;
  readonly leg?: string;
  readonly title?: string;
  readonly place: DecidedStep['place'];
  readonly name?: string;
  readonly pattern?: string;
  /** Relative to the repository's top. */
  readonly path: string;
  readonly merges: boolean;
}

/** What an upload-artifact step hands on; undefined for any other, and where only CI can decide it. */
export function uploadOf(step: CiStep, job: string, scope: ExpressionScope): Upload | undefined {
  if (!isAction(step, /^actions\/upload-artifact(?:@|$)/i)) return undefined;
  const paths = inputOf(step, 'path', scope)
    ?.split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('!'));
  const name = inputOf(step, 'name', scope) ?? 'artifact';
  return paths === undefined || paths.length === 0 ? undefined : { job, name, paths };
}

/** What a download-artifact step gets; undefined for any other, for one that gets another run's, and where only CI can decide it. */
export function downloadOf(
  step: CiStep,
  scope: ExpressionScope,
  at: Pick<Download, 'job' | 'after' | 'leg'>,
): Download | undefined {
  if (!isAction(step, /^actions\/download-artifact(?:@|$)/i)) return undefined;
  if (step.inputs.some(({ name }) => /^(?:run-id|repository|artifact-ids)$/.test(name))) return undefined;
  const given = Object.fromEntries(
    ['name', 'pattern', 'path'].map((name) => [name, inputOf(step, name, scope)] as const),
  );
  const isUndecided = step.inputs.some(({ name }) => Object.hasOwn(given, name) && given[name] === undefined);
  if (isUndecided) return undefined;
  const { name, pattern, path } = given;
  return {
    ...at,
    place: { file: step.file.path, span: spanOf({ value: step.at, file: step.file }) },
    title: inputTitle(step) ?? 'download artifacts',
    ...(name === undefined || name === '' ? {} : { name }),
    ...(pattern === undefined || pattern === '' ? {} : { pattern }),
    path: normal(path ?? '.'),
    merges: inputOf(step, 'merge-multiple', scope) === 'true',
  };
}

/**
 * Puts in the jobs what their downloads do. The jobs that hand files on share a machine here, so the files are there under the paths that they
 * were uploaded from; a step copies those that a download puts elsewhere.
 */
export function withArrivals(
  jobs: readonly DecidedJob[],
  uploads: readonly Upload[],
  downloads: readonly Download[],
): readonly DecidedJob[] {
  const withSteps = new Set(jobs.filter(({ steps }) => steps.length > 0).map(({ id }) => id));
  return jobs.map((job) => {
    const sources = uploads.filter((each) => job.takesFrom?.includes(each.job) === true && withSteps.has(each.job));
    const steps = [...job.steps];
    for (const download of downloads.filter((each) => each.job === job.id).toReversed()) {
      const script = arrivalScript(download, sources);
      if (script !== '' && steps.length > 0) steps.splice(download.after, 0, arrivalStep(download, script));
    }
    return steps.length === job.steps.length ? job : { ...job, steps };
  });
}

function arrivalStep({ job, leg, title, place }: Download, script: string): DecidedStep {
  return {
    place,
    job,
    ...(title === undefined ? {} : { title }),
    ...(leg === undefined ? {} : { leg }),
    script,
    env: {},
    passEnv: [],
    secrets: [],
    cwd: '.',
    pipefail: true,
    tools: [],
    always: false,
    arrives: true,
  };
}

/** Copies what a download puts where it is not; empty when all is in its place. */
function arrivalScript(download: Download, sources: readonly Upload[]): string {
  const { name, path, merges } = download;
  const wanted = sources.filter((each) => fits(each, download));
  return wanted
    .flatMap((upload) => {
      const to = name !== undefined || merges ? path : normal(posix.join(path, upload.name));
      return copyLines(upload.paths.map(normal), to);
    })
    .join('\n');
}

/** Whether a download gets an artifact of this name. */
export function fits(upload: Upload, { name, pattern }: Download): boolean {
  if (name !== undefined) return upload.name === name;
  return pattern === undefined || picomatch.isMatch(upload.name, pattern);
}

/** The lines that copy an artifact's files to a folder, as the action lays them out: below what their paths have in common. */
function copyLines(paths: readonly string[], to: string): readonly string[] {
  const [only] = paths;
  if (only !== undefined && paths.length === 1 && !isPattern(only)) {
    if (only === to || (posix.dirname(only) === to && posix.extname(only) !== '')) return [];
    return [
      ...made(to),
      `if [ -d ${shellWord(only)} ]; then cp -R ${shellWord(only)}/. ${shellWord(to)}/; else cp ${shellWord(only)} ${shellWord(to)}/; fi`,
    ];
  }
  const root = commonFolder(paths.map(fixedPart));
  if (root === to) return [];
  const inside = paths.map((path) => patternWord(posix.relative(root, path)));
  const target = posix.isAbsolute(to) ? shellWord(to) : `"$PWD"/${shellWord(to)}`;
  return [
    ...made(to),
    `(shopt -s globstar; to=${target}; cd ${shellWord(root)}; cp -R --parents ${inside.join(' ')} "$to")`,
  ];
}

function made(folder: string): readonly string[] {
  return folder === '.' ? [] : [`mkdir -p ${shellWord(folder)}`];
}

/** The part of a pattern before its first wildcard, by whole folders. */
function fixedPart(path: string): string {
  const parts = path.split('/');
  const at = parts.findIndex(isPattern);
  return at < 0 ? path : parts.slice(0, at).join('/') || (path.startsWith('/') ? '/' : '.');
}

function commonFolder(paths: readonly string[]): string {
  const [first = '.', ...rest] = paths;
  if (rest.length === 0) return first;
  let parts = first.split('/');
  for (const path of rest) {
    const other = path.split('/');
    const at = parts.findIndex((part, index) => part !== other[index]);
    if (at >= 0) parts = parts.slice(0, at);
  }
  return parts.join('/') || (first.startsWith('/') ? '/' : '.');
}

function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/** A path for bash, its wildcards alone left to the shell. */
function patternWord(path: string): string {
  return path
    .split(/([*?]+|\[[^\]]*\])/)
    .map((part) => (part === '' || isPattern(part) ? part : shellWord(part)))
    .join('');
}

function normal(path: string): string {
  return posix.normalize(path.replace(/^\/workspace(?:\/|$)/, './')).replace(/(?<=.)\/$/, '');
}

function inputTitle(step: CiUse): string | undefined {
  const text = step.name?.value.text;
  return text === undefined || text.includes('${{') ? undefined : text;
}

/** An input's text; undefined when it is not given, or only CI can decide it. */
function inputOf(step: CiUse, name: string, scope: ExpressionScope): string | undefined {
  const text = step.inputs.find((each) => each.name === name)?.value.text;
  if (text === undefined) return undefined;
  const value = interpolate(text, contextOf(scope));
  return value.known ? textOf(value.value).trim() : undefined;
}

function isAction(step: CiStep, pattern: RegExp): step is CiUse {
  return step.kind === 'use' && pattern.test(step.uses.value.text ?? '');
}
