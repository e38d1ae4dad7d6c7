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
}
