import type { Config, NamedToolchain, Toolchain } from '../../config/config.ts';
import { decision, type Decision } from '../../config/detect/decision.ts';
import { nodeVersion, pythonVersion } from '../../config/value-checks.ts';
import type { DecidedTool, DecidedVersion, LeftOut } from '../decided-pipeline.ts';
import { nearest, nodeMajor, pythonMinor } from '../versions.ts';
import type { WantedVersion } from '../wanted-versions.ts';
import { consistentInstalls } from './contradictions.ts';
import { type Piece } from './split-script.ts';
import { importManagers } from './import-managers.ts';
import { importToolchain, type PlacedLine } from './import-toolchain.ts';
import { type ToolchainGroup } from './job-toolchains.ts';
import { processLists } from './tested-programs.ts';
import { type ImportFacts, type Job, type SplitJobs, placeText } from './import-facts.ts';

/** What toolchains are chosen from, and where is written down what is to be said of them. */
interface ToolchainSources extends Pick<SplitJobs, 'installs' | 'pieces'> {
  readonly jobs: readonly Job[];
  readonly leftOut: LeftOut[];
  readonly decisions: Decision[];
}

/** A toolchain for each group of jobs. */
export function chooseToolchains(
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

/** The toolchain that jobs of CI use; what they do not say is as detection has it. */
function chooseToolchain(
  { detected, readText, prefix, wanted, system, isEverywhere, files, testedPrograms = [] }: ImportFacts,
  name: string | undefined,
  { jobs, installs, pieces, leftOut, decisions }: ToolchainSources,
): Toolchain {
  const before = detected.config.toolchain;
  const hasTests = name === undefined || pieces.some(({ piece }) => piece.kind === 'test');
  // GitLab's jobs run in an image of their own, as some of GitHub's do: what is in those is not known.
  const isKnown = system === 'github' && jobs.some(({ ownImage }) => ownImage !== true);
  const usesNode =
    (name === undefined && before.node !== undefined) ||
    jobs.some(({ node }) => node !== undefined) ||
    pieces.some(({ piece }) => piece.runsOnNode);
  const consistent = consistentInstalls(installs, readText);
  leftOut.push(...consistent.leftOut);
  decisions.push(...consistent.decisions);
  const toolchain = importToolchain({
    installs: consistent.installs,
    used: [...pieces.flatMap(({ piece }) => piece.tools), ...foundTools(jobs, pieces, readText)],
    installers: [
      ...jobs.flatMap(({ setUp = [] }) => setUp.flatMap(installerLine)),
      ...installs.flatMap(({ install, place }) => (install.installers ?? []).map((line) => ({ line, place }))),
    ],
    usedSystem: pieces.flatMap(({ piece }) => piece.system),
    testedPrograms: isKnown
      ? [...(hasTests ? testedPrograms : []), ...(usesNode ? processLists(files, readText) : [])]
      : [],
    needsPackages: pieces.some(({ piece }) => !makesOwnEnvironment(piece) && (name === undefined || !isNodes(piece))),
    testing: new Set(pieces.filter(({ piece }) => runsTests(piece)).map(({ job }) => job)),
    detected: { toolchain: before, decisions: detected.decisions },
    readText,
    prefix,
    isNamed: name !== undefined,
  });
  leftOut.push(...toolchain.leftOut);
  decisions.push(...toolchain.decisions);
  // A pipeline that needs a registry for one job alone would run on fewer machines: there it has the others' Python.
  const isReady = (version: string): boolean =>
    name === undefined || !isEverywhere(wanted.python.version) || isEverywhere(version);
  const versions = { jobs, detected: detected.decisions, leftOut, decisions };
  const python = chooseVersion('python', wanted.python, { ...versions, isReady });
  const node = usesNode ? chooseVersion('node', wanted.node, versions) : undefined;
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

/**
 * Tools that no step calls by name, and that a program of a step takes when they are in PATH: nox makes its environments with uv then, and tox
 * with a tox-uv that brings none (tox-uv-bare).
 */
function foundTools(
  jobs: readonly Job[],
  pieces: SplitJobs['pieces'],
  readText: ImportFacts['readText'],
): readonly string[] {
  const withUv = new Set(jobs.filter(({ hasUv }) => hasUv === true).map(({ id }) => id));
  const runs = (tool: string): boolean =>
    pieces.some(({ job, piece }) => withUv.has(job) && piece.tools.includes(tool));
  const isBare = (): boolean =>
    ['tox.ini', 'tox.toml', 'pyproject.toml', 'setup.cfg'].some((name) =>
      /tox[-_.]uv[-_.]bare/i.test(readText(name) ?? ''),
    );
  return runs('nox') || (runs('tox') && isBare()) ? ['uv'] : [];
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

function runsTests({ kind, script }: Piece): boolean {
  return kind === 'test' || /\b(?:pytest|unittest|py\.test|nose2|manage\.py test)\b/.test(script);
}

/** tox, nox and pre-commit make environments of their own: they need nothing of the project's in the image. */
function makesOwnEnvironment({ tools }: Piece): boolean {
  return tools.length > 0 && tools.every((tool) => /^(?:tox|nox|pre-commit|hatch)$/.test(tool));
}

/** Node's programs alone, and nothing of Python's in what they call. */
function isNodes({ commands, tools }: Piece): boolean {
  return (
    tools.length === 0 &&
    commands.length > 0 &&
    commands.every(([program = '']) => /^(?:npm|npx|pnpm|pnpx|yarn|jlpm|bun|bunx|node|corepack)$/.test(program))
  );
}

/** What a version is chosen from, and where is written down what is to be said of it. */
interface VersionSources extends Pick<ToolchainSources, 'jobs' | 'leftOut' | 'decisions'> {
  readonly detected: readonly Decision[];
  /** False for a version that not every machine can have. Absent = all of them. */
  readonly isReady?: (version: string) => boolean;
}

function chooseVersion(
  subject: 'python' | 'node',
  { version: wanted, why }: WantedVersion,
  { jobs, detected, leftOut, decisions, isReady = () => true }: VersionSources,
): string {
  const shortOf = subject === 'python' ? pythonMinor : nodeMajor;
  const said = jobs.flatMap(
    (job): { readonly job: string; readonly version: DecidedVersion; readonly short: string }[] => {
      const version = job[subject];
      const short = version === undefined ? undefined : shortOf(version.said);
      return version === undefined || short === undefined ? [] : [{ job: job.id, version, short }];
    },
  );
  const title = subject === 'python' ? 'Python' : 'Node';
  const leaveOthers = (short: string, choice: string): void => {
    for (const { job, version } of said.filter((each) => each.short !== short))
      leftOut.push({
        place: version.place,
        what: `${title} ${version.said} of job ${job}`,
        why: `the image has one ${title}, ${choice}`,
      });
  };
  const ready = said.filter(({ short }) => isReady(short));
  const chosen = nearest(ready, wanted, ({ short }) => short);
  if (chosen === undefined && said.length > 0) {
    leaveOthers(wanted, wanted);
    const others = [...new Set(said.map(({ short }) => short))].join(', ');
    decisions.push({
      ...decision(subject, wanted, `as the other steps; CI has ${others} here, which not every base has`),
      kind: 'toolchain',
    });
    return wanted;
  }
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
  leaveOthers(chosen.short, choice);
  return choice;
}
