import type { StepConfig } from '../../config/config.ts';
import { madeFiles, readsFile } from './made-files.ts';
import { jobName } from './step-name.ts';
import type { Piece } from './split-script.ts';

/** A step on its way, and the machine that CI runs it on: a job, or a leg of one. */
export interface MachineStep {
  readonly config: StepConfig;
  readonly kind: Piece['kind'];
  readonly script: string;
  readonly machine: string;
  readonly job: string;
  readonly leg: string | undefined;
}

/** Whether a script leaves something on its machine outside of the work tree, or may look for it: a process, files, variables for later steps. */
export function usesMachine(script: string): boolean {
  const bare = script.replace(/'[^']*'|"[^"]*"|(?:^|\s)#.*$/gm, (text) =>
    text.startsWith('"') ? text.replace(/&/g, '') : '',
  );
  const isBackground =
    /(?<![&>\d<|])&(?![&>\d])/.test(bare) || /\b(?:nohup|setsid|daemonize|start-stop-daemon)\b/.test(bare);
  const isElsewhere =
    /(?:^|[\s"'=:(>])(?:\/tmp|\/var\/tmp|\/dev\/shm|~)(?:\/|\s|["']|$)|\$\{?(?:HOME|TMPDIR|RUNNER_TEMP)\b/m.test(
      script,
    );
  return isBackground || isElsewhere || /\bGITHUB_(?:ENV|PATH|OUTPUT)\b/.test(script);
}

/**
 * Gives the steps of the machines whose state counts the name of their job, so that they share a machine and no other job's steps do: of those on
 * which a script uses more than the work tree. An installation of Node's packages is left out: a volume keeps all of it.
 */
export function withJobs(steps: readonly MachineStep[]): readonly StepConfig[] {
  const stateful = new Map<string, string>();
  const taken = new Set<string>();
  for (const { machine, job, leg, script } of steps)
    if (!stateful.has(machine) && usesMachine(script)) stateful.set(machine, jobName(job, leg, taken));
  return steps.map(({ config, kind, machine }) => {
    const name = kind === 'node-install' ? undefined : stateful.get(machine);
    return name === undefined ? config : { ...config, job: name };
  });
}

/** What to say of a step that reads a file which in CI is on another job's machine alone; none when an artifact or a cache may carry it. */
export function unsharedFiles(
  step: MachineStep,
  steps: readonly MachineStep[],
  known: { readonly receives: ReadonlySet<string>; readonly has: (path: string) => boolean },
): readonly string[] {
  if (known.receives.has(step.job)) return [];
  const own = new Set(
    steps.filter(({ machine }) => machine === step.machine).flatMap(({ script }) => [...madeFiles(script)]),
  );
  return steps.flatMap(({ machine, job, script }) =>
    machine === step.machine || job === step.job
      ? []
      : madeFiles(script)
          .filter((path) => !own.has(path) && !path.startsWith('/') && !known.has(path) && readsFile(step.script, path))
          .map((path) => `in CI job ${step.job} has no ${path}: job ${job} makes it, and no artifact carries it over`),
  );
}
