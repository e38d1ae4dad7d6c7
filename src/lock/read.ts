import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { sha256 } from '../core/digest.ts';
import { failure, type Failure } from '../core/failure.ts';
import { isObject, parseJson, readJson, shaped } from '../core/json.ts';
import { cacheFolder } from '../core/cache-folder.ts';
import { err, ok, type Result } from '../core/result.ts';
import { spanAt } from '../core/span.ts';
import { parityVersion } from '../core/version.ts';
import { lockVersion, toolchainsLockVersion, type Lock } from './lock.ts';
import { lockFileName } from './write.ts';

/**
 * Reads the project's lock; `undefined` when there is none. Err `lock-invalid` with a diagnostic for each malformed place
 * (merge conflict markers have a sentence of their own), `lock-too-new`, or `io`.
 */
export async function readLock(projectDir: string): Promise<Result<Lock | undefined>> {
  let text: string;
  try {
    text = readFileSync(join(projectDir, lockFileName), 'utf8');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'ENOENT') return ok(undefined);
    return err(failure('io', `${join(projectDir, lockFileName)} can't be read: ${error.message}`));
  }
  if (text === last?.text) return ok(last.lock);
  const lock = await checkedLock(text);
  last = lock.ok ? { text, lock: lock.value } : undefined;
  return lock;
}

/** What was read last: a run asks several times. */
let last: { readonly text: string; readonly lock: Lock } | undefined;

async function checkedLock(text: string): Promise<Result<Lock>> {
  // Checking costs a hundred times what reading does, nearly all of it for loading the schema: bytes that this parity
  // found good once are good.
  const mark = join(cacheFolder('locks'), `${sha256(`${parityVersion}\n${text}`).slice('sha256:'.length)}.good`);
  const known = existsSync(mark) ? readJson(text, shaped(isLock)) : undefined;
  if (known !== undefined) return ok(known);
  const lock = await parseLock(text);
  if (lock.ok) await remember(mark);
  return lock;
}

// The mark says that the schema has accepted these very bytes.
function isLock(value: unknown): value is Lock {
  return isObject(value) && (value['version'] === lockVersion || value['version'] === toolchainsLockVersion);
}

/** Checks a lock's text; errors as readLock has them. */
export async function parseLock(text: string): Promise<Result<Lock>> {
  const conflict = /^(<{7}|={7}|>{7})( .*)?$/m.exec(text);
  if (conflict !== null)
    return err(
      failure('lock-invalid', `${lockFileName} holds an unresolved merge conflict`, {
        next: `git checkout --theirs ${lockFileName} && parity lock`,
        diagnostics: [problem(text, conflict.index, conflict[0].length, 'a merge conflict marker')],
      }),
    );
  const parsed = parseJson(text.replace(/^\uFEFF/, ''));
  if (!parsed.ok) {
    const { message } = parsed.error;
    const offset = syntaxErrorOffset(text, message);
    const what = message.replace(/ in JSON at position.*$|, (?:\.\.\.)?".*is not valid JSON$/s, '');
    return err(invalid([problem(text, offset, 1, `it is not JSON: ${what}`)]));
  }
  const { value } = parsed;
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && version > toolchainsLockVersion) return err(tooNew(value, version));
  const { lockSchema } = await import('./schema.ts');
  const checked = lockSchema.safeParse(value);
  if (checked.success) return ok(checked.data);
  const { parseDocument, isMap } = await import('../formats/yaml-package.ts');
  // JSON is YAML, and yaml's nodes know where they stand.
  const document = parseDocument(text, { uniqueKeys: false });
  const diagnostics = checked.error.issues.map((issue) => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    let known: readonly (string | number)[] = path;
    while (known.length > 0 && document.getIn(known, true) === undefined) known = known.slice(0, -1);
    const node = known.length === 0 ? document.contents : document.getIn(known, true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as number[]) : [0, 1];
    const [start = 0, end = start + 1] = range;
    const where = path.length === 0 ? 'the lock' : path.join('.');
    const length = isMap(node) ? 1 : Math.min(end - start, 80);
    return problem(text, start, length, `${where}: ${issue.message}`);
  });
  return err(invalid(diagnostics));
}

function invalid(diagnostics: readonly Diagnostic[]): Failure {
  const first = diagnostics[0];
  const where = first === undefined ? lockFileName : `${lockFileName}:${first.span.line}:${first.span.column}`;
  return failure('lock-invalid', `${where} is not a lock that parity wrote: ${first?.message ?? 'it is empty'}`, {
    next: `git checkout -- ${lockFileName}, or write it anew: rm ${lockFileName} && parity lock`,
    diagnostics,
  });
}

function tooNew(value: unknown, version: number): Failure {
  const writer =
    typeof value === 'object' && value !== null && 'parity' in value && typeof value.parity === 'string'
      ? value.parity
      : undefined;
  return failure(
    'lock-too-new',
    `${lockFileName} has format ${version}, written by parity ${writer ?? '(unknown)'}; this is parity ${parityVersion}, which knows format ${toolchainsLockVersion}`,
    { next: `npm install --global parity@${writer ?? 'latest'}` },
  );
}

/** V8 gives a position for some mistakes and only the surroundings for others. */
function syntaxErrorOffset(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const match = /^Unexpected token '(.+?)', (?:\.\.\.)?"(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(message);
  const around = match === null ? -1 : text.indexOf(match[2] ?? '');
  if (match === null || around < 0) return Math.max(0, text.trimEnd().length - 1);
  // The excerpt is cut ten characters before and after the mistake.
  const token = text.indexOf(match[1] ?? '', around + (around > 0 ? 10 : 0));
  return token < 0 ? around : token;
}

function problem(text: string, offset: number, length: number, message: string): Diagnostic {
  const span = spanAt(text, offset, length);
  const sourceLine = text.split(/\r?\n/)[span.line - 1];
  return {
    severity: 'error',
    code: 'lock-invalid',
    message,
    file: lockFileName,
    span,
    ...(sourceLine === undefined ? {} : { sourceLine: sourceLine.slice(0, 200) }),
  };
}

/** A mark that can't be kept costs time, nothing else. */
async function remember(mark: string): Promise<void> {
  await mkdir(join(mark, '..'), { recursive: true })
    .then(() => writeFile(mark, ''))
    .catch(() => undefined);
}
