import type { StepOutcome } from '../pipeline/events.ts';
import { compareFiles } from './compare-files.ts';
import { compareSteps } from './compare-steps.ts';
import type { Receipt, ReceiptImage, ReceiptStep, RunPlan, RunPlanStep } from './receipt.ts';
import type {
  Difference,
  OutcomeDifference,
  StepEnding,
  RunEnding,
  Circumstance,
  Comparison,
  CommonStep,
} from './difference.ts';

const order = ['lock', 'image', 'platform', 'command', 'env', 'inputs', 'run', 'outcome'] as const;

/**
 * Compares two runs. In order of cause: lock, image, platform, command, variables, inputs; then how runs and steps ended. Times and logs are never
 * a cause. Steps that one of the runs was not asked for are left out.
 */
export function compareReceipts(there: Receipt, here: Receipt): Comparison {
  const common = commonSteps(there, here);
  const { causes, notCompared, unread } = findCauses(there, here, common);
  const differences = [...causes, ...endings(there, here, common, causes.length === 0)].sort(inOrderOfCause);
  return {
    equal: differences.length === 0,
    differences,
    circumstances: circumstances(there, here, unread),
    steps: common.map((step) => step.there.name),
    notCompared,
  };
}

/** What decides a run and differs between two plans, in order of cause; how the runs ended does not count. */
export function compareCauses(there: RunPlan, here: RunPlan): readonly Difference[] {
  return [...findCauses(there, here, commonSteps(there, here)).causes].sort(inOrderOfCause);
}

function findCauses(
  there: RunPlan,
  here: RunPlan,
  common: readonly CommonStep<RunPlanStep>[],
): { readonly causes: readonly Difference[]; readonly notCompared: readonly string[]; readonly unread: number } {
  const { commands, env, notCompared } = compareSteps(there, here, common);
  const { inputs, unread } = compareFiles(there, here, common);
  return { causes: [...setUpDifferences(there, here), ...commands, ...env, ...inputs], notCompared, unread };
}

function commonSteps<Step extends RunPlanStep>(
  there: { readonly steps: readonly Step[] },
  here: { readonly steps: readonly Step[] },
): readonly CommonStep<Step>[] {
  return there.steps.flatMap((step) => {
    const other = here.steps.find(({ name }) => name === step.name);
    return other === undefined ? [] : [{ there: step, here: other }];
  });
}

function inOrderOfCause(a: Difference, b: Difference): number {
  return order.indexOf(a.kind) - order.indexOf(b.kind);
}

function setUpDifferences(there: RunPlan, here: RunPlan): Difference[] {
  const found: Difference[] = [];
  if (there.lock !== here.lock) found.push({ kind: 'lock', there: there.lock, here: here.lock });
  // Another platform always has another image, so only the platform is reported.
  if (there.platform !== here.platform) found.push({ kind: 'platform', there: there.platform, here: here.platform });
  else found.push(...imageDifferences(there, here));
  return found;
}

/** Of the toolchains that both runs have used. */
function imageDifferences(there: RunPlan, here: RunPlan): readonly Difference[] {
  const pairs = [
    { there: there.image, here: here.image },
    ...Object.entries(there.toolchains ?? {}).flatMap(([toolchain, image]) => {
      const other = here.toolchains?.[toolchain];
      return other === undefined ? [] : [{ toolchain, there: image, here: other }];
    }),
  ];
  return pairs
    .filter((pair) => !isSameImage(pair.there, pair.here))
    .map((pair) => ({ kind: 'image', ...pair, there: pair.there.id ?? '', here: pair.here.id ?? '' }));
}

/** Engines name an image by its config or by its manifest, so one common name is enough. A run that got no image counts as the same. */
export function isSameImage(there: ReceiptImage, here: ReceiptImage): boolean {
  if (there.id === null || here.id === null) return true;
  const names = new Set<string | null>([here.id, here.config, here.manifest]);
  return [there.id, there.config, there.manifest].some((name) => name !== null && names.has(name));
}

function endings(
  there: Receipt,
  here: Receipt,
  common: readonly CommonStep[],
  nothingElse: boolean,
): readonly Difference[] {
  const differing = common.filter((step) => !isSameEnding(step.there, step.here));
  // A skipped or cancelled step follows from another difference that is reported.
  const own = differing.filter((step) => !leftOut(step.there) && !leftOut(step.here));
  const stopped = there.failure !== here.failure || isCancelled(there) !== isCancelled(here);
  const runs: Difference[] = stopped ? [{ kind: 'run', there: endingOfRun(there), here: endingOfRun(here) }] : [];
  const told = own.length === 0 && !stopped ? differing : own;
  return [
    ...runs,
    ...told.map((step): OutcomeDifference => ({
      kind: 'outcome',
      step: step.there.name,
      there: endingOf(step.there),
      here: endingOf(step.here),
      flaky: nothingElse && !stopped,
    })),
  ];
}

const passed: readonly StepOutcome[] = ['passed', 'cached'];
const leftOutOutcomes: readonly StepOutcome[] = ['skipped', 'cancelled'];

/** True when both passed, from the cache or not, or ended in the same way otherwise. */
export function isSameEnding(a: ReceiptStep, b: ReceiptStep): boolean {
  if (passed.includes(a.outcome) || passed.includes(b.outcome))
    return passed.includes(a.outcome) && passed.includes(b.outcome);
  return a.outcome === b.outcome && a.exitCode === b.exitCode && a.signal === b.signal && a.reason === b.reason;
}

function leftOut({ outcome }: ReceiptStep): boolean {
  return leftOutOutcomes.includes(outcome);
}

function isCancelled({ outcome }: Receipt): boolean {
  return outcome === 'cancelled';
}

function endingOfRun({ outcome, failure }: Receipt): RunEnding {
  return { outcome, failure };
}

/** The members of a step that say how it ended. */
export function endingOf({ outcome, exitCode, signal, reason }: ReceiptStep): StepEnding {
  return { outcome, exitCode, signal, reason };
}

function circumstances(there: Receipt, here: Receipt, unread: number): readonly Circumstance[] {
  const facts: readonly (readonly [Circumstance['what'], (receipt: Receipt) => string])[] = [
    ['commit', ({ commit }) => commit ?? 'none'],
    ['dirty', ({ dirty }) => String(dirty)],
    ['parity', ({ parity }) => parity],
    ['engine', ({ engine }) => `${engine.product} ${engine.version}`],
    ['cpus', ({ machine }) => String(machine.cpus)],
    ['memory', ({ machine }) => String(machine.memoryBytes)],
    ['cold', ({ options }) => String(options.cold)],
  ];
  const other = facts.flatMap(([what, of]): Circumstance[] => {
    const [a, b] = [of(there), of(here)];
    return a === b ? [] : [{ what, there: a, here: b }];
  });
  return unread === 0 ? other : [...other, { what: 'other files', there: String(unread), here: String(unread) }];
}
