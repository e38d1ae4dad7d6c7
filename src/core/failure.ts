import type { Diagnostic } from './diagnostic.ts';

/**
 * Who has to act, which alone decides the exit code (cli/exit.ts): `ask` = the question was wrong (usage, config, lock),
 * `find-out` = the answer could not be had (engine, network, disk), `interrupted` = someone stopped the run.
 */
export type FailureFamily = 'ask' | 'find-out' | 'interrupted';

/** Every expected way to fail, by reason, and the family each belongs to. Closed: a new reason is a new line here. */
export const failureFamilies = {
  usage: 'ask',
  'config-invalid': 'ask',
  'lock-missing': 'ask',
  'lock-stale': 'ask',
  'lock-invalid': 'ask',
  'lock-too-new': 'ask',
  'requirements-conflict': 'ask',
  'requirements-unsupported': 'ask',
  'recipe-invalid': 'ask',
  'repository-invalid': 'ask',
  'receipt-invalid': 'ask',
  'receipt-too-new': 'ask',
  'engine-not-found': 'find-out',
  'engine-not-running': 'find-out',
  'engine-forbidden': 'find-out',
  'engine-unreachable': 'find-out',
  'engine-too-old': 'find-out',
  'engine-refused': 'find-out',
  'name-taken': 'find-out',
  'environment-lost': 'find-out',
  'service-not-ready': 'find-out',
  'image-not-found': 'find-out',
  'image-build-failed': 'find-out',
  'registry-refused': 'find-out',
  'integrity-mismatch': 'find-out',
  'package-vanished': 'find-out',
  'host-tool-missing': 'find-out',
  network: 'find-out',
  'disk-full': 'find-out',
  io: 'find-out',
  interrupted: 'interrupted',
} as const satisfies Record<string, FailureFamily>;

/** The closed set of reasons; each is a stable code that `parity explain` and scripts may rely on. */
export type FailureReason = keyof typeof failureFamilies;

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

/** Makes a failure; `more` holds its optional parts. */
export function failure(
  reason: FailureReason,
  message: string,
  more: Omit<Failure, 'reason' | 'message'> = {},
): Failure {
  return { reason, message, ...more };
}

/** The family a failure belongs to. */
export function familyOf(error: Failure): FailureFamily {
  return failureFamilies[error.reason];
}
