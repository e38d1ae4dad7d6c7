import { shortDigest } from '../core/digest.ts';
import { packageFilesDigest } from '../core/package-file.ts';
import { isObject, parseJson, type UnknownObject } from '../core/json.ts';
import { copyStateDir } from '../workspace/copy/protocol.ts';
import type { PassedOn } from './environment.ts';

/**
 * The frames between a session and the supervisor (images/supervisor), both ways: a line of JSON, then `bytes` raw bytes
 * where the frame has that member. Output and stdin flow by credit, so that a slow reader stops its own command only.
 */

/** What a client sends. */
export type ClientFrame =
  /** First. `beats`: this client sends heartbeats every `heartbeatMs`, and is gone when they stop. `look`: observes only, renews no lease. `fresh`: finds /tmp and HOME as a new container has them, unless another client is connected. */
  | {
      readonly type: 'hello';
      readonly beats: boolean;
      readonly lease?: number;
      readonly look?: boolean;
      readonly fresh?: boolean;
    }
  | {
      readonly type: 'start';
      readonly id: string;
      readonly argv: readonly string[];
      /** Run in its place when there is no such program. */
      readonly orElse?: readonly string[];
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      /** False = /dev/null. */
      readonly stdin: boolean;
      /** Bytes of output that may be under way before the first `credit`. */
      readonly window: number;
      /** One of parity's internal commands: `ready.commands` does not list it, and leftover processes of steps are not counted as its. */
      readonly own?: boolean;
      /** What it leaves running goes on until `end-job`; the exit tells what it passes on to later commands of the job. */
      readonly job?: string;
      /** Folders before all others in its PATH. */
      readonly path?: readonly string[];
    }
  /** The client has read output: so many bytes more may come. */
  | { readonly type: 'credit'; readonly id: string; readonly bytes: number }
  | { readonly type: 'stdin'; readonly id: string; readonly bytes: number }
  | { readonly type: 'stdin-end'; readonly id: string }
  | { readonly type: 'signal'; readonly id: string; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' }
  /** Ends what this client's commands of the job have left running. */
  | { readonly type: 'end-job'; readonly job: string }
  /** Stored as long as the container lives and sent to every client: which services were ready. */
  | { readonly type: 'note'; readonly key: string; readonly value: string }
  | { readonly type: 'beat' };

/** What the supervisor sends. */
export type SupervisorFrame =
  | ReadyFrame
  | { readonly type: 'started'; readonly id: string; readonly pid: number }
  | { readonly type: 'output'; readonly id: string; readonly stream: 'stdout' | 'stderr'; readonly bytes: number }
  | { readonly type: 'stdin-credit'; readonly id: string; readonly bytes: number }
  | ExitFrame;

/** The answer to `hello`. */
export interface ReadyFrame {
  readonly type: 'ready';
  readonly notes: Readonly<Record<string, string>>;
  /** Seconds until PID 1 ends if no client uses it. */
  readonly leaseLeft: number;
  /** Other clients that are connected. */
  readonly sessions: number;
  /** Names of the commands that run. */
  readonly commands: readonly string[];
}

/** The end of a command; all its output came before. */
export interface ExitFrame {
  readonly type: 'exit';
  readonly id: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  readonly outOfMemory: boolean;
  /** Of a command with a job: the texts of the files that it may have written, null for one that is too large. */
  readonly passedOn?: PassedOn;
}

/** Where clients that share the kernel with the container's engine find the socket's folder inside, and its name. */
export const directDir = '/parity/run';
/** The socket's name in `directDir`. */
export const directSocket = 's';
/** The folder of the supervisor's files in the container, and in the package. */
export const supervisorDir = { container: '/parity/supervisor', package: 'images/supervisor' } as const;
/** The names of the supervisor's files. */
export const supervisorFiles = [
  'supervisor.py',
  'session.py',
  'command.py',
  'loop.py',
  'machine.py',
  'passing_on.py',
  'processes.py',
  'relay.py',
  'workspace.py',
  'receiver.py',
  'copy_index.py',
  'tree.py',
  'repositories.py',
] as const;
/** Where they are in the package. */
export const supervisorPaths: readonly string[] = supervisorFiles.map((name) => `${supervisorDir.package}/${name}`);
// Isolated from the environment's Python settings and packages, and leaving no .pyc files.
const isolatedPython = ['python3', '-E', '-s', '-S', '-B'] as const;
/** Starts PID 1. */
export const supervisorCommand = [...isolatedPython, `${supervisorDir.container}/supervisor.py`] as const;
/** Starts a relay from its stdin and stdout to PID 1. */
export const relayCommand = [...isolatedPython, `${supervisorDir.container}/relay.py`, '--connect'] as const;
/**
 * Starts the receiver of a workspace's copy: the copy's root and the folder of its state follow. Unlike the other programs it starts with each
 * run, so its bytecode is cached by the digest of the code: files put into a container all have the same time.
 */
export function copyCommand(): readonly string[] {
  const code = shortDigest(packageFilesDigest(supervisorPaths));
  const [python, ...isolated] = isolatedPython;
  const kept = ['-X', `pycache_prefix=${copyStateDir}/pyc-${code}`];
  return [python, ...isolated.filter((flag) => flag !== '-B'), ...kept, `${supervisorDir.container}/workspace.py`];
}
/** The time between two heartbeats of a relayed client, in milliseconds. */
export const heartbeatMs = 2000;
/** Bytes of a command's output that may be under way. */
export const outputWindowBytes = 1 << 20;
/** Bytes of a command's stdin that may be under way. */
export const stdinWindowBytes = 1 << 20;

/** A frame as it goes over the wire. */
export function encodeFrame(frame: ClientFrame, body?: Uint8Array): Buffer {
  const line = Buffer.from(`${JSON.stringify(frame)}\n`);
  return body === undefined ? line : Buffer.concat([line, body]);
}

/** Takes what a frame reader finds. */
export interface FrameSink {
  readonly onFrame: (frame: SupervisorFrame) => void;
  /** A piece of the last frame's raw bytes, as it came; not copied. */
  readonly onBody: (frame: SupervisorFrame, piece: Buffer) => void;
}

function frameOf(line: string): SupervisorFrame {
  const parsed = parseJson(line);
  if (!parsed.ok) throw parsed.error;
  if (!isSupervisorFrame(parsed.value)) throw new SyntaxError(`no frame: ${line.slice(0, 200)}`);
  return parsed.value;
}

const frameTypes: ReadonlySet<unknown> = new Set<SupervisorFrame['type']>([
  'ready',
  'started',
  'output',
  'stdin-credit',
  'exit',
]);

// What the reader itself needs is checked; the supervisor is this very parity's: its folder is named by its digest.
function isSupervisorFrame(value: unknown): value is SupervisorFrame {
  if (!isObject(value) || !frameTypes.has(value['type'])) return false;
  return value['type'] === 'ready' || (typeof value['id'] === 'string' && isWhole(value));
}

function isWhole({ type, bytes }: UnknownObject): boolean {
  return (type !== 'output' && type !== 'stdin-credit') || Number.isSafeInteger(bytes);
}

/**
 * Reads frames from chunks cut anywhere. The returned function throws a SyntaxError on bytes that are no frame: the peer is not
 * a supervisor of this version.
 */
export function frameReader(sink: FrameSink): (chunk: Buffer) => void {
  let line: Buffer[] = [];
  let current: SupervisorFrame | undefined;
  let left = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (current !== undefined && left > 0) {
        const piece = rest.subarray(0, left);
        left -= piece.length;
        rest = rest.subarray(piece.length);
        sink.onBody(current, piece);
        continue;
      }
      const end = rest.indexOf(0x0a);
      if (end < 0) {
        line.push(rest);
        return;
      }
      line.push(rest.subarray(0, end));
      current = frameOf(Buffer.concat(line).toString('utf8'));
      line = [];
      rest = rest.subarray(end + 1);
      left = current.type === 'output' ? current.bytes : 0;
      sink.onFrame(current);
    }
  };
}
