import picomatch from 'picomatch';
import type { YamlValue } from '../../formats/yaml.ts';
import type { DecideFacts } from '../decided-pipeline.ts';
import { variableOf, type CiJob, type CiPipeline, type CiValue, type CiVariable } from '../model.ts';
import { gitlabVariables } from './gitlab-variables.ts';
import { evaluateRule, type RuleOutcome, type VariableValue } from './rules.ts';

/** How a pipeline starts for a change. */
type GitlabEvent = 'merge_request' | 'push';
const gitlabEvents: readonly GitlabEvent[] = ['merge_request', 'push'];

/** What rules ask of a repository. */
export type RuleFacts = Pick<DecideFacts, 'repository' | 'files'>;

/** What rules come to, and the rule that decided. */
type RuleDecision = RuleOutcome & { readonly rule?: CiValue };

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

/** Whether a job runs for a change: the rule that lets it, if one does, and the variables of the pipeline then; or why it does not, or why that can't be told. */
export type JobRun =
  | { readonly runs: true; readonly rule?: CiValue; readonly variables: readonly CiVariable[] }
  | { readonly runs: false; readonly why: string };

/** Decides whether a job runs for a change: for a merge request, or for a push to a branch that is not the main one. */
export function runsForChange(job: CiJob, pipeline: CiPipeline, facts: DecideFacts): JobRun {
  let undecided: string | undefined;
  let said = '';
  for (const event of gitlabEvents) {
    const whole = workflowOutcome(pipeline, facts, event);
    const variables = [...variablesOfRule(whole.rule), ...pipeline.variables];
    const decided: RuleDecision =
      whole.truth === true ? forEvent(job, { ...pipeline, variables }, facts, event) : whole;
    if (decided.truth === true)
      return { runs: true, variables, ...(decided.rule === undefined ? {} : { rule: decided.rule }) };
    if (decided.truth === undefined) undecided ??= decided.why;
    else if (said === '' || whole.truth === true) said = decided.why;
  }
  return {
    runs: false,
    why: undecided === undefined ? said : `whether it runs can only be decided by GitLab: ${undecided}`,
  };
}

/** Whether a change starts a pipeline at all: `workflow: rules`. */
function workflowOutcome({ triggers, variables }: CiPipeline, facts: DecideFacts, event: GitlabEvent): RuleDecision {
  if (triggers === undefined) return { truth: true, why: '' };
  const rules = triggers.value.items.map((value) => ({ value, file: triggers.file }));
  const decision = byRules(rules, { variable: variableFor([variables], facts, event), files: facts.files });
  const { truth, why } = decision;
  return truth === false ? { truth, why: `a change starts no pipeline: ${why}` } : decision;
}

/** The variables that a rule sets. */
function variablesOfRule(rule: CiValue | undefined): readonly CiVariable[] {
  return rule === undefined ? [] : gitlabVariables(rule.value.get('variables'), rule.file);
}

/** Whether an `include` is taken in for a change, by its own rules: files are taken in before any file's variables are there. */
export function includeOutcome(rules: CiValue, facts: RuleFacts): RuleOutcome {
  const listed = rules.value.items.map((value) => ({ value, file: rules.file }));
  const outcomes = gitlabEvents.map((event) =>
    byRules(listed, { variable: variableFor([], facts, event), files: facts.files }),
  );
  return (
    outcomes.find(({ truth }) => truth === true) ??
    outcomes.find(({ truth }) => truth === undefined) ??
    outcomes[0] ?? { truth: true, why: '' }
  );
}

function variableFor(
  sets: readonly (readonly CiVariable[])[],
  facts: RuleFacts,
  event: GitlabEvent,
): (name: string) => VariableValue {
  return (name) => {
    const set = variableOf(name, ...sets);
    return set === undefined ? eventVariable(name, event, facts) : set.value.text;
  };
}

function forEvent(job: CiJob, pipeline: CiPipeline, facts: DecideFacts, event: GitlabEvent): RuleDecision {
  const variable = variableFor([job.variables, pipeline.variables], facts, event);
  if (job.rules.length > 0) return byRules(job.rules, { variable, files: facts.files, jobWhen: job.when?.value.text });
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
function eventVariable(name: string, event: GitlabEvent, { repository }: RuleFacts): VariableValue {
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
  {
    variable,
    files,
    jobWhen,
  }: {
    readonly variable: (name: string) => VariableValue;
    readonly files: readonly string[] | undefined;
    readonly jobWhen?: string | undefined;
  },
): RuleDecision {
  for (const rule of rules) {
    const { value } = rule;
    const condition = value.get('if')?.text;
    // All files count as changed.
    const holds = condition === undefined ? { truth: true, why: '' } : evaluateRule(condition, variable);
    if (holds.truth === false || !areThere(value.get('exists'), variable, files)) continue;
    const ends = whenRuns(value.get('when')?.text ?? jobWhen);
    if (holds.truth === undefined) return holds;
    return ends ?? { truth: true, why: '', rule };
  }
  return { truth: false, why: 'none of its rules holds for a change' };
}

/** `exists`: one of the patterns names a file of the repository. What can't be decided counts as there. */
function areThere(
  exists: YamlValue | undefined,
  variable: (name: string) => VariableValue,
  files: readonly string[] | undefined,
): boolean {
  if (exists === undefined || files === undefined || exists.get('project') !== undefined) return true;
  const listed = exists.isMap ? exists.get('paths') : exists;
  const patterns = listed?.text === undefined ? (listed?.items ?? []).flatMap(({ text }) => text ?? []) : [listed.text];
  return patterns.some((pattern) => {
    let isKnown = true;
    const path = pattern.replace(/\$\{?(\w+)\}?/g, (_, name: string) => {
      const value = variable(name);
      isKnown &&= typeof value === 'string';
      return value ?? '';
    });
    const matches = picomatch(path.replace(/^\.?\//, ''), { dot: true });
    return !isKnown || files.some((file) => matches(file));
  });
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
