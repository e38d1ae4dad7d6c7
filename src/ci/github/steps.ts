import { posix } from 'node:path';
import { type CiPlace, type DecideFacts, type DecidedStep, type LeftOut } from '../decided-pipeline.ts';
import { spanOf, type CiRun, type CiStep, type CiUse, type CiValue, type CiVariable } from '../model.ts';
import { knownAction } from './known-actions.ts';
import { atTop, type Checkouts } from './checkouts.ts';
import { isGate } from './gates.ts';
import { linuxBranches } from './runner-branches.ts';
import { contextOf, type ExpressionScope, type GithubEvent } from './context.ts';
import {
  callsStatusFunction,
  evaluate,
  interpolate,
  known,
  textOf,
  truthOf,
  unknown,
  type Evaluated,
} from './expression.ts';
import { environmentOf, isSecret, withoutVariables } from './step-environment.ts';
import { readGithubPipeline } from './read.ts';

/** A step of a job, out of whatever composite action it stands in. */
export interface FlatStep {
  readonly step: CiStep;
  readonly scope: ExpressionScope;
  /** Its own condition and those of the actions around it. */
  readonly conditions: readonly { readonly value: CiValue; readonly scope: ExpressionScope }[];
}

/** What became of a step. */
export type StepDecision =
  | { readonly kind: 'step'; readonly step: DecidedStep; readonly without: readonly LeftOut[] }
  /** `unmet`: its condition does not hold; it may hold for another leg. */
  | { readonly kind: 'left-out'; readonly leftOut: LeftOut; readonly unmet?: true }
  | { readonly kind: 'understood'; readonly what: string };

/** Composite actions within composite actions, as deep as anybody goes. */
const nestingLimit = 8;

/** The steps of a job with local composite actions taken in; an action that is not there stays a step. */
export function flatSteps(
  steps: readonly CiStep[],
  scope: ExpressionScope,
  facts: DecideFacts,
  depth = 0,
  outer: FlatStep['conditions'] = [],
): readonly FlatStep[] {
  return steps.flatMap((step): readonly FlatStep[] => {
    const own = { ...scope, variables: [step.variables, ...scope.variables] };
    const conditions = [...outer, ...(step.condition === undefined ? [] : [{ value: step.condition, scope: own }])];
    const path = step.kind === 'use' ? step.uses.value.text : undefined;
    const folder = path?.startsWith('./') === true ? posix.normalize(path.slice(2)).replace(/\/$/, '') : undefined;
    const action = folder === undefined || depth > nestingLimit ? undefined : readAction(folder, facts);
    if (action === undefined || step.kind !== 'use') return [{ step, scope: own, conditions }];
    const inputs = Object.fromEntries(
      action.inputs.map(({ name, fallback }): [string, Evaluated] => {
        const given = step.inputs.find((each) => each.name === name)?.value.text ?? fallback?.value.text ?? '';
        return [name, interpolate(given, contextOf({ ...own, keeps: true }))];
      }),
    );
    const inner = action.jobs.find(({ id }) => id === 'action')?.steps ?? [];
    const within = {
      ...own,
      pipeline: action,
      inputs,
      steps: inner,
      ...(folder === undefined ? {} : { actionFolder: folder }),
    };
    return flatSteps(inner, within, facts, depth + 1, conditions);
  });
}

function readAction(folder: string, { readText }: DecideFacts): ReturnType<typeof readGithubPipeline> | undefined {
  for (const name of ['action.yml', 'action.yaml']) {
    const path = posix.join(folder, name);
    const text = readText(path);
    if (text === undefined) continue;
    const action = readGithubPipeline({ path, text });
    // An action in JavaScript or a container has no steps to take in.
    return action.kind === 'action' && (action.jobs[0]?.steps.length ?? 0) > 0 ? action : undefined;
  }
  return undefined;
}

/**
 * Whether a condition holds for a change: true when it does for one of the events that start the workflow for one; where all before it has
 * passed, or after a failure.
 */
export function evaluateCondition(
  condition: CiValue,
  scope: ExpressionScope,
  events: readonly GithubEvent[],
  afterFailure = false,
): { readonly truth: boolean | undefined; readonly why: string } {
  const text = condition.value.text ?? '';
  const inner = text.replace(/^\s*\$\{\{([^]*)\}\}\s*$/, '$1');
  const isMixed = inner.includes('${{');
  let why = '';
  let truth: boolean | undefined = false;
  for (const event of events) {
    const context = { ...contextOf({ ...scope, event, inCondition: true }), afterFailure };
    const value = isMixed ? interpolate(text, context) : evaluate(inner, context);
    const counts = truthOf(value);
    if (counts === true) return { truth: true, why: '' };
    if (counts === undefined) {
      truth = undefined;
      if (!value.known) why = value.why;
    }
  }
  return { truth, why };
}

/** Whether a condition lets a step or a job run after a failure. */
export function runsAfterFailure(condition: CiValue, scope: ExpressionScope, events: readonly GithubEvent[]): boolean {
  return (
    callsStatusFunction(condition.value.text ?? '') && evaluateCondition(condition, scope, events, true).truth === true
  );
}

/** Decides one step: a script to run, something that is no part of a pipeline here, or left out with the reason. */
export function decideStep(
  flat: FlatStep,
  {
    job,
    leg,
    jobTimeout,
    events,
    gated,
    checkouts,
  }: {
    readonly job: string;
    readonly leg?: string;
    readonly jobTimeout?: number;
    readonly events: readonly GithubEvent[];
    /** Steps whose failure counts after all: a later step fails the job for it. */
    readonly gated: ReadonlySet<string>;
    readonly checkouts: Checkouts;
  },
): StepDecision {
  const { step, conditions } = flat;
  const scope: ExpressionScope = { ...flat.scope, keeps: true };
  const place: CiPlace = { file: step.file.path, span: spanOf({ value: step.at, file: step.file }) };
  const title = titleOf(step, scope);
  const leave = (why: string): StepDecision & { readonly kind: 'left-out' } => ({
    kind: 'left-out',
    leftOut: { place, what: `${describe(step, title)} of job ${job}`, why },
  });
  if (step.kind === 'use') {
    const aside = asideOf(step);
    if (aside !== undefined) return { kind: 'understood', what: aside };
  }
  if (isGate(step)) return { kind: 'understood', what: 'gates that only ask whether an earlier step passed' };
  for (const { value, scope: around } of conditions) {
    const { truth, why } = evaluateCondition(value, around, events);
    const said = oneLine(value.value.text ?? '').replace(/^\$\{\{\s*|\s*\}\}$/g, '');
    if (truth === undefined) return leave(`whether it runs depends on \`${said}\`: ${why}`);
    if (!truth) return { ...leave(`for a change it does not run: \`${said}\``), unmet: true };
  }
  const always = conditions.some(({ value, scope: around }) => runsAfterFailure(value, around, events));
  if (step.kind === 'other') return leave('it neither runs a script nor an action');
  const found = step.kind === 'use' ? commandOf(step, scope) : scriptOf(step, scope);
  if ('why' in found) return leave(found.why);
  if (checksJobResults(step)) return { kind: 'understood', what: 'gates that only ask whether other jobs passed' };
  const [, onlyThere] = events.includes('push') ? [] : (pullRequestVariable.exec(found.script) ?? []);
  if (onlyThere !== undefined) return leave(`it uses $${onlyThere}, which only a pull request has`);
  const env = environmentOf(scope, found.script);
  if ('why' in env) return leave(env.why);
  const { dropped, ...variables } = env;
  const folder = folderOf(step.folder, scope);
  if (typeof folder !== 'string') return leave(folder.why);
  const here = atTop({ script: found.script, cwd: folder }, checkouts);
  if (here === undefined) return leave(`it runs in a checkout of ${checkouts.foreign ?? 'another repository'}`);
  const timeoutSeconds = (minutesOf(step.timeout, scope) ?? NaN) * 60 || jobTimeout;
  const mayFail = gated.has(step.id ?? '') ? undefined : allowsFailure(step, scope, events);
  return {
    kind: 'step',
    without: withoutVariables(dropped, { place, owner: `${describe(step, title)} of job ${job}`, job }),
    step: {
      place,
      job,
      ...(step.id === undefined ? {} : { id: step.id }),
      ...(title === undefined ? {} : { title }),
      ...(leg === undefined ? {} : { leg }),
      ...here,
      ...variables,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      ...(mayFail === undefined ? {} : { mayFail }),
      pipefail: found.pipefail,
      tools: found.tools,
      always,
    },
  };
}

/** What lets a step fail, for people; undefined when its failure counts. */
function allowsFailure(step: CiStep, scope: ExpressionScope, events: readonly GithubEvent[]): string | undefined {
  if (step.mayFail === undefined || evaluateCondition(step.mayFail, scope, events).truth !== true) return undefined;
  return `continue-on-error: ${step.mayFail.value.text ?? 'true'}`;
}

/** Steps find what a push has: these are empty there, unless the script has something in their place. */
const pullRequestVariable = /\$\{?(GITHUB_(?:BASE|HEAD)_REF)(?![A-Z_]|:?-)/;

/** A gate over other jobs: the run itself says what passed. */
function checksJobResults(step: CiStep): boolean {
  if (step.kind !== 'run') return false;
  const texts = [step.script, ...step.variables].map(({ value }) => value.text ?? '');
  return texts.some((text) => /needs\.(?:[\w-]+|\*)\.result|toJSON\(\s*needs\s*\)/i.test(text));
}

function titleOf(step: CiStep, scope: ExpressionScope): string | undefined {
  const text = step.name?.value.text;
  if (text === undefined) return undefined;
  const value = interpolate(text, contextOf(scope));
  return value.known
    ? textOf(value.value)
        .replace(/\$\{\{.*?\}\}/g, '')
        .trim()
    : text.replace(/\$\{\{.*?\}\}/g, '').trim();
}

function describe(step: CiStep, title: string | undefined): string {
  if (title !== undefined && title !== '') return `step "${oneLine(title)}"`;
  if (step.kind === 'use') return `step ${step.uses.value.text ?? ''}`;
  if (step.kind === 'other') return 'a step';
  const [first = ''] = (step.script.value.text ?? '').trim().split('\n');
  return `step \`${first.length > 60 ? `${first.slice(0, 60)}…` : first}\``;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** What a step that is no part of a pipeline is there for; undefined for any other. */
function asideOf(step: CiUse): string | undefined {
  const known = knownAction(actionName(step));
  if (known?.kind === 'setup') return 'setting up Python and Node';
  if (known?.kind !== 'aside') return undefined;
  const elsewhere = step.inputs.some(({ name }) => name === 'repository');
  return known.what === 'checkout' && elsewhere ? undefined : known.what;
}

function actionName(step: CiUse): string {
  return (step.uses.value.text ?? '').split('@')[0]?.toLowerCase() ?? '';
}

interface FoundScript {
  readonly script: string;
  readonly tools: readonly string[];
  readonly pipefail: boolean;
}

function commandOf(step: CiUse, scope: ExpressionScope): FoundScript | { readonly why: string } {
  const said = step.uses.value.text ?? '';
  if (said.startsWith('docker://'))
    return { why: 'it runs a container image of its own; steps have no container engine' };
  const name = actionName(step);
  if (name.startsWith('./')) return { why: 'the action is not in the repository, or is no composite one' };
  const action = knownAction(name);
  if (action?.kind === 'aside') return { why: 'it checks out another repository' };
  if (action?.kind === 'left-out') return { why: action.why };
  if (action?.kind !== 'command')
    return { why: 'parity runs no actions; write its command as a step if you want it here' };
  let undecided: string | undefined;
  const input = (wanted: string): string | undefined => {
    const given = step.inputs.find((each) => each.name === wanted)?.value.text;
    if (given === undefined) return undefined;
    const value = interpolate(given, contextOf(scope));
    if (!value.known) undecided ??= value.why;
    return value.known ? textOf(value.value).replace(/\s+/g, ' ').trim() : undefined;
  };
  const command = action.command(input, said.split('@')[1] ?? '', scope.readText ?? (() => undefined));
  return undecided === undefined ? { ...command, pipefail: true } : { why: undecided };
}

function scriptOf(step: CiRun, scope: ExpressionScope): FoundScript | { readonly why: string } {
  const shell = step.shell?.value.text?.trim();
  const value = interpolate(plainSecrets(step.script.value.text ?? '', scope.variables), contextOf(scope));
  if (!value.known) return { why: `its command holds an expression that only CI can decide: ${value.why}` };
  // Lines of a file with CRLF must not hand a carriage return to the shell.
  const script = linuxBranches(textOf(value.value).replaceAll('\r\n', '\n').trim());
  if (script === '') return { why: 'there is nothing in it' };
  const pipefail = shell === 'bash' || /pipefail/.test(shell ?? '');
  if (shell === undefined || /^(?:bash|sh)\b/.test(shell)) return { script, tools: [], pipefail };
  if (/^python3?(?: \{0\})?$/.test(shell))
    return { script: `python - <<'SCRIPT'\n${script}\nSCRIPT`, tools: [], pipefail: true };
  return { why: `its shell is ${shell}; steps run in bash` };
}

/** `${{ env.TOKEN }}` in a script, where TOKEN is a secret, is the variable itself. */
function plainSecrets(script: string, variables: readonly (readonly CiVariable[])[]): string {
  return script.replace(/\$\{\{\s*env\.([A-Za-z_]\w*)\s*\}\}/g, (whole, name: string) => {
    const set = variables.flat().find((each) => each.name === name)?.value.text ?? '';
    return isSecret(set) ? `\${${name}}` : whole;
  });
}

function folderOf(folder: CiValue | undefined, scope: ExpressionScope): string | { readonly why: string } {
  const text = folder?.value.text;
  if (text === undefined) return '.';
  const value = interpolate(text, contextOf(scope));
  if (!value.known) return { why: `its folder can only be decided by CI: ${value.why}` };
  const path = posix.normalize(
    textOf(value.value)
      .trim()
      .replace(/^\/workspace(?:\/|$)/, './') || '.',
  );
  if (path.startsWith('/') || path.startsWith('..') || /[$`~]/.test(path))
    return { why: `its folder \`${text}\` is outside the repository` };
  return path.replace(/\/$/, '') || '.';
}

/** Minutes that a timeout says; undefined when there is none that can be decided. */
export function minutesOf(timeout: CiValue | undefined, scope: ExpressionScope): number | undefined {
  const text = timeout?.value.text;
  if (text === undefined) return undefined;
  const value = interpolate(text, contextOf(scope));
  const minutes = value.known ? Number(value.value) : NaN;
  return minutes > 0 ? minutes : undefined;
}

/** Inputs that a caller gives, decided where it stands. */
export function givenInputs(
  inputs: readonly CiVariable[],
  scope: ExpressionScope,
): Readonly<Record<string, Evaluated>> {
  return Object.fromEntries(
    inputs.map(({ name, value }): [string, Evaluated] => [
      name,
      value.text === undefined
        ? unknown(`${name} is no text`)
        : value.text === ''
          ? known('')
          : interpolate(value.text, contextOf(scope)),
    ]),
  );
}
