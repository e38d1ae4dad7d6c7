import type { StepConfig } from './config.ts';
import type { Decision, Detected } from './detect.ts';

/** Writes a detected config as a commented parity.yaml: each choice with its reason beside it. It loads back as the same config. */
export function writeConfigFile({ config, decisions }: Detected): string {
  const { toolchain, pipeline } = config;
  const used = new Set<Decision>();
  const why = (subject: string, choice?: string): string | undefined => {
    const found = decisions.find((one) => one.subject === subject && (choice === undefined || one.choice === choice));
    if (found === undefined) return undefined;
    used.add(found);
    return comment(found.why);
  };
  const beside = (reason: string | undefined): string => (reason === undefined ? '' : ` # ${reason}`);

  const lines = ['version: 1', '', 'toolchain:'];
  lines.push(`  python: ${JSON.stringify(toolchain.python)}${beside(why('python'))}`);
  if (toolchain.node !== undefined) lines.push(`  node: ${JSON.stringify(toolchain.node)}${beside(why('node'))}`);
  lines.push(...list('tools', toolchain.tools, (tool) => beside(why(nameOf(tool)))));
  lines.push(...list('requirements', toolchain.requirements, (source) => beside(why('requirements', source))));
  lines.push('  system: [] # Debian packages, such as libpq-dev; parity.lock.json gets their versions', '');
  lines.push('# registry (python:slim) or debian (built from packages); auto takes what answers when locking.');
  lines.push('image:', `  base: ${text(config.image.base)}`, '');

  const steps = pipeline.flatMap((step) => stepLines(step, why(step.name)));
  if (steps.length > 0) lines.push('pipeline:', ...steps);
  else
    lines.push(
      '# Nothing to run was found. A step looks like this:',
      '# pipeline:',
      '#   - name: tests',
      '#     run: pytest -q',
    );

  const head = [
    '# What passes here passes in CI: one image, one pipeline. Written by `parity init` from what the repo says; yours to edit.',
    '# `parity up` runs it, `parity up NAME` one step and what it needs. Whatever is left out is detected again at each run.',
  ];
  const rest = decisions.filter((one) => !used.has(one));
  if (rest.length > 0) {
    head.push(
      '#',
      ...rest.map((one) => `# ${one.severity === 'warning' ? 'look at this: ' : ''}${comment(oneLine(one))}`),
    );
  }
  return `${[...head, ...lines].join('\n').trimEnd()}\n`;
}

function oneLine({ subject, choice, why }: Decision): string {
  return `${subject}: ${choice} (${why})`;
}

function stepLines(step: StepConfig, reason: string | undefined): string[] {
  const lines: string[] = [];
  if (reason !== undefined) lines.push(`  # ${reason}`);
  lines.push(`  - name: ${text(step.name)}`);
  const add = (key: string, value: string): void => void lines.push(`    ${key}: ${value}`);
  if (step.needs.length > 0) add('needs', flow(step.needs));
  if (step.cwd !== '.') add('cwd', text(step.cwd));
  add('run', text(step.run));
  if (step.fix !== undefined) add('fix', text(step.fix));
  if (step.onFailure !== undefined && step.onFailure !== `Run: ${step.fix}`) add('onFailure', text(step.onFailure));
  const env = Object.entries(step.env).map(([name, value]) => `${name}: ${text(value)}`);
  if (env.length > 0) add('env', `{ ${env.join(', ')} }`);
  if (step.inputs !== undefined) add('inputs', flow(step.inputs));
  if (step.volumes.length > 0) add('volumes', `${flow(step.volumes)} # in an engine volume, never in the tree`);
  if (step.network !== 'none') add('network', step.network);
  return [...lines, ''];
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

function nameOf(requirement: string): string {
  return (/^[A-Za-z0-9._-]+/.exec(requirement)?.[0] ?? '').toLowerCase().replace(/[-_.]+/g, '-');
}

/** Reasons may quote a file's text: a line break in it would end the comment. */
function comment(reason: string): string {
  return reason.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
