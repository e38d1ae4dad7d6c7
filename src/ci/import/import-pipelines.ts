import type { Config, NamedToolchain, Service, Toolchain } from '../../config/config.ts';
import type { Detected } from '../../config/detect.ts';
import { decision, type Decision } from '../../config/detect/decision.ts';
import { within } from '../../config/detect/repo.ts';
import { serviceName, imageReference, nodeVersion, pythonVersion } from '../../config/value-checks.ts';
import type {
  CiPlace,
  DecidedJob,
  DecidedPipeline,
  DecidedService,
  DecidedStep,
  DecidedTool,
  DecidedVersion,
  LeftOut,
} from '../decided-pipeline.ts';
import { nearest, nodeMajor, pythonMinor } from '../versions.ts';
import type { CiSystem } from '../model.ts';
import type { WantedVersion } from '../wanted-versions.ts';
import { checkingJobs } from './checking-jobs.ts';
import { consistentInstalls } from './contradictions.ts';
import { madeFiles, readsFile } from './made-files.ts';
import { splitScript, type Piece } from './split-script.ts';
import type { TestedProgram } from './tested-programs.ts';
import { importManagers } from './import-managers.ts';
import { importSteps, titleOf, type ImportedStep } from './import-steps.ts';
import { importToolchain, type PlacedLine } from './import-toolchain.ts';
import type { PlacedInstall } from './install.ts';
import type { JobPiece } from './job-piece.ts';
import { groupJobs, type ToolchainGroup } from './job-toolchains.ts';

/** CI's pipelines and the repository they are for. */
export interface ImportFacts {
  readonly pipelines: readonly DecidedPipeline[];
  readonly system: CiSystem;
  /** All jobs that run for a change, or those that check the code. */
  readonly jobs: 'all' | 'checks';
  /** The one Python and Node that were chosen of CI's, with what to say of it. */
  readonly wanted: { readonly python: WantedVersion; readonly node: WantedVersion };
  /** True for a Python that every base has. */
  readonly isEverywhere: (python: string) => boolean;
  /** What detection makes of the project: what CI leaves unsaid is as it says. */
  readonly detected: Detected;
  /** The project's folder, relative to the repository's top; `.` for the top itself. */
  readonly prefix: string;
  /** Gives the text of a file (relative to the repository's top); undefined when there is none. */
  readonly readText: (path: string) => string | undefined;
  /** True for a file or folder of the repository. */
  readonly has: (path: string) => boolean;
  /** The files that git does not ignore, relative to the repository's top. */
  readonly files: readonly string[];
  /** What the tests of the project start that CI's machines have. Absent = none. */
  readonly testedPrograms?: readonly TestedProgram[];
}

/** A config made of what CI runs, why each thing is in it, and what is not. */
export interface Imported extends Detected {
  readonly leftOut: readonly LeftOut[];
  /** Parts of CI that are no part of a pipeline here: `checkout`, `caching`. */
  readonly understood: readonly string[];
  /** The jobs that gave steps, in CI's order, and the file that each came from. */
  readonly jobs: readonly { readonly id: string; readonly file: string }[];
}

/** What all scripts of the jobs hold: packages to install, and pieces that become steps. */
interface SplitJobs {
  readonly installs: readonly PlacedInstall[];
  readonly pieces: readonly JobPiece[];
  readonly leftOut: readonly LeftOut[];
  readonly understood: readonly string[];
}

/** Turns decided pipelines into a config. The steps stand in CI's order. Pure but for `readText` and `has`. */
export function importPipelines(facts: ImportFacts): Imported {
  const { pipelines, detected, prefix } = facts;
  const { jobs, installs, pieces, ...rest } = takenJobs(facts);
  const leftOut: LeftOut[] = [...rest.leftOut];
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
    python: chosenPython(jobs, facts.wanted.python.version),
    isEverywhere: facts.isEverywhere,
    readText: facts.readText,
  });
  const steps = importSteps({
    pieces,
    toolchainOf: (job) => groups.find((group) => group.jobs.has(job))?.name,
    needs: new Map(jobs.map(({ id, needs }) => [id, needs])),
    withServices: new Set(
      services.length === 0 ? [] : jobs.filter((job) => job.services.length > 0).map(({ id }) => id),
    ),
    prefix,
    detected: detected.config.pipeline,
    taken: ['python', 'node', 'requirements'],
    has: facts.has,
    takesFrom: new Map(jobs.map(({ id, takesFrom }) => [id, takesFrom ?? []])),
    receives: new Set(jobs.filter((job) => job.receivesFiles === true).map(({ id }) => id)),
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
  const jobs = uniqueJobs(facts.pipelines);
  const split = splitJobs(jobs, facts);
  const decided = facts.pipelines.flatMap(({ leftOut }) => leftOut);
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
    for (const step of job.steps) {
      const parts = splitScript(step, { files: facts.files, readText: facts.readText, usedOutputs });
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
          (each) => each.line <= line && each.paths.some((path) => readsFile(piece.script, path)),
        );
        if (lack === undefined) {
          pieces.push({ job: job.id, step, piece, isWhole: parts.pieces.length === 1 });
          continue;
        }
        // What it makes of that is missing as well.
        const what = titleOf(step);
        const path = lack.paths.find((each) => readsFile(piece.script, each)) ?? '';
        leftOut.push({
          place: step.place,
          what,
          why: `it reads ${path}, which is made by what is left out: ${lack.what}`,
        });
        missing.push({ what, line, paths: madeFiles(piece.script) });
      }
    }
  }
  return { installs, pieces, leftOut, understood };
}

/** The requirement line of a tool that an action sets up: `uv==0.9.2`, `uv==0.9.*`; none for a version that moves. */
function installerLine({ name, version: { said, place } }: DecidedTool): readonly PlacedLine[] {
  const text = said.trim().replace(/^v(?=\d)/, '');
  if (/^(?:[~=!<>]=?|===)\s*\d/.test(text)) return [{ line: `${name}${text.replace(/\s+/g, '')}`, place }];
  const [, digits, rest] = /^(\d+(?:\.\d+)*)(\.[x*])?$/.exec(text) ?? [];
  if (digits === undefined) return [];
  const isWhole = rest === undefined && digits.split('.').length >= 3;
  return [{ line: `${name}==${digits}${isWhole ? '' : '.*'}`, place }];
}

/** The ids of steps whose outputs the steps of a job use. */
function outputsUsed(steps: readonly DecidedStep[]): ReadonlySet<string> {
  const texts = steps.flatMap(({ script, env }) => [script, ...Object.values(env)]);
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/\$\{\{\s*steps\.([\w-]+)\.outputs\./g)].map(([, id]) => id ?? '')),
  );
}

/** What toolchains are chosen from, and where is written down what is to be said of them. */
interface ToolchainSources extends Pick<SplitJobs, 'installs' | 'pieces'> {
  readonly jobs: readonly Job[];
  readonly leftOut: LeftOut[];
  readonly decisions: Decision[];
}

/** A toolchain for each group of jobs. */
function chooseToolchains(
  facts: ImportFacts,
  groups: readonly [ToolchainGroup, ...ToolchainGroup[]],
  sources: ToolchainSources,
): Pick<Config, 'toolchain' | 'toolchains'> {
  const choose = (group: ToolchainGroup): Toolchain => {
    const decisions: Decision[] = [];
    const toolchain = chooseToolchain(facts, group.name, {
      ...sources,
      jobs: sources.jobs.filter(({ id }) => group.jobs.has(id)),
      installs: sources.installs.filter(({ job }) => group.jobs.has(job)),
      pieces: sources.pieces.filter(({ job }) => group.jobs.has(job)),
      decisions,
    });
    const { name, why } = group;
    if (name === undefined) sources.decisions.push(...decisions);
    else {
      const about = decision(name, `a toolchain of its own`, why ?? 'it differs from the others');
      sources.decisions.push(
        ...[{ ...about, kind: 'toolchain' as const }, ...decisions].map((each) => ({ ...each, toolchain: name })),
      );
    }
    return toolchain;
  };
  const [main, ...others] = groups;
  const toolchain = choose(main);
  const toolchains = others.map((group): NamedToolchain => ({ name: group.name ?? '', ...choose(group) }));
  return { toolchain, ...(toolchains.length === 0 ? {} : { toolchains }) };
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

/** The toolchain that jobs of CI use; what they do not say is as detection has it. */
function chooseToolchain(
  { detected, readText, prefix, wanted, system, testedPrograms = [] }: ImportFacts,
  name: string | undefined,
  { jobs, installs, pieces, leftOut, decisions }: ToolchainSources,
): Toolchain {
  const before = detected.config.toolchain;
  const hasTests = name === undefined || pieces.some(({ piece }) => piece.kind === 'test');
  const consistent = consistentInstalls(installs, readText);
  leftOut.push(...consistent.leftOut);
  decisions.push(...consistent.decisions);
  const toolchain = importToolchain({
    installs: consistent.installs,
    used: pieces.flatMap(({ piece }) => piece.tools),
    installers: [
      ...jobs.flatMap(({ setUp = [] }) => setUp.flatMap(installerLine)),
      ...installs.flatMap(({ install, place }) => (install.installers ?? []).map((line) => ({ line, place }))),
    ],
    usedSystem: pieces.flatMap(({ piece }) => piece.system),
    // GitLab's jobs run in an image of their own, as some of GitHub's do: what is in those is not known.
    testedPrograms:
      system === 'github' && jobs.some(({ ownImage }) => ownImage !== true) && hasTests ? testedPrograms : [],
    needsPackages: pieces.some(({ piece }) => !makesOwnEnvironment(piece)),
    testing: new Set(pieces.filter(({ piece }) => runsTests(piece)).map(({ job }) => job)),
    detected: { toolchain: before, decisions: detected.decisions },
    readText,
    prefix,
    isNamed: name !== undefined,
  });
  leftOut.push(...toolchain.leftOut);
  decisions.push(...toolchain.decisions);
  const python = chooseVersion('python', jobs, wanted.python, detected.decisions, leftOut, decisions);
  const usesNode =
    (name === undefined && before.node !== undefined) ||
    jobs.some(({ node }) => node !== undefined) ||
    pieces.some(({ piece }) => piece.runsOnNode);
  const node = usesNode ? chooseVersion('node', jobs, wanted.node, detected.decisions, leftOut, decisions) : undefined;
  const managers = importManagers({
    jobs,
    installs,
    commands: pieces.flatMap(({ piece, step }) => piece.commands.map((words) => ({ words, place: step.place }))),
    detected: before.managers ?? [],
  });
  if (node !== undefined) leftOut.push(...managers.leftOut);
  if (node !== undefined) decisions.push(...managers.decisions);
  return {
    python,
    ...(node === undefined ? {} : { node }),
    ...(node === undefined || managers.wishes.length === 0 ? {} : { managers: managers.wishes }),
    tools: toolchain.tools,
    requirements: toolchain.requirements,
    system: toolchain.system,
    ...(toolchain.build === undefined ? {} : { build: toolchain.build }),
  };
}

function runsTests({ kind, script }: Piece): boolean {
  return kind === 'test' || /\b(?:pytest|unittest|py\.test|nose2|manage\.py test)\b/.test(script);
}

/** tox, nox and pre-commit make environments of their own: they need nothing of the project's in the image. */
function makesOwnEnvironment({ tools }: Piece): boolean {
  return tools.length > 0 && tools.every((tool) => /^(?:tox|nox|pre-commit|hatch)$/.test(tool));
}

interface Job extends DecidedJob {
  /** The CI file that it runs for. */
  readonly file: string;
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
      takesFrom: (job.takesFrom ?? []).map(nameOf),
      steps: job.steps.map((step) => ({ ...step, job: nameOf(job.id) })),
    }));
  });
}

function importServices(jobs: readonly Job[], leftOut: LeftOut[], decisions: Decision[]): readonly Service[] {
  const services: { readonly made: Service; readonly from: DecidedService }[] = [];
  for (const job of jobs)
    for (const from of job.services) {
      const name = hostName(from.name);
      const leave = (why: string): void =>
        void leftOut.push({ place: from.place, what: `service ${from.name} of job ${job.id}`, why });
      const complaint = imageReference(from.image);
      const made: Service = {
        name,
        image: from.image,
        env: from.env,
        ...(from.command === undefined ? {} : { command: from.command }),
        ...(from.ready === undefined ? {} : { ready: from.ready }),
        readyTimeoutSeconds: from.readySeconds ?? 60,
        ports: from.ports,
      };
      const other = services.find(
        (each) => each.made.name === name || each.made.ports.some((port) => made.ports.includes(port)),
      );
      if (complaint !== undefined) leave(complaint.message);
      else if (other === undefined) {
        services.push({ made, from });
        decisions.push({ ...decision(name, from.image, `${placeText(from.place)}, job ${job.id}`), kind: 'service' });
      } else if (JSON.stringify(other.made) !== JSON.stringify(made)) {
        const port = other.made.ports.find((each) => made.ports.includes(each));
        leave(
          port === undefined
            ? `there is a service ${name} already`
            : `${other.made.name} listens on port ${port} already; all services are at localhost`,
        );
      }
    }
  return services.map(({ made }) => made);
}

/** A service is reached by its name: what no host can be called is made into a name. */
function hostName(name: string): string {
  if (serviceName(name) === undefined) return name;
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return plain === '' || plain === 'localhost' ? 'service' : plain;
}

function chooseVersion(
  subject: 'python' | 'node',
  jobs: readonly Job[],
  { version: wanted, why }: WantedVersion,
  detected: readonly Decision[],
  leftOut: LeftOut[],
  decisions: Decision[],
): string {
  const shortOf = subject === 'python' ? pythonMinor : nodeMajor;
  const said = jobs.flatMap(
    (job): { readonly job: string; readonly version: DecidedVersion; readonly short: string }[] => {
      const version = job[subject];
      const short = version === undefined ? undefined : shortOf(version.said);
      return version === undefined || short === undefined ? [] : [{ job: job.id, version, short }];
    },
  );
  const chosen = nearest(said, wanted, ({ short }) => short);
  if (chosen === undefined) {
    const found = detected.find((each) => each.subject === subject);
    const unasked = subject === 'node' ? "a step runs on it; CI's machines have it unasked" : 'CI names none';
    decisions.push({ ...(found ?? decision(subject, wanted, unasked)), kind: 'toolchain' });
    return wanted;
  }
  const plain = chosen.version.said
    .trim()
    .replace(/^(?:c?python|node)[-@:]?/, '')
    .replace(/^v/, '');
  const check = subject === 'python' ? pythonVersion : nodeVersion;
  const choice = check(plain) === undefined ? plain : chosen.short;
  decisions.push({
    ...decision(
      subject,
      choice,
      [`${placeText(chosen.version.place)}: ${chosen.version.how}`, ...(why === undefined ? [] : [why])].join('; '),
    ),
    kind: 'toolchain',
  });
  const title = subject === 'python' ? 'Python' : 'Node';
  for (const { job, version, short } of said)
    if (short !== chosen.short)
      leftOut.push({
        place: version.place,
        what: `${title} ${version.said} of job ${job}`,
        why: `the image has one ${title}, ${choice}`,
      });
  return choice;
}

function placeText({ file, span }: CiPlace): string {
  return `${file}:${span.line}`;
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
