import { posix } from 'node:path';
import { shortDigest } from '../core/digest.ts';
import { shellWord } from '../core/shell-word.ts';
import type { RunPlan } from '../receipt/receipt.ts';
import type { Difference, StepEnding } from '../receipt/difference.ts';

/** One of two runs, and how to call it: `ci.json`, `the last run here`. */
export interface ComparedRun {
  readonly name: string;
  readonly receipt: RunPlan;
}

/** Both runs of a comparison. */
export interface ComparedRuns {
  readonly there: ComparedRun;
  readonly here: ComparedRun;
}

/** A difference in words. */
export interface DescribedDifference {
  /** What differs, in one sentence without a full stop. */
  readonly what: string;
  /** What it means. */
  readonly meaning: string;
  /** What to type next. */
  readonly next: string;
}

/** Words a difference: what, what it means, what to type next. */
export function describeDifference(difference: Difference, { there, here }: ComparedRuns): DescribedDifference {
  const at = (file: string): string => diffAt(there.receipt, here.receipt, file);
  const project = here.receipt.project;
  const config = posix.join(project, 'parity.yaml');
  switch (difference.kind) {
    case 'lock':
      return {
        what: `the lock differs: ${there.name} ran with ${shortDigest(difference.there)}, ${here.name} with ${shortDigest(difference.here)}`,
        meaning: 'other versions of the tools or packages, so another image; the rest follows from it',
        next:
          there.receipt.commit === here.receipt.commit
            ? `${at(posix.join(project, 'parity.lock.json'))}, then: parity lock`
            : `git pull   (or look at it: ${at(posix.join(project, 'parity.lock.json'))})`,
      };
    case 'image':
      return {
        what: `the image ${difference.toolchain === undefined ? '' : `of ${difference.toolchain} `}differs although the lock is the same: ${there.name} ran in ${shortDigest(difference.there)}, ${here.name} in ${shortDigest(difference.here)}`,
        meaning: 'one of them was not made from this lock by this recipe',
        next: 'parity build --check',
      };
    case 'platform':
      return {
        what: `the platform differs: ${there.name} ran on ${difference.there}, ${here.name} on ${difference.here}`,
        meaning: 'the same lock gives another image there, with packages built for it',
        next: `parity up --host ssh://…   (an engine on ${difference.there})`,
      };
    case 'command':
      return { ...describeCommandChange(difference, there.name, here.name), next: at(config) };
    case 'env': {
      const { name, steps, there: a, here: b } = difference;
      const how =
        a === null
          ? `is set in ${here.name} only`
          : b === null
            ? `is set in ${there.name} only`
            : a === 'secret' || b === 'secret'
              ? 'is a secret in only one of them'
              : 'has another value';
      return {
        what: `the variable ${name} ${how} (${of(steps)})`,
        meaning: `it reaches ${steps.length === 1 ? 'the step' : 'the steps'} through env, passEnv or secrets in ${config}`,
        next: `${at(config)}; when passEnv names it: export ${name}=… as it is there`,
      };
    }
    case 'inputs':
      return describeFileChange(difference, { there, here });
    case 'run':
      return {
        what: `${there.name} ${describeRunEnd(difference.there)}, ${here.name} ${describeRunEnd(difference.here)}`,
        meaning: 'what ended a run early is no fault of the code',
        next: 'parity up   (or run the other one again)',
      };
    case 'outcome': {
      const { step, flaky } = difference;
      const what = `${step} ${describeEnding(difference.there)} in ${there.name} and ${describeEnding(difference.here)} in ${here.name}`;
      const again = `parity up --no-cache ${shellWord(step)}`;
      if (!flaky) return { what, meaning: 'it follows from something else', next: again };
      const limits = [difference.there, difference.here].some(
        ({ reason }) => reason === 'timeout' || reason === 'out-of-memory',
      );
      return {
        what: `${what}, although nothing that parity records differs`,
        meaning: limits
          ? 'the machine decides: time or memory ran out'
          : 'it is flaky: time, order, chance or a service outside decides',
        next:
          difference.there.outcome === 'failed' && there.name !== 'stdin'
            ? `parity repro ${shellWord(there.name)} ${shellWord(step)}   (or again: ${again})`
            : again,
      };
    }
    default:
      return difference satisfies never;
  }
}

function describeCommandChange(
  { step, field, there, here }: Extract<Difference, { kind: 'command' }>,
  nameThere: string,
  nameHere: string,
): Pick<DescribedDifference, 'what' | 'meaning'> {
  if (field === 'step') {
    const only = there === null ? nameHere : nameThere;
    return { what: `only ${only} has the step ${step}: ${there ?? here}`, meaning: 'the pipelines are not the same' };
  }
  const word = field === 'run' ? 'the command' : field;
  const shown = (value: string | null): string => (value === null || value === '' ? 'nothing' : JSON.stringify(value));
  return {
    what: `${word} of ${step} differs: ${shown(there)} in ${nameThere}, ${shown(here)} in ${nameHere}`,
    meaning: field === 'inputs' ? 'they look at other files to know whether to run' : 'they do not check the same',
  };
}

function describeFileChange(
  { path, change, steps }: Extract<Difference, { kind: 'inputs' }>,
  { there, here }: ComparedRuns,
): DescribedDifference {
  if (path === null)
    return {
      what: `the inputs differ (${of(steps)}), but no file that the receipts list does`,
      meaning: 'one of the receipts was changed after it was written',
      next: 'parity up --report receipt=receipt.json   (writes it anew)',
    };
  const word = shellWord(path);
  const commit = there.receipt.commit;
  const dirty = [there, here].filter(({ receipt }) => receipt.dirty).map(({ name }) => name);
  const meaning =
    dirty.length > 0
      ? `it is read by ${of(steps)}; ${dirty.join(' and ')} had files that are not as in the commit`
      : `it is read by ${of(steps)}`;
  const diff = diffAt(there.receipt, here.receipt, path);
  switch (change) {
    case 'mode':
      return { what: `${path} is executable in only one of them`, meaning, next: diff };
    case 'only-there':
      return {
        what: `${path} is there in ${there.name} only`,
        meaning,
        next:
          commit === null || there.receipt.dirty
            ? 'git pull'
            : `git checkout ${short(commit)} -- ${word}   (or: git pull)`,
      };
    case 'only-here':
      return {
        what: `${path} is there in ${here.name} only`,
        meaning,
        next: here.receipt.dirty ? `git add ${word}   (if it belongs to the project)` : diff,
      };
    default:
      return { what: `${path} has other content in ${there.name} than in ${here.name}`, meaning, next: diff };
  }
}

/** The command that shows how a file differs between the two commits, or between the first one's and what is there. */
function diffAt(there: RunPlan, here: RunPlan, file: string): string {
  const word = shellWord(file);
  if (there.commit === null) return `git log -- ${word}`;
  if (here.commit === null || here.dirty || here.commit === there.commit)
    return `git diff ${short(there.commit)} -- ${word}`;
  return `git diff ${short(there.commit)} ${short(here.commit)} -- ${word}`;
}

function short(commit: string): string {
  return commit.slice(0, 12);
}

/** `tests`, `lint and tests`, `lint, tests and 3 more`. */
function of(steps: readonly string[]): string {
  const [first = '', second = '', ...more] = steps;
  if (steps.length <= 1) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`;
}

function describeRunEnd({ outcome, failure }: { readonly outcome: string; readonly failure: string | null }): string {
  if (failure === 'interrupted' || outcome === 'cancelled') return 'was interrupted';
  return failure === null ? 'went to its end' : `could not go on (${failure})`;
}

/** How a step ended, for a sentence: `failed (exit code 1)`. */
export function describeEnding({ outcome, exitCode, signal, reason }: StepEnding): string {
  if (outcome === 'cached') return 'passed';
  if (outcome !== 'failed' && outcome !== 'tolerated') return outcome === 'passed' ? 'passed' : `was ${outcome}`;
  if (reason === 'timeout') return 'timed out';
  if (reason === 'out-of-memory') return 'ran out of memory';
  return signal === null ? `failed (exit code ${exitCode ?? '?'})` : `failed (${signal})`;
}
