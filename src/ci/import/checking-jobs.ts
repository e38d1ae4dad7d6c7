import type { DecidedJob, LeftOut } from '../decided-pipeline.ts';
import { commandKind } from './command.ts';
import type { JobPiece } from './job-piece.ts';

/** The jobs that check the code, and the others, each with the reason why it is none. */
export interface CheckingJobs {
  readonly taken: ReadonlySet<string>;
  readonly leftOut: readonly LeftOut[];
}

/** What a job is there for by its name, where that is not checking the code. */
interface Purpose {
  readonly name: RegExp;
  readonly why: string;
  /** Holds although commands of the job check or test something. */
  readonly always?: boolean;
}

const purposes: readonly Purpose[] = [
  { name: /^(?:release|releases|publish|deploy|deployment|pypi|upload)$/, why: 'it releases', always: true },
  { name: /^(?:bench|benchmark|benchmarks|perf|codspeed)$/, why: 'it measures speed', always: true },
  { name: /^(?:docs?|documentation|website|site|pages|rtd)$/, why: 'it is for the documentation' },
  { name: /^(?:wheels?|sdist|dist|package|packages|packaging|pkg)$/, why: 'it builds packages' },
  { name: /^(?:docker|image|images|container|containers)$/, why: 'it builds images' },
  {
    name: /^(?:stale|labels?|labell?er|triage|greetings?|backport|automerge|dependabot|renovate|changelog|bump)$/,
    why: "it keeps the repository's house",
  },
  { name: /^(?:nightly|weekly|cron|schedule|scheduled)$/, why: 'it is not for each change' },
];

/** Programs whose one call runs many checks: tox, make. */
const taskRunner = /^(?:tox|nox|pre-commit|pre-commit-uv|hatch|just|task|invoke|inv|poe|make|doit|pants|bazel)$/;

const asideTask =
  /^(?:docs?|html|linkcheck|build|dist|sdist|wheel|publish|release|clean|install|setup|bench\S*|deploy)$/;

/**
 * Chooses the jobs that check the code: what tests, lints or checks types, and what stands beside it without another purpose. A job that another
 * purpose's name stands on (docs, packages) counts when it tests or checks all the same; one that releases or measures does not.
 */
export function checkingJobs(jobs: readonly DecidedJob[], pieces: readonly JobPiece[]): CheckingJobs {
  const taken = new Set<string>();
  const others: { readonly job: DecidedJob; readonly why: string }[] = [];
  for (const job of jobs) {
    const own = pieces.filter((piece) => piece.job === job.id);
    if (own.length === 0) continue;
    const why = otherPurpose(job, own);
    if (why === undefined) taken.add(job.id);
    else others.push({ job, why });
  }
  // What a job waits for may make what it reads.
  for (const id of taken) for (const need of jobs.find((job) => job.id === id)?.needs ?? []) taken.add(need);
  return {
    taken,
    leftOut: others
      .filter(({ job }) => !taken.has(job.id))
      .map(({ job, why }) => ({
        place: job.place,
        what: `job ${job.id}`,
        why: `${why}; parity init --from takes all jobs`,
      })),
  };
}

/** Why a job does not check the code; undefined when it does. */
function otherPurpose(job: DecidedJob, pieces: readonly JobPiece[]): string | undefined {
  const isChecking = pieces.some(checks);
  const file = job.place.file.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
  const named = purposeOf(job.id) ?? (isChecking ? undefined : purposeOf(file));
  if (named !== undefined && (named.always === true || !isChecking)) return named.why;
  if (isChecking) return undefined;
  const commands = pieces.flatMap(({ piece }) => piece.commands).filter((words) => !saysNothing(words));
  if (commands.length > 0 && commands.every(isPackaging)) return 'it only builds packages';
  if (commands.length > 0 && commands.every(isDocumentation)) return 'it only builds the documentation';
  return undefined;
}

function purposeOf(name: string): Purpose | undefined {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return purposes.find((purpose) => words.some((word) => purpose.name.test(word)));
}

function checks({ piece }: JobPiece): boolean {
  return piece.commands.some((words) => {
    if (isPackaging(words)) return false;
    const kind = commandKind(asCommand(words));
    if (kind === 'check' || kind === 'test') return true;
    const [program = '', ...rest] = plain(words);
    return taskRunner.test(program) && !rest.some((word) => asideTask.test(word));
  });
}

function isPackaging(words: readonly string[]): boolean {
  return /^(?:build|pyproject-build|uv build|poetry build|hatch build|flit build|pdm build|twine check|check-wheel-contents|cibuildwheel|python[\d.]* setup\.py)\b/.test(
    plain(words).join(' '),
  );
}

function isDocumentation(words: readonly string[]): boolean {
  return /^(?:sphinx-build|mkdocs|zensical|make (?:\S+ )*(?:docs?|html|linkcheck)|tox (?:\S+ )*docs?|nox (?:\S+ )*docs?)\b/.test(
    plain(words).join(' '),
  );
}

function saysNothing(words: readonly string[]): boolean {
  const kind = commandKind(asCommand(words));
  return kind === 'neutral' || kind === 'aside';
}

function plain(words: readonly string[]): readonly string[] {
  const [program = '', first, second, ...rest] = words;
  const name = program.replace(/^.*\//, '');
  if (/^python[\d.]*$/.test(name) && first === '-m' && second !== undefined) return [second, ...rest];
  return [name, ...words.slice(1)];
}

function asCommand(words: readonly string[]): Parameters<typeof commandKind>[0] {
  return { words: words.map((text) => ({ text, start: 0, end: 0, dynamic: false })) };
}
