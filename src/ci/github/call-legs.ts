import type { DecideFacts, DecidedVersion } from '../decided-pipeline.ts';
import { hasWord } from '../expands-variable.ts';
import { chooseLegs } from '../legs.ts';
import type { CiJob, CiPipeline } from '../model.ts';
import { contextOf, type ExpressionScope } from './context.ts';
import { jobTexts } from './job-texts.ts';
import { matrixLegs, type MatrixLeg } from './matrix.ts';
import { jobVersions } from './toolchain.ts';

/** A leg of the matrix of a job that calls a workflow, and the jobs of that workflow in it. */
interface CallLeg {
  readonly leg: MatrixLeg;
  readonly units: readonly { readonly job: CiJob; readonly scope: ExpressionScope }[];
}

/**
 * The legs of a call that are carried over. An input is to the called workflow what an axis is to a job: the legs are versions of one thing, or
 * other things that run, by what its jobs do with the inputs.
 */
export function chooseCallLegs(
  legs: readonly CallLeg[],
  { job, called, facts }: { readonly job: CiJob; readonly called: CiPipeline; readonly facts: DecideFacts },
): Pick<ReturnType<typeof chooseLegs<MatrixLeg>>, 'kept' | 'others' | 'nameOf'> {
  const versions = new Map(legs.map(({ leg, units }) => [leg, versionsOf(units, facts)]));
  const texts = called.jobs.flatMap(jobTexts);
  const chosen = (job.calls?.inputs ?? []).filter(({ name }) => texts.some((text) => hasWord(text, `inputs.${name}`)));
  return chooseLegs(
    legs.map(({ leg }) => leg),
    {
      wantedPython: facts.wantedPython,
      wantedNode: facts.wantedNode,
      versions: (leg) => versions.get(leg) ?? {},
      isUsed: (axis) => chosen.some(({ value }) => hasWord(value.text ?? '', `matrix.${axis}`)),
    },
  );
}

/** The first Python and the first Node that jobs set up. */
function versionsOf(
  units: CallLeg['units'],
  facts: DecideFacts,
): { readonly python?: DecidedVersion; readonly node?: DecidedVersion } {
  const all = units.map(({ job, scope }) => {
    const [leg = {}] = matrixLegs(job.matrix?.value, contextOf(scope)).legs;
    return jobVersions(job, { ...scope, leg }, facts);
  });
  const python = all.find((each) => each.python !== undefined)?.python;
  const node = all.find((each) => each.node !== undefined)?.node;
  return { ...(python === undefined ? {} : { python }), ...(node === undefined ? {} : { node }) };
}
