// Written by `npm run api-types` from src/api.ts.
declare const failureFamilies: {
  readonly usage: 'ask';
  readonly 'config-invalid': 'ask';
  readonly 'lock-missing': 'ask';
  readonly 'lock-stale': 'ask';
  readonly 'lock-invalid': 'ask';
  readonly 'lock-too-new': 'ask';
  readonly 'requirements-conflict': 'ask';
  readonly 'requirements-unsupported': 'ask';
  readonly 'recipe-invalid': 'ask';
  readonly 'repository-invalid': 'ask';
  readonly 'receipt-invalid': 'ask';
  readonly 'receipt-too-new': 'ask';
  readonly 'engine-not-found': 'find-out';
  readonly 'engine-not-running': 'find-out';
  readonly 'engine-forbidden': 'find-out';
  readonly 'engine-unreachable': 'find-out';
  readonly 'engine-too-old': 'find-out';
  readonly 'engine-refused': 'find-out';
  readonly 'name-taken': 'find-out';
  readonly 'environment-lost': 'find-out';
  readonly 'service-not-ready': 'find-out';
  readonly 'image-not-found': 'find-out';
  readonly 'image-build-failed': 'find-out';
  readonly 'registry-refused': 'find-out';
  readonly 'integrity-mismatch': 'find-out';
  readonly 'package-vanished': 'find-out';
  readonly 'host-tool-missing': 'find-out';
  readonly network: 'find-out';
  readonly 'disk-full': 'find-out';
  readonly io: 'find-out';
  readonly interrupted: 'interrupted';
};
declare const lockVersion = 1;
declare const platforms: readonly ['linux/amd64', 'linux/arm64'];
declare const schemaVersion = 1;
/**
 * Audits the whole repository that `cwd` lies in, as `parity doctor` does, and rewrites nothing. Err for a config, a lock or a rule that
 * can't be used; drift is no Err: `summary.errors` counts it.
 */
export declare function doctor(options?: DoctorOptions): Promise<Result<DoctorJson>>;
/** Brings parity.lock.json of the project in `cwd` up to date, as `parity lock` does. Err: why it can't be, with what to do. */
export declare function lock(options?: LockOptions): Promise<Result<LockOutcome>>;
/**
 * Runs the pipeline of the project in `cwd`, as `parity up` does. The run starts at once: who iterates over it right away gets every event,
 * each kept until it is taken. Leaving the loop does not end the run; aborting `signal` does.
 */
export declare function up(options?: UpOptions): Run;
/** Steps that need not run, and the image that they passed in. */
export interface CachedPasses {
  readonly imageId: string;
  /** By the step's name. */
  readonly passes: ReadonlyMap<string, Pass>;
  /** Tells what they printed, too. */
  readonly logs: boolean;
}
/** What every call of the API takes. */
export interface CallOptions {
  /** The folder to start in; the process's own by default. */
  readonly cwd?: string;
  /** The engine's address, e.g. `unix:///var/run/docker.sock`; found as `parity status` says by default. */
  readonly host?: string;
  /** Where engine, caches, `passEnv` and `secrets` are looked up; the process's own environment by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends what runs as Ctrl-C would: the result is then cancelled, or has the failure `interrupted`. */
  readonly signal?: AbortSignal;
  /** Hears everything that happens, in order, secrets hidden. */
  readonly onEvent?: EmitEvent;
}
/** A command as the supervisor runs it. */
export interface Command {
  /** Unique in the session; names the command's frames. */
  readonly name: string;
  /** argv; a step's is `bash -euo pipefail -c RUN`. */
  readonly argv: readonly string[];
  /** Absolute path in the container. */
  readonly cwd: string;
  /** Added to the environment's own variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly network: NetworkAccess;
  /** What it reads; /dev/null when absent. It is let go of when the command ends. */
  readonly stdin?: AsyncIterable<Uint8Array>;
}
/** How a command ended. */
export interface CommandExit {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: number;
  /** User and system time of the process group. */
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  /** The kernel killed something in its container for memory while it ran. */
  readonly outOfMemory: boolean;
}
/** A piece of output. */
export interface CommandOutput {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}
/** A reading and the file it stands in. */
export interface Declaration extends Reading {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
}
/** A problem in parity's own config, with its place and what would be right. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable kebab-case code, e.g. `unknown-key`. */
  readonly code: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** Path as the user would type it, relative to the project's folder. */
  readonly file: string;
  readonly span: Span;
  /** The text of the line(s) the span is on, so that a reporter needs no file access; absent when there is none. */
  readonly sourceLine?: string;
  /** What would be right. */
  readonly hint?: string;
  /** Other places that belong to it, e.g. where a name was given first. */
  readonly related?: readonly RelatedPlace[];
}
/** The report as scripts get it: one JSON object of `parity doctor --reporter json`, and what the API's `doctor` gives. */
export interface DoctorJson {
  readonly type: 'doctor';
  readonly schemaVersion: typeof schemaVersion;
  readonly summary: {
    readonly errors: number;
    readonly warnings: number;
    readonly notes: number;
    readonly ignored: number;
    readonly fixable: number;
    readonly files: number;
  };
  /** What each project's places were held against. */
  readonly held: readonly {
    readonly project: string;
    readonly subject: string;
    readonly version: string;
    readonly from: Held['from'];
    readonly location?: LocationJson;
  }[];
  readonly findings: readonly FindingJson[];
  /** Every declared version that was read. */
  readonly declarations: readonly (Pick<
    Reading,
    'subject' | 'role' | 'scheme' | 'said' | 'how' | 'undecided' | 'condition'
  > & {
    readonly value: string | null;
    readonly location: Omit<LocationJson, 'message'>;
  })[];
  readonly skipped: readonly Skipped[];
}
/** What `doctor` is asked. */
export interface DoctorOptions extends CallOptions {
  /** Ids or names of the rules to ask; all by default. */
  readonly rules?: readonly string[];
  /** Looks at files only: no engine, no image, no host. */
  readonly offline?: boolean;
}
/** Characters of a file to be replaced. */
export interface Edit {
  readonly path: string;
  readonly span: Span;
  /** What must stand there, or the edit is not made. */
  readonly said: string;
  readonly replacement: string;
}
/** How long things may take when they are told to end. */
export interface EndingLimits {
  /** From the first signal to SIGKILL, in milliseconds. */
  readonly killAfterMs: number;
  /** From the first signal until a step that still does not answer is given up, in milliseconds. */
  readonly giveUpAfterMs: number;
}
/**
 * One repo's image, services, volumes and warm containers. Its contract is kept to what any runner can offer: an image by
 * digest, a workspace, and a stream to PID 1, the supervisor.
 */
export interface Environment {
  /** Stable for a project folder: names containers and labels. */
  readonly id: string;
  readonly imageId: string;
  /** The project's folder in its containers, absolute: `/workspace/…`. */
  readonly workspaceDir: string;
  /** True when the containers were there already. */
  readonly warm: boolean;
  /** Names of the engine volumes in which folders of the project live, by the folder's path in the project. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Containers of this environment that steps use so far, by network access. */
  readonly containers: Readonly<Partial<Record<NetworkAccess, string>>>;
  /**
   * Starts a command under the supervisor in the container of its network access; the container is made at first use.
   * Err when the environment is gone or can't be made; a command that can't start (no such file) exits 127 as in a shell.
   */
  start(command: Command): Promise<Result<RunningCommand>>;
  /**
   * Brings what commands have changed in the workspace back to the host where the engine has a copy of it; nothing to do for a mount. What
   * is to be said of it is emitted. `release` does it, unless it was done since the last command.
   */
  bringBack(): Promise<void>;
  /** Ends the session: its commands are killed, the lease is renewed one last time, the containers stay warm. */
  release(): Promise<void>;
}
/** A result that holds the reason there is no value. */
export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}
/** What earlier runs say of a step. */
export interface ExpectedStep {
  readonly durationMs: number;
  /** null when it is not known. */
  readonly peakMemoryBytes: number | null;
}
/** Parity being unable to go on: what happened in one sentence, why, and what to type next. */
export interface Failure {
  readonly reason: FailureReason;
  /** One sentence, no full stop needed: what could not be done, naming the thing (socket, file, package). */
  readonly message: string;
  /** The underlying text (an engine's or tool's own words), possibly several lines. */
  readonly detail?: string;
  /** The next command or edit, ready to copy. */
  readonly next?: string;
  /** Problems with a place, for `config-invalid`, `lock-invalid` and `requirements-*`. */
  readonly diagnostics?: readonly Diagnostic[];
  /** For `interrupted`: the signal that did it. */
  readonly signal?: 'SIGINT' | 'SIGTERM';
}
/** One file of a workspace. */
export interface FileState {
  /** Relative to the workspace's root, `/` between; a name that is not UTF-8 as git/path-name has it. */
  readonly path: string;
  readonly mode: FileMode;
  /** SHA-256 of the bytes, or of a symbolic link's target text: 64 hex digits; `unreadable` for what this user may not read. */
  readonly digest: string;
}
/** A problem in the repository, its image or its host. */
export interface Finding {
  /** `PD001`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly topic: Topic;
  /** The folder of the project it belongs to, relative to the repository's top; `.` for the top itself. */
  readonly project: string;
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  /** What the file asks for, in its own words. */
  readonly declared?: string;
  /** The version that it is held against. */
  readonly locked?: string;
  /** The version that is really there. */
  readonly observed?: string;
  /** Absent for what has no place in the repository: the host, the engine. */
  readonly location?: Location;
  readonly related: readonly Location[];
  /** What would be right: the next command or edit. */
  readonly hint: string;
  /** The edit that `--fix` makes; absent where it is not certain. */
  readonly fix?: Edit;
}
/** One finding. */
export interface FindingJson {
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Finding['confidence'];
  readonly subject: string;
  /** The project's folder relative to the repository's top. */
  readonly project: string;
  readonly message: string;
  readonly declared: string | null;
  readonly locked: string | null;
  readonly observed: string | null;
  readonly location: LocationJson | null;
  readonly related: readonly LocationJson[];
  readonly hint: string;
  readonly fixable: boolean;
}
/** The version that a subject's places are held against, and where it comes from. */
export interface Held {
  /** Whole, or the beginning of one (`3.11`) when no place says more. */
  readonly version: string;
  /** `lock`: parity.lock.json; `pins`: the pin that most places of the repository share; `reference`: parity's own lock. */
  readonly from: 'lock' | 'pins' | 'reference';
  /** The most authoritative place that says so; absent for `lock` and `reference`. */
  readonly place?: Declaration;
}
/** A place in the repository. */
export interface Location {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
  readonly span: Span;
  /** The characters there; empty when the place stands for the whole file. */
  readonly said: string;
  /** How it is said there, or what it has to do with the finding. */
  readonly note: string;
}
/** A place in the repository: the file relative to its top, lines and columns 1-based, the end exclusive. */
export interface LocationJson {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
}
/** parity.lock.json. Keys are written sorted, two spaces, final newline; no registry address, no time of writing. */
export interface Lock {
  readonly version: typeof lockVersion;
  /** The parity that wrote it. */
  readonly parity: string;
  /**
   * Digest of every input it was resolved from: each part of the config that matters (`toolchain.python`, `toolchain.tools`,
   * `image.base` …) and each requirements file, by path relative to the project.
   */
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly base: LockedBase;
  readonly python: {
    /** Exact, as the base has it. */
    readonly version: string;
    /** Tools and requirements resolved together, universal over platforms, sorted by name then version. */
    readonly packages: readonly LockedPythonPackage[];
  };
  /** The uv that resolves and installs, with the hashes of its wheels. */
  readonly uv: {
    readonly version: string;
    readonly hashes: readonly Digest[];
  };
  readonly node?: {
    readonly version: string;
    readonly platforms: Readonly<Record<Platform, LockedNpmPackage>>;
    readonly npm: LockedNpmPackage;
  };
  /** Debian packages on top of the base (the config's `system`, what parity itself needs, and their dependencies). */
  readonly system: Readonly<Record<Platform, readonly LockedDebianPackage[]>>;
  /** What the recipe yields per platform; `null` until that platform's first build (see `parity build`). */
  readonly platforms: Readonly<
    Record<
      Platform,
      {
        readonly image: LockedImage | null;
      }
    >
  >;
}
/** One difference between two locks, in what they pin. */
export interface LockChange {
  readonly kind: 'base' | 'python' | 'uv' | 'node' | 'npm' | 'package' | 'debian';
  /** The package's name, or the kind's own. */
  readonly name: string;
  /** Absent when it is new. */
  readonly from?: string;
  /** Absent when it is gone. */
  readonly to?: string;
}
/** What `lock` is asked. */
export interface LockOptions extends CallOptions {
  /** Only says whether the lock is up to date (`stale` when it is not): no engine, no network. */
  readonly check?: boolean;
  /** Moves pins to the newest versions allowed: all, or those of the named packages. */
  readonly upgrade?: 'all' | readonly string[];
}
/** How `parity lock` ended; `stale` only with `check`, and it is exit code 1. */
export interface LockOutcome {
  readonly status: 'current' | 'written' | 'stale';
  readonly moved: readonly MovedInput[];
  readonly changes: readonly LockChange[];
}
/** One Debian package. */
export interface LockedDebianPackage {
  readonly name: string;
  readonly version: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** Present on the packages that were asked for by name; the others came with them. */
  readonly requested?: true;
}
/** The image that a lock yields on a platform, and by which recipe. */
export interface LockedImage {
  /** Digest of its config: its ID on an engine with a graph driver, and on Podman. */
  readonly config: Digest;
  /** Digest of its manifest: its ID on an engine with the containerd image store, and its name in a registry. */
  readonly manifest: Digest;
  /** Digest of the recipe; another recipe (another parity, a changed Dockerfile.parity) yields another image. */
  readonly recipe: Digest;
}
/** One npm package. */
export interface LockedNpmPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity, `sha512-…`. */
  readonly integrity: string;
}
/** One Python package. */
export interface LockedPythonPackage {
  readonly name: string;
  readonly version: string;
  /** PEP 508 marker, when it does not apply everywhere. */
  readonly marker?: string;
  /** All the distributions' hashes, sorted. */
  readonly hashes: readonly Digest[];
  /** Present when a platform has no wheel that the hashes allow: the toolchain stage must have a compiler there. */
  readonly sdist?: true;
  /** Who asks for it: package names, `toolchain.tools`, or the path of a requirements file. Sorted. */
  readonly via: readonly string[];
}
/** An input that is not what the lock was resolved from. */
export interface MovedInput {
  /** `toolchain.tools`, `core/requirements.txt` … */
  readonly input: string;
  /** `appeared`: the lock does not know it; `vanished`: nothing names it any more. */
  readonly change: 'changed' | 'appeared' | 'vanished';
}
/** A result that holds a value. */
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}
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
/** A pipeline to run. */
export interface PipelineRun {
  /** The plan: the steps to run with all that they need. */
  readonly steps: readonly StepConfig[];
  /** An open environment, or how to open one; it is released at the end. */
  readonly environment: Environment | (() => Promise<Result<Environment>>);
  /** One machine's part of the pipeline, and the names of the steps of which it runs only its part of the tests. */
  readonly shard?: Shard & {
    readonly divided: ReadonlySet<string>;
  };
  /** Passes of earlier runs that stand for their steps. Some may be withdrawn, or only then be known, while the environment opens. */
  readonly cached?: CachedPasses | undefined;
  /** When the run began for whoever waits for it, as performance.now() gives it; now by default. */
  readonly begun?: number;
  /** How many steps may run at once. */
  readonly jobs: number;
  readonly failFast: boolean;
  /** What earlier runs say of the steps, and the memory that they share. */
  readonly known?: Pick<ScheduleState, 'expected' | 'memoryBytes'>;
  readonly emit: EmitEvent;
  /** Aborted with an `interrupted` failure as its reason. */
  readonly signal: AbortSignal;
  /** Where passEnv and secrets come from. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  /** What else to type after a step failed; said before the step's own advice. */
  readonly advise?: Advise;
  /** Whether the repository has a file, by its path from the top; places what tools say. */
  readonly isFile?: (path: string) => boolean;
  /** The project's folder on the host, for people. */
  readonly project: string;
  /** `parity.yaml`, or what it was detected from, for people. */
  readonly configSource: string;
  readonly limits?: Partial<RunLimits>;
}
/** A step as the plan has it. */
export interface PlannedStep {
  readonly name: string;
  readonly run: string;
  readonly needs: readonly string[];
  readonly cwd: string;
}
/** How to run a project's pipeline. */
export interface ProjectRun {
  /** Names of the steps to run with what they need; none = all. */
  readonly steps: readonly string[];
  readonly cold: boolean;
  readonly frozen: boolean;
  /** Runs every step, whatever passed before. */
  readonly noCache?: boolean;
  readonly failFast: boolean;
  /** How the files reach the engine; as it allows by default. */
  readonly workspace?: WorkspaceMode;
  /** How many steps at once; the engine's CPUs by default. */
  readonly jobs?: number;
  /** One machine's part of it; all of it by default. */
  readonly shard?: Shard;
  /** Says of this step why it runs, or why it does not. */
  readonly explainStep?: string;
  /** What the caller knows of a failing step. */
  readonly advise?: NonNullable<PipelineRun['advise']>;
  /** What the caller knows of a failure that keeps the pipeline from starting: the failure to tell instead. */
  readonly explain?: (failure: Failure) => Failure;
  /** The project (absolute, real) to which the receipt belongs when the run is in another checkout of it: a commit workspace. */
  readonly keepFor?: string;
  /** The run is a round of `--watch`. */
  readonly round?: WatchRound;
}
/** One declared version, at its place. */
export interface Reading {
  readonly subject: Subject;
  readonly role: Role;
  readonly scheme: Scheme;
  /** In the scheme's language; undefined when it can't be decided by reading. */
  readonly value: string | undefined;
  /** Why there is no value, in words: `a variable ($BLACK_VERSION)`, `an expression`, `installed from git`. Exactly when there is none. */
  readonly undecided?: string;
  /** Of exactly the characters of the value as written (the whole requirement when it names no version). */
  readonly span: Span;
  /** Those characters: the text at `span`. */
  readonly said: string;
  /** How it is said, for people: `pip install`, `rev of psf/black`, `[project] requires-python`, `python-version of actions/setup-python`. */
  readonly how: string;
  /** A condition under which it holds, as written (an environment marker, a leg of a matrix). */
  readonly condition?: string;
}
/** A second place of a diagnostic, and what is there. */
export interface RelatedPlace {
  readonly message: string;
  readonly file: string;
  readonly span: Span;
  readonly sourceLine?: string;
}
/** A run of the pipeline: its events as they happen, and how it ended. */
export interface Run extends AsyncIterable<RunEvent> {
  /** The run's end. It says everything, failures included (`failure`); it rejects only for a bug in parity. */
  readonly finished: Promise<RunFinished>;
}
/** The end of the run. */
export interface RunFinished {
  readonly type: 'run-finished';
  readonly outcome: RunOutcome;
  readonly imageId: string | null;
  readonly durationMs: number;
  readonly counts: Readonly<Record<StepOutcome, number>>;
  /** Set when the run could not go on. */
  readonly failure?: Failure;
}
/** How long ends may take. */
export interface RunLimits {
  readonly interrupted: EndingLimits;
  readonly timedOut: EndingLimits;
  /** How long to wait for the environment's release, in milliseconds. */
  readonly releaseMs: number;
}
/** A command that runs. */
export interface RunningCommand {
  /** Both streams in the order of arrival, chunks as they come; ends before `exit` settles. */
  readonly output: AsyncIterable<CommandOutput>;
  /** Settles once. Err `environment-lost` when the container or engine went away under it. */
  readonly exit: Promise<Result<CommandExit>>;
  /** Signals the command's whole process group. */
  signal(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
}
/** Where a run stands. `states` has every step of the plan. */
export interface ScheduleState {
  readonly steps: readonly ScheduledStep[];
  readonly states: ReadonlyMap<string, StepState>;
  /** How many steps may run at once, at least 1. */
  readonly jobs: number;
  readonly failFast: boolean;
  /** By the step's name; what is not known of a step is not there. */
  readonly expected?: ReadonlyMap<string, ExpectedStep>;
  /** What the machine has for all steps together; nothing is held back for memory when absent. */
  readonly memoryBytes?: number;
  /** Why nothing may start any more: somebody interrupted the run, or the environment is gone. */
  readonly stopped?: 'interrupted' | 'environment-lost' | undefined;
}
/** What the schedule has to know of a step. `needs` names only steps of the same plan, and never in a circle. */
export interface ScheduledStep {
  readonly name: string;
  readonly needs: readonly string[];
}
/** What the steps of a round go by. */
export interface SeenByRound extends SeenFiles {
  readonly steps: readonly StepConfig[];
  readonly lock: Lock;
  /** The config's own recipe, relative to the project. */
  readonly dockerfile: string | undefined;
}
/** What the steps of a run will see. */
export interface SeenFiles {
  readonly files: readonly FileState[];
  /** The project's folder relative to the workspace's root; `.` for the root. */
  readonly project: string;
}
/** One machine's part of a pipeline that is divided over several. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}
/** Something that was not looked at, and why. */
export interface Skipped {
  /** `the image`, `.github/workflows/ci.yml`. */
  readonly what: string;
  readonly reason: string;
}
/** A stretch of a text file: lines and columns are 1-based, columns count UTF-16 units, the end is exclusive. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}
/** One step of the pipeline. */
export interface StepConfig {
  readonly name: string;
  /** A bash command line (bash -euo pipefail), as written. */
  readonly run: string;
  /** The command that mends what the step complains of. */
  readonly fix?: string;
  /** Printed when the step fails, e.g. `Run: black core/`; defaults to `Run: <fix>` when there is a fix. */
  readonly onFailure?: string;
  /** Folder the command runs in, relative to the project; `.` by default. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names taken from the host's environment when set there. */
  readonly passEnv: readonly string[];
  /** Like passEnv, and their values are masked everywhere; a missing one is an error. */
  readonly secrets: readonly string[];
  readonly needs: readonly string[];
  /** Globs relative to cwd; absent = every file git does not ignore. */
  readonly inputs?: readonly string[];
  /** Folders relative to cwd that live in engine volumes. */
  readonly volumes: readonly string[];
  readonly network: NetworkAccess;
  readonly cache?: boolean;
  /** Into how many processes each pytest of the command is divided; `auto` = as many as there may be steps at once. */
  readonly split?: 'auto' | number;
  readonly timeoutSeconds?: number;
  readonly span?: Span;
}
/** The end of one step. */
export interface StepFinished {
  readonly type: 'step-finished';
  readonly step: string;
  readonly outcome: StepOutcome;
  /** null when it never ran, was killed by a signal, or timed out. */
  readonly exitCode: number | null;
  /** e.g. `SIGKILL`. */
  readonly signal: string | null;
  readonly durationMs: number;
  /** Why, when it is not the command's own exit code: `timeout`, `out-of-memory`, `needs` (a needed step failed), `interrupted`, `fail-fast`, `environment-lost`. */
  readonly reason: 'timeout' | 'out-of-memory' | 'needs' | 'interrupted' | 'fail-fast' | 'environment-lost' | null;
  /** With `needs`: which step. */
  readonly because?: string;
  /** What to type next, ready to copy: `Run: black core/`. */
  readonly next: readonly string[];
  /** What the tools said in its output, in their order; of a step that passed, warnings and notes at most. */
  readonly diagnostics: readonly ToolDiagnostic[];
  /** How many more they said; absent for none. */
  readonly diagnosticsLeftOut?: number;
  readonly peakMemoryBytes: number | null;
  readonly cpuMs: number | null;
  /** Of a cached step whose pass is another machine's: whose, and when it passed (ISO 8601, UTC). */
  readonly cachedFrom?: {
    readonly by: 'ci' | 'laptop';
    readonly at: string;
  };
}
/** What a tool said in its output about the repository's code, in one form for all tools. */
export interface ToolDiagnostic {
  /** The tool by its package's name: `mypy`, `flake8`, `black`, `pytest`, `tsc`. */
  readonly tool: string;
  /** The tool's own code for it: `assignment`, `E501`, `TS2307`; for pytest the exception's class; null when it has none. */
  readonly code: string | null;
  readonly severity: Severity;
  /** The tool's own words, one line or several. */
  readonly message: string;
  /** Relative to the repository's top, `/` between; null when it is about no file of the repository. */
  readonly file: string | null;
  /** 1-based; null when the tool names no line. */
  readonly line: number | null;
  /** 1-based, as the tool counts; null when it names none. */
  readonly column: number | null;
  /** pytest: the test's node ID, `core/tests/test_api.py::test_total`. */
  readonly test?: string;
}
/** What `up` is asked; everything may be left out. */
export interface UpOptions
  extends CallOptions, Partial<Omit<ProjectRun, 'advise' | 'explain' | 'shard' | 'keepFor' | 'round'>> {}
/** What `--watch` gives to a round of it, and hears of it. */
export interface WatchRound {
  /** Believes no pass, and keeps new ones all the same. */
  readonly isFresh: boolean;
  /** Passes of this session by key: they stand for steps that have the network, too. */
  readonly passes: Map<string, Pass>;
  /** What the steps see, as soon as it is known; again when parity itself has changed it (an image's first build is written into the lock). */
  readonly onSeen: (seen: SeenByRound) => void;
}
/** What the caller knows of a failing step that its output does not say: lines to show with what to type next. */
export type Advise = (failing: {
  readonly step: StepConfig;
  readonly diagnostics: readonly ToolDiagnostic[];
  /** The last part of its output. */
  readonly tail: string;
}) => readonly string[] | Promise<readonly string[]>;
/** Progress of a build; `index` and `total` count the recipe's instructions. */
export type BuildProgress =
  | {
      readonly type: 'step';
      readonly index: number;
      readonly total: number | undefined;
      readonly title: string;
      readonly cached: boolean;
    }
  | {
      readonly type: 'output';
      readonly text: string;
    };
/** How sure a finding is: `medium` where parity had to choose what to hold the place against. */
export type Confidence = 'high' | 'medium';
/** A content digest as OCI writes it: `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`;
/** Takes events as they happen. Never throws; never blocks for long. */
export type EmitEvent = (event: RunEvent) => void;
/** The closed set of reasons; each is a stable code that `parity explain` and scripts may rely on. */
export type FailureReason = keyof typeof failureFamilies;
/** How git would keep a file: plain, executable, or a symbolic link. */
export type FileMode = '100644' | '100755' | '120000';
/** Where the image starts. */
export type LockedBase =
  | {
      readonly kind: 'registry';
      /** Reference without digest, e.g. `python:3.11-slim-bookworm`. Also an image reference of the user's own. */
      readonly image: string;
      /** The index's digest. */
      readonly digest: Digest;
    }
  | {
      readonly kind: 'debian';
      readonly suite: string;
      /** The archive's own date (Release's Date), `20261120T083000Z`: the snapshot to ask for a package that vanished. */
      readonly snapshot: string;
      readonly packages: Readonly<Record<Platform, readonly LockedDebianPackage[]>>;
    };
/** What of the network a step may reach. */
export type NetworkAccess = 'none' | 'services' | 'full';
/** The kinds of set-up work that a person waits for. */
export type Phase = 'checkout' | 'lock' | 'base' | 'image' | 'environment' | 'service' | 'workspace';
/** One of the platforms that a lock pins. */
export type Platform = (typeof platforms)[number];
/** What rooms below the pipeline tell while they work; part of the run's events. `id` tells pieces of one kind apart. */
export type ProgressEvent =
  /** Something a person should know once: what was detected, resolved, chosen. */
  | {
      readonly type: 'note';
      readonly severity: 'note' | 'warning';
      readonly message: string;
      readonly hint?: string;
    }
  | {
      readonly type: 'phase-started';
      readonly phase: Phase;
      readonly id: string;
      readonly title: string;
    }
  | {
      readonly type: 'phase-progress';
      readonly phase: Phase;
      readonly id: string;
      readonly progress: TransferProgress | BuildProgress;
    }
  /** `result` is the settled line: `built in 41 s`, `already there`, or what went wrong. */
  | {
      readonly type: 'phase-finished';
      readonly phase: Phase;
      readonly id: string;
      readonly durationMs: number;
      readonly ok: boolean;
      readonly result: string;
    };
/** The outcome of an operation whose failure is expected: a value, or the reason there is none. Bugs throw instead. */
export type Result<T, E = Failure> = Ok<T> | Err<E>;
/**
 * What a value is there for:
 * `install` this is what gets installed or selected there (a requirement of the development environment, an interpreter, a hook's rev),
 * `library` a published package's own dependency: a range there is meant, `floor` the oldest that is supported (requires-python, engines),
 * `target` which version a tool writes or checks for (target-version, python_version), `support` one of those that are supported
 * (a classifier, a leg of a test matrix), `locked` what another lock file holds.
 */
export type Role = 'install' | 'library' | 'floor' | 'target' | 'support' | 'locked';
/** Everything that happens in a run, in order, as facts: execution emits these and reporters word them. Times are monotonic milliseconds. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly steps: readonly PlannedStep[];
      readonly project: string;
      readonly configSource: string;
      readonly jobs: number;
    }
  | ProgressEvent
  | {
      readonly type: 'step-started';
      readonly step: string;
      readonly command: string;
    }
  | {
      readonly type: 'step-output';
      readonly step: string;
      readonly stream: 'stdout' | 'stderr';
      readonly data: Buffer;
    }
  | StepFinished
  | RunFinished;
/** How a run ended. */
export type RunOutcome = 'passed' | 'failed' | 'cancelled';
/**
 * The language of a value:
 * `pep440` a specifier set (`==25.9.0`, `>=23,<25`, `` = any version), `semver` an npm range (`^24.1`, `>=20`, `` = any version),
 * `prefix` a version of which only the beginning may be said (`3.11` is every 3.11.x; `24` every 24.x), `exact` one whole version as it
 * is (a lock file's entry, an image's tag).
 */
export type Scheme = 'pep440' | 'semver' | 'prefix' | 'exact';
/** How bad a diagnostic or a finding is. */
export type Severity = 'error' | 'warning' | 'note';
/** How a step ended. */
export type StepOutcome = 'passed' | 'failed' | 'cached' | 'skipped' | 'cancelled';
/** Where a step stands. */
export type StepState = 'waiting' | 'running' | StepOutcome;
/**
 * What a place speaks of: `python`, `node`, `pypi:<normalised name>` (a Python package, tools included), `npm:<name>` (npm itself is
 * `npm:npm`), `image:<repository>` (a container image that is neither Python's nor Node's own).
 */
export type Subject = 'python' | 'node' | `pypi:${string}` | `npm:${string}` | `image:${string}`;
/** What a finding is about: a version's subject, a tool's command (`command:black`), the image, the host, or a file. */
export type Topic = Subject | `command:${string}` | 'image' | 'engine' | 'host' | 'file';
/** Progress of a pull, push or load, as facts; a reporter words it. */
export type TransferProgress =
  | {
      readonly type: 'layer';
      readonly id: string;
      readonly status: string;
      readonly currentBytes?: number;
      readonly totalBytes?: number;
    }
  | {
      readonly type: 'text';
      readonly text: string;
    };
/** How a workspace reaches the containers: `mount` (a bind), `copy` (a volume), or whichever the engine allows. */
export type WorkspaceMode = 'auto' | 'mount' | 'copy';

export {};
