import type { DecideFacts } from '../decided-pipeline.ts';
import { variableOf, type CiJob, type CiPipeline, type CiValue } from '../model.ts';
import { evaluateRule, type RuleOutcome, type VariableValue } from './rules.ts';

/** How a pipeline starts for a change. */
type GitlabEvent = 'merge_request' | 'push';

/** Variables that are the same whatever starts a pipeline, for texts that must not hold a guess. */
export function variablesOfEvent(
  _pipeline: CiPipeline,
  { repository }: DecideFacts,
): { readonly constant: (name: string) => VariableValue } {
  return {
    constant(name) {
      if (name === 'CI_PROJECT_PATH') return repository;
      if (name === 'CI_PROJECT_NAME') return repository?.split('/').at(-1);
      return name === 'GITLAB_CI' || name === 'CI' ? 'true' : undefined;
    },
  };
}

/** Why a job does not run for a change, or why that can't be told; undefined when it does run. */
export function runsForChange(job: CiJob, pipeline: CiPipeline, facts: DecideFacts): string | undefined {
  let undecided: string | undefined;
  let said = '';
  for (const event of ['merge_request', 'push'] as const) {
    const decided = forEvent(job, pipeline, facts, event);
    if (decided.truth === true) return undefined;
    if (decided.truth === undefined) undecided ??= decided.why;
    else if (said === '') said = decided.why;
  }
  return undecided === undefined ? said : `whether it runs can only be decided by GitLab: ${undecided}`;
}

function forEvent(job: CiJob, pipeline: CiPipeline, facts: DecideFacts, event: GitlabEvent): RuleOutcome {
  const variable = (name: string): VariableValue => {
    const set = variableOf(name, job.variables, pipeline.variables);
    return set === undefined ? eventVariable(name, event, facts) : set.value.text;
  };
  if (job.rules.length > 0) return byRules(job.rules, variable, job.when?.value.text);
  const byHand = whenRuns(job.when?.value.text);
  if (byHand !== undefined) return byHand;
  if (job.exception !== undefined && refsHold(job.exception, event, variable).truth === true)
    return { truth: false, why: 'its `except` names such a change' };
  if (job.condition !== undefined) {
    const only = refsHold(job.condition, event, variable);
    return only.truth === false ? { truth: false, why: 'its `only` names no such change' } : only;
  }
  return { truth: true, why: '' };
}

/** What GitLab sets for a change: on a branch that is not the main one, no tag. */
function eventVariable(name: string, event: GitlabEvent, { repository }: DecideFacts): VariableValue {
  const isRequest = event === 'merge_request';
  const values: Readonly<Record<string, VariableValue>> = {
    CI: 'true',
    GITLAB_CI: 'true',
    CI_PIPELINE_SOURCE: isRequest ? 'merge_request_event' : 'push',
    CI_COMMIT_BRANCH: isRequest ? null : 'a-change',
    CI_COMMIT_TAG: null,
    CI_COMMIT_REF_NAME: 'a-change',
    CI_COMMIT_REF_SLUG: 'a-change',
    CI_COMMIT_REF_PROTECTED: 'false',
    CI_COMMIT_MESSAGE: 'A change',
    CI_COMMIT_TITLE: 'A change',
    CI_COMMIT_DESCRIPTION: '',
    CI_DEFAULT_BRANCH: 'main',
    CI_MERGE_REQUEST_ID: isRequest ? '1' : null,
    CI_MERGE_REQUEST_IID: isRequest ? '1' : null,
    CI_MERGE_REQUEST_EVENT_TYPE: isRequest ? 'detached' : null,
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: isRequest ? 'a-change' : null,
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: isRequest ? 'main' : null,
    CI_MERGE_REQUEST_LABELS: isRequest ? '' : null,
    CI_MERGE_REQUEST_TITLE: isRequest ? 'A change' : null,
    CI_OPEN_MERGE_REQUESTS: null,
    CI_PROJECT_PATH: repository,
    CI_PROJECT_NAMESPACE: repository?.split('/').slice(0, -1).join('/'),
  };
  return name in values ? values[name] : undefined;
}

function whenRuns(when: string | undefined): RuleOutcome | undefined {
  if (when === 'manual') return { truth: false, why: 'it is started by hand' };
  if (when === 'never' || when === 'on_failure') return { truth: false, why: `\`when: ${when}\`` };
  return undefined;
}

/** The first rule that applies decides; without one the job does not run. */
function byRules(
  rules: readonly CiValue[],
  variable: (name: string) => VariableValue,
  jobWhen: string | undefined,
): RuleOutcome {
  for (const { value: rule } of rules) {
    const condition = rule.get('if')?.text;
    // All files count as changed, and those that a rule asks for as there.
    const holds = condition === undefined ? { truth: true, why: '' } : evaluateRule(condition, variable);
    if (holds.truth === false) continue;
    const ends = whenRuns(rule.get('when')?.text ?? jobWhen);
    if (holds.truth === undefined) return holds;
    return ends ?? { truth: true, why: '' };
  }
  return { truth: false, why: 'none of its rules holds for a change' };
}

/** `only` and `except`: names of branches, patterns, and words for what starts a pipeline. */
function refsHold({ value }: CiValue, event: GitlabEvent, variable: (name: string) => VariableValue): RuleOutcome {
  const listed = value.isMap ? value.get('refs') : value;
  const refs = (listed?.text === undefined ? (listed?.items ?? []) : [listed]).flatMap(({ text }) => text ?? []);
  const expressions = (value.get('variables')?.items ?? []).flatMap(({ text }) => text ?? []);
  const words = event === 'merge_request' ? ['merge_requests'] : ['branches', 'pushes', 'a-change'];
  const named = refs.length === 0 || refs.some((ref) => words.includes(ref) || isPattern(ref));
  if (!named || expressions.length === 0) return { truth: named, why: '' };
  let undecided: RuleOutcome | undefined;
  for (const expression of expressions) {
    const holds = evaluateRule(expression, variable);
    if (holds.truth === true) return holds;
    if (holds.truth === undefined) undecided = holds;
  }
  return undecided ?? { truth: false, why: '' };
}

function isPattern(ref: string): boolean {
  const [, body, flags] = /^\/(.*)\/(i?)$/.exec(ref) ?? [];
  if (body === undefined) return false;
  try {
    return new RegExp(body, flags).test('a-change');
  } catch {
    return false;
  }
}
