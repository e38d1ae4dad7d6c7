import { join } from 'node:path';
import type { ManagerWish } from '../../config/config.ts';
import { failure, type Failure, type FailureReason } from '../../core/failure.ts';
import { readTextIfExists } from '../../core/read-text-if-exists.ts';
import { spanAt } from '../../core/span.ts';

/** The semver range of a wish. */
export function rangeOf({ version }: Pick<ManagerWish, 'version'>): string {
  return version.trim() === 'latest' ? '*' : version.trim();
}

/** Who asks for it, in words: `package.json: engines.npm`. */
export function wisher({ file, key }: ManagerWish): string {
  return `${file}: ${key}`;
}

/** A failure to meet a wish, at the place that wishes it. */
export function wishFailure(
  reason: FailureReason,
  wish: ManagerWish,
  projectDir: string,
  { message, next, detail }: { readonly message: string; readonly next: string; readonly detail?: string },
): Failure {
  const text = readTextIfExists(join(projectDir, wish.file)) ?? '';
  const offset = wish.line === undefined ? offsetOf(text, wish) : offsetInLine(text, wish.line, wish.version);
  const span = spanAt(text, offset, Math.max(1, wish.version.length));
  const sourceLine = text.split(/\r?\n/)[span.line - 1];
  return failure(reason, `${wish.name} ${wish.version} can't be had`, {
    ...(detail === undefined ? {} : { detail }),
    next,
    diagnostics: [
      {
        severity: 'error',
        code: 'package-manager',
        message: `${wish.key}: ${message}`,
        file: wish.file,
        span,
        ...(sourceLine === undefined ? {} : { sourceLine: sourceLine.slice(0, 200) }),
      },
    ],
  });
}

function offsetInLine(text: string, line: number, version: string): number {
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  return start + Math.max(0, (lines[line - 1] ?? '').indexOf(version));
}

/** Where a wish's version stands in its file, looked for from each part of its key on; the file's start when it is not found. */
function offsetOf(text: string, { key, version }: ManagerWish): number {
  let from = 0;
  for (const part of key.split('.')) {
    const at = text.indexOf(part, from);
    if (at >= 0) from = at + part.length;
  }
  const at = text.indexOf(version, from);
  if (at >= 0) return at;
  const line = text.lastIndexOf('\n', from) + 1;
  return from === 0 ? 0 : line + (/^\s*/.exec(text.slice(line, from))?.[0].length ?? 0);
}
