import type { StepConfig } from '../../config/config.ts';
import { failure, type Failure } from '../../core/failure.ts';
import type { Distrust } from '../../pipeline/cache/distrusted-steps.ts';
import { isDistrusted } from '../../pipeline/cache/distrusted-steps.ts';
import type { Pass } from '../../pipeline/cache/pass.ts';
import { isCacheable } from '../../pipeline/fingerprint.ts';
import { changeSince, unreadChanges } from '../../receipt/change-since.ts';
import type { Difference } from '../../receipt/difference.ts';
import type { Receipt, RunPlan } from '../../receipt/receipt.ts';
import { describeDifference } from '../../report/describe-difference.ts';

/** What is known of a step before a run. */
export interface KnownOfStep {
  readonly step: StepConfig;
  /** The pass that stands for it. */
  readonly pass: Pass | undefined;
  /** A pass that might, and is put to the test. */
  readonly audited: Pass | undefined;
  /** Another machine's pass that does not do, since a step that runs needs what was left behind there. */
  readonly elsewhere: Pass | undefined;
  /** Its pass that is older than its `cache:` allows. */
  readonly expired?: Pass | undefined;
  /** A later step of its job that runs, for which this one runs although it has a pass. */
  readonly forJob?: string | undefined;
  readonly distrust: ReadonlyMap<string, Distrust>;
  /** The newest run here in which it passed. */
  readonly last: Receipt | undefined;
  /** This run, as far as it is known; undefined when the files can't be read. */
  readonly now: RunPlan | undefined;
}

/** `parity up --explain STEP`: why the step runs, or why it does not, in one sentence without a full stop. */
export function explainStep({
  step,
  pass,
  audited,
  elsewhere,
  expired,
  forJob,
  distrust,
  last,
  now,
}: KnownOfStep): string {
  const { name } = step;
  if (pass !== undefined)
    return `${name} is cached: it passed ${placeOf(pass)}at ${timeOf(pass.passedAt)} with the same image, command, variables and inputs`;
  if (audited !== undefined)
    return `${name} passed at ${timeOf(audited.passedAt)} with the same inputs, and is run to see whether it still does (cache.audit)`;
  if (elsewhere !== undefined)
    return `${name} runs: it passed ${placeOf(elsewhere)}at ${timeOf(elsewhere.passedAt)}, but what it left behind there is not here, and a step that runs needs it`;
  if (forJob !== undefined)
    return `${name} runs: it has passed with the same inputs, but ${forJob}, a later step of its job ${step.job}, has to run, and what ${name} leaves on the job's machine (processes, /tmp, variables) is not kept`;
  if (expired !== undefined)
    return `${name} runs: it passed ${placeOf(expired)}at ${timeOf(expired.passedAt)} with the same inputs, and its pass stands for ${lengthOf(step.cacheSeconds ?? 0)} (\`cache:\`), since it asks an index that may have something newer`;
  if (!isCacheable(step)) {
    if (step.cache === false) return `${name} always runs: parity.yaml says \`cache: false\``;
    return `${name} always runs: what it fetches with \`network: full\` is no input that parity sees (\`cache: true\` says that its inputs are enough)`;
  }
  const doubt = distrust.get(name);
  if (doubt !== undefined && isDistrusted(step, distrust))
    return `${name} always runs: at ${timeOf(doubt.at)} it failed with the same inputs with which it had passed; it is believed again when its definition changes`;
  if (last === undefined || now === undefined) return `${name} runs: no run in which it passed is known here`;
  const change = changeSince(last, now, name);
  const passed = `it passed at ${timeOf(Date.parse(last.startedAt))}`;
  if (change === undefined)
    return `${name} runs: nothing that is recorded has changed since ${passed}, but that pass is not there: files changed while it ran, it is too old, its volume is gone, or git's tags, from which a package here has its version, moved`;
  const what = wordsFor(change.difference, last, now);
  const needs = change.step === name ? '' : `it needs ${change.step}, and `;
  return `${name} runs: ${needs}${what} (${passed})`;
}

function wordsFor(difference: Difference, last: Receipt, now: RunPlan): string {
  if (difference.kind === 'inputs' && difference.change !== 'unlisted')
    return `${difference.path} ${changed[difference.change]}`;
  const runs = { there: { name: 'the last pass', receipt: last }, here: { name: 'this run', receipt: now } };
  return describeDifference(difference, runs).what;
}

const changed = {
  content: 'changed',
  mode: 'changed its mode',
  'only-here': 'is new',
  'only-there': 'is gone',
} as const;

/** What to say of a step that has failed with the same inputs with which it had passed, and what to do about it. */
export function contradiction(
  step: StepConfig,
  last: Receipt | undefined,
  now: RunPlan | undefined,
): { readonly message: string; readonly hint: string } {
  const { name } = step;
  const when = last === undefined ? 'before' : `at ${timeOf(Date.parse(last.startedAt))}`;
  const message = `${name} failed with the same inputs with which it had passed ${when}: it is not cached any more`;
  const recorded = now?.steps.find((each) => each.name === name);
  const unread =
    last === undefined || now === undefined || recorded === undefined ? [] : unreadChanges(last, now, recorded);
  const [first, ...others] = unread;
  if (first === undefined)
    return {
      message,
      hint: 'nothing else in the repository has changed: time, chance, order, the network or an ignored file decides',
    };
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return {
    message: `${message}\nnot among its inputs, and changed since: ${first}${more}`,
    hint: `add what it reads to \`inputs\` of ${name} in parity.yaml`,
  };
}

/** The failure for a step that the run has not. */
export function noStepToExplain(name: string, steps: readonly StepConfig[]): Failure {
  const names = steps.map((step) => step.name).join(', ');
  return failure('usage', `--explain ${name}: the run has no step ${name}`, { next: `name one of ${names}` });
}

/** Where a pass is from, for the middle of a sentence; empty for here. */
function placeOf({ origin }: Pass): string {
  if (origin === undefined) return '';
  const commit = origin.commit === null ? '' : ` on commit ${origin.commit.slice(0, 12)}`;
  return `${origin.by === 'ci' ? 'in CI' : 'on another laptop'}${commit} `;
}

/** As people read it, in UTC, to the second. */
function lengthOf(seconds: number): string {
  if (Number.isInteger(seconds / 3600)) return `${seconds / 3600} h`;
  return Number.isInteger(seconds / 60) ? `${seconds / 60} min` : `${seconds} s`;
}

function timeOf(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
