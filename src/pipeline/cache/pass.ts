import type { ToolDiagnostic } from '../../core/tool-diagnostic.ts';

/** The stored record of a step that passed with a fingerprint. */
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
  /** Its output with secrets hidden; only the end when it was large. */
  readonly log: string;
  /** Absent for a step that passed on this machine. */
  readonly origin?: PassOrigin;
}

/** The origin of a pass from another machine: its result counts, but the files that it made are not here. */
export interface PassOrigin {
  readonly by: 'ci' | 'laptop';
  /** The parity that ran it. */
  readonly parity: string;
  /** The commit that it ran on; null when the work tree differed from its commit. */
  readonly commit: string | null;
}
