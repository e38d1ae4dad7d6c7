import { placesOf } from '../../formats/places.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';
import {
  variablesOf,
  type CiFile,
  type CiInput,
  type CiJob,
  type CiPipeline,
  type CiService,
  type CiStep,
  type CiValue,
} from '../model.ts';

/**
 * Reads a GitHub workflow or composite action (https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax). Never
 * throws: what is no YAML is a problem of the pipeline, and jobs are what could be read.
 */
export function readGithubPipeline({ path, text }: { readonly path: string; readonly text: string }): CiPipeline {
  const source = { text, places: placesOf(text) };
  const file: CiFile = { path, source };
  const { value: root, problems } = readYaml(text, source.places);
  const at = (value: YamlValue | undefined): CiValue | undefined => present(value, file);
  const runs = root.get('runs');
  const defaults = root.get('defaults', 'run');
  const action: CiJob = {
    ...emptyJob('action', root, file),
    ...optional('image', at(runs?.get('image'))),
    steps: stepsOf(runs?.get('steps'), [], file),
  };
  const jobs = (root.get('jobs')?.members ?? []).map(([key, job]) => jobOf(key, job, defaults, file));
  const name = at(root.get('name'));
  return {
    system: 'github',
    kind: runs === undefined ? 'pipeline' : 'action',
    file,
    ...optional('name', name),
    // YAML 1.1 readers make `on` a boolean; this one keeps it.
    ...optional('triggers', at(root.get('on'))),
    inputs: [
      root.get('inputs'),
      root.get('on', 'workflow_call', 'inputs'),
      root.get('on', 'workflow_dispatch', 'inputs'),
    ].flatMap((list) => inputsOf(list, file)),
    variables: variablesOf(root.get('env'), file),
    jobs: runs === undefined ? jobs : [action, ...jobs],
    stages: [],
    includes: [],
    problems: problems.map((problem) => ({ ...problem, file })),
  };
}

function inputsOf(list: YamlValue | undefined, file: CiFile): readonly CiInput[] {
  return (list?.members ?? []).map(([name, input]) => {
    const fallback = present(input.get('default'), file);
    return {
      name: name.text ?? '',
      ...optional('fallback', fallback),
      ...optional('type', input.get('type')?.text),
    };
  });
}

function emptyJob(id: string, key: YamlValue, file: CiFile): CiJob {
  return { id, key: { value: key, file }, kind: 'job', rules: [], variables: [], services: [], outputs: [], steps: [] };
}

function jobOf(key: YamlValue, job: YamlValue, defaults: YamlValue | undefined, file: CiFile): CiJob {
  const at = (value: YamlValue | undefined): CiValue | undefined => present(value, file);
  const uses = at(job.get('uses'));
  const needs = job.get('needs');
  return {
    ...emptyJob(key.text ?? '', key, file),
    ...optional('name', at(job.get('name'))),
    ...optional('runsOn', at(job.get('runs-on'))),
    ...optional('condition', at(job.get('if'))),
    ...(needs === undefined ? {} : { needs: (needs.text === undefined ? needs.items : [needs]).flatMap(textOf) }),
    ...optional('environment', at(job.get('environment'))),
    // What the job says of a variable wins over its container.
    variables: [...variablesOf(job.get('env'), file), ...variablesOf(job.get('container', 'env'), file)],
    ...optional('matrix', at(job.get('strategy', 'matrix'))),
    ...optional('image', at(job.get('container'))),
    services: (job.get('services')?.members ?? []).map(([name, service]) => serviceOf(name, service, file)),
    ...(uses === undefined ? {} : { calls: { uses, inputs: variablesOf(job.get('with'), file) } }),
    ...optional('mayFail', at(job.get('continue-on-error'))),
    ...optional('timeout', at(job.get('timeout-minutes'))),
    outputs: variablesOf(job.get('outputs'), file),
    steps: stepsOf(job.get('steps'), [job.get('defaults', 'run'), defaults], file),
  };
}

function serviceOf(name: YamlValue, service: YamlValue, file: CiFile): CiService {
  const image = present(service.text === undefined ? service.get('image') : service, file);
  return { value: service, file, ...optional('name', name.text), ...optional('image', image) };
}

function stepsOf(
  steps: YamlValue | undefined,
  defaults: readonly (YamlValue | undefined)[],
  file: CiFile,
): readonly CiStep[] {
  const fallback = (key: string): YamlValue | undefined =>
    defaults.map((each) => each?.get(key)).find((each) => each?.text !== undefined);
  return (steps?.items ?? []).flatMap((step): CiStep[] => {
    const at = (value: YamlValue | undefined): CiValue | undefined => present(value, file);
    // Steps that run side by side.
    const parallel = step.get('parallel');
    if (parallel !== undefined) return [...stepsOf(parallel, defaults, file)];
    const [uses, script] = [at(step.get('uses')), at(step.get('run'))];
    const common = {
      file,
      at: step,
      ...optional('id', step.get('id')?.text),
      ...optional('name', at(step.get('name'))),
      ...optional('condition', at(step.get('if'))),
      variables: variablesOf(step.get('env'), file),
      ...optional('folder', at(step.get('working-directory') ?? fallback('working-directory'))),
      ...optional('mayFail', at(step.get('continue-on-error'))),
      ...optional('timeout', at(step.get('timeout-minutes'))),
    };
    if (uses?.value.text !== undefined)
      return [{ kind: 'use', ...common, uses, inputs: variablesOf(step.get('with'), file) }];
    if (script?.value.text === undefined) return step.isMap ? [{ kind: 'other', ...common }] : [];
    return [
      {
        kind: 'run',
        ...common,
        script,
        part: 'script',
        ...optional('shell', at(step.get('shell') ?? fallback('shell'))),
      },
    ];
  });
}

function textOf({ text }: YamlValue): readonly string[] {
  return text === undefined ? [] : [text];
}

function present(value: YamlValue | undefined, file: CiFile): CiValue | undefined {
  return value === undefined ? undefined : { value, file };
}

/** A member that is left out when there is nothing to say. */
function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
