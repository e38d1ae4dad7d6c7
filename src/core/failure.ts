import type { Diagnostic } from './diagnostic.ts';

/**
 * Who has to act, which alone decides the exit code (cli/exit.ts): `usage` = the user, whose call or files (config,
 * lock) are wrong; `environment` = something that parity needs (engine, network, disk) failed; `interrupted` = someone stopped the run.
 */
export type FailureFamily = 'usage' | 'environment' | 'interrupted';

/** Every expected way to fail, by reason, and the family each belongs to. Closed: a new reason is a new line here. */
export const failureFamilies = {
  usage: 'usage',
  'config-invalid': 'usage',
  'lock-missing': 'usage',
  'lock-stale': 'usage',
  'lock-invalid': 'usage',
  'lock-too-new': 'usage',
  'requirements-conflict': 'usage',
  'requirements-unsupported': 'usage',
  'requirements-stale': 'usage',
  'recipe-invalid': 'usage',
  'project-build-failed': 'usage',
  'repository-invalid': 'usage',
  'receipt-invalid': 'usage',
  'receipt-too-new': 'usage',
  'engine-not-found': 'environment',
  'engine-not-running': 'environment',
  'engine-forbidden': 'environment',
  'engine-unreachable': 'environment',
  'engine-too-old': 'environment',
  'engine-refused': 'environment',
  'name-taken': 'environment',
  'sysctl-refused': 'environment',
  'environment-lost': 'environment',
  'service-not-ready': 'environment',
  'image-not-found': 'environment',
  'image-build-failed': 'environment',
  'registry-refused': 'environment',
  'integrity-mismatch': 'environment',
  'package-vanished': 'environment',
  'host-tool-missing': 'environment',
  network: 'environment',
  'disk-full': 'environment',
  io: 'environment',
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
  /** The service that can't be had; what needs none can go on. */
  readonly service?: string;
}

/** Whether a failure is of a service alone: it can't be had, or does not get ready. */
export function isOfService({ reason, service }: Failure): boolean {
  return service !== undefined || reason === 'service-not-ready';
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
