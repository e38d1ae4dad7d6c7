import type { StepConfig } from '../config/config.ts';
import { escalation } from '../core/escalation.ts';
import { shellWord } from '../core/shell-word.ts';
import type { StepFinished } from './events.ts';
import { offeredFix } from './offered-fix.ts';

/** The facts about a failed step from which adviceFor chooses. */
export interface AdviceFacts {
  readonly step: Pick<StepConfig, 'name' | 'cwd' | 'fix' | 'onFailure' | 'timeoutSeconds'>;
  readonly reason: StepFinished['reason'];
  /** True when the kernel killed a process in its container for memory while it ran. */
  readonly starved: boolean;
  /** The last part of its output. */
  readonly tail: string;
  /** What the remedy catalogue says of its output; undefined when no remedy matches. */
  readonly known?: KnownCause;
}

/** What kind of cause the first matching remedy is for. */
export interface KnownCause {
  /** True when a person must fix it before anything else is worth trying. */
  readonly isCause: boolean;
  /** True when the cause is not in the code: whoever runs the infrastructure has to see it. */
  readonly escalates: boolean;
}

/** The advice after a step failed: the project's `onFailure` first, the escalation last; empty when the step's output says enough. */
export function adviceFor({ step, reason, starved, tail, known }: AdviceFacts): readonly string[] {
  if (reason === 'timeout')
    return [`In parity.yaml, give step "${step.name}" a longer timeout than ${step.timeoutSeconds ?? 0} s`];
  if (reason === 'out-of-memory')
    return [`Run: parity up --jobs 1 ${step.name}`, 'If it is still killed, give the engine more memory', escalation];
  if (reason !== null) return [];
  const { fix, onFailure, cwd } = step;
  // What a tool does depends on where it is started: black takes the nearest pyproject.toml.
  const typed = fix === undefined || cwd === '.' ? fix : `(cd ${shellWord(cwd)} && ${fix})`;
  const fixes = typed === undefined ? [] : offeredFix(typed, tail, known?.isCause === true);
  // Without `onFailure` in parity.yaml, the config has the fix there.
  const isOwnWord = onFailure !== undefined && onFailure !== `Run: ${fix}`;
  return [
    ...(isOwnWord ? [onFailure] : fixes),
    ...(starved
      ? [`While it ran, something was killed for memory. To tell whose: parity up --jobs 1 ${step.name}`]
      : []),
    ...((known?.escalates ?? showsInfrastructureTrouble(tail)) ? [escalation] : []),
  ];
}

/** True when a tool's output shows trouble that is not the code's: a server that refuses, a cloud service that can't be reached, a full disk, no memory left. */
function showsInfrastructureTrouble(output: string): boolean {
  return troubles.some((trouble) => trouble.test(output));
}

// asyncpg and redis: `[Errno 111] Connect call failed ('127.0.0.1', 5432)`, `Error 111 connecting to localhost:6379`; libpq, curl: `Connection refused`;
// Node: `connect ECONNREFUSED 127.0.0.1:5432`; botocore: `Could not connect to the endpoint URL: "https://kms.…"`, `(KMSInternalException)`, `(ThrottlingException)`;
// Postgres: `the database system is starting up`; the kernel by way of libc, Python, Node: `No space left on device`, `ENOSPC`, `Cannot allocate memory`.
const troubles: readonly RegExp[] = [
  /\bECONNREFUSED\b|connection refused|Connect call failed|Error 111 connecting to/i,
  /Could not connect to the endpoint URL|\b(?:KMS(?:Internal|InvalidState)|DependencyTimeout|Throttling)Exception\b/,
  /the database system is (?:starting up|shutting down|in recovery mode)|Can't connect to (?:MySQL|MariaDB) server/,
  /No space left on device|\bENOSPC\b|disk quota exceeded/i,
  /Cannot allocate memory|JavaScript heap out of memory|^(?:E +)?MemoryError\b/m,
];
