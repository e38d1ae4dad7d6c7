import { posix } from 'node:path';
import type { StepConfig } from '../config/config.ts';
import type { FileState } from '../workspace/file-state.ts';
import { endingOf, isSameEnding } from './compare-receipts.ts';
import { differingPaths } from './compare-files.ts';
import type { Receipt, ReceiptStep } from './receipt.ts';
import { envOf } from './recorder.ts';
import type { StepEnding } from './difference.ts';

/** Whether a step ended as it did. */
export interface Reproduction {
  readonly reproduced: boolean;
  readonly there: StepEnding;
  readonly here: StepEnding;
  /** What kept it from running: a step that it needs, which failed. */
  readonly because: string | null;
}

/** Holds a step's second run against its first. An exit code that is another is the same failure all the same: tools count in it. */
export function reproduction(there: ReceiptStep, here: ReceiptStep, steps: readonly ReceiptStep[]): Reproduction {
  const ended = here.outcome === there.outcome && here.reason === there.reason;
  const broken = here.outcome === 'skipped' ? steps.find(({ outcome }) => outcome === 'failed') : undefined;
  return {
    reproduced: isSameEnding(there, here) || (here.outcome === 'failed' && ended),
    there: endingOf(there),
    here: endingOf(here),
    because: broken?.name ?? null,
  };
}

/** The files in which a checkout is not what a run saw; what was only written into the lock of its images is none. */
export function fileDifferences(
  receipt: Receipt,
  checkout: readonly FileState[],
): readonly { readonly path: string; readonly change: 'changed' | 'never committed' | 'was not there' }[] {
  const files = Object.fromEntries(checkout.map(({ path, mode, digest }) => [path, `${mode} ${digest}`]));
  const lockFile = posix.join(receipt.project, 'parity.lock.json');
  return differingPaths(receipt.files, files)
    .filter((path) => path !== lockFile)
    .map((path) => {
      if (!Object.hasOwn(files, path)) return { path, change: 'never committed' };
      return { path, change: Object.hasOwn(receipt.files, path) ? 'changed' : 'was not there' };
    });
}

/** The variables that steps get otherwise than in a recorded run, and the secrets, of which nobody can tell. */
export function envDifferences(
  receipt: Receipt,
  steps: readonly StepConfig[],
  variables: ReadonlyMap<string, Readonly<Record<string, string>>>,
): {
  readonly other: readonly { readonly step: string; readonly variable: string; readonly here: boolean }[];
  readonly unknown: readonly string[];
} {
  const other: { step: string; variable: string; here: boolean }[] = [];
  const unknown = new Set<string>();
  for (const config of steps) {
    const recorded = receipt.steps.find(({ name }) => name === config.name);
    if (recorded === undefined) continue;
    const own = new Map(Object.entries(envOf(config, variables.get(config.name) ?? {})));
    for (const [variable, digest] of Object.entries(recorded.env)) {
      const here = own.get(variable);
      if (digest === 'secret' && here === 'secret') unknown.add(variable);
      else if (here !== digest) other.push({ step: config.name, variable, here: here !== undefined });
    }
  }
  return { other, unknown: [...unknown] };
}
