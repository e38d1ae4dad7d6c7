import { createCollector, type Collector } from '../collector.ts';
import { placesOf } from '../../formats/places.ts';
import type { Reader, Role } from '../declaration.ts';
import { runtimeVersion } from '../runtime-version.ts';
import { rangeInSource, type Source } from '../../formats/mapped-text.ts';
import { readScript } from '../script.ts';
import { yamlText } from '../../formats/yaml.ts';
import { readVariable } from '../variable.ts';
import { readYaml, type YamlValue } from '../../formats/yaml.ts';
import { readImageText } from './container-image.ts';

interface Scope {
  readonly source: Source;
  readonly collector: Collector;
}

function yamlReader(read: (root: YamlValue, scope: Scope) => void): Reader {
  return ({ text }) => {
    const collector = createCollector();
    const source = { text, places: placesOf(text) };
    const { value, problems } = readYaml(text, source.places);
    for (const problem of problems) collector.problem(problem);
    read(value, { source, collector });
    return collector.collect();
  };
}

/** .readthedocs.yaml (https://docs.readthedocs.com/platform/stable/config-file/v2.html). */
export const readReadTheDocs: Reader = yamlReader((root, scope) => {
  addVersion('python', root.get('build', 'tools', 'python'), 'install', 'build.tools.python', scope);
  addVersion('node', root.get('build', 'tools', 'nodejs'), 'install', 'build.tools.nodejs', scope);
  addVersion('python', root.get('python', 'version'), 'install', 'python.version', scope);
  for (const item of root.get('python', 'install')?.items ?? []) {
    const file = item.get('requirements');
    if (file?.text !== undefined)
      scope.collector.reference({
        path: file.text.replace(/^\.\//, ''),
        as: 'requirements',
        span: scope.source.places.span(...file.range()),
      });
  }
  const jobs = [root.get('build', 'commands'), ...(root.get('build', 'jobs')?.members ?? []).map(([, job]) => job)];
  for (const command of jobs.flatMap((job) => deepTexts(job)))
    readScript(yamlText(command), { source: scope.source, path: '', where: 'build' }, scope.collector);
});

/** .travis.yml (https://docs.travis-ci.com). */
export const readTravis: Reader = yamlReader((root, scope) => {
  const parts = [root, ...['matrix', 'jobs'].flatMap((key) => root.get(key, 'include')?.items ?? [])];
  for (const part of parts) {
    for (const [key, subject] of [
      ['python', 'python'],
      ['node_js', 'node'],
    ] as const) {
      const value = part.get(key);
      const legs = value?.text === undefined ? (value?.items ?? []) : [value];
      const role = part !== root || legs.length > 1 ? 'support' : 'install';
      for (const leg of legs) addVersion(subject, leg, role, key, scope);
    }
    for (const key of ['before_install', 'install', 'before_script', 'script'])
      for (const line of deepTexts(part.get(key)))
        readScript(yamlText(line), { source: scope.source, path: '', by: 'ci', where: key }, scope.collector);
  }
});

/** .circleci/config.yml (https://circleci.com/docs/reference/configuration-reference). */
export const readCircleCi: Reader = yamlReader((root, scope) => {
  for (const part of ['jobs', 'executors'])
    for (const [name, job] of root.get(part)?.members ?? []) {
      for (const container of job.get('docker')?.items ?? []) {
        const image = container.get('image');
        if (image?.text === undefined || image.text.includes('<<')) continue;
        readImageText(yamlText(image), { source: scope.source, how: `image of ${name.text}` }, scope.collector);
      }
      readCircleSteps(job.get('steps'), name.text ?? '', scope);
    }
  for (const [name, command] of root.get('commands')?.members ?? [])
    readCircleSteps(command.get('steps'), name.text ?? '', scope);
  for (const [, workflow] of root.get('workflows')?.members ?? [])
    for (const entry of workflow.get('jobs')?.items ?? [])
      for (const [, job] of entry.members)
        for (const [key, legs] of job.get('matrix', 'parameters')?.members ?? [])
          for (const leg of legs.items)
            if (leg.text !== undefined) {
              const { source } = scope;
              const declaration = readVariable(circleName(key.text), yamlText(leg), {
                source,
                how: `matrix ${key.text}`,
              });
              if (declaration !== undefined) scope.collector.add({ ...declaration, role: 'support' });
            }
});

function circleName(key: string | undefined): string {
  return (key ?? '').replaceAll('-', '_');
}

function readCircleSteps(steps: YamlValue | undefined, where: string, { source, collector }: Scope): void {
  for (const step of steps?.items ?? []) {
    const run = step.get('run');
    const script = run?.text === undefined ? run?.get('command') : run;
    if (script?.text !== undefined) readScript(yamlText(script), { source, path: '', by: 'ci', where }, collector);
    for (const inner of ['when', 'unless']) readCircleSteps(step.get(inner, 'steps'), where, { source, collector });
  }
}

/** azure-pipelines.yml (https://learn.microsoft.com/azure/devops/pipelines/yaml-schema). */
export const readAzurePipelines: Reader = yamlReader((root, scope) => {
  const containers = root.get('resources', 'containers')?.items ?? [];
  for (const container of containers) {
    const name = container.get('container')?.text ?? '';
    addAzureImage(container.get('image'), `image of the container ${name}`, scope);
  }
  const names = new Set(containers.flatMap((container) => container.get('container')?.text ?? []));
  visitAzure(root, { legs: root.get('strategy', 'matrix'), names, depth: 0 }, scope);
});

const azureTasks: readonly (readonly [task: RegExp, input: string, subject: 'python' | 'node'])[] = [
  [/^UsePythonVersion@/i, 'versionSpec', 'python'],
  [/^NodeTool@/i, 'versionSpec', 'node'],
  [/^UseNode@/i, 'version', 'node'],
];

interface AzureContext {
  /** Of the matrix that is in force. */
  readonly legs: YamlValue | undefined;
  /** Containers of the resources, which jobs name. */
  readonly names: ReadonlySet<string>;
  readonly depth: number;
}

function visitAzure(value: YamlValue, { legs: above, names, depth }: AzureContext, scope: Scope): void {
  if (depth > 20) return;
  const legs = value.get('strategy', 'matrix') ?? above;
  const task = value.get('task')?.text;
  for (const [pattern, input, subject] of azureTasks) {
    const version = task !== undefined && pattern.test(task) ? value.get('inputs', input) : undefined;
    const variable = /^\$\(([\w.]+)\)$/.exec(version?.text ?? '')?.[1];
    const named = variable === undefined ? [] : (legs?.members ?? []).flatMap(([, leg]) => leg.get(variable) ?? []);
    if (named.length > 0) for (const leg of named) addVersion(subject, leg, 'support', `matrix ${variable}`, scope);
    else addVersion(subject, version, 'install', `${input} of ${task}`, scope);
  }
  for (const key of ['script', 'bash']) {
    const script = value.get(key);
    if (script?.text === undefined) continue;
    const where = value.get('displayName')?.text ?? key;
    readScript(yamlText(script), { source: scope.source, path: '', by: 'ci', where }, scope.collector);
  }
  for (const [key, member] of value.members) {
    if (depth === 0 && key.text === 'resources') continue;
    if (key.text === 'container') {
      const image = member.text === undefined ? member.get('image') : member;
      if (!names.has(image?.text ?? '')) addAzureImage(image, 'container', scope);
    }
    visitAzure(member, { legs, names, depth: depth + 1 }, scope);
  }
  for (const item of value.items) visitAzure(item, { legs, names, depth: depth + 1 }, scope);
}

/** An image of a job; its name alone may also be a container of a template's, or an expression. */
function addAzureImage(image: YamlValue | undefined, how: string, { source, collector }: Scope): void {
  if (image?.text === undefined || !/[:/]/.test(image.text) || /\$[[({]/.test(image.text)) return;
  readImageText(yamlText(image), { source, how }, collector);
}

function addVersion(
  subject: 'python' | 'node',
  value: YamlValue | undefined,
  role: Role,
  how: string,
  { source, collector }: Scope,
): void {
  if (value?.text === undefined || /^(?:3|2|latest)?$/.test(value.text)) return;
  collector.add({
    subject,
    role,
    ...runtimeVersion(subject, value.text),
    ...rangeInSource(source, ...value.range()),
    how,
  });
}

function deepTexts(value: YamlValue | undefined): readonly YamlValue[] {
  if (value === undefined) return [];
  return value.text === undefined ? value.items.flatMap(deepTexts) : [value];
}
