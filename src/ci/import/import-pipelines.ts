import type { Config } from '../../config/config.ts';
import type { Detected } from '../../config/detect.ts';
import { decision, type Decision } from '../../config/detect/decision.ts';
import { within } from '../../config/detect/repo.ts';
import type { DecidedPipeline, DecidedStep, LeftOut } from '../decided-pipeline.ts';
import { nearest, pythonMinor } from '../versions.ts';
import { checkingJobs } from './checking-jobs.ts';
import { withComposeServices } from './compose-jobs.ts';
import { madeFiles, readsFile } from './made-files.ts';
import { withLateInstalls } from './late-installs.ts';
import { systemPackageOf, toolOf } from './command.ts';
import { installsOverLocks } from './over-locks.ts';
import { splitScript } from './split-script.ts';
import { importSteps, titleOf, type ImportedStep } from './import-steps.ts';
import type { PlacedInstall } from './install.ts';
import type { JobPiece } from './job-piece.ts';
import { withNewestPythons } from './newest-pythons.ts';
import { groupJobs, type ToolchainGroup } from './job-toolchains.ts';
import { type ImportFacts, type Job, type SplitJobs, placeText } from './import-facts.ts';
import { chooseToolchains } from './choose-toolchains.ts';
import { importServices } from './import-services.ts';

/** A config made of what CI runs, why each thing is in it, and what is not. */
export interface Imported extends Detected {
  readonly leftOut: readonly LeftOut[];
  /** Parts of CI that are no part of a pipeline here: `checkout`, `caching`. */
  readonly understood: readonly string[];
  /** The jobs that gave steps, in CI's order, and the file that each came from. */
  readonly jobs: readonly { readonly id: string; readonly file: string }[];
}

/** Turns decided pipelines into a config. The steps stand in CI's order. Pure but for `readText` and `has`. */
export function importPipelines(facts: ImportFacts): Imported {
  const { pipelines, detected, prefix } = facts;
  const { jobs: taken, pieces, ...rest } = takenJobs(facts);
  const jobs = withNewestPythons(taken, rest.installs, facts);
  const python = chosenPython(taken, facts.wanted.python.version);
  const { installs, leftOut: undone } = installsOverLocks(rest.installs, { python, readText: facts.readText });
  const leftOut: LeftOut[] = [...rest.leftOut, ...undone];
  const understood = new Set([...pipelines.flatMap((pipeline) => pipeline.understood), ...rest.understood]);
  const decisions: Decision[] = [];

  const withSteps = new Set(pieces.map(({ job }) => job));
  const services = importServices(
    jobs.filter(({ id }) => withSteps.has(id)),
    leftOut,
    decisions,
  );
  const groups = groupJobs({
    jobs,
    installs,
    pieces: pieces.filter(({ step }) => isInside(prefix, step.cwd)),
    python,
    isEverywhere: facts.isEverywhere,
    readText: facts.readText,
  });
  const steps = importSteps({
    pieces,
    toolchainOf: (job) => groups.find((group) => group.jobs.has(job))?.name,
    needs: new Map(jobs.map(({ id, needs, follows = [] }) => [id, [...new Set([...needs, ...follows])]])),
    withServices: new Set(
      services.length === 0 ? [] : jobs.filter((job) => job.services.length > 0).map(({ id }) => id),
    ),
    prefix,
    detected: detected.config.pipeline,
    taken: ['python', 'node', 'requirements'],
    has: facts.has,
    takesFrom: new Map(jobs.map(({ id, takesFrom }) => [id, takesFrom ?? []])),
    receives: new Set(jobs.filter((job) => job.receivesFiles === true).map(({ id }) => id)),
    handsOn: new Map(jobs.flatMap(({ id, handsOn }) => (handsOn === undefined ? [] : [[id, handsOn]]))),
  });
  leftOut.push(...steps.leftOut);
  for (const { config, from, notes } of steps.steps)
    decisions.push({
      ...decision(config.name, config.run, [`${placeText(from.place)}, job ${from.job}`, ...notes].join('; ')),
      kind: 'step',
    });
  const config: Config = {
    ...detected.config,
    ...chooseToolchains(facts, usedGroups(groups, steps.steps), { jobs, installs, pieces, leftOut, decisions }),
    services,
    ci: { variables: facts.system, checkout: 'clean', github: {}, gitlab: {} },
    pipeline: steps.steps.map(({ config: step }) => step),
  };
  const gave = new Set(steps.steps.flatMap(({ jobs: each }) => each));
  return {
    config,
    decisions,
    leftOut: sorted(leftOut),
    understood: [...understood],
    jobs: jobs.filter(({ id }) => gave.has(id)).map(({ id, file }) => ({ id, file })),
  };
}

/** The jobs that are imported and what their scripts hold, without the jobs that are not asked for. */
function takenJobs(facts: ImportFacts): SplitJobs & { readonly jobs: readonly Job[] } {
  // CI's checkout has no file that git ignores: a .env of this machine is none of its.
  const known = new Set(facts.files);
  const composed = withComposeServices(uniqueJobs(facts.pipelines), (path) =>
    known.has(path) ? facts.readText(path) : undefined,
  );
  const all = composed.jobs;
  const { jobs, ...split } = withLateInstalls(all, splitJobs(all, facts), facts.readText);
  const decided = [...facts.pipelines.flatMap(({ leftOut }) => leftOut), ...composed.leftOut];
  if (facts.jobs === 'all') return { ...split, jobs, leftOut: [...decided, ...split.leftOut] };
  const { taken, leftOut } = checkingJobs(jobs, split.pieces);
  const dropped = new Set(leftOut.map(({ what }) => what));
  // What was left out of a job that is left out as a whole says nothing more.
  const isDropped = ({ what }: LeftOut): boolean => dropped.has(/job \S+$/.exec(what)?.[0] ?? '');
  return {
    jobs: jobs.filter(({ id }) => taken.has(id)),
    installs: split.installs.filter(({ job }) => taken.has(job)),
    pieces: split.pieces.filter(({ job }) => taken.has(job)),
    leftOut: [...[...decided, ...split.leftOut].filter((each) => !isDropped(each)), ...leftOut],
    understood: split.understood,
  };
}

function splitJobs(jobs: readonly Job[], facts: ImportFacts): SplitJobs {
  const installs: PlacedInstall[] = [];
  const pieces: JobPiece[] = [];
  const leftOut: LeftOut[] = [];
  const understood: string[] = [];
  for (const job of jobs) {
    const missing = [...(job.missing ?? [])];
    const usedOutputs = outputsUsed(job.steps);
    const gone: string[] = [];
    for (const step of job.steps) {
      if (step.endsJob === true && facts.jobs === 'checks') {
        leftOut.push({
          place: step.place,
          what: `after_script of job ${job.id}`,
          why: 'its result counts for nothing in CI; parity init --from takes it',
        });
        continue;
      }
      const { files, readText } = facts;
      const parts = splitScript(step, { files, readText, usedOutputs, keepsPrints: facts.jobs === 'all' });
      if (gone.length > 0) {
        const why = `it runs without ${gone.join(', ')}, which an earlier step of its job uninstalls, and the image has`;
        if (parts.pieces.length > 0) leftOut.push({ place: step.place, what: titleOf(step), why });
        continue;
      }
      gone.push(...(parts.uninstalled ?? []));
      for (const install of parts.installs) installs.push({ install, place: step.place, job: job.id });
      const { line } = step.place.span;
      for (const { what, why, makes = [] } of parts.leftOut) {
        leftOut.push({ place: step.place, what: `${what} of job ${job.id}`, why });
        if (makes.length > 0) missing.push({ what, line, paths: makes });
      }
      understood.push(...parts.understood);
      if (parts.installs.length > 0) understood.push('installing packages (they are in the image)');
      if (step.tools.length > 0)
        installs.push({
          install: { files: [], projects: [], tools: step.tools, system: [], refused: [], byManager: false },
          place: step.place,
          job: job.id,
        });
      for (const piece of parts.pieces) {
        const lack = missing.find(
          (each) =>
            each.line <= line &&
            (runsProgram(piece.commands, each.program) || each.paths.some((path) => readsFile(piece.script, path))),
        );
        if (lack === undefined) {
          pieces.push({ job: job.id, step, piece, isWhole: parts.pieces.length === 1 });
          continue;
        }
        // What it makes of that is missing as well.
        const what = titleOf(step);
        const path = lack.paths.find((each) => readsFile(piece.script, each));
        const why =
          path === undefined
            ? `it runs ${lack.program ?? ''}, which is set up by what is left out: ${lack.what}`
            : `it reads ${path}, which is made by what is left out: ${lack.what}`;
        leftOut.push({ place: step.place, what, why });
        missing.push({ what, line, paths: madeFiles(piece.script) });
      }
    }
  }
  return { installs, pieces: withoutIdle(pieces), leftOut, understood };
}

/**
 * Pieces without what nobody needs: jobs of which only the arrival of another job's files is left, and legs that are as another one, once what told
 * them apart is left out (`docker compose run … --shard=1/4`).
 */
function withoutIdle(pieces: readonly JobPiece[]): readonly JobPiece[] {
  const kept: JobPiece[] = [];
  for (const job of new Set(pieces.map((piece) => piece.job))) {
    const own = pieces.filter((piece) => piece.job === job);
    if (own.every(({ step }) => step.arrives === true)) continue;
    const names = [...new Set(own.map(({ step }) => step.leg))];
    const legs = names.map((name) => own.filter(({ step }) => step.leg === name));
    const work = (leg: readonly JobPiece[]): string =>
      JSON.stringify(leg.map(({ piece, step }) => [piece.script, piece.env, step.env, step.cwd, step.secrets]));
    const known = new Set<string>();
    const different = legs.filter((leg) => !known.has(work(leg)) && known.add(work(leg)));
    const only = different.length === 1 && legs.length > 1;
    for (const { step, ...rest } of different.flat()) {
      const { leg, ...without } = step;
      kept.push({ ...rest, step: only || leg === undefined ? without : step });
    }
  }
  // In CI's order.
  return pieces.flatMap((piece) => kept.filter((each) => each.piece === piece.piece && each.job === piece.job));
}

/** Whether commands run a program that nothing else brings: no Python package and no Debian package that is known. */
function runsProgram(commands: readonly (readonly string[])[], program: string | undefined): boolean {
  if (program === undefined) return false;
  return commands.some(([first]) => {
    const command = { words: [{ text: first ?? '', start: 0, end: 0, dynamic: false }] };
    return first === program && toolOf(command) === undefined && systemPackageOf(command) === undefined;
  });
}

/** The ids of steps whose outputs the steps of a job use. */
function outputsUsed(steps: readonly DecidedStep[]): ReadonlySet<string> {
  const texts = steps.flatMap(({ script, env }) => [script, ...Object.values(env)]);
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/\$\{\{\s*steps\.([\w-]+)\.outputs\./g)].map(([, id]) => id ?? '')),
  );
}

/** Whether a folder is the project's, or in it. */
function isInside(prefix: string, folder: string): boolean {
  return folder === prefix || within(prefix, folder) !== undefined;
}

/** The groups whose jobs gave steps; the default one has no name that a step could say. */
function usedGroups(
  [main, ...others]: readonly [ToolchainGroup, ...ToolchainGroup[]],
  steps: readonly ImportedStep[],
): readonly [ToolchainGroup, ...ToolchainGroup[]] {
  return [main, ...others.filter(({ name }) => steps.some(({ config }) => config.toolchain === name))];
}

/** The Python of the jobs that is nearest to what is wanted. */
function chosenPython(jobs: readonly Job[], wanted: string): string {
  const legs = jobs.flatMap(({ python }) => (python === undefined ? [] : (pythonMinor(python.said) ?? [])));
  return nearest(legs, wanted, (leg) => leg) ?? wanted;
}

/** Jobs of several files may have one name. */
function uniqueJobs(pipelines: readonly DecidedPipeline[]): readonly Job[] {
  const taken = new Set<string>();
  return pipelines.flatMap(({ file: path, jobs }) => {
    const names = new Map<string, string>();
    for (const { id, place } of jobs) {
      const file = place.file.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
      let name = taken.has(id) ? `${file}-${id}` : id;
      for (let count = 2; taken.has(name); count += 1) name = `${file}-${id}-${count}`;
      names.set(id, name);
      taken.add(name);
    }
    const nameOf = (id: string): string => names.get(id) ?? id;
    return jobs.map((job) => ({
      ...job,
      file: path,
      id: nameOf(job.id),
      needs: job.needs.map(nameOf),
      follows: (job.follows ?? []).map(nameOf),
      takesFrom: (job.takesFrom ?? []).map(nameOf),
      steps: job.steps.map((step) => ({ ...step, job: nameOf(job.id) })),
    }));
  });
}

/** A line of a template is left out of each job that takes it: said once, with all of them. */
function mergedJobs(all: readonly LeftOut[]): readonly LeftOut[] {
  const groups = new Map<string, { readonly first: LeftOut; readonly part: string; readonly jobs: string[] }>();
  for (const each of all) {
    const [, part, job] = /^(.*) of job (.*?)$/s.exec(each.what) ?? [];
    const key = JSON.stringify([each.place.file, each.place.span.line, part ?? each.what, each.why]);
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, { first: each, part: part ?? each.what, jobs: job === undefined ? [] : [job] });
    else if (job !== undefined && !group.jobs.includes(job)) group.jobs.push(job);
  }
  return [...groups.values()].map(({ first, part, jobs }) =>
    jobs.length < 2 ? first : { ...first, what: `${part} of jobs ${jobs.join(', ')}` },
  );
}

/** In the files' order, each once. */
function sorted(all: readonly LeftOut[]): readonly LeftOut[] {
  const files = [...new Set(all.map(({ place }) => place.file))];
  const seen = new Set<string>();
  return mergedJobs(all)
    .filter(({ place, what, why }) => {
      const key = JSON.stringify([place.file, place.span.line, what, why]);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .toSorted(
      (a, b) => files.indexOf(a.place.file) - files.indexOf(b.place.file) || a.place.span.line - b.place.span.line,
    );
}
