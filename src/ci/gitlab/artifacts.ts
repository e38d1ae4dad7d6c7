import { expandsVariable } from '../expands-variable.ts';
import { variableOf, type CiJob, type CiPipeline } from '../model.ts';
import { isThereAtStart } from '../variables-at-start.ts';
import { isOwnVariable } from './own-variable.ts';

/** Files of a job's `artifacts` are in every later stage; reports are for GitLab alone. */
export function handsFilesOn(job: CiJob): boolean {
  return handsPathsOn(job) || dotenvFiles(job).length > 0;
}

function handsPathsOn(job: CiJob): boolean {
  return handedPaths(job) !== undefined;
}

/** What later jobs get of a job's files, for people; undefined for none: those of a failure, after which none of them runs, are none. */
export function handedPaths({ artifacts }: CiJob): string | undefined {
  const listed = (key: string): readonly string[] => {
    const value = artifacts?.value.get(key);
    return value?.text === undefined ? (value?.items ?? []).flatMap(({ text }) => text ?? []) : [value.text];
  };
  if (artifacts?.value.get('when')?.text === 'on_failure') return undefined;
  const untracked = artifacts?.value.get('untracked')?.text === 'true' ? ['what git does not track'] : [];
  const paths = [...listed('paths'), ...untracked];
  if (paths.length === 0) return undefined;
  const excluded = listed('exclude');
  return `${paths.join(', ')}${excluded.length === 0 ? '' : `, but not ${excluded.join(', ')}`}`;
}

/**
 * Whether a job takes what another hands on: files by their paths always, variables by a report only where it uses one that nothing in the file
 * sets.
 */
export function takesFiles(job: CiJob, giver: CiJob, pipeline: CiPipeline): boolean {
  if (job.withoutArtifactsOf?.includes(giver.id) === true) return false;
  return (
    handsPathsOn(giver) ||
    usesUnknown(job, pipeline) ||
    dotenvNames(giver).some((name) => expandsVariable(scriptOf(job), name))
  );
}

function usesUnknown(job: CiJob, pipeline: CiPipeline): boolean {
  const { variables } = job;
  const script = scriptOf(job);
  return [...script.matchAll(/(?<!\\)\$\{?([A-Za-z_]\w*)/g)].some(
    ([, name = '']) =>
      !isOwnVariable(name, script) &&
      !isThereAtStart('gitlab', name) &&
      !/^(?:CI|GITLAB)_/.test(name) &&
      variableOf(name, variables, pipeline.variables) === undefined,
  );
}

/** The files whose variables later jobs get: `artifacts: reports: dotenv`. */
export function dotenvFiles({ artifacts }: CiJob): readonly string[] {
  const files = artifacts?.value.get('reports', 'dotenv');
  return files?.text === undefined ? (files?.items ?? []).flatMap(({ text }) => text ?? []) : [files.text];
}

/** Names that a job with a report may set in it: all that its script gives a value. */
export function dotenvNames(job: CiJob): readonly string[] {
  if (dotenvFiles(job).length === 0) return [];
  return [...scriptOf(job).matchAll(/\b([A-Za-z_]\w*)=/g)].map(([, name = '']) => name);
}

function scriptOf({ steps }: CiJob): string {
  return steps.map((step) => (step.kind === 'run' ? (step.script.value.text ?? '') : '')).join('\n');
}

/** Hands a file's variables to the later steps of the machine, as GitLab hands them to the later jobs. */
export function passesOn(file: string): string {
  return `sed -n /=/p ${file} >> "$GITHUB_ENV"`;
}
