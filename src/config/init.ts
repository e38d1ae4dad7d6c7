import { leadingName } from '../formats/package-name.ts';
import type { Service, StepConfig, Toolchain } from './config.ts';
import type { Decision, Detected } from './detect.ts';
import { neededSteps } from './needed-steps.ts';

/** What a config was made from beside the repo's layout, and what of it is not in it. */
export interface ConfigOrigin {
  /** The files it was imported from. */
  readonly files: readonly string[];
  /** The jobs that were chosen, since they check the code; absent when all were asked for. */
  readonly jobs?: readonly string[];
  /** Lines for people: what was not carried over, with its place and the reason. */
  readonly leftOut: readonly string[];
  /** A line for people: what was understood and is no part of a pipeline. */
  readonly understood?: string;
}

/** Writes a detected or imported config as a commented parity.yaml: each choice with its reason beside it. It loads back as the same config. */
export function writeConfigFile({ config, decisions }: Detected, origin?: ConfigOrigin): string {
  const { toolchain, toolchains = [], pipeline, services } = config;
  const used = new Set<Decision>();
  const why = (kind: Decision['kind'], subject: string, choice?: string, name?: string): string | undefined => {
    const found = decisions.find(
      (one) =>
        one.subject === subject &&
        one.toolchain === name &&
        (choice === undefined || one.choice === choice) &&
        (one.kind === undefined || one.kind === kind),
    );
    if (found === undefined) return undefined;
    used.add(found);
    return comment(found.why);
  };

  const lines = ['version: 1', '', 'toolchain:'];
  lines.push(...toolchainLines(toolchain, (subject, choice) => why('toolchain', subject, choice)));
  if (toolchain.system.length === 0)
    lines.push('  system: [] # Debian packages, such as libpq-dev; parity.lock.json gets their versions', '');
  else lines.push(...list('system', toolchain.system, (name) => beside(why('toolchain', name))), '');
  // Belongs to the map above it.
  lines.splice(lines.length - 1, 0, ...buildLines(toolchain, (subject) => why('toolchain', subject)));
  if (toolchains.length > 0)
    lines.push('# For the steps that name one: each holds what stands here, and nothing else.', 'toolchains:');
  for (const each of toolchains) {
    const { name } = each;
    const because = (subject: string, choice?: string): string | undefined => why('toolchain', subject, choice, name);
    const system = each.system.length === 0 ? [] : list('system', each.system, (one) => beside(because(one)));
    const own = [...toolchainLines(each, because), ...system].filter((line) => !line.endsWith(': []'));
    lines.push(`  ${text(name)}:${beside(because(name))}`);
    lines.push(...[...own, ...buildLines(each, because)].map((line) => `  ${line}`));
  }
  if (toolchains.length > 0) lines.push('');
  lines.push('# registry (python:slim) or debian (built from packages); auto takes what answers when locking.');
  lines.push('image:', `  base: ${text(config.image.base)}`, '');

  if (services.length > 0) {
    lines.push('services:');
    for (const service of services) lines.push(...serviceLines(service, why('service', service.name)));
    lines.push('');
  }
  const usual = services.length > 0 ? 'services' : 'none';
  const steps = pipeline.flatMap((step, index) =>
    stepLines(step, why('step', step.name), usual, leftOutNeeds(pipeline, index)),
  );
  if (steps.length > 0) lines.push('pipeline:', ...steps, ...(origin === undefined ? moreSteps(pipeline) : []));
  else
    lines.push(
      '# Nothing to run was found. A step looks like this:',
      '# pipeline:',
      '#   - name: tests',
      '#     run: pytest -q',
    );

  if (config.ci?.variables !== undefined)
    lines.push(
      'ci:',
      `  variables: ${config.ci.variables} # steps find what a push of this commit would find: ${
        config.ci.variables === 'github' ? 'GITHUB_ACTIONS, GITHUB_SHA' : 'GITLAB_CI, CI_COMMIT_SHA'
      } …`,
      ...(config.ci.checkout === undefined
        ? []
        : [
            `  checkout: ${config.ci.checkout} # steps see no file that git ignores, and what they change stays with their job`,
          ]),
      '',
    );

  const rest = decisions.filter((one) => !used.has(one));
  const head = [...headLines(origin), ...restLines(rest)];
  return `${[...head, ...lines, ...leftOutLines(origin)].join('\n').trimEnd()}\n`;
}

function beside(reason: string | undefined): string {
  return reason === undefined ? '' : ` # ${reason}`;
}

/** How the repository's own packages are installed, where that is said. */
function buildLines(
  { build: { network, projects, wheels } = { network: 'none' } }: Toolchain,
  why: (subject: string) => string | undefined,
): readonly string[] {
  const lines: string[] = Object.entries({ projects, wheels }).flatMap(([key, folders]) =>
    folders === undefined ? [] : [`    ${key}: ${flow(folders)}${beside(why(`build.${key}`))}`],
  );
  if (network === 'full') lines.push(`    network: full${beside(why('build.network'))}`);
  return lines.length === 0 ? [] : ['  build:', ...lines];
}

/** A toolchain but for its Debian packages; `why` gives the reason of a choice. */
function toolchainLines(
  { python, node, managers = [], tools, requirements }: Toolchain,
  why: (subject: string, choice?: string) => string | undefined,
): readonly string[] {
  return [
    `  python: ${JSON.stringify(python)}${beside(why('python'))}`,
    ...(node === undefined ? [] : [`  node: ${JSON.stringify(node)}${beside(why('node'))}`]),
    // What the repository's own files say of a package manager stays theirs to say.
    ...managers.flatMap(({ name, version, line }) =>
      line === undefined ? [] : [`  ${name}: ${JSON.stringify(version)}${beside(why(name))}`],
    ),
    ...list('tools', tools, (tool) => beside(why(leadingName(tool) ?? ''))),
    ...list('requirements', requirements, (source) => beside(why('requirements', source))),
  ];
}

function headLines(origin: ConfigOrigin | undefined): string[] {
  const how =
    origin === undefined
      ? 'Written by `parity init` from what the repo says'
      : origin.jobs === undefined
        ? `Imported by \`parity init --from\` from ${comment(origin.files.join(', '))}`
        : `Written by \`parity init\` from what checks the code in ${comment(jobsText(origin.files, origin.jobs))}`;
  return [
    `# What passes here passes in CI: one image, one pipeline. ${how}; yours to edit.`,
    '# `parity up` runs it, `parity up NAME` one step and what it needs. Whatever is left out is detected again at each run.',
  ];
}

/** `.github/workflows/ci.yml: jobs lint, tests`. */
export function jobsText(files: readonly string[], jobs: readonly string[]): string {
  return `${files.join(', ')}: ${jobs.length === 1 ? 'job' : 'jobs'} ${jobs.join(', ')}`;
}

function restLines(rest: readonly Decision[]): string[] {
  if (rest.length === 0) return [];
  return ['#', ...rest.map((one) => `# ${one.severity === 'warning' ? 'look at this: ' : ''}${comment(oneLine(one))}`)];
}

function leftOutLines(origin: ConfigOrigin | undefined): string[] {
  if (origin === undefined) return [];
  const { leftOut, understood } = origin;
  return [
    ...(leftOut.length === 0 ? [] : ['# Not carried over from CI:', ...leftOut.map((line) => `# - ${comment(line)}`)]),
    ...(understood === undefined ? [] : [`# ${comment(understood)}`]),
  ];
}

/** What a Python project may want beside what was found. */
function moreSteps(pipeline: readonly StepConfig[]): string[] {
  if (!pipeline.some(({ run }) => /\bpytest\b/.test(run))) return [];
  return [
    '  # Which modules connect, start programs, read secrets or take long as soon as they are imported? (docs/import-check.md)',
    '  # - name: imports',
    '  #   uses: parity/import-check',
    '',
  ];
}

function oneLine({ subject, choice, why }: Decision): string {
  return `${subject}: ${choice} (${why})`;
}

function serviceLines(service: Service, reason: string | undefined): string[] {
  const lines: string[] = [];
  if (reason !== undefined) lines.push(`  # ${reason}`);
  lines.push(`  ${text(service.name)}:`, `    image: ${text(service.image)}`);
  const env = envOf(service.env);
  if (env !== undefined) lines.push(`    env: ${env}`);
  if (service.entrypoint !== undefined) lines.push(`    entrypoint: ${flow(service.entrypoint)}`);
  if (service.command !== undefined) lines.push(`    command: ${flow(service.command)}`);
  if (service.ready !== undefined) lines.push(`    ready: ${text(service.ready)}`);
  if (service.readyTimeoutSeconds !== 60) lines.push(`    readyTimeout: ${service.readyTimeoutSeconds}`);
  if (service.ports.length > 0) lines.push(`    ports: [${service.ports.join(', ')}]`);
  return lines;
}

/** What a step would need if the file did not say it. */
function leftOutNeeds(pipeline: readonly StepConfig[], index: number): readonly string[] {
  return neededSteps(
    pipeline.map(({ name, job }) => ({ name, job })),
    index,
  );
}

function stepLines(
  step: StepConfig,
  reason: string | undefined,
  usual: StepConfig['network'],
  usualNeeds: readonly string[],
): string[] {
  const lines: string[] = [];
  if (reason !== undefined) lines.push(`  # ${reason}`);
  lines.push(`  - name: ${text(step.name)}`);
  const add = (key: string, value: string): void => void lines.push(`    ${key}: ${value}`);
  if (step.job !== undefined) add('job', text(step.job));
  if (step.toolchain !== undefined) add('toolchain', text(step.toolchain));
  if (step.needs.join('\n') !== usualNeeds.join('\n')) add('needs', flow(step.needs));
  if (step.cwd !== '.') add('cwd', text(step.cwd));
  if (step.uses === undefined) lines.push(...runLines(step.run));
  else add('uses', step.uses);
  if (step.fix !== undefined) add('fix', text(step.fix));
  if (step.onFailure !== undefined && step.onFailure !== `Run: ${step.fix}`) add('onFailure', text(step.onFailure));
  const env = envOf(step.env);
  if (env !== undefined) add('env', env);
  if (step.passEnv.length > 0) add('passEnv', `${flow(step.passEnv)} # taken from your environment when set there`);
  if (step.secrets.length > 0) add('secrets', `${flow(step.secrets)} # taken from your environment, never shown`);
  if (step.inputs !== undefined) add('inputs', flow(step.inputs));
  if (step.volumes.length > 0) add('volumes', `${flow(step.volumes)} # in an engine volume, never in the tree`);
  if (step.uses === undefined && step.network !== usual) add('network', step.network);
  if (step.cacheSeconds !== undefined)
    add('cache', `${duration(step.cacheSeconds)} # it asks an index, which may have something newer by then`);
  else if (step.cache !== undefined) add('cache', String(step.cache));
  if (step.timeoutSeconds !== undefined) add('timeout', duration(step.timeoutSeconds));
  if (step.always !== undefined) add('always', String(step.always));
  if (step.allowFailure !== undefined) add('allowFailure', step.allowFailure === 'step' ? 'true' : 'job');
  return [...lines, ''];
}

/** A command of several lines as a block, where that can only mean this text. */
function runLines(run: string): string[] {
  const isPlain = run.includes('\n') && run === run.trim() && !/[^\P{Cc}\n\t]|[\u2028\u2029\u0085\uFEFF]/u.test(run);
  if (!isPlain) return [`    run: ${text(run)}`];
  return ['    run: |-', ...run.split('\n').map((line) => (line === '' ? '' : `      ${line}`))];
}

function duration(seconds: number): string {
  if (Number.isInteger(seconds / 3600)) return `${seconds / 3600}h`;
  return Number.isInteger(seconds / 60) ? `${seconds / 60}m` : String(seconds);
}

function envOf(env: Readonly<Record<string, string>>): string | undefined {
  const members = Object.entries(env).map(([name, value]) => `${text(name)}: ${text(value)}`);
  return members.length === 0 ? undefined : `{ ${members.join(', ')} }`;
}

function list(key: string, items: readonly string[], beside: (item: string) => string): string[] {
  if (items.length === 0) return [`  ${key}: []`];
  return [`  ${key}:`, ...items.map((item) => `    - ${text(item)}${beside(item)}`)];
}

function flow(items: readonly string[]): string {
  return `[${items.map(text).join(', ')}]`;
}

/** A text as a YAML scalar: plain where that can only mean this text, else as JSON writes it, which YAML reads. */
function text(value: string): string {
  const plain =
    /^[A-Za-z./][\w ./=<>+@:-]*$/.test(value) &&
    !/: |:$|\s$|^(?:true|false|null|yes|no|on|off|y|n)$|^\.(?:inf|nan)$/i.test(value);
  return plain && !/^[.][0-9]/.test(value) ? value : JSON.stringify(value);
}

/** Reasons may quote a file's text: a line break in it would end the comment. */
function comment(reason: string): string {
  return reason.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
