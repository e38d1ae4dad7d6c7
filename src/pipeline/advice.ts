import type { StepConfig } from '../config/config.ts';
import type { StepFinished } from './events.ts';

/** What a step's end says about the next thing to type. */
export interface StepEnding {
  readonly step: Pick<StepConfig, 'name' | 'network' | 'fix' | 'onFailure' | 'timeoutSeconds'>;
  readonly reason: StepFinished['reason'];
  /** The kernel killed something in its container for memory while it ran. */
  readonly starved: boolean;
  /** The last part of its output. */
  readonly tail: string;
}

/** What to type after a step failed, most telling first; empty when there is nothing better than its own output. */
export function adviceFor({ step, reason, starved, tail }: StepEnding): readonly string[] {
  if (reason === 'timeout')
    return [`In parity.yaml, give step "${step.name}" a longer timeout than ${step.timeoutSeconds ?? 0} s`];
  if (reason === 'out-of-memory')
    return [`Run: parity up --jobs 1 ${step.name}`, 'If it is still killed, give the engine more memory', escalation];
  if (reason !== null) return [];
  const own = step.onFailure ?? (step.fix === undefined ? undefined : `Run: ${step.fix}`);
  const lacked = step.network === 'full' ? undefined : networkLack(tail);
  return [
    ...(lacked === undefined ? [] : [`It had no network. In parity.yaml, give step "${step.name}": network: full`]),
    ...(own === undefined ? [] : [own]),
    ...(starved
      ? [`While it ran, something was killed for memory. To tell whose: parity up --jobs 1 ${step.name}`]
      : []),
    ...(lacked === undefined && infrastructureTrouble(tail) ? [escalation] : []),
  ];
}

const escalation = 'If nothing here changed and it stays so: parity bundle';

/** True when a tool's output shows trouble that is not the code's: a server that refuses, a cloud service that can't be reached, a full disk, no memory left. */
function infrastructureTrouble(output: string): boolean {
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

/**
 * The line of a tool's output that shows it lacked network, or undefined. The samples: glibc's getaddrinfo, musl's, Node's
 * codes, curl, git, apt, pip, Go, Java; and a refused connection, unless it went to this machine itself.
 */
export function networkLack(output: string): string | undefined {
  return output.split('\n').find((line) => lacksName.test(line) || (refused.test(line) && !local.test(line)));
}

// `Temporary failure in name resolution` (glibc EAI_AGAIN), `Name or service not known` (glibc EAI_NONAME),
// `getaddrinfo EAI_AGAIN registry.example` (Node), `Could not resolve host: x` (curl, git), `Temporary failure resolving 'x'` (apt),
// `Try again` after a getaddrinfo (musl), `dial tcp: lookup x` (Go), `UnknownHostException` (Java), `[Errno 101] Network is unreachable`.
const lacksName =
  /temporary failure (in name resolution|resolving)|name or service not known|\bENOTFOUND\b|\bEAI_AGAIN\b|could not resolve (host|proxy)|nodename nor servname|name does not resolve|dial tcp: lookup |unknownhostexception|\bENETUNREACH\b|network is unreachable|failed to establish a new connection: \[errno (-2|-3|101)\]/i;
const refused = /\bECONNREFUSED\b|connection refused/i;
const local = /\b127\.\d+\.\d+\.\d+\b|::1\b|\blocalhost\b|\b0\.0\.0\.0\b|\.sock\b|unix:/i;
