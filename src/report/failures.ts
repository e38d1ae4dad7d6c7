import type { Failure, FailureReason } from '../core/failure.ts';
import { formatDiagnostic } from './diagnostics.ts';
import { createPaint, type Paint } from './paint.ts';

// The underlying text may be a whole build log: its end has the reason.
const detailLines = 30;

/** A failure for people: its diagnostics, one sentence, the cause indented, what to type next and, of trouble with the engine, a service, the network or the disk, whom to turn to. Without a final newline. */
export function formatFailure(failure: Failure, paint: Paint = createPaint(false)): string {
  const lines: string[] = [];
  for (const diagnostic of failure.diagnostics ?? []) lines.push(formatDiagnostic(diagnostic, paint), '');
  const word = failure.reason === 'interrupted' ? paint.yellow('interrupted:') : paint.red('error:');
  lines.push(failure.message === 'interrupted' ? paint.yellow('interrupted') : `${word} ${failure.message}`);
  const detail = (failure.detail ?? '').trimEnd().split('\n');
  for (const line of detail.slice(-detailLines).filter((text) => text.trim() !== '')) lines.push(`  ${line}`);
  for (const line of (failure.next ?? '').split('\n').filter((text) => text !== ''))
    lines.push(`${paint.bold('next:')} ${line}`);
  if (isInfrastructure(failure)) lines.push(escalation);
  return lines.join('\n');
}

/** What to do about trouble that is not of the repository's making and does not go away. */
const escalation = 'If it stays so: parity bundle   (what whoever helps needs to see, secrets removed)';

const infrastructure: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'engine-not-found',
  'engine-not-running',
  'engine-forbidden',
  'engine-unreachable',
  'engine-refused',
  'environment-lost',
  'service-not-ready',
  'network',
  'disk-full',
]);

/** True for trouble with the engine, a service, the network or the disk. */
function isInfrastructure({ reason }: Failure): boolean {
  return infrastructure.has(reason);
}
