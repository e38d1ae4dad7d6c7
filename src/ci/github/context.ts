import { posix } from 'node:path';
import { workspaceRoot } from '../decided-pipeline.ts';
import { variableOf, type CiJob, type CiPipeline, type CiStep, type CiVariable } from '../model.ts';
import { buildAndInspect, detectsChanges } from './known-actions.ts';
import { supportedPythons } from './supported-pythons.ts';
import {
  interpolate,
  known,
  memberOf,
  unknown,
  type Evaluated,
  type ExpressionContext,
  type ExpressionValue,
} from './expression.ts';
import { contextAtStart } from '../variables-at-start.ts';
import type { MatrixLeg } from './matrix.ts';

/** Where an expression stands, and what is decided there. */
export interface ExpressionScope {
  readonly pipeline: CiPipeline;
  readonly jobs: readonly CiJob[];
  readonly job?: CiJob;
  /** Variables in force, the nearest first. */
  readonly variables: readonly (readonly CiVariable[])[];
  /** Axes of the leg that is carried over; absent outside a job. */
  readonly leg?: MatrixLeg;
  readonly undecidedAxes: readonly { readonly axis: string; readonly why: string }[];
  /** What a reusable workflow or a composite action was given, decided where it was called. */
  readonly inputs?: Readonly<Record<string, Evaluated>>;
  /** The folder of the repository's own action that it stands in, relative to the top. */
  readonly actionFolder?: string;
  /** Steps that `steps.ID` may mean: a composite action's own, else the job's. */
  readonly steps: readonly CiStep[];
  /** Variables that an earlier step sets for all later ones. */
  readonly exported: Readonly<Record<string, string>>;
  readonly repository?: string;
  readonly event: GithubEvent;
  /** In a condition the guesses about a change hold (its author is a person, its branch is not the main one); a command must not hold them. */
  readonly inCondition: boolean;
  /** What is known when a run starts (`github.sha`) stays an expression: in commands and variables. */
  readonly keeps?: boolean;
  /** Gives the text of a file of the repository. */
  readonly readText?: (path: string) => string | undefined;
}

/** What starts a workflow for a change. */
export type GithubEvent = 'pull_request' | 'push' | 'other';

/** The context of an expression at a place of a workflow. */
export function contextOf(scope: ExpressionScope, depth = 0): ExpressionContext {
  return {
    lookUp: (path) => lookUp(path, scope, depth),
    ...(scope.keeps === true && !scope.inCondition
      ? { kept: (expression: string) => keptExpression(expression, scope) }
      : {}),
  };
}

function keptExpression(expression: string, { steps, exported, variables }: ExpressionScope): string | undefined {
  // What a script of the same job says: the steps of a job pass it on to each other here, too.
  const [, id] = /^steps\.([\w-]+)\.outputs\.[\w-]+$/.exec(expression) ?? [];
  if (id !== undefined)
    return steps.some((step) => step.kind === 'run' && step.id === id) ? `\${{ ${expression} }}` : undefined;
  const [, variable] = /^env\.([A-Za-z_]\w*)$/.exec(expression) ?? [];
  if (variable !== undefined) {
    const isSet = exported[variable] !== undefined || variableOf(variable, ...variables) !== undefined;
    return !isSet && steps.some((step) => setsVariable(step, variable)) ? `\${{ ${expression} }}` : undefined;
  }
  const [, name = ''] = /^github\.(\w+)$/.exec(expression) ?? [];
  return Object.hasOwn(contextAtStart, name) ? `\${{ github.${name} }}` : undefined;
}

/** Whether a script seems to set a variable for the later steps of its job. */
function setsVariable(step: CiStep, name: string): boolean {
  const script = step.kind === 'run' ? (step.script.value.text ?? '') : '';
  return script.includes('GITHUB_ENV') && new RegExp(`\\b${name}(?:=|<<)`).test(script);
}

/** More than any file nests variables in variables. */
const depthLimit = 12;

function lookUp(path: readonly string[], scope: ExpressionScope, depth: number): Evaluated {
  const [context = '', name = '', ...rest] = path;
  const said = path.join('.');
  if (depth > depthLimit) return unknown(`${said} goes in a circle`);
  const inner = contextOf(scope, depth + 1);
  switch (context.toLowerCase()) {
    case 'github':
      return github([name, ...rest], scope);
    case 'env': {
      const exported = scope.exported[name];
      if (exported !== undefined) return known(exported);
      const set = variableOf(name, ...scope.variables);
      return set === undefined
        ? unknown(`${said} is set nowhere in the file`)
        : interpolate(set.value.text ?? '', inner);
    }
    case 'matrix': {
      const axis = scope.undecidedAxes.find((each) => each.axis === name || each.axis === 'matrix');
      if (axis !== undefined && !(name in (scope.leg ?? {})))
        return unknown(`${said} is decided while CI runs (${axis.why})`);
      let value: ExpressionValue = name === '' ? ((scope.leg ?? {}) as ExpressionValue) : (scope.leg?.[name] ?? null);
      for (const key of rest) value = memberOf(value, key);
      return known(value);
    }
    case 'runner': {
      const runner: Readonly<Record<string, string>> = {
        os: 'Linux',
        temp: '/tmp',
        environment: 'github-hosted',
        debug: '',
      };
      if (scope.inCondition && name === 'arch') return known('X64');
      const value = runner[name];
      return value === undefined ? unknown(`${said} is the runner's own`) : known(value);
    }
    case 'inputs': {
      const given = scope.inputs?.[name];
      if (given !== undefined) return given;
      const fallback = scope.pipeline.inputs.find(
        (each) => each.name === name && each.fallback !== undefined,
      )?.fallback;
      // Nobody gives inputs to a run for a change: then they are empty.
      if (scope.event !== 'other' && scope.inputs === undefined) return known(null);
      return fallback?.value.text === undefined ? known('') : interpolate(fallback.value.text, inner);
    }
    case 'secrets':
      return unknown(name.toUpperCase() === 'GITHUB_TOKEN' ? "the workflow's own token" : `${said} is a secret`);
    case 'vars':
      return unknown(`${said} is set in the repository's settings on GitHub`);
    case 'steps':
      return stepsContext(name, rest, scope);
    case 'needs':
      return needsContext(name, rest, scope, depth);
    case 'job':
      return jobContext([name, ...rest], said);
    case 'strategy':
      return unknown(`${said} is known only while CI runs`);
    default:
      return unknown(`${said} is unknown here`);
  }
}

function github(
  path: readonly string[],
  { event, repository, inCondition, pipeline, actionFolder }: ExpressionScope,
): Evaluated {
  const said = `github.${path.join('.')}`;
  const [name = ''] = path;
  switch (name) {
    case 'event_name':
      // What runs here is as a push of this commit; conditions are asked for each event that starts the workflow.
      if (!inCondition) return known('push');
      return event === 'other' ? unknown(`${said} differs from run to run`) : known(event);
    case 'workspace':
      return known(workspaceRoot);
    case 'action_path':
      return actionFolder === undefined
        ? unknown(`${said} is known only in an action`)
        : known(posix.join(workspaceRoot, actionFolder));
    case 'repository':
      return repository === undefined
        ? unknown('git has no origin that says which repository this is')
        : known(repository);
    case 'repository_owner':
      return repository === undefined
        ? unknown('git has no origin that says whose repository this is')
        : known(repository.split('/')[0] ?? '');
    case 'workflow':
      return known(pipeline.name?.value.text ?? pipeline.file.path);
    case 'server_url':
      return known('https://github.com');
    case 'token':
      return unknown("the workflow's own token");
    case 'event':
      return inCondition ? changeEvent(path.slice(1), event, said) : unknown(`${said} is known only to GitHub`);
    default:
  }
  // A change that is about to be pushed: by a person, on a branch that is not the main one, no tag.
  const guesses: Readonly<Record<string, string>> = {
    ref: event === 'push' ? 'refs/heads/a-change' : 'refs/pull/1/merge',
    ref_name: event === 'push' ? 'a-change' : '1/merge',
    ref_type: 'branch',
    head_ref: event === 'push' ? '' : 'a-change',
    actor: 'a-person',
    triggering_actor: 'a-person',
  };
  const guess = inCondition ? guesses[name] : undefined;
  if (guess !== undefined) return known(guess);
  if (Object.hasOwn(contextAtStart, name)) return unknown(`${said} is known when a run starts`);
  return unknown(`${said} is known only to GitHub`);
}

function changeEvent(path: readonly string[], event: GithubEvent, said: string): Evaluated {
  const name = path.join('.');
  // Whoever works on it here has the repository itself, not a fork.
  if (name === 'repository.fork') return known(false);
  if (name === 'repository.default_branch') return known('main');
  if (/^inputs\b/.test(name) && event !== 'other') return known(null);
  if (event === 'push') return name.startsWith('pull_request') ? known(null) : pushEvent(name, said);
  const facts: Readonly<Record<string, ExpressionValue>> = {
    action: 'synchronize',
    'pull_request.draft': false,
    'pull_request.head.repo.fork': false,
    'pull_request.labels': [],
    'pull_request.user.login': 'a-person',
    'pull_request.title': 'A change',
    'pull_request.head.ref': 'a-change',
  };
  if (/^(?:head_commit|commits|ref|deleted|created)\b/.test(name)) return known(null);
  const fact = facts[name];
  return fact === undefined ? unknown(`${said} is known only to GitHub`) : known(fact);
}

function pushEvent(name: string, said: string): Evaluated {
  if (name === 'head_commit.message') return known('A change');
  if (name === 'deleted' || name === 'forced') return known(false);
  if (/^(?:action|issue|release|comment|label)\b/.test(name)) return known(null);
  return unknown(`${said} is known only to GitHub`);
}

function stepsContext(id: string, rest: readonly string[], { steps, readText }: ExpressionScope): Evaluated {
  const step = steps.find((each) => each.id === id);
  const [what = '', output = ''] = rest;
  // What no step is called says nothing: GitHub takes it for an empty text.
  if (step === undefined) return known(null);
  if (what === 'outcome' || what === 'conclusion') return known('success');
  if (step?.kind === 'use') {
    const action = step.uses.value.text?.split('@')[0]?.toLowerCase() ?? '';
    // Nothing is fetched from CI's caches, and all files count as changed.
    if (output === 'cache-hit') return known('false');
    if (detectsChanges(action)) return known('true');
    if (action === buildAndInspect) {
      const versions = supportedPythons(readText?.('pyproject.toml'));
      if (versions.length > 0 && output === 'supported_python_classifiers_json_array')
        return known(JSON.stringify(versions));
      if (versions.length > 0 && output === 'supported_python_classifiers_json_job_matrix_value')
        return known(JSON.stringify({ 'python-version': versions }));
    }
  }
  return unknown(`steps.${id}.${rest.join('.')} is what an earlier step says while CI runs`);
}

function needsContext(id: string, rest: readonly string[], scope: ExpressionScope, depth: number): Evaluated {
  const [what = '', output = ''] = rest;
  if (what === 'result') return known('success');
  const job = scope.jobs.find((each) => each.id === id);
  const declared = job?.outputs.find((each) => each.name === output);
  if (job !== undefined && declared?.value.text !== undefined && scope.job?.id !== id) {
    const there = { ...scope, job, steps: job.steps, variables: [job.variables, scope.pipeline.variables] };
    const value = interpolate(declared.value.text, contextOf(there, depth + 1));
    if (value.known) return value;
  }
  return unknown(`needs.${id}.${rest.join('.')} is what another job says while CI runs`);
}

function jobContext(path: readonly string[], said: string): Evaluated {
  if (path[0] === 'status') return known('success');
  // A service is reached at the port it listens on: nothing is mapped.
  if (path[0] === 'services' && path[2] === 'ports' && path[3] !== undefined) return known(path[3]);
  return unknown(`${said} is known only while CI runs`);
}
