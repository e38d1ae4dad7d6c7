import type { Failure } from '../core/failure.ts';
import { formatDiagnostic } from './diagnostics.ts';
import { createPaint, type Paint } from './paint.ts';

// The underlying text may be a whole build log: its end has the reason.
const detailLines = 30;

/** A failure for people: its diagnostics, one sentence, the cause indented, what to type next. Without a final newline. */
export function formatFailure(failure: Failure, paint: Paint = createPaint(false)): string {
  const lines: string[] = [];
  for (const diagnostic of failure.diagnostics ?? []) lines.push(formatDiagnostic(diagnostic, paint), '');
  const word = failure.reason === 'interrupted' ? paint.yellow('interrupted:') : paint.red('error:');
  lines.push(failure.message === 'interrupted' ? paint.yellow('interrupted') : `${word} ${failure.message}`);
  const detail = (failure.detail ?? '').trimEnd().split('\n');
  for (const line of detail.slice(-detailLines).filter((text) => text.trim() !== '')) lines.push(`  ${line}`);
  for (const line of (failure.next ?? '').split('\n').filter((text) => text !== ''))
    lines.push(`${paint.bold('next:')} ${line}`);
  return lines.join('\n');
}
