import { posix } from 'node:path';
import picomatch from 'picomatch';
import { compareBytes } from '../../core/digest.ts';
import { placesOf } from '../../formats/places.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';
import { gitlabVariables } from './gitlab-variables.ts';
import { inputText, withInputs, withoutHeader } from './inputs.ts';
import { includeOutcome, type RuleFacts } from './runs.ts';
import type {
  CiFile,
  CiInclude,
  CiJob,
  CiPipeline,
  CiProblem,
  CiRun,
  CiService,
  CiValue,
  CiVariable,
} from '../model.ts';

/** Keys at the top that are no jobs. */
const notJobs = new Set(['stages', 'variables', 'include', 'workflow', 'spec', 'types', 'cache', 'pages:deploy']);

/** Settings that stood at the top before there was `default`. */
const globalKeys = ['image', 'services', 'before_script', 'after_script'] as const;

/** How deep jobs may extend one another, as GitLab has it. */
const extendsLimit = 11;

/** The repository around a file; all paths are relative to its top. */
export interface GitlabSurroundings extends RuleFacts {
  /** Gives the text of a file; undefined when there is none. */
  readonly readText: (path: string) => string | undefined;
}

/**
 * Reads a .gitlab-ci.yml (https://docs.gitlab.com/ci/yaml). With the repository around it, jobs are as they run: local includes are taken in, `extends`,
 * `default`, `inherit` and `!reference` are followed. Without, each job has only the keys that are written in it, which is what a reader
 * of places wants. Never throws.
 */
export function readGitlabPipeline(
  { path, text }: { readonly path: string; readonly text: string },
  around?: GitlabSurroundings,
): CiPipeline {
  const files: Read[] = [];
  readFile({ path, text, inputs: new Map() }, around, files, []);
  const own = files.at(-1) as Read;
  // What the main file says counts before what it takes in.
  const world: World = { roots: files.toReversed(), inherits: around !== undefined };
  const names = new Map<string, CiValue>();
  for (const { root, file } of files)
    for (const [key, job] of root.members)
      if (job.isMap && key.text !== undefined && !notJobs.has(key.text) && !names.has(key.text))
        names.set(key.text, { value: key, file });
  const jobs = [...names].map(([name, key]) => jobOf(name, key, layersOf(name, world), world));
  return {
    system: 'gitlab',
    kind: 'pipeline',
    file: own.file,
    ...optional('triggers', present(own.root.get('workflow', 'rules'), own.file)),
    inputs: [],
    variables: world.roots.flatMap(({ root, file }) => variablesOf({ value: root, file }, world)),
    jobs: [...(world.inherits ? [] : [globalJob(own)]), ...jobs],
    stages: (world.roots.map(({ root }) => root.get('stages')).find((each) => each !== undefined)?.items ?? []).flatMap(
      ({ text: stage }) => (stage === undefined ? [] : [stage]),
    ),
    includes: files.flatMap(({ includes }) => includes),
    problems: files.flatMap(({ problems }) => problems),
  };
}

interface Read {
  readonly file: CiFile;
  readonly root: YamlValue;
  readonly includes: readonly CiInclude[];
  readonly problems: readonly CiProblem[];
}

/** All that names are looked up in. */
interface World {
  readonly roots: readonly Read[];
  /** False: a job has only its own keys. */
  readonly inherits: boolean;
}

/** Reads a file and, before it, those that it takes in. */
function readFile(
  {
    path,
    text,
    inputs,
  }: { readonly path: string; readonly text: string; readonly inputs: ReadonlyMap<string, string> },
  around: GitlabSurroundings | undefined,
  into: Read[],
  trail: readonly string[],
): void {
  const shown = around === undefined ? withoutHeader(text) : withInputs(text, inputs);
  const source = { text: shown, places: placesOf(shown) };
  const file: CiFile = { path, source };
  const { value: root, problems } = readYaml(shown, source.places);
  const includes = includesOf(root, file, around);
  for (const include of includes) {
    const taken = include.path === undefined || include.why !== undefined ? undefined : around?.readText(include.path);
    if (include.path !== undefined && taken !== undefined && ![...trail, path].includes(include.path))
      readFile({ path: include.path, text: taken, inputs: givenInputs(include.entry) }, around, into, [...trail, path]);
  }
  into.push({ file, root, includes, problems: problems.map((problem) => ({ ...problem, file })) });
}

/** An include, and the entry of the list that it is written in. */
type ReadInclude = CiInclude & { readonly entry: YamlValue };

function includesOf(root: YamlValue, file: CiFile, around: GitlabSurroundings | undefined): readonly ReadInclude[] {
  const include = root.get('include');
  const entries = include === undefined ? [] : include.items.length > 0 ? include.items : [include];
  return entries.flatMap((entry): readonly ReadInclude[] => {
    const local = entry.isMap ? entry.get('local') : entry;
    const path = local?.text?.replace(/^\//, '');
    if (local === undefined || path === undefined || /:\/\/|\$/.test(path)) return [{ value: entry, file, entry }];
    const rules = entry.get('rules');
    const outcome =
      rules === undefined || around === undefined ? undefined : includeOutcome({ value: rules, file }, around);
    const why =
      outcome === undefined || outcome.truth === true
        ? undefined
        : outcome.truth === false
          ? outcome.why
          : `whether it is taken in can only be decided by GitLab: ${outcome.why}`;
    const made = (taken: string): ReadInclude => ({
      value: local,
      file,
      entry,
      path: posix.normalize(taken),
      ...optional('why', why),
    });
    if (!path.includes('*')) return [made(path)];
    const matched = (around?.files ?? []).filter((each) => picomatch.isMatch(each, path)).toSorted(compareBytes);
    return matched.length > 0
      ? matched.map(made)
      : [{ value: local, file, entry, why: 'no file of the repository matches' }];
  });
}

/** What an include gives a file for its inputs. */
function givenInputs(entry: YamlValue): ReadonlyMap<string, string> {
  return new Map(
    (entry.get('inputs')?.members ?? []).flatMap(([name, value]): readonly (readonly [string, string])[] => {
      const text = inputText(value);
      return name.text === undefined || text === undefined ? [] : [[name.text, text]];
    }),
  );
}

/** A job's own keys first, then those of what it extends, the last named before the others. */
function layersOf(name: string, world: World, depth = 0): readonly CiValue[] {
  if (depth > extendsLimit) return [];
  // The same name in a file that is taken in: its keys hold where the main file's job says nothing else.
  const own = world.roots.flatMap(({ root, file }): CiValue[] => {
    const value = root.get(name);
    return value?.isMap === true ? [{ value, file }] : [];
  });
  const extended = own.map(({ value }) => value.get('extends')).find((each) => each !== undefined);
  if (extended === undefined || !world.inherits) return own;
  const parents = extended.text === undefined ? extended.items : [extended];
  return [
    ...own,
    ...parents.toReversed().flatMap(({ text }) => (text === undefined ? [] : layersOf(text, world, depth + 1))),
  ];
}

/** What stands at the top for all jobs. */
function globalJob({ root, file }: Read): CiJob {
  const layer: CiValue = { value: root, file };
  const job = jobOf('default', layer, [layer], { roots: [], inherits: false });
  return { ...job, kind: 'defaults', variables: [] };
}

/** The layers of what holds for all jobs, unless the job says `inherit: default: false` or a list without the key. */
function defaultsFor(key: string, layers: readonly CiValue[], world: World): readonly CiValue[] {
  const inherit = layers.map(({ value }) => value.get('inherit', 'default')).find((each) => each !== undefined);
  if (inherit?.text === 'false') return [];
  if (inherit !== undefined && inherit.text === undefined && !inherit.items.some(({ text }) => text === key)) return [];
  return world.roots.flatMap(({ root, file }) => {
    const isGlobal = (globalKeys as readonly string[]).includes(key);
    return [present(root.get('default'), file), isGlobal ? { value: root, file } : undefined].flatMap(some);
  });
}

function jobOf(id: string, key: CiValue, layers: readonly CiValue[], world: World): CiJob {
  const get = (...path: readonly string[]): CiValue | undefined => {
    const defaults = !world.inherits || id === 'default' ? [] : defaultsFor(path[0] ?? '', layers, world);
    for (const { value, file } of [...layers, ...defaults]) {
      const found = value.get(...path);
      if (found !== undefined) return referred({ value: found, file }, world);
    }
    return undefined;
  };
  const needs = get('needs')?.value;
  const dependencies = get('dependencies')?.value;
  const rules = get('rules');
  const stage = get('stage')?.value.text;
  const matrix = get('parallel', 'matrix');
  const times = get('parallel');
  const steps = (['before_script', 'script', 'after_script'] as const).flatMap((part) =>
    linesOf(get(part), world, 0).map(({ value, file }): CiRun => ({
      kind: 'run',
      file,
      at: value,
      script: { value, file },
      part,
      variables: [],
    })),
  );
  return {
    id,
    key,
    kind: id.startsWith('.') ? 'template' : id === 'default' ? 'defaults' : 'job',
    ...optional('condition', get('only')),
    ...optional('exception', get('except')),
    ...optional('when', get('when')),
    rules: rules === undefined ? [] : linesOfMaps(rules, world),
    ...optional('needs', needs?.items.flatMap(neededJob)),
    ...optional('filesOf', dependencies?.items.flatMap(neededJob)),
    ...(stage === undefined ? {} : { stage }),
    ...optional('environment', get('environment')),
    variables: layers.flatMap((layer) => variablesOf(layer, world)),
    ...optional('inheritsVariables', inherited(get('inherit', 'variables')?.value)),
    ...optional('matrix', matrix),
    ...optional('times', times?.value.text === undefined ? undefined : times),
    ...optional('cache', get('cache')),
    ...optional('image', get('image')),
    services: (get('services')?.value.items ?? []).map((service) =>
      serviceOf(service, get('services')?.file ?? key.file),
    ),
    ...optional('mayFail', get('allow_failure')),
    ...optional('timeout', get('timeout')),
    ...optional('artifacts', get('artifacts')),
    ...optional('withoutArtifactsOf', withoutArtifacts(needs)),
    ...optional('runsOn', get('tags')),
    outputs: [],
    steps,
  };
}

/** The variables of a job or a file, those that `!reference` names among them. */
function variablesOf({ value, file }: CiValue, world: World): readonly CiVariable[] {
  const variables = value.get('variables');
  if (variables === undefined) return [];
  const list = referred({ value: variables, file }, world);
  return gitlabVariables(list.value, list.file).map((variable) => ({ ...variable, ...referred(variable, world) }));
}

/** The names of `inherit: variables`; none for `false`. */
function inherited(value: YamlValue | undefined): readonly string[] | undefined {
  if (value === undefined || value.text === 'true') return undefined;
  return value.items.flatMap(({ text }) => text ?? []);
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

/** The needs whose files the job does not take. */
function withoutArtifacts(needs: YamlValue | undefined): readonly string[] | undefined {
  const found = (needs?.items ?? []).filter((need) => need.get('artifacts')?.text === 'false').flatMap(neededJob);
  return found.length === 0 ? undefined : found;
}

function neededJob(need: YamlValue): readonly string[] {
  const name = need.isMap ? need.get('job')?.text : need.text;
  return name === undefined ? [] : [name];
}

function serviceOf(service: YamlValue, file: CiFile): CiService {
  const image = service.isMap ? service.get('name') : service;
  const alias = service.isMap ? service.get('alias')?.text : undefined;
  return { value: service, file, ...optional('name', alias), ...optional('image', present(image, file)) };
}

/** A script is a text or a list, which may hold lists (anchors, `!reference`). */
function linesOf(script: CiValue | undefined, world: World, depth: number): readonly CiValue[] {
  if (script === undefined || depth > extendsLimit) return [];
  if (script.value.tag === '!reference') {
    // Without the other jobs at hand a reference says nothing by itself.
    return linesOf(lookUp(script.value, world), world, depth + 1);
  }
  if (script.value.text !== undefined) return [script];
  return script.value.items.flatMap((value) => linesOf({ value, file: script.file }, world, depth + 1));
}

function linesOfMaps(list: CiValue, world: World, depth = 0): readonly CiValue[] {
  return list.value.items.flatMap((value): readonly CiValue[] => {
    if (value.tag !== '!reference') return value.isMap ? [{ value, file: list.file }] : [];
    const target = lookUp(value, world);
    return target === undefined || depth > extendsLimit ? [] : linesOfMaps(target, world, depth + 1);
  });
}

function referred(found: CiValue, world: World): CiValue {
  if (found.value.tag !== '!reference') return found;
  return lookUp(found.value, world) ?? found;
}

/** `!reference [.setup, script]`. */
function lookUp(reference: YamlValue, world: World): CiValue | undefined {
  const [name, ...path] = reference.items.flatMap(({ text }) => (text === undefined ? [] : [text]));
  if (name === undefined || !world.inherits) return undefined;
  // A list at the top, which is no job: `!reference [.lines]`.
  if (path.length === 0)
    return world.roots.map(({ root, file }) => present(root.get(name), file)).find((each) => each !== undefined);
  for (const { value, file } of layersOf(name, world)) {
    const found = value.get(...path);
    if (found !== undefined) return { value: found, file };
  }
  return undefined;
}

function present(value: YamlValue | undefined, file: CiFile): CiValue | undefined {
  return value === undefined ? undefined : { value, file };
}

function some<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
