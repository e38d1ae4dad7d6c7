// Written by `npm run api-types` from src/api.ts.
declare const failureFamilies: {
  readonly usage: 'usage';
  readonly 'config-invalid': 'usage';
  readonly 'lock-missing': 'usage';
  readonly 'lock-stale': 'usage';
  readonly 'lock-invalid': 'usage';
  readonly 'lock-too-new': 'usage';
  readonly 'requirements-conflict': 'usage';
  readonly 'requirements-unsupported': 'usage';
  readonly 'requirements-stale': 'usage';
  readonly 'recipe-invalid': 'usage';
  readonly 'project-build-failed': 'usage';
  readonly 'repository-invalid': 'usage';
  readonly 'receipt-invalid': 'usage';
  readonly 'receipt-too-new': 'usage';
  readonly 'engine-not-found': 'environment';
  readonly 'engine-not-running': 'environment';
  readonly 'engine-forbidden': 'environment';
  readonly 'engine-unreachable': 'environment';
  readonly 'engine-too-old': 'environment';
  readonly 'engine-refused': 'environment';
  readonly 'name-taken': 'environment';
  readonly 'sysctl-refused': 'environment';
  readonly 'environment-lost': 'environment';
  readonly 'service-not-ready': 'environment';
  readonly 'image-not-found': 'environment';
  readonly 'image-build-failed': 'environment';
  readonly 'registry-refused': 'environment';
  readonly 'integrity-mismatch': 'environment';
  readonly 'package-vanished': 'environment';
  readonly 'host-tool-missing': 'environment';
  readonly network: 'environment';
  readonly 'disk-full': 'environment';
  readonly io: 'environment';
  readonly interrupted: 'interrupted';
};
declare const schemaVersion = 1;
/**
 * Audits the whole repository that `cwd` lies in, as `parity doctor` does, and rewrites nothing. Err for a config, a lock or a rule that
 * can't be used, or a cache folder in which other users can write; drift is no Err: `summary.errors` counts it.
 */
export declare function doctor(options?: DoctorOptions): Promise<Result<DoctorJson>>;
/** Brings parity.lock.json of the project in `cwd` up to date, as `parity lock` does. Err: why it can't be, with what to do. */
export declare function lock(options?: LockOptions): Promise<Result<LockOutcome>>;
/**
 * Runs the pipeline of the project in `cwd`, as `parity up` does. The run starts at once: who iterates over it right away gets every event,
 * each kept until it is taken. Leaving the loop does not end the run; aborting `signal` does.
 */
export declare function up(options?: UpOptions): Run;
/** The version that a subject's declarations are compared with, and where it comes from. */
export interface Baseline {
  /** Whole, or the beginning of one (`3.11`) when no place says more. */
  readonly version: string;
  /** What other toolchains of the lock have, where that is another version; absent = nothing. */
  readonly others?: readonly string[];
  /** `lock`: parity.lock.json; `pins`: the pin that most places of the repository share; `reference`: parity's own lock. */
  readonly from: 'lock' | 'pins' | 'reference';
  /** The most authoritative place that says so; absent for `lock` and `reference`. */
  readonly place?: LocatedDeclaration;
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
/** One declared version, at its place. */
export interface Declaration {
  readonly subject: Subject;
  readonly role: Role;
  readonly scheme: Scheme;
  /** In the scheme's language; undefined when reading the file does not resolve it. */
  readonly value: string | undefined;
  /** Why there is no value, as text: `a variable ($BLACK_VERSION)`, `an expression`, `installed from git`. Exactly when there is none. */
  readonly unresolved?: string;
  /** Of exactly the characters of the value as written (the whole requirement when it names no version). */
  readonly span: Span;
  /** Those characters: the text at `span`. */
  readonly raw: string;
  /** How the file declares it, for people: `pip install`, `rev of psf/black`, `[project] requires-python`, `python-version of actions/setup-python`. */
  readonly how: string;
  /** A condition under which it holds, as written (an environment marker, a leg of a matrix). */
  readonly condition?: string;
}
/** One declared version. Its field names are published: they do not follow the names in the code. */
export interface DeclarationJson extends Pick<Declaration, 'subject' | 'role' | 'scheme' | 'how' | 'condition'> {
  /** In the scheme's language; null when reading the file does not resolve it. */
  readonly value: string | null;
  /** Why there is no value. */
  readonly undecided?: string;
  /** The characters at `location`. */
  readonly said: string;
  readonly location: Omit<LocationJson, 'message'>;
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
  /** Each project's baselines: the versions that its declarations are compared with. */
  readonly held: readonly {
    readonly project: string;
    readonly subject: string;
    readonly version: string;
    readonly from: Baseline['from'];
    readonly location?: LocationJson;
  }[];
  readonly findings: readonly FindingJson[];
  /** Every declared version that was read. */
  readonly declarations: readonly DeclarationJson[];
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
  /** The characters at `span`: where others stand there, parity does not make the edit. */
  readonly raw: string;
  readonly replacement: string;
}
/** A result that holds the reason there is no value. */
export interface Err<E> {
  readonly ok: false;
  readonly error: E;
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
  /** The service that can't be had; what needs none can go on. */
  readonly service?: string;
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
  /** What the file asks for, as written. */
  readonly declared?: string;
  /** The baseline's version. */
  readonly locked?: string;
  /** The version that is really there. */
  readonly observed?: string;
  /** Absent for what has no place in the repository: the host, the engine. */
  readonly location?: Location;
  readonly related: readonly Location[];
  /** The next command or edit. */
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
/** What to do about something that a failing step's output shows: an entry of the catalogue, or of the team's own, with its first place. */
export interface FoundRemedy {
  /** `mypy/implicit-optional`; `parity explain ID` tells more. */
  readonly id: string;
  /** What it is, in one line. */
  readonly title: string;
  /** What to do, in one line, with the names that the output has. */
  readonly remedy: string;
  /** How many diagnostics it is about; 1 for what only the output shows. */
  readonly count: number;
  /** The first one's file, relative to the repository's top; null when it is about none. */
  readonly file: string | null;
  /** 1-based; null when the tool names no line. */
  readonly line: number | null;
  /** Where the tool's own documentation, or the team's, speaks of it; null for none. */
  readonly link: string | null;
}
/** A declaration and the file it stands in. */
export interface LocatedDeclaration extends Declaration {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
}
/** A place in the repository. */
export interface Location {
  /** Relative to the repository's top, `/` between. */
  readonly path: string;
  readonly span: Span;
  /** The characters there; empty when the place stands for the whole file. */
  readonly raw: string;
  /** How the place declares it, or what it has to do with the finding. */
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
/** One difference between two locks, in what they pin. */
export interface LockChange {
  readonly kind: 'toolchain' | 'base' | 'python' | 'uv' | 'node' | 'npm' | 'package' | 'build' | 'debian';
  /** The package's name, or the kind's own. */
  readonly name: string;
  /** Absent when it is new. */
  readonly from?: string;
  /** Absent when it is gone. */
  readonly to?: string;
  /** The toolchain that it is in; absent for the default one. */
  readonly toolchain?: string;
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
  readonly moved: readonly ChangedInput[];
  readonly changes: readonly LockChange[];
}
/** A result that holds a value. */
export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}
/** A step as the plan has it. */
export interface PlannedStep {
  readonly name: string;
  readonly run: string;
  readonly needs: readonly string[];
  readonly cwd: string;
  /** The name of its toolchain; absent for the default one. */
  readonly toolchain?: string;
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
  readonly counts: StepCounts;
  /** Set when the run could not go on. */
  readonly failure?: Failure;
}
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
/** Something that parity did not look at, and why. */
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
  /** Why, when it is not the command's own exit code: `timeout`, `out-of-memory`, `needs` (a needed step failed), `interrupted`, `fail-fast`, `environment-lost`, `service` (one can't be had). */
  readonly reason:
    'timeout' | 'out-of-memory' | 'needs' | 'interrupted' | 'fail-fast' | 'environment-lost' | 'service' | null;
  /** With `needs`: which step. */
  readonly because?: string;
  /** What to type next, ready to copy: `Run: black core/`. */
  readonly next: readonly string[];
  /** What the tools said in its output, in their order; of a step that passed, warnings and notes at most. */
  readonly diagnostics: readonly ToolDiagnostic[];
  /** How many more they said; absent for none. */
  readonly diagnosticsLeftOut?: number;
  /** Of a step that failed: what is known of such failures, the most telling first, five at most; absent for none. */
  readonly remedies?: readonly FoundRemedy[];
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
  /** pytest: what failed when it was not the test's own call. */
  readonly phase?: TestPhase;
}
/** What `up` is asked; everything may be left out. */
export interface UpOptions extends CallOptions, Partial<RunRequest> {}
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
/** How sure a finding is: `medium` where parity chose the baseline itself. */
export type Confidence = 'high' | 'medium';
/** Takes events as they happen. Never throws; never blocks for long. */
export type EmitEvent = (event: RunEvent) => void;
/** The closed set of reasons; each is a stable code that `parity explain` and scripts may rely on. */
export type FailureReason = keyof typeof failureFamilies;
/** The kinds of set-up work that a person waits for. */
export type Phase = 'checkout' | 'lock' | 'base' | 'image' | 'environment' | 'service' | 'workspace' | 'fix';
/** What rooms below the pipeline report while they work; part of the run's events. `id` tells pieces of one kind apart. */
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
 * `prefix` a version of which only the beginning may be given (`3.11` is every 3.11.x; `24` every 24.x), `exact` one whole version as it
 * is (a lock file's entry, an image's tag).
 */
export type Scheme = 'pep440' | 'semver' | 'prefix' | 'exact';
/** How bad a diagnostic or a finding is. */
export type Severity = 'error' | 'warning' | 'note';
/** How many steps ended in each way; `tolerated` is absent for none. */
export type StepCounts = Readonly<Record<Exclude<StepOutcome, 'tolerated'>, number>> & {
  readonly tolerated?: number;
};
/** How a step ended; `tolerated`: it failed, and its `allowFailure` lets it. */
export type StepOutcome = 'passed' | 'failed' | 'tolerated' | 'cached' | 'skipped' | 'cancelled';
/**
 * What a place speaks of: `python`, `node`, `pypi:<normalised name>` (a Python package, tools included), `npm:<name>` (npm itself is
 * `npm:npm`), `image:<repository>` (a container image that is neither Python's nor Node's own).
 */
export type Subject = 'python' | 'node' | `pypi:${string}` | `npm:${string}` | `image:${string}`;
/** Where in a test's life something failed, its own call aside. */
export type TestPhase = 'collect' | 'setup' | 'teardown';
/** What a finding is about: a version's subject, a tool's command (`command:black`), the image, the host, or a file. */
export type Topic = Subject | `command:${string}` | 'image' | 'engine' | 'host' | 'file';
/** Progress of a pull, push or load, as facts; a reporter phrases it. */
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
/** An input that changed since the lock was resolved. */
interface ChangedInput {
  /** `toolchain.tools`, `core/requirements.txt` … */
  readonly input: string;
  /** `appeared`: the lock does not have it; `vanished`: the project does not name it any more. */
  readonly change: 'changed' | 'appeared' | 'vanished';
  /** The toolchain whose input it is; absent for the default one. */
  readonly toolchain?: string;
}

export { ChangedInput as MovedInput };

export {};
