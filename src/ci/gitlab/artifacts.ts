import { variableOf, type CiJob, type CiPipeline } from '../model.ts';
import { isThereAtStart } from '../variables-at-start.ts';
import { isOwnVariable } from './own-variable.ts';

/** Files of a job's `artifacts` are in every later stage; reports are for GitLab alone. */
export function handsFilesOn(job: CiJob): boolean {
  return handsPathsOn(job) || dotenvFiles(job).length > 0;
}

function handsPathsOn({ artifacts }: CiJob): boolean {
  return artifacts?.value.get('paths') !== undefined || artifacts?.value.get('untracked')?.text === 'true';
}

/**
 * Whether a job takes what another hands on: files by their paths always, variables by a report only where it uses one that nothing in the file
 * sets.
 */
export function takesFiles(job: CiJob, giver: CiJob, pipeline: CiPipeline): boolean {
  if (job.withoutArtifactsOf?.includes(giver.id) === true) return false;
  return handsPathsOn(giver) || usesUnknown(job, pipeline);
}

function usesUnknown({ steps, variables }: CiJob, pipeline: CiPipeline): boolean {
  const script = steps.map((step) => (step.kind === 'run' ? (step.script.value.text ?? '') : '')).join('\n');
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

/** Hands a file's variables to the later steps of the machine, as GitLab hands them to the later jobs. */
export function passesOn(file: string): string {
  return `sed -n /=/p ${file} >> "$GITHUB_ENV"`;
}
