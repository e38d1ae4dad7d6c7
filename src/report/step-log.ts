import { closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { terminalEscapes } from '../core/terminal-escapes.ts';

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

/**
 * One step's output: small in memory, whole in a file once it grows. Nothing touches the disk until the output outgrows memory or is
 * saved.
 */
export class StepLog {
  private readonly dir: string;
  private readonly path: string;
  private readonly color: boolean;
  private readonly memoryLimit: number;
  /** The last part of the output, at most `memoryLimit` bytes unless one chunk alone is as large. */
  private chunks: Buffer[] = [];
  private chunkBytes = 0;
  /** True once `chunks` lacks the beginning. */
  private isCut = false;
  private totalBytes = 0;
  private newlines = 0;
  private endsOpen = false;
  private isSaved = false;
  private file: number | undefined;
  /** The first error of the file system; after it nothing more is written. */
  private trouble: string | undefined;

  constructor({ dir, step, color, memoryBytes = 256 * 1024 }: StepLogOptions) {
    this.dir = dir;
    this.path = join(dir, `${encodeURIComponent(step)}.log`);
    this.color = color;
    this.memoryLimit = memoryBytes;
  }

  /** Takes what the step printed next. */
  add(data: Buffer): void {
    if (data.length === 0) return;
    this.totalBytes += data.length;
    for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) this.newlines += 1;
    this.endsOpen = data[data.length - 1] !== 10;
    if (this.file === undefined && this.chunkBytes + data.length > this.memoryLimit && !this.isCut) this.spill();
    const open = this.file;
    if (open !== undefined) this.attempt(() => writeSync(open, data));
    this.keepInMemory(data);
  }

  /** The end of the output as clean lines: all of them, or the last part of a large output. */
  lastLines(): readonly string[] {
    const text = Buffer.concat(this.chunks).toString('utf8');
    const lines = splitLines(text);
    // The first line of a cut output is half a line; when there is no other, its end is better than nothing.
    return (this.isCut && lines.length > 1 ? lines.slice(1) : lines).map((line) => cleanLine(line, this.color));
  }

  /** How many lines there are in all. */
  lineCount(): number {
    return this.newlines + (this.endsOpen ? 1 : 0);
  }

  /** Every line in order, cleaned, however large the output is. */
  *lines(): Iterable<string> {
    if (!this.isCut || this.trouble !== undefined) {
      yield* this.lastLines();
      return;
    }
    for (const line of linesOfFile(this.path)) yield cleanLine(line, this.color);
  }

  /** Writes the whole output to a file, once the step has ended; gives its path and size, or the error that prevented it. */
  save(): { readonly path: string; readonly bytes: number } | { readonly trouble: string } {
    if (this.file === undefined && !this.isSaved)
      this.attempt(() => {
        if (this.isCut) throw new Error('it was too large to keep');
        mkdirSync(this.dir, { recursive: true });
        writeFileSync(this.path, Buffer.concat(this.chunks));
      });
    this.closeFile();
    this.isSaved = true;
    return this.trouble === undefined ? { path: this.path, bytes: this.totalBytes } : { trouble: this.trouble };
  }

  /** Frees what is kept in memory; the file stays. */
  drop(): void {
    this.chunks = [];
    this.closeFile();
  }

  private keepInMemory(data: Buffer): void {
    const kept = data.length > this.memoryLimit ? data.subarray(-this.memoryLimit) : data;
    this.isCut ||= kept.length < data.length;
    // A copy, so that a small rest does not keep a large buffer alive.
    this.chunks.push(kept.length < data.length ? Buffer.from(kept) : kept);
    this.chunkBytes += kept.length;
    while (this.chunkBytes > this.memoryLimit && this.chunks.length > 1) {
      this.chunkBytes -= this.chunks.shift()?.length ?? 0;
      this.isCut = true;
    }
  }

  private spill(): void {
    this.attempt(() => {
      mkdirSync(this.dir, { recursive: true });
      this.file = openSync(this.path, 'w');
      for (const chunk of this.chunks) writeSync(this.file, chunk);
    });
  }

  private attempt(work: () => void): void {
    if (this.trouble !== undefined) return;
    try {
      work();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  private closeFile(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
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
