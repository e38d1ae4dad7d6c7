import { jobName } from './step-name.ts';
import type { JobPiece } from './job-piece.ts';
import { madeFiles, readsFile } from './made-files.ts';

/** A step on its way, and the machine that CI runs it on: a job, or a leg of one. */
export interface MachineStep {
  readonly script: string;
  readonly machine: string;
  readonly job: string;
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
  return isBackground || isElsewhere || passingOn.test(script);
}

const passingOn = /\bGITHUB_(?:ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)\b|\$\{\{\s*(?:steps|env)\./;

/** The text that tells the machines of CI apart: each job has one, and each leg of a matrix. */
export function machineOf({ job, step }: Pick<JobPiece, 'job' | 'step'>): string {
  return `${job}\n${step.leg ?? ''}`;
}

/**
 * Which steps share a machine (`job:`): those of a job in which something is left that later steps, or the steps of other jobs, may see. What only
 * looks at the checkout needs none. An installation of Node's packages needs none either: a volume keeps all of it, for all jobs; unless it may write
 * its lock file anew, and a later step asks git what has changed.
 */
export class JobMachines {
  /** Names by the machines that count. */
  readonly #names = new Map<string, string>();
  readonly #pieces: readonly JobPiece[];

  constructor(pieces: readonly JobPiece[], takesFrom: ReadonlyMap<string, readonly string[]>) {
    this.#pieces = pieces;
    const taken = new Set<string>();
    const first = new Map(pieces.toReversed().map((piece) => [machineOf(piece), piece]));
    const groups = handedOn(pieces, takesFrom);
    const namesOfGroups = new Map<string, string>();
    for (const machine of new Set(pieces.map(machineOf))) {
      const own = pieces.filter((each) => machineOf(each) === machine);
      const counts = own.some(needsMachine) || (first.size > 1 && own.some(leaves)) || mayEnd(own);
      const { job = '', step } = first.get(machine) ?? {};
      const group = groups.get(machine);
      const known = group === undefined ? undefined : namesOfGroups.get(group);
      const name = known ?? (counts ? jobName(job, step?.leg, taken) : undefined);
      if (name === undefined) continue;
      this.#names.set(machine, name);
      if (group !== undefined) namesOfGroups.set(group, name);
    }
  }

  /** The `job:` of a piece's step; undefined where it shares the machine of all that have none. */
  nameOf(one: JobPiece): string | undefined {
    const machine = machineOf(one);
    const name = this.#names.get(machine);
    if (name === undefined) return undefined;
    const own = this.#pieces.filter((each) => this.#names.get(machineOf(each)) === name);
    const later = own.slice(own.indexOf(one) + 1);
    if (one.piece.kind === 'node-install') return mayRewrite(one) && later.some(asksGit) ? name : undefined;
    const isAside =
      one.piece.kind === 'check' &&
      one.step.mayFailAsJob !== true &&
      !needsMachine(one) &&
      !own.slice(0, own.indexOf(one)).some(leaves);
    return isAside ? undefined : name;
  }
}

/** An installation that may write its lock file anew. */
function mayRewrite({ piece: { script } }: JobPiece): boolean {
  return !/(?<![\w-])(?:ci|clean-install|--frozen-lockfile|--immutable|--no-save|--no-lockfile)(?![\w-])/.test(script);
}

/** It looks what the steps before it have changed. */
function asksGit({ piece: { script } }: JobPiece): boolean {
  return /\bgit\s+(?:-\S+\s+)*(?:diff|diff-index|status|ls-files|update-index|stash|add|commit)\b/.test(script);
}

/** One machine of each group, by its members: those of which one gets the other's files, as an artifact or from a cache, are one here. */
function handedOn(
  pieces: readonly JobPiece[],
  takesFrom: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const rootOf = (machine: string): string => {
    const next = found.get(machine) ?? machine;
    return next === machine ? machine : rootOf(next);
  };
  for (const piece of pieces)
    for (const giving of takesFrom.get(piece.job) ?? []) {
      const giver = pieces.find(({ job }) => giving === job);
      if (giver === undefined) continue;
      const [a, b] = [rootOf(machineOf(giver)), rootOf(machineOf(piece))];
      found.set(a, a).set(b, a);
    }
  return new Map([...found.keys()].map((machine) => [machine, rootOf(machine)]));
}

function needsMachine({ piece, step }: JobPiece): boolean {
  return usesMachine(piece.script) || Object.values(step.env).some((text) => passingOn.test(text));
}

/** Steps of a job that may fail: the first failure ends it, and nothing else. */
function mayEnd(own: readonly JobPiece[]): boolean {
  return own.length > 1 && own.some(({ step }) => step.mayFailAsJob === true);
}

/** It may leave something that another step sees. */
function leaves(each: JobPiece): boolean {
  return needsMachine(each) || (each.piece.kind !== 'check' && each.piece.kind !== 'node-install');
}

/** What to say of a step that reads a file which in CI is on another job's machine alone; none when an artifact or a cache may carry it. */
export function unsharedFiles(
  step: MachineStep,
  steps: readonly MachineStep[],
  known: { readonly receives: ReadonlySet<string>; readonly has: (path: string) => boolean },
): readonly string[] {
  if (known.receives.has(step.job)) return [];
  const made = madeBy(steps);
  const own = new Set(made.filter(({ machine }) => machine === step.machine).flatMap(({ files }) => files));
  return made.flatMap(({ machine, job, files }) =>
    machine === step.machine || job === step.job
      ? []
      : files
          .filter((path) => !own.has(path) && !path.startsWith('/') && !known.has(path) && readsFile(step.script, path))
          .map((path) => `in CI job ${step.job} has no ${path}: job ${job} makes it, and no artifact carries it over`),
  );
}

interface Making {
  readonly machine: string;
  readonly job: string;
  readonly files: readonly string[];
}

const makings = new WeakMap<readonly MachineStep[], readonly Making[]>();

/** The steps that make files, looked up once for all that are held against them. */
function madeBy(steps: readonly MachineStep[]): readonly Making[] {
  const before = makings.get(steps);
  if (before !== undefined) return before;
  const found = steps.flatMap(({ machine, job, script }): readonly Making[] => {
    const files = madeFiles(script);
    return files.length === 0 ? [] : [{ machine, job, files }];
  });
  makings.set(steps, found);
  return found;
}
