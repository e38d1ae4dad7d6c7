import type { Diagnostic } from '../core/diagnostic.ts';
import type { Failure } from '../core/failure.ts';
import { secretForms, tokenPatterns } from '../core/secret-patterns.ts';
import type { RunEvent } from '../pipeline/events.ts';
import type { Reporter } from './reporter.ts';

/** What stands where a secret stood. */
export const maskText = '***';

/** Hides declared secrets and what looks like one. */
export interface Masker {
  /** Declares values; each of a value's lines is hidden from then on, also as base64, percent-encoded and in JSON. */
  add(values: readonly string[]): void;
  /** A text with all secrets hidden. */
  text(text: string): string;
  /** A masked stream of bytes that come in pieces. */
  stream(): MaskedStream;
}

/** One stream of output. A secret may be cut anywhere between two pieces. */
export interface MaskedStream {
  /** Takes a piece and gives what is safe to show by now: whole lines, or all but the end of a very long one. */
  push(data: Buffer): Buffer;
  /** Gives what was held back. */
  end(): Buffer;
}

const keyBegin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
const keyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/;
// A private key has no more lines than this (RSA 16384: about 200); past it, the BEGIN was only a mention.
const keyLines = 400;
// How much of a line without an end is held back: more than any token's longest form.
const holdBack = 4096;
const longestHeld = 64 * 1024;

/** Makes a masker that knows no declared secret yet. */
export function createMasker(): Masker {
  const values = new Set<string>();
  let pattern = compile(values);
  let longest = 0;
  const hide = (line: string): string => line.replace(pattern, maskText);
  const stream = (): MaskedStream => maskedLines(() => ({ hide, pattern, held: Math.max(holdBack, longest * 2) }));
  return {
    add(added) {
      for (const value of added)
        for (const form of secretForms(value)) values.add(Buffer.from(form).toString('latin1'));
      longest = Math.max(0, ...[...values].map((value) => value.length));
      pattern = compile(values);
    },
    text(text) {
      const whole = stream();
      const bytes = Buffer.from(text);
      return Buffer.concat([whole.push(bytes), whole.end()]).toString();
    },
    stream,
  };
}

/** A reporter that hears everything with its secrets hidden, and streams of output in whole lines. */
export function maskReporter(reporter: Reporter, masker: Masker): Reporter {
  const streams = new Map<string, { readonly step: string; readonly name: 'stdout' | 'stderr'; lines: MaskedStream }>();
  const flush = (step: string): void => {
    for (const [key, open] of streams) {
      if (open.step !== step) continue;
      const data = open.lines.end();
      streams.delete(key);
      if (data.length > 0) reporter.event({ type: 'step-output', step, stream: open.name, data });
    }
  };
  return {
    event(event) {
      if (event.type === 'step-output') {
        const key = `${event.stream} ${event.step}`;
        const open = streams.get(key) ?? { step: event.step, name: event.stream, lines: masker.stream() };
        streams.set(key, open);
        const data = open.lines.push(event.data);
        if (data.length > 0) reporter.event({ ...event, data });
        return;
      }
      if (event.type === 'step-finished') flush(event.step);
      reporter.event(maskStrings(event, masker));
    },
    failed: (failure) => reporter.failed(maskStrings(failure, masker)),
    result: (text, how) => reporter.result(masker.text(text), how),
    close: () => reporter.close(),
  };
}

function maskStrings<T extends RunEvent | Failure | Diagnostic>(value: T, masker: Masker): T {
  const walk = (part: unknown, key: string): unknown => {
    // Names that other events refer to stay as they are, or the story falls apart.
    if (typeof part === 'string')
      return ['type', 'step', 'id', 'phase', 'imageId'].includes(key) ? part : masker.text(part);
    if (Array.isArray(part)) return part.map((each: unknown) => walk(each, key));
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, walk(each, name)]));
    return part;
  };
  return walk(value, '') as T;
}

function compile(values: ReadonlySet<string>): RegExp {
  const literal = [...values]
    .sort((a, b) => b.length - a.length)
    .map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp([...literal, ...tokenPatterns].join('|'), 'g');
}

// Bytes are handled as latin1 text, one character a byte: whatever they are, they come out as they went in.
function maskedLines(
  current: () => { readonly hide: (line: string) => string; readonly pattern: RegExp; readonly held: number },
): MaskedStream {
  let held = '';
  let keyLinesLeft = 0;
  const line = (text: string): string => {
    if (keyLinesLeft > 0) {
      const end = keyEnd.exec(text);
      keyLinesLeft = end === null ? keyLinesLeft - 1 : 0;
      return end === null ? '' : line(text.slice(end.index + end[0].length));
    }
    const begin = keyBegin.exec(text);
    if (begin === null) return current().hide(text);
    keyLinesLeft = keyLines;
    return `${current().hide(text.slice(0, begin.index))}${maskText}${line(text.slice(begin.index + begin[0].length))}`;
  };
  const whole = (text: string): string =>
    keyLinesLeft > 0 || text.includes('PRIVATE KEY')
      ? text
          .split(/(?<=[\r\n])/)
          .map(line)
          .join('')
      : current().hide(text);
  return {
    push(data) {
      held += data.toString('latin1');
      let cut = Math.max(held.lastIndexOf('\n'), held.lastIndexOf('\r')) + 1;
      const limit = Math.max(longestHeld, current().held * 2);
      if (held.length - cut > limit) cut = safeCut(held, held.length - current().held, current().pattern);
      if (cut === 0) return Buffer.alloc(0);
      const ready = held.slice(0, cut);
      held = held.slice(cut);
      return Buffer.from(whole(ready), 'latin1');
    },
    end() {
      const rest = whole(held);
      held = '';
      return Buffer.from(rest, 'latin1');
    },
  };
}

/** The last place at or before `wanted` where no secret is cut in two. */
function safeCut(text: string, limit: number, pattern: RegExp): number {
  for (const match of text.matchAll(pattern)) {
    if (match.index >= limit) break;
    if (match.index + match[0].length > limit) return match.index;
  }
  return limit;
}
