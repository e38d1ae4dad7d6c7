import { workspaceRoot, type CiPlace, type DecideFacts } from '../decided-pipeline.ts';
import type { Leg } from '../legs.ts';
import { spanOf, variableOf, type CiJob, type CiPipeline, type CiValue } from '../model.ts';
import { commitVariables } from '../variables-at-start.ts';
import { expand } from './expand.ts';
import type { VariableValue } from './rules.ts';
import { variablesOfEvent } from './runs.ts';

/** A job that is decided, and what is known around it. */
export interface Unit {
  readonly job: CiJob;
  readonly pipeline: CiPipeline;
  readonly facts: DecideFacts;
  readonly needs: readonly string[];
  /** Jobs whose files it takes hold variables of it in them. */
  readonly takesVariables: boolean;
  /** Names of variables that those jobs set, as far as their scripts tell. */
  readonly handed: ReadonlySet<string>;
  /** Later jobs take its files. */
  readonly isTaken: boolean;
}

/** Where a value stands, for people. */
export function placeOf(value: CiValue): CiPlace {
  return { file: value.file.path, span: spanOf(value) };
}

/** As GitLab makes a name fit for host names. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

/** What a variable holds in a job, where the file or the leg says it. */
export function variablesIn({ job, pipeline, facts }: Unit, leg: Leg): (name: string) => VariableValue {
  const events = variablesOfEvent(pipeline, facts);
  const look = (name: string, depth: number): VariableValue => {
    const ofLeg = leg[name];
    if (typeof ofLeg === 'string') return ofLeg;
    if (name === 'CI_PROJECT_DIR' || name === 'CI_BUILDS_DIR') return workspaceRoot;
    if (name === 'CI_JOB_NAME') return job.id;
    if (name === 'CI_JOB_STAGE') return job.stage ?? 'test';
    if (name === 'CI_JOB_NAME_SLUG') return slug(job.id);
    if (name === 'CI_CONFIG_PATH') return pipeline.file.path;
    if (name === 'CI_NODE_TOTAL') return '1';
    const set = variableOf(name, job.variables, pipeline.variables);
    if (set === undefined) return commitVariables.gitlab.includes(name) ? `$${name}` : events.constant(name);
    if (set.isRaw === true) return set.value.text;
    return depth > 10 ? undefined : expand(set.value.text ?? '', (inner) => look(inner, depth + 1));
  };
  return (name) => look(name, 0);
}
