import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { isObject, memberOf, readJson, type UnknownObject } from '../../core/json.ts';

/** One record of an engine's progress stream; each kind of operation uses some of the members. */
export interface ProgressRecord {
  readonly id?: string;
  readonly status?: string;
  readonly stream?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: unknown;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** What the engine says in a record that fails the operation; undefined for any other record. */
export function errorOf(record: ProgressRecord): string | undefined {
  return (record.errorDetail?.message ?? record.error)?.trimEnd();
}

/** Thrown by `readRecords` when the engine reports that the operation failed; the message is the engine's text. */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
}

/**
 * Reads a progress stream (JSON values, one a line) to its end and hands over each record. Throws OperationFailed after a record with an
 * error was read, and the stream's error when it was cut. Text is decoded statefully: a character cut in two stays whole.
 */
export async function readRecords(source: Readable, take: (record: ProgressRecord) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let failed: string | undefined;
  const line = (text: string): void => {
    const trimmed = text.trim();
    if (trimmed === '') return;
    const record = parseRecord(trimmed);
    failed = errorOf(record) ?? failed;
    take(record);
  };
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) line(text);
  }
  line(rest + decoder.end());
  if (failed !== undefined) throw new OperationFailed(failed);
}

function parseRecord(text: string): ProgressRecord {
  // Not a record: a proxy's page, or a line that an engine cut. Said rather than swallowed.
  const unreadable = { error: `the engine sent what is not a progress record: ${text.slice(0, 200)}` };
  return readJson(text, recordOf) ?? unreadable;
}

/** The members that have the type that they should; engines send others, too. */
function recordOf(value: unknown): ProgressRecord | undefined {
  if (!isObject(value)) return undefined;
  const { id, status, stream, progressDetail, aux, error, errorDetail } = value;
  const message = memberOf(errorDetail, 'message');
  return {
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof status === 'string' ? { status } : {}),
    ...(typeof stream === 'string' ? { stream } : {}),
    ...(isObject(progressDetail) ? { progressDetail: amountsOf(progressDetail) } : {}),
    ...(aux === undefined ? {} : { aux }),
    ...(typeof error === 'string' ? { error } : {}),
    ...(typeof message === 'string' ? { errorDetail: { message } } : {}),
  };
}

function amountsOf({ current, total }: UnknownObject): NonNullable<ProgressRecord['progressDetail']> {
  return {
    ...(typeof current === 'number' ? { current } : {}),
    ...(typeof total === 'number' ? { total } : {}),
  };
}
