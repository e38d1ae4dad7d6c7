import { stepName } from '../../config/value-checks.ts';
import type { DecidedJob } from '../decided-pipeline.ts';
import { nodeMajor, pythonMinor } from '../versions.ts';
import type { PlacedInstall } from './install.ts';
import type { JobPiece } from './job-piece.ts';
import { contradiction, jobRequirements, type JobRequirements } from './job-requirements.ts';

/** Jobs that share a toolchain. */
export interface ToolchainGroup {
  /** Absent for the default one. */
  readonly name?: string;
  /** Their IDs. */
  readonly jobs: ReadonlySet<string>;
  /** For people: in what its first job differs from the jobs of the default one. */
  readonly why?: string;
}

/** What decides which jobs share a toolchain. */
export interface JobToolchainFacts {
  readonly jobs: readonly (DecidedJob & { readonly apart?: boolean })[];
  readonly installs: readonly PlacedInstall[];
  readonly pieces: readonly JobPiece[];
  /** The Python that was chosen for the jobs: `3.11`. */
  readonly python: string;
  /** True for a Python that every base has: another one would make a pipeline that not every machine can run. */
  readonly isEverywhere: (python: string) => boolean;
  readonly readText: (path: string) => string | undefined;
}

/** A job with what decides its toolchain. */
interface JobNeeds {
  readonly id: string;
  readonly apart: boolean;
  /** The one Python that it says; absent where it says none, or has several in a matrix. */
  readonly python: string | undefined;
  /** The Python of the leg that is carried over. */
  readonly leg: string | undefined;
  readonly node: string | undefined;
  readonly requirements: JobRequirements;
  readonly installed: string;
  /** Python packages whose programs its steps run. */
  readonly used: ReadonlySet<string>;
  readonly tests: ReadonlySet<string>;
}

/**
 * Groups jobs by the toolchain that they can share: all of them wherever one will do. A job has another one when it says another Python or Node
 * by itself (the legs of a matrix are versions of one job), when what it installs contradicts what the others do, or when it runs the very tests
 * of another job with other packages there. The first job that tests, in the Python that was chosen, has the default one.
 */
export function groupJobs(facts: JobToolchainFacts): readonly [ToolchainGroup, ...ToolchainGroup[]] {
  const withSteps = new Set(facts.pieces.map(({ job }) => job));
  const needs = facts.jobs.filter(({ id }) => withSteps.has(id)).map((job) => needsOf(job, facts));
  const isChosen = ({ leg }: JobNeeds): boolean => leg === undefined || leg === facts.python;
  const whole = needs.filter((each) => !each.apart);
  const main = whole.find((each) => each.tests.size > 0 && isChosen(each)) ?? whole.find(isChosen) ?? needs[0];
  const groups: { members: JobNeeds[]; why: string | undefined }[] = [{ members: [], why: undefined }];
  const inOrder = main === undefined ? [] : [main, ...needs.filter((each) => each !== main)];
  for (const job of inOrder) {
    let why: string | undefined;
    const fitting = groups.find(({ members }, index) => {
      const found = members.map((other) => difference(other, job, facts)).find((each) => each !== undefined);
      if (index === 0) why = found;
      return found === undefined;
    });
    if (fitting === undefined) groups.push({ members: [job], why });
    else fitting.members.push(job);
  }
  const [first, ...others] = groups;
  // Jobs without a step are asked for nothing, and stay where all are.
  const rest = facts.jobs.filter(({ id }) => !withSteps.has(id)).map(({ id }) => id);
  const idsOf = (members: readonly JobNeeds[]): readonly string[] => members.map(({ id }) => id);
  const taken = new Set<string>();
  return [
    { jobs: new Set([...idsOf(first?.members ?? []), ...rest]) },
    ...others.map(({ members, why }) => ({
      name: nameOf(members[0]?.id ?? '', taken),
      jobs: new Set(idsOf(members)),
      ...(why === undefined ? {} : { why }),
    })),
  ];
}

function needsOf(job: JobToolchainFacts['jobs'][number], { installs, pieces, readText }: JobToolchainFacts): JobNeeds {
  const own = installs.filter((each) => each.job === job.id);
  const mine = pieces.filter((piece) => piece.job === job.id);
  const leg = job.python === undefined ? undefined : pythonMinor(job.python.said);
  const node = job.node === undefined ? undefined : nodeMajor(job.node.said);
  return {
    id: job.id,
    apart: job.apart === true,
    leg,
    python: job.offers.python.length > 1 ? undefined : leg,
    node: job.offers.node.length > 1 ? undefined : node,
    requirements: jobRequirements(own, readText),
    installed: JSON.stringify(
      own
        .flatMap(({ install: { files, projects, tools, lock } }) => [...files, ...tools, ...projects, lock ?? []])
        .map((each) => JSON.stringify(each))
        .toSorted(),
    ),
    used: new Set(mine.flatMap(({ piece }) => piece.tools)),
    tests: new Set(
      mine.filter(({ piece }) => piece.kind === 'test').map(({ step, piece }) => `${step.cwd}\n${piece.script}`),
    ),
  };
}

/** Why two jobs can't share a toolchain; undefined when they can. */
function difference(a: JobNeeds, b: JobNeeds, { isEverywhere }: JobToolchainFacts): string | undefined {
  const apart = [a, b].find((each) => each.apart);
  if (apart !== undefined) return `job ${apart.id} is the rest of a job, with what it installs after its tests`;
  const [one, other] = [a.python ?? a.leg, b.python ?? b.leg];
  const isSaid = a.python !== undefined || b.python !== undefined;
  if (isSaid && one !== undefined && other !== undefined && one !== other && isEverywhere(one) && isEverywhere(other))
    return `job ${b.id} has Python ${other}, job ${a.id} ${one}`;
  if (a.node !== undefined && b.node !== undefined && a.node !== b.node)
    return `job ${b.id} has Node ${b.node}, job ${a.id} ${a.node}`;
  const found = contradiction(a.requirements, b.requirements, new Set([...a.used, ...b.used]));
  if (found !== undefined) return found;
  const isSame = [...a.tests].some((test) => b.tests.has(test));
  return isSame && a.installed !== b.installed
    ? `jobs ${a.id} and ${b.id} run one test with other packages`
    : undefined;
}

/** A job's ID as the name of a toolchain. */
function nameOf(id: string, taken: Set<string>): string {
  const plain = id.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[^\p{L}\p{N}]+|-+$/gu, '');
  const base = plain === '' || plain === 'default' || stepName(plain) !== undefined ? 'toolchain' : plain;
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`;
  taken.add(name);
  return name;
}
