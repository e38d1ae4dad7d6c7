import { installedBy } from '../installs.ts';
import { placesOf, type Places } from '../places.ts';
import type { CommandReading, Reader, Reading, Reference, Subject } from '../reading.ts';
import { shellCommands } from '../shell.ts';
import { readYaml, type YamlValue } from '../yaml.ts';
import { imageReading } from './container-image.ts';

/** Inputs of actions that are a tool's version, by the action's name without its owner where owners differ. */
const versionInputs: readonly { readonly action: RegExp; readonly input: string; readonly subject: Subject }[] = [
  { action: /^actions\/setup-python$/, input: 'python-version', subject: 'python' },
  { action: /^astral-sh\/setup-uv$/, input: 'python-version', subject: 'python' },
  { action: /^conda-incubator\/setup-miniconda$/, input: 'python-version', subject: 'python' },
  { action: /^actions\/setup-node$/, input: 'node-version', subject: 'node' },
  { action: /^astral-sh\/setup-uv$/, input: 'version', subject: 'pypi:uv' },
  { action: /^psf\/black$/, input: 'version', subject: 'pypi:black' },
  { action: /^(?:astral-sh|chartboost)\/ruff-action$/, input: 'version', subject: 'pypi:ruff' },
  { action: /^isort\/isort-action$/, input: 'isort-version', subject: 'pypi:isort' },
  { action: /^py-actions\/flake8$/, input: 'flake8-version', subject: 'pypi:flake8' },
  { action: /^snok\/install-poetry$/, input: 'version', subject: 'pypi:poetry' },
  { action: /^pnpm\/action-setup$/, input: 'version', subject: 'npm:pnpm' },
];

/** Inputs that name a file which holds the version. */
const fileInputs = { 'python-version-file': 'python-version', 'node-version-file': 'node-version' } as const;

/** A GitHub workflow or composite action (https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax). */
export const readGithubWorkflow: Reader = ({ text }) => {
  const places = placesOf(text);
  const { value: root, problems } = readYaml(text, places);
  const found: Found = { places, readings: [], commands: [], references: [], seen: new Set() };
  const composite = root.get('runs', 'steps');
  if (composite !== undefined)
    readSteps(composite, { found, where: 'action', env: [root.get('env')], folder: undefined });
  const topFolder = root.get('defaults', 'run', 'working-directory')?.text;
  for (const [key, job] of root.get('jobs')?.members ?? []) {
    const where = key.text ?? '';
    const env = [job.get('env'), root.get('env')];
    const matrix = job.get('strategy', 'matrix');
    const scope: Scope = {
      found,
      where,
      env,
      folder: job.get('defaults', 'run', 'working-directory')?.text ?? topFolder,
      ...(matrix === undefined ? {} : { matrix }),
      ...(job.get('continue-on-error')?.text === 'true' ? { toothless: 'continue-on-error: true' } : {}),
    };
    reference(found, job.get('uses'), 'workflow');
    const container = job.get('container');
    readImage(container?.text === undefined ? container?.get('image') : container, `container of ${where}`, scope);
    for (const [name, service] of job.get('services')?.members ?? [])
      readImage(service.text === undefined ? service.get('image') : service, `service ${name.text}`, scope);
    readSteps(job.get('steps'), scope);
  }
  const { readings, commands, references } = found;
  return { readings, commands, references, problems };
};

interface Found {
  readonly places: Places;
  readonly readings: Reading[];
  readonly commands: CommandReading[];
  readonly references: Reference[];
  /** Matrix values that a job's steps share are read once. */
  readonly seen: Set<string>;
}

/** What a step can refer to. */
interface Scope {
  readonly found: Found;
  readonly where: string;
  /** Maps of variables, the nearest first. */
  readonly env: readonly (YamlValue | undefined)[];
  readonly matrix?: YamlValue;
  readonly folder: string | undefined;
  readonly toothless?: string;
}

function readSteps(steps: YamlValue | undefined, scope: Scope): void {
  for (const step of steps?.items ?? []) {
    const inner: Scope = {
      ...scope,
      env: [step.get('env'), ...scope.env],
      ...(step.get('continue-on-error')?.text === 'true' ? { toothless: 'continue-on-error: true' } : {}),
    };
    readUses(step, inner);
    readRun(step, inner);
  }
}

function readUses(step: YamlValue, scope: Scope): void {
  const uses = step.get('uses');
  if (uses?.text === undefined) return;
  const { found } = scope;
  reference(found, uses, 'action');
  const [action = '', ref = ''] = uses.text.toLowerCase().split('@');
  for (const { action: pattern, input, subject } of versionInputs) {
    const value = pattern.test(action) ? step.get('with', input) : undefined;
    if (value !== undefined) readVersions(value, subject, `${input} of ${action}`, scope);
  }
  for (const [input, as] of Object.entries(fileInputs)) {
    const value = step.get('with', input);
    if (value?.text !== undefined && !value.text.includes('${{'))
      found.references.push({
        path: value.text.replace(/^\.\//, ''),
        as: as as Reference['as'],
        span: found.places.span(...value.range()),
      });
  }
  if (action === 'psf/black') {
    const from = uses.text.length - ref.length;
    if (step.get('with', 'version') === undefined && /^\d+\.[\w.]+$/.test(ref))
      found.readings.push({
        subject: 'pypi:black',
        role: 'install',
        scheme: 'pep440',
        value: `==${ref}`,
        span: found.places.span(...uses.range(from, uses.text.length)),
        said: uses.text.slice(from),
        how: 'uses: psf/black',
      });
    const options = step.get('with', 'options')?.text ?? '--check --diff';
    const src = step.get('with', 'src')?.text ?? '.';
    pushCommand(scope, `black ${options} ${src}`, uses.range());
  }
  if (action === 'pre-commit/action') pushCommand(scope, 'pre-commit run --all-files', uses.range());
}

function readRun(step: YamlValue, scope: Scope): void {
  const run = step.get('run');
  if (run?.text === undefined) return;
  const { found } = scope;
  const folder = step.get('working-directory')?.text ?? scope.folder;
  const place = { places: found.places, range: (from: number, to: number) => run.range(from, to) };
  for (const command of shellCommands(run.text)) {
    found.readings.push(...installedBy(command, place));
    const text = command.words.map(({ text: word }) => word).join(' ');
    pushCommand(
      { ...scope, folder, ...(command.ignored === undefined ? {} : { toothless: command.ignored }) },
      text,
      run.range(command.start, command.end),
    );
  }
}

function pushCommand(
  { found, where, folder, toothless }: Scope,
  command: string,
  range: readonly [number, number],
): void {
  found.commands.push({
    command,
    by: 'ci',
    where,
    span: found.places.span(...range),
    ...(folder === undefined || folder.includes('${{') ? {} : { cwd: folder.replace(/^\.\//, '') }),
    ...(toothless === undefined ? {} : { toothless }),
  });
}

/** A version, several (a list, or lines of one text), or an expression that names a leg of the matrix or a variable. */
function readVersions(value: YamlValue, subject: Subject, how: string, scope: Scope): void {
  for (const item of value.items) readVersions(item, subject, how, scope);
  const { text } = value;
  if (text === undefined) return;
  const expression = /^\s*\$\{\{\s*([\w.-]+)\s*\}\}\s*$/.exec(text)?.[1];
  const [context, ...path] = expression?.split('.') ?? [];
  if (context === 'matrix') return readMatrix(path.join('.'), value, subject, how, scope);
  if (context === 'env') {
    const named = scope.env.map((each) => each?.get(path.join('.'))).find((each) => each?.text !== undefined);
    if (named !== undefined) return push(named, 0, named.text ?? '', subject, how, scope, 'install');
  }
  if (text.includes('${{')) return pushUndecided(value, subject, how, scope, `an expression (${text.trim()})`);
  const lines = [...text.matchAll(/\S[^\n]*\S|\S/g)];
  for (const line of lines)
    push(value, line.index, line[0], subject, how, scope, lines.length > 1 ? 'support' : 'install');
}

function readMatrix(name: string, value: YamlValue, subject: Subject, how: string, scope: Scope): void {
  const { matrix } = scope;
  const legs = [
    ...(matrix?.get(name)?.items ?? []),
    ...(matrix?.get('include')?.items ?? []).flatMap((each) => each.get(name) ?? []),
  ].filter(({ text }) => text !== undefined);
  if (legs.length === 0)
    return pushUndecided(
      value,
      subject,
      how,
      scope,
      `an expression (${value.text?.trim()}), and the matrix has no plain ${name}`,
    );
  const role = new Set(legs.map(({ text }) => text)).size > 1 ? 'support' : 'install';
  for (const leg of legs) {
    if (leg.text?.includes('${{')) pushUndecided(leg, subject, how, scope, `an expression (${leg.text})`);
    else push(leg, 0, leg.text ?? '', subject, how, scope, role, `matrix.${name}`);
  }
}

function push(
  value: YamlValue,
  from: number,
  said: string,
  subject: Subject,
  how: string,
  { found }: Scope,
  role: Reading['role'],
  condition?: string,
): void {
  const range = value.range(from, from + said.length);
  const key = `${subject} ${range.join(' ')}`;
  if (found.seen.has(key)) return;
  found.seen.add(key);
  const meant = versionOf(subject, said);
  found.readings.push({
    subject,
    role,
    ...meant,
    ...(meant.value === undefined ? { undecided: `no version of its own (${said})` } : {}),
    span: found.places.span(...range),
    said,
    how,
    ...(condition === undefined ? {} : { condition }),
  });
}

/** How actions write versions: a prefix for interpreters, npm's ranges where they allow them, PEP 440 for tools. */
function versionOf(subject: Subject, said: string): Pick<Reading, 'scheme' | 'value'> {
  if (subject === 'python' || subject === 'node') {
    const prefix = /^v?(\d+(?:\.\d+)*)(?:\.[x*])?$/.exec(said)?.[1];
    if (prefix !== undefined) return { scheme: 'prefix', value: prefix };
    const isRange = /^[\d\s.x*<>=~^|-]+$/.test(said) && /\d/.test(said);
    return { scheme: 'semver', value: isRange ? said : undefined };
  }
  if (subject.startsWith('npm:')) return { scheme: 'semver', value: said };
  if (said === 'latest') return { scheme: 'pep440', value: '' };
  const clauses = said.replace(/\s+/g, '');
  if (/^\d+(?:\.\w+)+$/.test(clauses)) return { scheme: 'pep440', value: `==${clauses}` };
  return { scheme: 'pep440', value: /^(?:[=<>!~]=?=?[\w.*]+,?)+$/.test(clauses) ? clauses : undefined };
}

function pushUndecided(value: YamlValue, subject: Subject, how: string, { found }: Scope, undecided: string): void {
  const range = value.range();
  found.readings.push({
    subject,
    role: 'install',
    scheme: subject === 'python' || subject === 'node' ? 'prefix' : 'pep440',
    value: undefined,
    undecided,
    span: found.places.span(...range),
    said: value.text ?? '',
    how,
  });
}

function readImage(image: YamlValue | undefined, how: string, { found, matrix }: Scope): void {
  if (image?.text === undefined) return;
  const named = /^\$\{\{\s*matrix\.([\w-]+)\s*\}\}$/.exec(image.text)?.[1];
  const legs = named === undefined ? [image] : [...(matrix?.get(named)?.items ?? [])];
  for (const leg of legs) {
    const reading = imageReading(leg.text ?? '', how, (from, to) => found.places.span(...leg.range(from, to)));
    if (reading !== undefined) found.readings.push(reading);
  }
}

function reference(found: Found, uses: YamlValue | undefined, as: 'workflow' | 'action'): void {
  if (uses?.text?.startsWith('./') !== true) return;
  found.references.push({ path: uses.text.slice(2).replace(/\/$/, ''), as, span: found.places.span(...uses.range()) });
}
