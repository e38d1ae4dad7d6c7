import { readGithubPipeline } from '../../ci/github/read.ts';
import {
  variableOf,
  type CiInput,
  type CiJob,
  type CiRun,
  type CiStep,
  type CiUse,
  type CiValue,
  type CiVariable,
} from '../../ci/model.ts';
import { createCollector, type Collector } from '../collector.ts';
import type { Reader, Declaration, Role, Subject } from '../declaration.ts';
import { runtimeVersion } from '../runtime-version.ts';
import {
  cut,
  joined,
  rangeOf,
  rangeInSource,
  trimmed,
  type MappedText,
  type Source,
} from '../../formats/mapped-text.ts';
import { readScript } from '../script.ts';
import { yamlText, type YamlValue } from '../../formats/yaml.ts';
import { isBound, readVariable, versionSubject } from '../variable.ts';
import { readImageText } from './container-image.ts';

/** Inputs of actions that are a tool's version but have a general name. */
const versionInputs: readonly { readonly action: RegExp; readonly input: string; readonly subject: Subject }[] = [
  { action: /^astral-sh\/setup-uv$/, input: 'version', subject: 'pypi:uv' },
  { action: /^psf\/black$/, input: 'version', subject: 'pypi:black' },
  { action: /^rickstaa\/action-black$/, input: 'version', subject: 'pypi:black' },
  { action: /^(?:astral-sh|chartboost)\/ruff-action$/, input: 'version', subject: 'pypi:ruff' },
  { action: /^jakebailey\/pyright-action$/, input: 'version', subject: 'pypi:pyright' },
  { action: /^snok\/install-poetry$/, input: 'version', subject: 'pypi:poetry' },
  { action: /^abatilo\/actions-poetry$/, input: 'poetry-version', subject: 'pypi:poetry' },
  { action: /^pnpm\/action-setup$/, input: 'version', subject: 'npm:pnpm' },
  { action: /^oven-sh\/setup-bun$/, input: 'bun-version', subject: 'npm:bun' },
];

/** Inputs that name a file which holds the version. */
const fileInputs = { 'python-version-file': 'python-version', 'node-version-file': 'node-version' } as const;

/** A GitHub workflow or composite action (https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax). */
export const readGithubWorkflow: Reader = (file) => {
  const pipeline = readGithubPipeline(file);
  const { source } = pipeline.file;
  const collector = createCollector();
  for (const { message, span } of pipeline.problems) collector.problem({ message, span });
  const top: Scope = {
    source,
    collector,
    where: 'action',
    env: [pipeline.variables],
    inputs: pipeline.inputs,
    folder: undefined,
  };
  for (const job of pipeline.jobs) {
    const isAction = pipeline.kind === 'action' && job.id === 'action';
    if (isAction) readAction(job, top);
    else
      readJob(job, {
        ...top,
        where: job.id,
        env: [job.variables, pipeline.variables],
        ...(job.matrix === undefined ? {} : { matrix: job.matrix.value }),
        ...(job.mayFail?.value.text === 'true' ? { failureIgnored: 'continue-on-error: true' } : {}),
      });
  }
  readEnv(pipeline.variables, top);
  for (const { name, fallback } of pipeline.inputs)
    if (fallback?.value.text !== undefined) readNamed(name, fallback.value, `default of ${name}`, top);
  return collector.collect();
};

/** What a step can refer to. */
interface Scope {
  readonly source: Source;
  readonly collector: Collector;
  readonly where: string;
  /** Variables, the nearest first. */
  readonly env: readonly (readonly CiVariable[])[];
  readonly inputs: readonly CiInput[];
  readonly matrix?: YamlValue;
  readonly folder: string | undefined;
  readonly failureIgnored?: string;
}

function readAction({ steps, image }: CiJob, scope: Scope): void {
  readSteps(steps, scope);
  if (image?.value.text?.startsWith('docker://') === true) readDockerUses(image.value, 'runs.image', scope);
}

function readJob(job: CiJob, scope: Scope): void {
  const { where } = scope;
  if (job.calls !== undefined) {
    reference(scope, job.calls.uses.value, 'workflow');
    for (const { name, value } of job.calls.inputs) readNamed(name, value, `${name} of ${where}`, scope);
  }
  const container = job.image?.value;
  readImage(container?.text === undefined ? container?.get('image') : container, `container of ${where}`, scope);
  for (const { name, image } of job.services) readImage(image?.value, `service ${name}`, scope);
  readSteps(job.steps, scope);
  readEnv(job.variables, scope);
  // Legs that no input names: an action of one's own, a script or an environment variable takes them up.
  const legs = [scope.matrix, ...(scope.matrix?.get('include')?.items ?? [])];
  for (const name of new Set(legs.flatMap((leg) => (leg?.members ?? []).map(([key]) => key.text ?? '')))) {
    const plain = name.replaceAll('-', '_');
    const subject = versionSubject(plain) ?? (plain === 'python' || plain === 'node' ? plain : undefined);
    if (subject !== undefined) readLegs(name, { subject, how: `matrix.${name}` }, scope);
  }
}

/** The legs of a matrix that hold a version; those that an input named are read already. */
function readLegs(name: string, { subject, how }: Pick<Kind, 'subject' | 'how'>, scope: Scope): void {
  const { matrix } = scope;
  const legs = [
    ...(matrix?.get(name)?.items ?? []),
    ...(matrix?.get('include')?.items ?? []).flatMap((each) => each.get(name) ?? []),
  ].filter(({ text }) => text !== undefined && /^\W*(?:python|node)?-?v?\d/.test(text));
  const role = new Set(legs.map(({ text }) => text)).size > 1 ? 'support' : 'install';
  for (const leg of legs) add(yamlText(leg), leg, { subject, role, how, condition: how }, scope);
}

function readSteps(steps: readonly CiStep[], scope: Scope): void {
  for (const step of steps) {
    const inner: Scope = {
      ...scope,
      folder: step.folder?.value.text,
      env: [step.variables, ...scope.env],
      ...(step.mayFail?.value.text === 'true' ? { failureIgnored: 'continue-on-error: true' } : {}),
    };
    if (step.kind === 'use') readUses(step, inner);
    else if (step.kind === 'run') readRun(step, inner);
    readEnv(step.variables, inner);
  }
}

/** Variables that are a version by their names. */
function readEnv(env: readonly CiVariable[], { source, collector }: Scope): void {
  for (const { name, value } of env)
    if (value.text !== undefined) collector.add(readVariable(name, yamlText(value), { source, how: `env.${name}` }));
}

/** An input that is a version by its name: `python-version`, `black-version`. */
function readNamed(name: string, value: YamlValue, how: string, scope: Scope): void {
  const subject = versionSubject(name.replaceAll('-', '_'));
  if (subject !== undefined) readVersions(value, subject, how, scope);
}

function readUses(step: CiUse, scope: Scope): void {
  const uses = step.uses.value;
  const used = uses.text ?? '';
  const { source, collector } = scope;
  if (used.startsWith('docker://')) return readDockerUses(uses, 'uses', scope);
  reference(scope, uses, 'action');
  const [action = '', ref = ''] = used.toLowerCase().split('@');
  for (const { name: input, value } of step.inputs) {
    const how = `${input} of ${action}`;
    const known = versionInputs.find((each) => each.action.test(action) && each.input === input);
    if (known !== undefined) readVersions(value, known.subject, how, scope);
    else readNamed(input, value, how, scope);
    const as = input in fileInputs ? fileInputs[input as keyof typeof fileInputs] : undefined;
    if (as !== undefined && value.text !== undefined && !value.text.includes('${{'))
      collector.reference({ path: value.text.replace(/^\.\//, ''), as, span: source.places.span(...value.range()) });
    // Environments of conda are given as a command line's arguments.
    if (input === 'create-args' && value.text !== undefined) {
      const line = joined([{ text: 'conda create ', offsets: Array(13).fill(-1) as number[] }, yamlText(value)]);
      readScript(line, { source, path: '', where: scope.where, how }, collector);
    }
  }
  if (action === 'psf/black') readBlackAction(step, uses, ref, scope);
  if (action === 'pre-commit/action') pushCommand(scope, 'pre-commit run --all-files', uses);
}

function readBlackAction(step: CiUse, uses: YamlValue, ref: string, scope: Scope): void {
  const used = uses.text ?? '';
  const place = rangeInSource(scope.source, ...uses.range(used.length - ref.length, used.length));
  const isPinned = inputOf(step, 'version') !== undefined || inputOf(step, 'use_pyproject')?.text === 'true';
  // The ref of the action is black's own: a version, a commit, or a branch that moves on.
  const value = /^\d+\.[\w.]+$/.test(ref) ? `==${ref}` : /^(?:stable|main|master|latest)$/.test(ref) ? '' : undefined;
  if (!isPinned)
    scope.collector.add({
      subject: 'pypi:black',
      role: 'install',
      scheme: 'pep440',
      value,
      ...(value === undefined ? { unresolved: `a commit or a name (${ref})` } : {}),
      ...place,
      how: 'uses: psf/black',
    });
  const options = inputOf(step, 'options')?.text ?? '--check --diff';
  pushCommand(scope, `black ${options} ${inputOf(step, 'src')?.text ?? '.'}`, uses);
}

function inputOf({ inputs }: CiUse, name: string): YamlValue | undefined {
  return inputs.find((input) => input.name === name)?.value;
}

function readRun(step: CiRun, scope: Scope): void {
  const { source, collector, where, failureIgnored, folder: cwd } = scope;
  const lookUp = (name: string): MappedText | undefined => {
    const value = envValue(name, scope);
    return value === undefined || value.text?.includes('${{') === true ? undefined : yamlText(value);
  };
  readScript(
    withExpressions(yamlText(step.script.value), lookUp),
    {
      source,
      path: '',
      by: 'ci',
      where,
      cwd,
      failureIgnored,
      lookUp,
      within: step.script.value.range(),
      ...pipefailOf(step),
    },
    collector,
  );
}

/**
 * Without a word on the shell it is `bash -e {0}`, and with `shell: bash` it is `bash -eo pipefail {0}`
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell).
 */
function pipefailOf({ shell }: CiRun): { readonly pipefail?: boolean } {
  const text = shell?.value.text?.trim();
  if (text === undefined) return { pipefail: false };
  if (!/^(?:bash|sh)\b/.test(text)) return {};
  return { pipefail: text === 'bash' || text.includes('pipefail') };
}

/** A script with its `${{ env.NAME }}` as they are set. */
function withExpressions(script: MappedText, lookUp: (name: string) => MappedText | undefined): MappedText {
  const parts: MappedText[] = [];
  let from = 0;
  for (const match of script.text.matchAll(/\$\{\{\s*env\.(\w+)\s*\}\}/g)) {
    const value = lookUp(match[1] ?? '');
    if (value === undefined) continue;
    parts.push(cut(script, from, match.index), value);
    from = match.index + match[0].length;
  }
  return from === 0 ? script : joined([...parts, cut(script, from)]);
}

function envValue(name: string, { env }: Scope): YamlValue | undefined {
  return variableOf(name, ...env)?.value;
}

function inputDefault(name: string, { inputs }: Scope): CiValue | undefined {
  return inputs.find((input) => input.name === name && input.fallback?.value.text !== undefined)?.fallback;
}

function pushCommand(
  { source, collector, where, folder, failureIgnored }: Scope,
  command: string,
  at: YamlValue,
): void {
  collector.command({
    command,
    by: 'ci',
    where,
    span: source.places.span(...at.range()),
    ...(folder === undefined || folder.includes('${{') ? {} : { cwd: folder.replace(/^\.\//, '') }),
    ...(failureIgnored === undefined ? {} : { failureIgnored }),
  });
}

/** A version, several (a list, or lines of one text), or an expression that names a leg of the matrix, a variable or an input. */
function readVersions(value: YamlValue, subject: Subject, how: string, scope: Scope): void {
  for (const item of value.items) readVersions(item, subject, how, scope);
  const { text } = value;
  if (text === undefined) return;
  const named = /^\s*\$\{\{\s*(\w+)\.([\w.-]+)\s*\}\}\s*$/.exec(text);
  const [, context = '', name = ''] = named ?? [];
  if (context === 'matrix') return readMatrix(name, value, subject, how, scope);
  const set =
    context === 'env' ? envValue(name, scope) : context === 'inputs' ? inputDefault(name, scope)?.value : undefined;
  if (set !== undefined)
    return add(
      yamlText(set),
      set,
      { subject, role: isBound(name.replaceAll('-', '_')) ? 'support' : 'install', how },
      scope,
    );
  if (text.includes('${{'))
    return addUnresolved(value, { subject, role: 'install', how }, `an expression (${text.trim()})`, scope);
  const whole = yamlText(value);
  const lines = [...text.matchAll(/\S[^\n]*\S|\S/g)];
  const role = lines.length > 1 ? 'support' : 'install';
  for (const line of lines)
    add(cut(whole, line.index, line.index + line[0].length), value, { subject, role, how }, scope);
}

function readMatrix(name: string, value: YamlValue, subject: Subject, how: string, scope: Scope): void {
  const { matrix } = scope;
  const [first = '', ...path] = name.split('.');
  const own = matrix?.get(first);
  const json = /^\s*\$\{\{\s*fromJSON\(\s*'([^']*)'\s*\)\s*\}\}\s*$/i.exec(own?.text ?? '');
  if (own !== undefined && json?.[1] !== undefined) {
    const whole = yamlText(own);
    const start = json[0].indexOf(json[1]);
    const legs = [...json[1].matchAll(/"([^"]+)"|(?<=[[,\s])(\d[\d.]*)/g)];
    for (const leg of legs) {
      const version = leg[1] ?? leg[2] ?? '';
      const from = start + leg.index + leg[0].indexOf(version);
      add(
        cut(whole, from, from + version.length),
        own,
        { subject, role: legs.length > 1 ? 'support' : 'install', how },
        scope,
      );
    }
    if (legs.length > 0) return;
  }
  const legs = [
    ...(own?.items ?? []).map((item) => item.get(...path)),
    ...(matrix?.get('include')?.items ?? []).map((each) => each.get(first, ...path)),
  ].filter((leg): leg is YamlValue => leg?.text !== undefined);
  const versions = new Set(legs.map(({ text }) => text));
  if (legs.length === 0) {
    const why = `an expression (${value.text?.trim()}), and the matrix has no plain ${name}`;
    return addUnresolved(value, { subject, role: 'install', how }, why, scope);
  }
  const kind: Kind = { subject, role: versions.size > 1 ? 'support' : 'install', how };
  for (const leg of legs) {
    if (leg.text?.includes('${{')) addUnresolved(leg, kind, `an expression (${leg.text})`, scope);
    else add(yamlText(leg), leg, { ...kind, condition: `matrix.${name}` }, scope);
  }
}

interface Kind {
  readonly subject: Subject;
  readonly role: Role;
  readonly how: string;
  readonly condition?: string;
}

function add(given: MappedText, value: YamlValue, kind: Kind, { source, collector }: Scope): void {
  const mapped = trimmed(given);
  // An empty input is one that is not given.
  if (mapped.text === '') return;
  collector.add({
    ...kind,
    ...versionOf(kind.subject, mapped.text),
    ...rangeInSource(source, ...(rangeOf(mapped) ?? value.range())),
  });
}

/** How actions write versions: as interpreters' are written everywhere, npm's ranges, PEP 440 for Python's tools. */
function versionOf(
  subject: Subject,
  version: string,
): Pick<Declaration, 'scheme' | 'value'> & { readonly unresolved?: string } {
  if (subject === 'python' || subject === 'node') return runtimeVersion(subject, version);
  if (version === 'latest') return { scheme: subject.startsWith('npm:') ? 'semver' : 'pep440', value: '' };
  if (subject.startsWith('npm:')) return { scheme: 'semver', value: version };
  const clauses = version.replace(/\s+/g, '');
  if (/^v?\d+(?:\.\w+)+$/.test(clauses)) return { scheme: 'pep440', value: `==${clauses.replace(/^v/, '')}` };
  if (/^(?:[=<>!~]=?=?[\w.*]+,?)+$/.test(clauses)) return { scheme: 'pep440', value: clauses };
  return { scheme: 'pep440', value: undefined, unresolved: `no version of its own (${version})` };
}

function addUnresolved(value: YamlValue, kind: Kind, unresolved: string, { source, collector }: Scope): void {
  const isRuntime = kind.subject === 'python' || kind.subject === 'node';
  collector.add({
    ...kind,
    scheme: isRuntime ? 'prefix' : 'pep440',
    value: undefined,
    unresolved,
    ...rangeInSource(source, ...value.range()),
  });
}

function readImage(image: YamlValue | undefined, how: string, { source, collector, matrix }: Scope): void {
  if (image?.text === undefined) return;
  const named = /^\s*\$\{\{\s*matrix\.([\w-]+)\s*\}\}\s*$/.exec(image.text)?.[1];
  const legs = named === undefined ? [image] : (matrix?.get(named)?.items ?? []);
  for (const leg of legs) if (leg.text !== undefined) readImageText(yamlText(leg), { source, how }, collector);
}

function readDockerUses(uses: YamlValue, how: string, { source, collector }: Scope): void {
  readImageText(cut(yamlText(uses), 'docker://'.length), { source, how }, collector);
}

function reference({ source, collector }: Scope, uses: YamlValue | undefined, as: 'workflow' | 'action'): void {
  if (uses?.text?.startsWith('./') !== true) return;
  collector.reference({
    path: uses.text.slice(2).replace(/\/$/, ''),
    as,
    span: source.places.span(...uses.range()),
  });
}
