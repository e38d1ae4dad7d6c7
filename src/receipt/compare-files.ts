import { posix } from 'node:path';
import { compareBytes } from '../core/digest.ts';
import type { FileState } from '../workspace/file-state.ts';
import { selectInputs } from '../workspace/step-inputs.ts';
import type { CommonStep, FileDifference } from './difference.ts';
import type { Receipt, ReceiptStep, RunPlan, RunPlanStep } from './receipt.ts';

/** A step of a plan has no outcome yet. */
type ComparedStep = RunPlanStep & Partial<Pick<ReceiptStep, 'outcome' | 'diagnostics'>>;

/**
 * The differing files that a step reads: first those that a diagnostic of a step with another outcome names, then those that such a step
 * reads, then the others; each group in byte order. `unread` counts the differing files that no step reads.
 */
export function compareFiles(
  there: RunPlan,
  here: RunPlan,
  common: readonly CommonStep<ComparedStep>[],
): { readonly inputs: readonly FileDifference[]; readonly unread: number } {
  const differing = differingPaths(there.files, here.files);
  const asFiles = differing.map((path): FileState => ({ path, mode: '100644', digest: '' }));
  const readers = new Map<string, string[]>();
  const blind: string[] = [];
  for (const step of common) {
    const read = new Set<string>();
    for (const [receipt, own] of [
      [there, step.there],
      [here, step.here],
    ] as const) {
      const globs = { cwd: own.cwd, project: receipt.project, ...(own.inputs === null ? {} : { inputs: own.inputs }) };
      for (const { path } of selectInputs(asFiles, globs)) read.add(path);
    }
    for (const path of read) readers.set(path, [...(readers.get(path) ?? []), step.there.name]);
    if (read.size === 0 && step.there.inputsDigest !== step.here.inputsDigest) blind.push(step.there.name);
  }
  const rank = ranking(common, readers);
  // Locks are compared by what they pin; image digests written into a lock change nothing.
  const lockFile = posix.join(here.project, 'parity.lock.json');
  const isSameLock = (path: string): boolean => path === lockFile && there.lock === here.lock;
  const inputs = differing
    .filter((path) => readers.has(path) && !isSameLock(path))
    .sort((a, b) => rank(a) - rank(b) || compareBytes(a, b))
    .map((path): FileDifference => {
      const [a, b] = [own(there.files, path) ?? null, own(here.files, path) ?? null];
      return { kind: 'inputs', path, change: changeOf(a, b), there: a, here: b, steps: readers.get(path) ?? [] };
    });
  const unlisted: FileDifference[] =
    blind.length === 0
      ? []
      : [{ kind: 'inputs', path: null, change: 'unlisted', there: null, here: null, steps: blind }];
  return { inputs: [...inputs, ...unlisted], unread: differing.length - inputs.length };
}

/** The paths of files that differ or are in one set only, in byte order. */
export function differingPaths(there: Receipt['files'], here: Receipt['files']): readonly string[] {
  const paths = Object.keys(there).filter((path) => there[path] !== own(here, path));
  const added = Object.keys(here).filter((path) => own(there, path) === undefined);
  return [...paths, ...added].sort(compareBytes);
}

function own(files: Receipt['files'], path: string): string | undefined {
  return Object.hasOwn(files, path) ? files[path] : undefined;
}

function ranking(
  common: readonly CommonStep<ComparedStep>[],
  readers: ReadonlyMap<string, readonly string[]>,
): (path: string) => number {
  const suspects = common.filter(({ there, here }) => there.outcome !== here.outcome);
  const blamed = new Set(
    suspects.flatMap(({ there, here }) =>
      [there, here].flatMap(({ diagnostics = [] }) => diagnostics.map(({ file }) => file)),
    ),
  );
  const names = new Set(suspects.map(({ there }) => there.name));
  return (path: string): number => {
    if (blamed.has(path)) return 0;
    return readers.get(path)?.some((step) => names.has(step)) === true ? 1 : 2;
  };
}

function changeOf(there: string | null, here: string | null): FileDifference['change'] {
  if (there === null) return 'only-here';
  if (here === null) return 'only-there';
  const [mode, digest] = there.split(' ');
  const [otherMode, otherDigest] = here.split(' ');
  return digest === otherDigest && mode !== otherMode ? 'mode' : 'content';
}
