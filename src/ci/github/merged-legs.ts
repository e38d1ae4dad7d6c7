import { shellCommands } from '../../formats/shell.ts';
import { commandKind } from '../import/command.ts';
import { spanOf, type CiJob, type CiStep } from '../model.ts';
import type { DecidedJob, LeftOut } from '../decided-pipeline.ts';
import { fits, type Download, type Upload } from './artifacts.ts';

/** A job as its file has it, the jobs that it waits for, and how many of its legs are not here. */
export interface MergingJob {
  readonly id: string;
  readonly job: CiJob;
  readonly needs: readonly string[];
}

/** What puts the data of several runs together, and judges or shows them. */
const merging =
  /\bcoverage (?:combine|report)\b|--?merge-?reports\b|\bmerge-reports\b|\bnyc (?:merge|report)\b|\bjunitparser merge\b/;

/**
 * Leaves out the jobs that judge what all legs of a matrix made together (`coverage combine` of each leg's data, with a limit), when only some of
 * the legs are here, or none: what these reach together is CI's to say. So are those whose data an action that is left out would have handed on.
 */
export function withoutMergedLegs(
  units: readonly MergingJob[],
  jobs: readonly DecidedJob[],
  {
    missingLegs,
    uploads,
    downloads,
  }: {
    readonly missingLegs: ReadonlyMap<string, number>;
    readonly uploads: readonly Upload[];
    readonly downloads: readonly Download[];
  },
): { readonly jobs: readonly DecidedJob[]; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const kept = jobs.filter(({ id, steps }) => {
    const unit = units.find((each) => each.id === id);
    if (unit === undefined || !unit.job.steps.some(isMerging)) return true;
    if (!steps.some(({ script }) => merging.test(script))) return true;
    const isAbsent = (need: string): boolean => !jobs.some((job) => job.id === need && works(job));
    const source = unit.needs.find((need) => {
      const other = units.find((each) => each.id === need);
      return ((missingLegs.get(need) ?? 0) > 0 || isAbsent(need)) && other?.job.steps.some(isPerLeg) === true;
    });
    const { key } = unit.job;
    const place = { file: key.file.path, span: spanOf(key) };
    const data = downloads.filter((each) => each.job === id && each.name === undefined);
    if (source === undefined) {
      // A job that tests reports on what it has made itself.
      if (steps.some(({ script }) => isTest(script)) || !steps.some(({ script }) => combining.test(script)))
        return true;
      const here = uploads.filter((each) => unit.needs.includes(each.job));
      if (data.length === 0 || data.some((each) => here.some((upload) => fits(upload, each)))) return true;
      const wanted = data.map(({ pattern }) => pattern ?? 'all artifacts').join(', ');
      leftOut.push({ place, what: `job ${id}`, why: `it puts together what nothing here hands on: ${wanted}` });
      return false;
    }
    const count = missingLegs.get(source) ?? 0;
    const lack = isAbsent(source) ? 'it is' : `${count} of them ${count === 1 ? 'is' : 'are'}`;
    leftOut.push({
      place,
      what: `job ${id}`,
      why: `it puts together what all legs of job ${source} made; ${lack} not here`,
    });
    return false;
  });
  return { jobs: kept, leftOut };
}

const combining = /\bcoverage combine\b|--?merge-?reports\b|\bmerge-reports\b|\bnyc merge\b|\bjunitparser merge\b/;

function isTest(script: string): boolean {
  return /\bcoverage run\b/.test(script) || shellCommands(script).some((command) => commandKind(command) === 'test');
}

/** Whether something of what a job does is here: not only its set-up, and not where its tests run in containers of their own. */
function works({ steps }: DecidedJob): boolean {
  const kinds = new Set(steps.flatMap(({ script }) => shellCommands(script).map(commandKind)));
  if (kinds.has('foreign')) return kinds.has('test');
  return [...kinds].some((kind) => !/^(?:python-install|node-install|system-install|aside|neutral)$/.test(kind));
}

/** Downloads the artifacts of several legs. */
function isMerging(step: CiStep): boolean {
  if (step.kind !== 'use' || !/^actions\/download-artifact@/i.test(step.uses.value.text ?? '')) return false;
  return !step.inputs.some(({ name }) => name === 'name');
}

/** Uploads an artifact that is named after its leg. */
function isPerLeg(step: CiStep): boolean {
  if (step.kind !== 'use' || !/^actions\/upload-artifact@/i.test(step.uses.value.text ?? '')) return false;
  return step.inputs.some(
    ({ name, value }) => name === 'name' && /\bmatrix\.|\bstrategy\.job-index/.test(value.text ?? ''),
  );
}
