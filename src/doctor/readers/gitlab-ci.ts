import { readGitlabPipeline } from '../../ci/gitlab/read.ts';
import { spanOf, variableOf, type CiJob, type CiVariable } from '../../ci/model.ts';
import type { MappedText, Source } from '../../formats/mapped-text.ts';
import { yamlText, type YamlValue } from '../../formats/yaml.ts';
import { createCollector, type Collector } from '../collector.ts';
import type { Reader } from '../declaration.ts';
import { expanded, readScript } from '../script.ts';
import { readVariable } from '../variable.ts';
import { readImageText } from './container-image.ts';

/** .gitlab-ci.yml and the local files that it includes (https://docs.gitlab.com/ci/yaml). Each job's own keys are read once. */
export const readGitlabCi: Reader = (file) => {
  const collector = createCollector();
  const pipeline = readGitlabPipeline(file);
  const { source } = pipeline.file;
  for (const { message, span } of pipeline.problems) collector.problem({ message, span });
  for (const include of pipeline.includes)
    if (include.path !== undefined) collector.reference({ path: include.path, as: 'gitlab', span: spanOf(include) });
  readVariables(pipeline.variables, source, collector);
  for (const job of pipeline.jobs) readJob(job, pipeline.variables, source, collector);
  return collector.collect();
};

function readJob(job: CiJob, shared: readonly CiVariable[], source: Source, collector: Collector): void {
  const where = job.id.replace(/^\./, '');
  const lookUp = (variable: string): MappedText | undefined => {
    const set = variableOf(variable, job.variables, shared);
    return set === undefined ? undefined : yamlText(set.value);
  };
  readVariables(job.variables, source, collector);
  const matrix = (job.matrix?.value.items ?? []).flatMap(({ members }) => members);
  for (const [variable, values] of matrix)
    for (const value of values.text === undefined ? values.items : [values])
      collector.add(
        withRole(readVariable(variable.text ?? '', yamlText(value), { source, how: `parallel.matrix of ${where}` })),
      );
  const images = [
    ...named(job.image?.value, `image of ${where}`),
    ...job.services.flatMap(({ value }) => named(value, `service of ${where}`)),
  ];
  const legs = new Set(matrix.map(([key]) => key.text));
  for (const { value, how } of images) {
    const mapped = expanded(yamlText(value), lookUp);
    // The legs of the matrix say it.
    const variable = /\$\{?(\w+)/.exec(mapped.text)?.[1];
    if (variable === undefined || !legs.has(variable)) readImageText(mapped, { source, how }, collector);
  }
  const failureIgnored = job.mayFail?.value.text === 'true' ? 'allow_failure: true' : undefined;
  for (const step of job.steps)
    if (step.kind === 'run')
      readScript(yamlText(step.script.value), { source, path: '', by: 'ci', where, failureIgnored, lookUp }, collector);
}

function withRole(declaration: ReturnType<typeof readVariable>): ReturnType<typeof readVariable> {
  return declaration === undefined ? undefined : { ...declaration, role: 'support' };
}

function named(value: YamlValue | undefined, how: string): readonly { value: YamlValue; how: string }[] {
  const name = value?.isMap === true ? value.get('name') : value;
  return name?.text === undefined ? [] : [{ value: name, how }];
}

function readVariables(variables: readonly CiVariable[], source: Source, collector: Collector): void {
  for (const { name, value } of variables)
    if (value.text !== undefined)
      collector.add(readVariable(name, yamlText(value), { source, how: `variables.${name}` }));
}
