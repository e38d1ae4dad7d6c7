import type { JobPiece } from './job-piece.ts';

/** As its author calls it; else after the program it runs; else after the job. */
export function stepName({ job, step, piece, isWhole }: JobPiece, inJob: number): string {
  const leg = step.leg === undefined ? '' : `-${slug(step.leg)}`;
  if (piece.kind === 'node-install' && !isWhole) return `${slug(step.cwd.split('/').at(-1) ?? '') || 'npm'}-install`;
  const title = slug(step.title ?? '');
  if (title !== '') return title.includes(leg.slice(1)) ? title : `${title}${leg}`;
  if (inJob === 1) return `${slug(job)}${leg}` || 'step';
  const words =
    piece.commands.find((each) => !/^(?:cd|echo|set|export|mkdir|test|\[)$/.test(each[0] ?? '')) ??
    piece.commands[0] ??
    [];
  const program = programName(words);
  return (leg !== '' && program.endsWith(leg) ? program : `${program}${leg}`) || slug(job) || 'step';
}

function programName(words: readonly string[]): string {
  const [program = '', first, second] = words;
  const name = program.replace(/^.*\//, '');
  if (/^python[\d.]*$/.test(name))
    return (
      slug(
        first === '-m'
          ? (second ?? '')
          : first?.startsWith('-') === true
            ? ''
            : baseName(first ?? '').replace(/\.py$/, ''),
      ) || 'python'
    );
  if (/^(?:npm|pnpm|yarn|bun|npx|bunx|make|ruff|bash|sh|hatch|tox|nox|just|task|invoke|poe)$/.test(name)) {
    const rest = words.slice(1).filter((word) => !word.startsWith('-') && !/^(?:run|exec)$/.test(word));
    return slug([name === 'npx' || name === 'bunx' ? '' : name, (rest[0] ?? '').replace(/^.*\//, '')].join(' '));
  }
  return slug(name);
}

function baseName(path: string): string {
  return path.replace(/^.*\//, '');
}

/** Something to type: `Run unit tests (3.11)` is `run-unit-tests-3.11`. */
function slug(text: string): string {
  const plain = text
    .replace(/[^\p{L}\p{N}._ -]+/gu, ' ')
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '-')
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  if (plain.length <= 48) return plain;
  return plain.slice(0, 48).replace(/-[^-]*$/, '');
}

/** A name for the machine of a job, or of one leg of it, that no other has. */
export function jobName(job: string, leg: string | undefined, names: Set<string>): string {
  const ofLeg = leg === undefined || leg === '' ? '' : `-${slug(leg)}`;
  return uniqueName(`${slug(job)}${ofLeg}`, job, names);
}

/** A name that no other step has: with its job's before it, or a number after it. */
export function uniqueName(wanted: string, job: string, names: Set<string>): string {
  const base = wanted.replace(/^[^\p{L}\p{N}]+/u, '') || slug(job) || 'step';
  const inJob = `${slug(job) || 'job'}-${base}`;
  let name = names.has(base) ? inJob : base;
  for (let count = 2; names.has(name); count += 1) name = `${names.has(inJob) ? inJob : base}-${count}`;
  names.add(name);
  return name;
}
