import { closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { terminalEscapes } from '../core/terminal-escapes.ts';

/** One step's output: small in memory, whole in a file once it grows. */
export interface StepLog {
  add(data: Buffer): void;
  /** The end of the output as clean lines: all of them, or the last part of a large output. */
  lastLines(): readonly string[];
  /** How many lines there are in all. */
  lineCount(): number;
  /** Every line in order, cleaned, however large the output is. */
  lines(): Iterable<string>;
  /** Makes sure that the whole is in a file, once there is no more to come; gives its path and size, or what stood in the way. */
  save(): { readonly path: string; readonly bytes: number } | { readonly trouble: string };
  /** Lets go of what is kept in memory; the file stays. */
  drop(): void;
}

/** How to keep a step's output. */
export interface StepLogOptions {
  /** Folder of the run's logs; made at need. */
  readonly dir: string;
  readonly step: string;
  /** Keeps the colours that tools gave. */
  readonly color: boolean;
  /** Bytes kept in memory before the output goes to its file. */
  readonly memoryBytes?: number;
}

// A line longer than this is shown cut: nobody reads on, and terminals choke. The file has it whole.
const longestLine = 2000;

/** Starts a log. Nothing touches the disk until the output outgrows memory or is saved. */
export function createStepLog(options: StepLogOptions): StepLog {
  const limit = options.memoryBytes ?? 256 * 1024;
  const path = join(options.dir, `${encodeURIComponent(options.step)}.log`);
  let chunks: Buffer[] = [];
  let size = 0;
  let newlines = 0;
  let endsOpen = false;
  let cut = false;
  let bytes = 0;
  let isSaved = false;
  let file: number | undefined;
  let trouble: string | undefined;

  const attempt = (work: () => void): void => {
    if (trouble !== undefined) return;
    try {
      work();
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
    }
  };
  const spill = (): void => {
    attempt(() => {
      mkdirSync(options.dir, { recursive: true });
      file = openSync(path, 'w');
      for (const chunk of chunks) writeSync(file, chunk);
    });
  };

  return {
    add(data) {
      if (data.length === 0) return;
      bytes += data.length;
      for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) newlines += 1;
      endsOpen = data[data.length - 1] !== 10;
      if (file === undefined && size + data.length > limit && !cut) spill();
      const open = file;
      if (open !== undefined) attempt(() => writeSync(open, data));
      const kept = data.length > limit ? data.subarray(-limit) : data;
      cut ||= kept.length < data.length;
      // A copy, so that a small rest does not keep a large buffer alive.
      chunks.push(kept.length < data.length ? Buffer.from(kept) : kept);
      size += kept.length;
      while (size > limit && chunks.length > 1) {
        size -= chunks.shift()?.length ?? 0;
        cut = true;
      }
    },
    lastLines() {
      const text = Buffer.concat(chunks).toString('utf8');
      const lines = splitLines(text);
      // The first line of a cut output is half a line; when there is no other, its end is better than nothing.
      return (cut && lines.length > 1 ? lines.slice(1) : lines).map((line) => cleanLine(line, options.color));
    },
    lineCount: () => newlines + (endsOpen ? 1 : 0),
    *lines() {
      if (!cut || trouble !== undefined) {
        yield* this.lastLines();
        return;
      }
      for (const line of linesOfFile(path)) yield cleanLine(line, options.color);
    },
    save() {
      if (file === undefined && !isSaved)
        attempt(() => {
          if (cut) throw new Error('it was too large to keep');
          mkdirSync(options.dir, { recursive: true });
          writeFileSync(path, Buffer.concat(chunks));
        });
      closeFile();
      isSaved = true;
      return trouble === undefined ? { path, bytes } : { trouble };
    },
    drop() {
      chunks = [];
      closeFile();
    },
  };

  function closeFile(): void {
    if (file !== undefined) closeSync(file);
    file = undefined;
  }
}

/** A line as a terminal can take it: what a carriage return overwrote is gone, so are control characters and, without colour, escapes. */
export function cleanLine(line: string, color: boolean): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  const shown = text.slice(text.lastIndexOf('\r') + 1);
  const kept = shown
    .replace(terminalEscapes, (escape) => (color && escape.endsWith('m') && escape.startsWith('\u001B[') ? escape : ''))
    .replace(color ? controlsButEscape : controls, '');
  const cut =
    kept.length > longestLine ? `${kept.slice(0, longestLine)}… (${kept.length} characters in this line)` : kept;
  return color && cut.includes('\u001B') ? `${cut}\u001B[0m` : cut;
}

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
// oxlint-disable-next-line no-control-regex
const controlsButEscape = /[\u0000-\u0008\u000B-\u001A\u001C-\u001F\u007F-\u009F]/g;

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The lines of a file, one after the other; throws the file system's error. */
export function* linesOfFile(path: string): Iterable<string> {
  const file = openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    const piece = Buffer.alloc(64 * 1024);
    let rest = '';
    for (;;) {
      const read = readSync(file, piece, 0, piece.length, null);
      if (read === 0) break;
      const lines = (rest + decoder.write(piece.subarray(0, read))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    rest += decoder.end();
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}
