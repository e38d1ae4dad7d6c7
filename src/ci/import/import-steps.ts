import { pathForm } from '../../config/check-paths.ts';
import type { StepConfig } from '../../config/config.ts';
import { detectedStep } from '../../config/detect/detected-step.ts';
import { inFolder, within } from '../../config/detect/repo.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { DecidedStep, LeftOut } from '../decided-pipeline.ts';
import { commandLine } from './command-line.ts';
import { keptPass } from './fetching.ts';
import { fixCommand } from './fix-command.ts';
import { JobMachines, machineOf, unsharedFiles, usesMachine, type MachineStep } from './job-machines.ts';
import { stepName, uniqueName } from './step-name.ts';
import { isActivation, type Piece } from './split-script.ts';
import type { JobPiece } from './job-piece.ts';

/** An imported step and where CI has it. */
export interface ImportedStep {
  readonly config: StepConfig;
  readonly from: DecidedStep;
  readonly notes: readonly string[];
  /** The jobs that do it. */
  readonly jobs: readonly string[];
}

/** What decides the steps. */
export interface StepFacts {
  /** The name of the toolchain that a job has; undefined for the default one. */
  readonly toolchainOf: (job: string) => string | undefined;
  readonly pieces: readonly JobPiece[];
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** Jobs that have services beside them. */
  readonly withServices: ReadonlySet<string>;
  /** The project's folder, relative to the repository's top. */
  readonly prefix: string;
  /** Detection's steps: an npm install has the inputs and volumes that those have. */
  readonly detected: readonly StepConfig[];
  readonly taken: readonly string[];
  readonly has: (path: string) => boolean;
  /** Jobs that may get files from other jobs: artifacts, caches. */
  readonly receives: ReadonlySet<string>;
  /** What later jobs get of a job's files, for people. */
  readonly handsOn: ReadonlyMap<string, string>;
  /** Jobs by the jobs that get their files. */
  readonly takesFrom: ReadonlyMap<string, readonly string[]>;
}

interface Placed extends ImportedStep, MachineStep {
  readonly kind: Piece['kind'];
  readonly jobs: string[];
  readonly always: boolean;
}

/**
 * Makes steps of the pieces, in CI's order, which is what `parity up --jobs 1` keeps. CI runs the steps of a job strictly one after another
 * and stops at the first that fails; here they may run side by side, so each gets the needs that keep its meaning and no more:
 *
 * - a *check* (black, mypy, eslint) only looks, so it waits for what came before it and makes files, and for no other check: one run shows
 *   all that is wrong, and it takes as long as the slowest;
 * - a *test* waits for the test before it in its job, too, since both write to one place (a coverage file, a database);
 * - what may use services or writes coverage (tests, and what nobody knows) takes turns with the other jobs that do: CI gives each its own
 *   database and folder, an environment has one;
 * - a *build* makes files from the sources alone: what follows waits for it, it waits only for what makes files;
 * - anything else may read or write whatever the others left, so it waits for all before it and all after it wait for it;
 * - between jobs what CI's `needs` says holds. Jobs that name none stand side by side.
 */
export function importSteps(facts: StepFacts): {
  readonly steps: readonly ImportedStep[];
  readonly leftOut: readonly LeftOut[];
} {
  const placed: Placed[] = [];
  const leftOut: LeftOut[] = [];
  const names = new Set(facts.taken);
  const byJob = new Map<string, Placed[]>();
  const perJob = new Map<string, number>();
  for (const { job } of facts.pieces) perJob.set(job, (perJob.get(job) ?? 0) + 1);
  // On the machine of all, services and a coverage file are there once: who uses them waits for who used them before.
  const turns = new Map<string, readonly string[]>();
  let lastTurn: string | undefined;
  const machines = new JobMachines(facts.pieces, facts.takesFrom);
  for (const one of facts.pieces) {
    const { job, step, piece } = one;
    const leave = (why: string): void => void leftOut.push({ place: step.place, what: titleOf(step), why });
    const folder = folderOf(step, facts);
    if (!folder.ok) {
      leave(folder.error);
      continue;
    }
    const machine = machineOf(one);
    const before = byJob.get(machine) ?? [];
    byJob.set(machine, before);
    const notes: string[] = [];
    const ownMachine = machines.nameOf(one);
    const made = withOutputs(configOf(one, { cwd: folder.value, ownMachine, facts, notes }), before);
    if (!made.ok) {
      leave(`it uses an output of step ${made.error}, which is not carried over`);
      continue;
    }
    const same = placed.find(
      (each) =>
        each.config.job === undefined &&
        ownMachine === undefined &&
        isSameWork(each.config, made.value) &&
        isSameState(each, piece.kind, before, byJob),
    );
    if (same !== undefined && !before.includes(same)) {
      // Each job of CI has a machine of its own and does it again.
      if (!same.jobs.includes(job)) same.jobs.push(job);
      before.push(same);
      continue;
    }
    const name = uniqueName(stepName(one, perJob.get(job) ?? 1), job, names);
    const isShared =
      ownMachine === undefined &&
      (piece.kind === 'test' || piece.kind === 'other') &&
      (facts.withServices.has(job) || /--cov\b|\bcoverage\b/.test(piece.script));
    if (isShared && !turns.has(machine)) {
      turns.set(machine, sinks(byJob.get(lastTurn ?? '') ?? []));
      lastTurn = machine;
    }
    const turn = isShared ? (turns.get(machine) ?? []) : [];
    const waits = waitingOf(one, { before, turn, placed, facts, byJob });
    const placedStep: Placed = {
      config: { ...made.value, name, ...waits },
      from: step,
      notes,
      // What leaves something elsewhere than in files is waited for as well.
      kind: usesMachine(piece.script) ? 'other' : piece.kind,
      script: piece.script,
      machine,
      job,
      jobs: [job],
      always: step.always,
    };
    placed.push(placedStep);
    before.push(placedStep);
  }
  return { steps: importedSteps(placed, facts), leftOut };
}

/** What a step waits for, and whether it runs whatever becomes of that. */
function waitingOf(
  { job, step, piece }: JobPiece,
  known: {
    readonly before: readonly Placed[];
    readonly turn: readonly string[];
    readonly placed: readonly Placed[];
    readonly facts: StepFacts;
    readonly byJob: ReadonlyMap<string, readonly Placed[]>;
  },
): Pick<StepConfig, 'needs' | 'always'> {
  const { before, turn, placed, facts, byJob } = known;
  // What ends a job asks each of its steps whether it has begun.
  if (step.endsJob === true && before.length > 0) return { needs: before.map(({ config }) => config.name) };
  const own = needsOf(piece.kind, step.always, before);
  const needs = own.length === 0 ? entryNeeds(job, facts, byJob) : own;
  const implied = impliedBy([...needs, ...turn], placed);
  const begins = own.length === 0 && needs.length > 0 && step.beginsAlways === true;
  return {
    needs: [...new Set([...needs, ...turn])].filter((need) => !implied.has(need)),
    ...(begins ? { always: true } : {}),
  };
}

/** What is to be known of each step. */
function importedSteps(placed: readonly Placed[], facts: StepFacts): readonly ImportedStep[] {
  return placed.map((each) => ({
    config: each.config,
    from: each.from,
    jobs: each.jobs,
    notes: [
      ...each.notes,
      ...(each.jobs.length > 1
        ? [`jobs ${each.jobs.join(', ')} each do it in CI`]
        : unsharedFiles(each, placed, facts)),
      ...(placed.find(({ job }) => job === each.job) === each ? moreFiles(each, placed, facts) : []),
    ],
  }));
}

/** What to say of the first step of a job that finds more files of another job than CI hands on. */
function moreFiles({ job, config }: Placed, placed: readonly Placed[], facts: StepFacts): readonly string[] {
  return (facts.takesFrom.get(job) ?? []).flatMap((giver) => {
    const isShared = placed.some((each) => each.job === giver && each.config.job === config.job);
    const handed = facts.handsOn.get(giver);
    return isShared && handed !== undefined
      ? [`CI hands on only ${handed} of job ${giver}; here all that it left is there`]
      : [];
  });
}

/** The folder that a step runs in, relative to the project's; Err with the reason why there is none. */
function folderOf({ cwd }: DecidedStep, { prefix, has }: StepFacts): Result<string, string> {
  const inside = within(prefix, cwd === prefix ? `${cwd}/` : cwd);
  const folder = prefix === '.' ? cwd : inside === '' ? '.' : inside;
  if (folder === undefined) return err(`it runs in ${cwd}, outside this folder`);
  return cwd !== '.' && !has(cwd) ? err(`there is no folder ${cwd}`) : ok(folder);
}

/** Outputs of earlier steps by the names that those have here; Err with the id of a step that is not here. */
function withOutputs(config: StepConfig, before: readonly Placed[]): Result<StepConfig, string> {
  let missing: string | undefined;
  const named = (text: string): string =>
    text.replace(/(\$\{\{\s*steps\.)([\w-]+)(\.outputs\.)/g, (whole, head: string, id: string, tail: string) => {
      const from = before.findLast(({ from: step }) => step.id === id);
      if (from === undefined) missing ??= id;
      return from === undefined ? whole : `${head}${from.config.name}${tail}`;
    });
  const env = Object.fromEntries(Object.entries(config.env).map(([name, value]) => [name, named(value)]));
  const made = { ...config, run: named(config.run), env };
  return missing === undefined ? ok(made) : err(missing);
}

function isSameWork(a: StepConfig, b: StepConfig): boolean {
  return (
    JSON.stringify([a.run, a.cwd, a.env, a.secrets, a.passEnv, a.toolchain, a.allowFailure]) ===
    JSON.stringify([b.run, b.cwd, b.env, b.secrets, b.passEnv, b.toolchain, b.allowFailure])
  );
}

/** What only looks, or installs what a lock file says, comes out the same on any machine; the rest does after the same steps. */
function isSameState(
  one: Placed,
  kind: Piece['kind'],
  before: readonly Placed[],
  byJob: ReadonlyMap<string, readonly Placed[]>,
): boolean {
  if (kind === 'check' || kind === 'node-install') return true;
  const there = [...byJob.values()].find((steps) => steps.includes(one)) ?? [];
  const until = there.slice(0, there.indexOf(one));
  return until.length === before.length && before.every((each) => until.includes(each));
}

/**
 * Steps of the same machine that a step waits for: those that make files, the tests before a test, and all of them before anything else, unless it runs
 * whatever became of them: then the tests, whose results it reads. */
function needsOf(kind: Piece['kind'], always: boolean, before: readonly Placed[]): readonly string[] {
  const makes = (each: Placed): boolean =>
    each.kind === 'other' || each.kind === 'build' || each.kind === 'node-install';
  return before
    .filter(
      (each) =>
        makes(each) ||
        (kind === 'test' && each.kind === 'test') ||
        (kind === 'other' && (!always || each.kind === 'test')),
    )
    .map(({ config }) => config.name);
}

/** Names that the others wait for already. */
function impliedBy(names: readonly string[], placed: readonly Placed[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const config = placed.find((each) => each.config.name === name)?.config;
    // What runs in any case says nothing of what it waits for.
    for (const need of config?.always === undefined ? (config?.needs ?? []) : []) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  for (const name of names) visit(name);
  return found;
}

/** The steps that no other of them waits for. */
function sinks(steps: readonly Placed[]): readonly string[] {
  const inner = new Set(steps.flatMap(({ config }) => (config.always === undefined ? config.needs : [])));
  return steps.map(({ config }) => config.name).filter((name) => !inner.has(name));
}

/** The last steps of the jobs that a job waits for; a job without steps hands on what it waits for itself. */
function entryNeeds(
  job: string,
  facts: StepFacts,
  byJob: ReadonlyMap<string, readonly Placed[]>,
  trail: readonly string[] = [],
): readonly string[] {
  const found = (facts.needs.get(job) ?? []).flatMap((need): readonly string[] => {
    if (trail.includes(need) || need === job) return [];
    const machines = [...byJob].filter(([machine]) => machine.startsWith(`${need}\n`));
    if (machines.length === 0) return entryNeeds(need, facts, byJob, [...trail, job]);
    return machines.flatMap(([, steps]) => sinks(steps));
  });
  return [...new Set(found)];
}

function configOf(
  { job, step, piece }: JobPiece,
  {
    cwd,
    ownMachine,
    facts,
    notes,
  }: {
    readonly cwd: string;
    readonly ownMachine: string | undefined;
    readonly facts: StepFacts;
    readonly notes: string[];
  },
): StepConfig {
  const env = Object.fromEntries(
    Object.entries(step.env).filter(
      ([name, value]) =>
        ((!/^(?:GITHUB|RUNNER|CI|UV)_/.test(name) && !isActivation(value)) ||
          piece.script.includes(name) ||
          (name === 'UV_NO_SYNC' && piece.tools.includes('uv'))) &&
        // A step of a job has these files.
        (ownMachine === undefined || value !== '/dev/null' || !name.startsWith('GITHUB_')),
    ),
  );
  const inProject = (folder: string): readonly string[] => {
    const inside = within(facts.prefix === '.' ? '.' : facts.prefix, folder);
    return inside === undefined ? (folder === facts.prefix ? ['.'] : []) : [inside];
  };
  const kept = piece.environments.flatMap(inProject).flatMap((folder) => within(cwd, folder) ?? []);
  const filled = piece.installsNode.flatMap(inProject).flatMap((folder) => volumesOf(folder, cwd, facts.detected));
  // A folder that only a shell could tell is none that a volume can be put at.
  const volumes = [...filled, ...kept].filter(
    (volume) => pathForm(volume, cwd) === undefined && !/[*?[\]:$`{}]/.test(volume),
  );
  const inputs =
    piece.kind === 'node-install' ? facts.detected.find((each) => isInstallOf(each, cwd))?.inputs : undefined;
  const fix = step.mayFail === undefined ? fixCommand(piece.script) : undefined;
  const toolchain = facts.toolchainOf(job);
  return detectedStep({
    name: '',
    ...(ownMachine === undefined ? {} : { job: ownMachine }),
    ...(toolchain === undefined ? {} : { toolchain }),
    run: commandLine(step, piece, notes),
    ...(fix === undefined ? {} : { fix }),
    cwd,
    env: { ...piece.env, ...env },
    passEnv: step.passEnv,
    secrets: step.secrets,
    ...(inputs === undefined ? {} : { inputs }),
    volumes: [...new Set(volumes)],
    network: piece.network ? 'full' : facts.withServices.has(job) ? 'services' : 'none',
    ...keptPass(piece.fetching),
    ...(step.timeoutSeconds === undefined ? {} : { timeoutSeconds: step.timeoutSeconds }),
    ...(step.always && facts.pieces.some((each) => each.step !== step && each.job === job)
      ? { always: step.endsJob === true ? 'started' : true }
      : {}),
    ...(step.mayFail === undefined ? {} : { allowFailure: endsItsJob(step, ownMachine, facts) ? 'job' : 'step' }),
  });
}

/** Whether its failure is allowed since its job's is, of which other steps are here: those are not run after it. */
function endsItsJob({ job, mayFailAsJob }: DecidedStep, machine: string | undefined, { pieces }: StepFacts): boolean {
  return mayFailAsJob === true && machine !== undefined && pieces.filter((each) => each.job === job).length > 1;
}

function isInstallOf(step: StepConfig, cwd: string): boolean {
  return step.cwd === cwd && step.volumes.some((volume) => volume === 'node_modules');
}

/** The folders that an install fills, relative to the step's. */
function volumesOf(folder: string, cwd: string, detected: readonly StepConfig[]): readonly string[] {
  const known = detected.find((each) => isInstallOf(each, folder))?.volumes ?? ['node_modules'];
  const relative = cwd === folder ? '.' : within(cwd, folder);
  return relative === undefined ? [] : known.map((volume) => inFolder(relative, volume));
}

/** A step for people: its title, or its first line, and its job. */
export function titleOf(step: DecidedStep): string {
  const [line = ''] = step.script.split('\n');
  return step.title === undefined ? `\`${line}\` of job ${step.job}` : `step "${step.title}" of job ${step.job}`;
}
