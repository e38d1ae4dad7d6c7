import type { WorkspaceMode } from '../../environment/workspace-mode.ts';

/** What people ask of a run: `parity up`, and `up` of the package. */
export interface RunRequest {
  /** Names of the steps to run with what they need; none = all. */
  readonly steps: readonly string[];
  /** Fresh containers, empty caches, no pass believed: as CI does. */
  readonly cold: boolean;
  /** The lock as it is, or not at all. */
  readonly frozen: boolean;
  /** Runs every step, whatever passed before. */
  readonly noCache?: boolean;
  readonly failFast: boolean;
  /** How the files reach the engine; as it allows by default. */
  readonly workspace?: WorkspaceMode;
  /** How many steps at once; the engine's CPUs by default. */
  readonly jobs?: number;
  /** Says of this step why it runs, or why it does not. */
  readonly explainStep?: string;
}
