import type { Digest } from '../core/digest.ts';
import type { Platform } from '../core/platform.ts';
import type { FailureReason } from '../core/failure.ts';
import type { FoundRemedy } from '../core/found-remedy.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import type { RunOutcome, StepFinished, StepOutcome } from '../pipeline/events.ts';

/** The receipt format that this parity writes and the newest it reads. */
export const receiptVersion = 1;

/**
 * The canonical record of one run: all that decided it, and how it ended. Written as JSON with sorted keys. No secret is in it, and no
 * path of the machine: files are relative to the repository's top.
 */
export interface Receipt {
  readonly version: typeof receiptVersion;
  /** The parity that wrote it. */
  readonly parity: string;
  /** HEAD of the repository when the run began; null without git or before the first commit. */
  readonly commit: string | null;
  /** True when the files that the steps saw were not exactly those of the commit. */
  readonly dirty: boolean;
  /** The project's folder relative to the repository's top; `.` for the top itself. */
  readonly project: string;
  /** Digest of what the lock pins; the images that it names (by platform, as they are built) do not count. */
  readonly lock: Digest;
  readonly image: ReceiptImage;
  /** The images of the toolchains with names, in which steps that name one ran; absent when none did. */
  readonly toolchains?: Readonly<Record<string, ReceiptImage>>;
  readonly platform: Platform;
  readonly engine: { readonly product: string; readonly version: string };
  readonly machine: { readonly cpus: number; readonly memoryBytes: number };
  readonly options: ReceiptOptions;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: RunOutcome;
  /** Why the run could not go on. */
  readonly failure: FailureReason | null;
  /**
   * Every file that the steps could see and git does not ignore, when the run began: path → `100644 <sha256 hex>`, `100755 …` (executable) or
   * `120000 …` (symbolic link, of its target's text); `unreadable` in the digest's place when the user may not read it.
   */
  readonly files: Readonly<Record<string, string>>;
  /** In the plan's order. */
  readonly steps: readonly ReceiptStep[];
}

/** The image that the steps of a toolchain ran in. */
export interface ReceiptImage {
  /** What the engine shows as its ID; null when the run ended before there was one, or none of its steps has the toolchain. */
  readonly id: string | null;
  /** Both digests of the lock's image, whichever of them the engine shows; null for one that the lock does not name. */
  readonly config: Digest | null;
  readonly manifest: Digest | null;
}

/** How the run was asked for. */
export interface ReceiptOptions {
  /** The names of steps that were asked for; none = the whole pipeline. */
  readonly steps: readonly string[];
  readonly cold: boolean;
  readonly jobs: number;
  /** One of several machines' part; null for a whole run. */
  readonly shard: { readonly index: number; readonly of: number } | null;
}

/** One step of a run. */
export interface ReceiptStep {
  readonly name: string;
  readonly run: string;
  /** Relative to the project. */
  readonly cwd: string;
  readonly network: string;
  readonly needs: readonly string[];
  /** The name of its toolchain; absent for the default one. */
  readonly toolchain?: string;
  /** Its own variables: name → digest of the value; of a secret only that there is one. */
  readonly env: Readonly<Record<string, Digest | 'secret'>>;
  /** Globs relative to cwd; null = every file. */
  readonly inputs: readonly string[] | null;
  /** Digest of the paths, modes and contents of the inputs. */
  readonly inputsDigest: Digest;
  readonly outcome: StepOutcome;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly reason: StepFinished['reason'];
  readonly startedMs: number | null;
  readonly durationMs: number;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  /** Its output, secrets hidden. */
  readonly log: { readonly bytes: number; readonly digest: Digest };
  readonly diagnostics: readonly ToolDiagnostic[];
  /** What is known of the failure, the most telling first; absent for none. */
  readonly remedies?: readonly FoundRemedy[];
}

/** A step of a plan: what decides how it ends. */
export type RunPlanStep = Pick<
  ReceiptStep,
  'name' | 'run' | 'cwd' | 'network' | 'needs' | 'toolchain' | 'env' | 'inputs' | 'inputsDigest'
>;

/** What decides a run, known before its first step: a receipt without how the run ended. Every receipt is one. */
export interface RunPlan extends Pick<
  Receipt,
  'commit' | 'dirty' | 'project' | 'lock' | 'image' | 'toolchains' | 'platform' | 'files'
> {
  readonly options: Pick<ReceiptOptions, 'steps' | 'shard'>;
  readonly steps: readonly RunPlanStep[];
}
