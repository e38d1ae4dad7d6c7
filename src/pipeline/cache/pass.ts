import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';

/** A step that has passed with a fingerprint, as it is kept. */
export interface Pass {
  /** The form of the entry. */
  readonly version: 1;
  /** The fingerprint's digest, 64 hex digits. */
  readonly key: string;
  readonly step: string;
  /** When it passed, milliseconds since 1970. */
  readonly passedAt: number;
  /** How long it took. */
  readonly durationMs: number;
  readonly diagnostics: readonly ToolDiagnostic[];
  /** Its output, secrets hidden; the end of it when it was large. */
  readonly log: string;
  /** Absent for one that passed here. */
  readonly origin?: PassOrigin;
}

/** Where a pass is from that was taken over from another machine: its verdict counts, but what it left behind is not here. */
export interface PassOrigin {
  readonly by: 'ci' | 'laptop';
  /** The parity that ran it. */
  readonly parity: string;
  /** The commit that it ran on; null when it was not exactly one. */
  readonly commit: string | null;
}
