import { shellCommands } from '../../formats/shell.ts';
import { shellStatements, type ShellStatement } from '../../formats/statements.ts';
import type { DecidedService, DecidedStep, LeftOut } from '../decided-pipeline.ts';
import { composeServices, type ComposeUp } from './compose-services.ts';
import type { Job } from './import-facts.ts';

/** Options of Compose, and of its `up`, that take the next word. */
const valued =
  /^(?:-f|--file|-p|--project-name|--project-directory|--env-file|--profile|--parallel|--ansi|--progress|--scale|-t|--timeout|--wait-timeout|--pull|--exit-code-from)$/;

/**
 * Jobs whose steps have Compose start services in the background: these run beside the job's steps, as the job's own services do, and what speaks to
 * Compose leaves its scripts. Where Compose's files say nothing of it, or build a service, the step stays as it is. Pure but for `readText`.
 */
export function withComposeServices(
  jobs: readonly Job[],
  readText: (path: string) => string | undefined,
): { readonly jobs: readonly Job[]; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const made = jobs.map((job): Job => {
    const services: DecidedService[] = [];
    const steps = job.steps.map((step) => withoutUp(step, { services, leftOut, readText }));
    if (services.length === 0) return job;
    const names = new Set(job.services.map(({ name }) => name));
    const added = services.filter(({ name }) => !names.has(name));
    return { ...job, services: [...job.services, ...added], steps: steps.map((step) => cut(step, isUpkeep)) };
  });
  return { jobs: made, leftOut };
}

interface Sources {
  readonly services: DecidedService[];
  readonly leftOut: LeftOut[];
  readonly readText: (path: string) => string | undefined;
}

function withoutUp(step: DecidedStep, { services, leftOut, readText }: Sources): DecidedStep {
  return cut(step, (statement) => {
    const call = composeCall(statement);
    const up = call === undefined ? undefined : upOf(call, step);
    const found = up === undefined ? undefined : composeServices(up, readText);
    if (found === undefined) return false;
    for (const { what, why } of found.leftOut)
      leftOut.push({ place: step.place, what: `${what} of job ${step.job}`, why });
    // With some of them only, the rest would be another test than CI's.
    if (found.isPartial) return false;
    for (const each of found.services) if (!services.some(({ name }) => name === each.name)) services.push(each);
    return true;
  });
}

/** What looks after containers, and has nothing to do where services are ready before the steps. */
function isUpkeep(statement: ShellStatement): boolean {
  const [verb = ''] = composeCall(statement)?.rest ?? [];
  return /^(?:down|stop|rm|kill|ps|logs|pull|wait|start|config|version)$/.test(verb);
}

function cut(step: DecidedStep, isOut: (statement: ShellStatement) => boolean): DecidedStep {
  if (!/\bdocker[- ]compose\b/.test(step.script)) return step;
  const statements = shellStatements(step.script);
  const kept = statements.filter((statement) => !isOut(statement));
  return kept.length === statements.length ? step : { ...step, script: kept.map(({ text }) => text).join('\n') };
}

/** The words of a statement that calls Compose and nothing else: its own options, and the rest; undefined for any other. */
function composeCall(
  statement: ShellStatement,
): { readonly options: readonly string[]; readonly rest: readonly string[] } | undefined {
  const [command, ...others] = shellCommands(statement.text);
  if (command === undefined || others.length > 0 || statement.isCompound) return undefined;
  const words = command.words.map(({ text }) => text);
  const from = words[0] === 'docker-compose' ? 1 : words[0] === 'docker' && words[1] === 'compose' ? 2 : undefined;
  if (from === undefined || command.words.some(({ dynamic }) => dynamic)) return undefined;
  let at = from;
  while (words[at]?.startsWith('-') === true) at += valued.test(words[at] ?? '') ? 2 : 1;
  return { options: words.slice(from, at), rest: words.slice(at) };
}

/** `up -d db` and `up --wait`; undefined for what stays in the foreground, and for other commands. */
function upOf(
  { options, rest: [verb, ...words] }: NonNullable<ReturnType<typeof composeCall>>,
  { cwd, env }: DecidedStep,
): ComposeUp | undefined {
  if (verb !== 'up' || !words.some((word) => /^(?:-d|--detach|--wait)$/.test(word))) return undefined;
  if (options.some((option) => /^--(?:project-directory|env-file|profile)/.test(option))) return undefined;
  const files = options.flatMap((option, at) => {
    const inline = /^--file=(.+)$/.exec(option)?.[1];
    return inline !== undefined ? [inline] : /^(?:-f|--file)$/.test(option) ? [options[at + 1] ?? ''] : [];
  });
  const names = words.filter((word, at) => !word.startsWith('-') && !valued.test(words[at - 1] ?? ''));
  return { files, names, cwd, env };
}
