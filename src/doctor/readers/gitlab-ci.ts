import { posix } from 'node:path';
import { gather, type Gathered } from '../gathered.ts';
import { placesOf } from '../../text/places.ts';
import type { Reader } from '../reading.ts';
import type { Scattered, Source } from '../../text/scattered.ts';
import { expanded, readScript } from '../script.ts';
import { yamlText } from '../../text/yaml.ts';
import { readVariable } from '../variable.ts';
import { readYaml, type YamlValue } from '../../text/yaml.ts';
import { readImageText } from './container-image.ts';

/** Keys at the top that are no jobs. */
const notJobs = new Set(['stages', 'variables', 'include', 'workflow', 'spec', 'types', 'cache', 'pages:deploy']);

/** .gitlab-ci.yml and the local files that it includes (https://docs.gitlab.com/ci/yaml). Each job's own keys are read once. */
export const readGitlabCi: Reader = ({ text }) => {
  const into = gather();
  // A header of inputs stands before the file proper; blanks in its place keep the places.
  const header = /^(?:\uFEFF)?spec:[^]*?\n---[^\n]*\n/.exec(text)?.[0] ?? '';
  const shown = header.replace(/[^\n]/g, ' ') + text.slice(header.length);
  const source = { text, places: placesOf(text) };
  const { value: root, problems } = readYaml(shown, source.places);
  for (const problem of problems) into.problem(problem);
  readIncludes(root.get('include'), source, into);
  readVariables(root.get('variables'), source, into);
  readJob('default', root, root, source, into);
  for (const [key, job] of root.members) {
    const name = key.text ?? '';
    if (job.isMap && !notJobs.has(name)) readJob(name, job, root, source, into);
  }
  return into.done();
};

function readJob(name: string, job: YamlValue, root: YamlValue, source: Source, into: Gathered): void {
  const where = name.replace(/^\./, '');
  const variables = [job === root ? undefined : job.get('variables'), root.get('variables')];
  const lookUp = (variable: string): Scattered | undefined => {
    const set = variables
      .map((each) => each?.get(variable))
      .map((each) => (each?.isMap === true ? each.get('value') : each))
      .find((each) => each?.text !== undefined);
    return set === undefined ? undefined : yamlText(set);
  };
  if (job !== root) readVariables(job.get('variables'), source, into);
  for (const [variable, values] of (job.get('parallel', 'matrix')?.items ?? []).flatMap(({ members }) => members))
    for (const value of values.text === undefined ? values.items : [values])
      into.add(
        withRole(readVariable(variable.text ?? '', yamlText(value), { source, how: `parallel.matrix of ${where}` })),
      );
  const images = [
    ...named(job.get('image'), `image of ${where}`),
    ...(job.get('services')?.items ?? []).flatMap((service) => named(service, `service of ${where}`)),
  ];
  const legs = new Set(
    (job.get('parallel', 'matrix')?.items ?? []).flatMap(({ members }) => members.map(([key]) => key.text)),
  );
  for (const { value, how } of images) {
    const said = expanded(yamlText(value), lookUp);
    // The legs of the matrix say it.
    const variable = /\$\{?(\w+)/.exec(said.text)?.[1];
    if (variable === undefined || !legs.has(variable)) readImageText(said, { source, how }, into);
  }
  const toothless = job !== root && job.get('allow_failure')?.text === 'true' ? 'allow_failure: true' : undefined;
  for (const key of ['before_script', 'script', 'after_script'])
    for (const line of lines(job.get(key)))
      readScript(yamlText(line), { source, path: '', by: 'ci', where, toothless, lookUp }, into);
}

function withRole(reading: ReturnType<typeof readVariable>): ReturnType<typeof readVariable> {
  return reading === undefined ? undefined : { ...reading, role: 'support' };
}

function named(value: YamlValue | undefined, how: string): readonly { value: YamlValue; how: string }[] {
  const name = value?.isMap === true ? value.get('name') : value;
  return name?.text === undefined ? [] : [{ value: name, how }];
}

/** A script is a text or a list, which may hold lists (anchors, `!reference`). */
function lines(script: YamlValue | undefined): readonly YamlValue[] {
  if (script === undefined) return [];
  return script.text === undefined ? script.items.flatMap(lines) : [script];
}

function readVariables(variables: YamlValue | undefined, source: Source, into: Gathered): void {
  for (const [name, value] of variables?.members ?? []) {
    const set = value.isMap ? value.get('value') : value;
    if (set?.text !== undefined)
      into.add(readVariable(name.text ?? '', yamlText(set), { source, how: `variables.${name.text}` }));
  }
}

function readIncludes(include: YamlValue | undefined, { places }: Source, into: Gathered): void {
  const entries = include === undefined ? [] : include.items.length > 0 ? include.items : [include];
  for (const entry of entries) {
    const local = entry.isMap ? entry.get('local') : entry;
    const path = local?.text;
    if (local === undefined || path === undefined || /:\/\/|[*$]/.test(path)) continue;
    into.reference({
      path: posix.normalize(path.replace(/^\//, '')),
      as: 'gitlab',
      span: places.span(...local.range()),
    });
  }
}
