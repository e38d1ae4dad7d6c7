import { posix } from 'node:path';
import type { DecideFacts, LeftOut } from '../decided-pipeline.ts';
import { spanOf, type CiJob, type CiPipeline } from '../model.ts';
import { chooseCallLegs } from './call-legs.ts';
import { contextOf, type ExpressionScope, type GithubEvent } from './context.ts';
import { interpolate, known, type Evaluated } from './expression.ts';
import { describeKeptLegs, describeLegs } from '../legs.ts';
import { matrixLegs, type MatrixLeg } from './matrix.ts';
import { readGithubPipeline } from './read.ts';
import { givenInputs, evaluateCondition } from './steps.ts';

/** A job, and what decides it. */
export interface Unit {
  readonly id: string;
  readonly job: CiJob;
  readonly scope: ExpressionScope;
  readonly events: readonly GithubEvent[];
  readonly needs: readonly string[];
  /** Of a job of a workflow that a matrix calls: its scopes in all legs of that matrix, and how many of these are not here. */
  readonly called?: { readonly scopes: readonly ExpressionScope[]; readonly missingLegs: number };
}

/** Reusable workflows within reusable workflows, as deep as GitHub lets them. */
const callLimit = 10;

/** How a workflow is started for a change; `other` alone when nothing but a schedule, a release or a hand starts it. */
export function eventsOf(pipeline: CiPipeline): readonly GithubEvent[] {
  const on = pipeline.triggers?.value;
  if (on === undefined) return ['other'];
  const names =
    on.text === undefined
      ? on.isMap
        ? on.members.map(([key]) => key.text)
        : on.items.map(({ text }) => text)
      : [on.text];
  const events: GithubEvent[] = [];
  const types = on.get('pull_request', 'types')?.items.map(({ text }) => text) ?? [];
  if (
    names.includes('pull_request') &&
    (types.length === 0 || types.some((type) => /^(?:opened|synchronize|reopened)$/.test(type ?? '')))
  )
    events.push('pull_request');
  if (names.includes('merge_group') && events.length === 0) events.push('pull_request');
  const push = on.get('push');
  const onlyTags =
    push !== undefined &&
    push.get('tags') !== undefined &&
    push.get('branches') === undefined &&
    push.get('branches-ignore') === undefined;
  if (names.includes('push') && !onlyTags) events.push('push');
  return events.length === 0 ? ['other'] : events;
}

/** The jobs of a workflow, those of the workflows that it calls in their place; a call that can't be followed goes to `leftOut`. */
export function unitsOf(
  pipeline: CiPipeline,
  facts: DecideFacts,
  leftOut: LeftOut[],
  call:
    | {
        readonly prefix: string;
        readonly events: readonly GithubEvent[];
        readonly inputs: Readonly<Record<string, Evaluated>>;
        readonly needs: readonly string[];
        readonly depth: number;
      }
    | undefined = undefined,
): readonly Unit[] {
  const events = call?.events ?? eventsOf(pipeline);
  const prefix = call?.prefix ?? '';
  const idsOf = new Map<string, readonly string[]>();
  const all = pipeline.jobs.flatMap((job): readonly Unit[] => {
    const id = `${prefix}${job.id}`;
    const needs = [...(job.needs ?? []).map((need) => `${prefix}${need}`), ...(call?.needs ?? [])];
    const scope: ExpressionScope = {
      pipeline,
      jobs: pipeline.jobs,
      job,
      variables: [job.variables, pipeline.variables],
      undecidedAxes: [],
      ...(call === undefined ? {} : { inputs: call.inputs }),
      steps: job.steps,
      exported: {},
      ...(facts.repository === undefined ? {} : { repository: facts.repository }),
      event: events[0] ?? 'other',
      inCondition: false,
      readText: facts.readText,
    };
    if (job.calls === undefined) return [{ id, job, scope, events, needs }];
    const leave = (why: string): readonly Unit[] => {
      leftOut.push({ place: { file: job.key.file.path, span: spanOf(job.key) }, what: `job ${id}`, why });
      return [];
    };
    const unmet = unmetCondition(job, scope, events);
    if (unmet !== undefined) return leave(unmet);
    if ((call?.depth ?? 0) >= callLimit) return leave('its workflows call one another without end');
    const { uses } = job.calls;
    const path = uses.value.text?.startsWith('./') === true ? posix.normalize(uses.value.text.slice(2)) : undefined;
    if (path === undefined) return leave(`it calls a workflow of another repository, ${uses.value.text ?? ''}`);
    const text = facts.readText(path);
    if (text === undefined) return leave(`there is no ${path}`);
    const called = readGithubPipeline({ path, text });
    const units = calledUnits({ id, job, called, scope, events, needs, depth: (call?.depth ?? 0) + 1 }, facts, leftOut);
    idsOf.set(
      id,
      units.map((unit) => unit.id),
    );
    return units;
  });
  // What waits for a call waits for the jobs of the workflow that it calls.
  return all.map((unit) => ({ ...unit, needs: unit.needs.flatMap((need) => idsOf.get(need) ?? [need]) }));
}

/** A job that calls a workflow of the repository. */
interface Call {
  readonly id: string;
  readonly job: CiJob;
  readonly called: CiPipeline;
  readonly scope: ExpressionScope;
  readonly events: readonly GithubEvent[];
  readonly needs: readonly string[];
  readonly depth: number;
}

/** The jobs of a called workflow, for each leg of the call's matrix that is carried over. */
function calledUnits(
  { id, job, called, scope, events, needs, depth }: Call,
  facts: DecideFacts,
  leftOut: LeftOut[],
): readonly Unit[] {
  const { legs, undecided } = matrixLegs(job.matrix?.value, contextOf(scope));
  const base: ExpressionScope = { ...scope, undecidedAxes: undecided };
  const unitsIn = (leg: MatrixLeg, prefix: string, told: LeftOut[]): readonly Unit[] => {
    const given = givenInputs(job.calls?.inputs ?? [], { ...base, leg });
    const inputs = typedInputs(called, { ...defaultInputs(called, scope), ...given });
    return unitsOf(called, facts, told, { prefix, events, inputs, needs, depth });
  };
  if (legs.length < 2) return unitsIn(legs[0] ?? {}, `${id}-`, leftOut);
  const each = legs.map((leg) => ({ leg, units: unitsIn(leg, `${id}-`, []) }));
  const { kept, others, nameOf } = chooseCallLegs(each, { job, called, facts });
  if (others.length > 0 && job.matrix !== undefined)
    leftOut.push({
      place: { file: job.matrix.file.path, span: spanOf(job.matrix) },
      what: describeLegs(others, id),
      why: describeKeptLegs(kept),
    });
  const scopesOf = (known: string): readonly ExpressionScope[] =>
    each.flatMap(({ units }) =>
      units.flatMap((unit) => (unit.id === known ? (unit.called?.scopes ?? [unit.scope]) : [])),
    );
  return kept.flatMap((leg) => {
    const name = nameOf(leg).replace(/[^\w.-]+/g, '-');
    const prefix = name === '' ? `${id}-` : `${id}-${name}-`;
    return unitsIn(leg, prefix, leftOut).map((unit): Unit => {
      const scopes = scopesOf(`${id}-${unit.id.slice(prefix.length)}`);
      return { ...unit, called: { scopes, missingLegs: others.length + (unit.called?.missingLegs ?? 0) } };
    });
  });
}

function defaultInputs({ inputs }: CiPipeline, scope: ExpressionScope): Readonly<Record<string, Evaluated>> {
  return Object.fromEntries(
    inputs.map(({ name, fallback }): [string, Evaluated] => [
      name,
      interpolate(fallback?.value.text ?? '', contextOf(scope)),
    ]),
  );
}

/** Inputs as the called workflow declares them: of a text, a boolean or a number is made. */
function typedInputs(
  { inputs }: CiPipeline,
  given: Readonly<Record<string, Evaluated>>,
): Readonly<Record<string, Evaluated>> {
  const types = new Map(inputs.map(({ name, type }) => [name, type]));
  return Object.fromEntries(
    Object.entries(given).map(([name, value]): [string, Evaluated] => {
      if (!value.known || typeof value.value !== 'string') return [name, value];
      const type = types.get(name);
      if (type === 'boolean') return [name, known(value.value === 'true')];
      return type === 'number' ? [name, known(Number(value.value))] : [name, value];
    }),
  );
}

/** Why a job does not run for a change; undefined when it does. */
export function unmetCondition(job: CiJob, scope: ExpressionScope, events: readonly GithubEvent[]): string | undefined {
  if (job.condition === undefined) return undefined;
  const { truth, why } = evaluateCondition(job.condition, scope, events);
  const said = (job.condition.value.text ?? '')
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^\$\{\{\s*|\s*\}\}$/g, '');
  if (truth === undefined) return `whether it runs depends on \`${said}\`: ${why}`;
  return truth ? undefined : `for a change it does not run: \`${said}\``;
}
