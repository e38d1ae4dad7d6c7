import type { FileMode } from '../workspace/file-state.ts';
import type { DraftChange } from '../workspace/copy/collect-draft.ts';
import type { FileDiff } from './diff-file.ts';

/** What a step's fix command, or a rewrite for the step's sake, did in the draft. */
export interface StepFix {
  readonly kind: 'command' | 'rewrite';
  readonly step: string;
  /** As parity.yaml has it; of a rewrite, what it did in a few words. */
  readonly command: string;
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of what it printed. */
  readonly output: string;
  /** Files that it changed, made or deleted, relative to the repository's top, in byte order. */
  readonly changed: readonly string[];
  /** What the step needs, and nothing here has run. */
  readonly needs: readonly string[];
}

/** Why a file is not to be changed unasked. */
export type NotWrittenReason = 'partly-staged' | 'in-conflict';

/** One file that fix commands would change. */
export interface ProposedFile {
  readonly change: DraftChange;
  readonly diff: FileDiff;
  readonly hold?: NotWrittenReason;
  /** It is another here by now than the one that was fixed. */
  readonly isStale: boolean;
}

/** What fix commands would do to the work tree; nothing of it is done yet. */
export interface Proposal {
  /** The workspace's root on the host, absolute. */
  readonly hostRoot: string;
  readonly steps: readonly StepFix[];
  /** Steps that were meant and have no fix command. */
  readonly withoutFix: readonly string[];
  /** In byte order of their paths. */
  readonly files: readonly ProposedFile[];
  /** What a fix command made that can't be put into the work tree. */
  readonly refused: readonly { readonly path: string; readonly why: string }[];
}

/** What became of a file: `left` for one that stays as it is although the others were written. */
export type FileOutcome = 'proposed' | 'written' | 'left';

/** A file of the report. */
export interface FixedFile {
  /** Relative to the repository's top. */
  readonly path: string;
  readonly change: 'modified' | 'added' | 'deleted';
  readonly fate: FileOutcome;
  /** Why it is left, or would be: `partly-staged`, `in-conflict`, `changed-since`, or a sentence. */
  readonly why: NotWrittenReason | 'changed-since' | (string & {}) | null;
  readonly modes: { readonly before: FileMode | null; readonly after: FileMode | null };
  readonly diff: FileDiff;
}

/** How `parity fix` ended. */
export interface FixReport extends Pick<Proposal, 'steps' | 'withoutFix' | 'refused'> {
  /** `clean`: nothing to change. `proposed`: nothing was written. `written`: what could be was. */
  readonly outcome: 'clean' | 'proposed' | 'written';
  readonly files: readonly FixedFile[];
}

/** True for a fix command that did not end well. */
export function hasFailed({ exitCode }: StepFix): boolean {
  return exitCode !== 0;
}

/** The report of a proposal, by what became of its files. */
export function fixReport(
  proposal: Proposal,
  outcome: FixReport['outcome'],
  fates: ReadonlyMap<string, Pick<FixedFile, 'fate' | 'why'>> = new Map(),
): FixReport {
  const { steps, withoutFix, refused } = proposal;
  const files = proposal.files.map(({ change, diff, hold, isStale }): FixedFile => {
    const { path, before, after } = change;
    const kind = before === undefined ? 'added' : after === undefined ? 'deleted' : 'modified';
    const modes = { before: before?.mode ?? null, after: after?.mode ?? null };
    const { fate, why } = fates.get(path) ?? { fate: 'proposed', why: isStale ? 'changed-since' : (hold ?? null) };
    return { path, change: kind, fate, why, modes, diff };
  });
  return { outcome, steps, withoutFix, files, refused };
}
