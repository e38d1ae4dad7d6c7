import type { CommandOutput } from '../environment/environment.ts';

/** What is kept of a step's output while it runs, to look for reasons in when it has ended. */
export interface CapturedOutput {
  add(piece: CommandOutput): void;
  /** The beginning and the end of it (all, when it is no more than about twice `endBytes`), lines of both streams whole and in their order. */
  text(): string;
  /** At least the last `bytes`, or all. */
  tail(bytes: number): string;
}

/** How much of an output to keep. */
export interface CaptureOptions {
  /** Of its beginning, and as much of its end; 1 MiB by default, and at least 64 KiB. */
  readonly endBytes?: number;
  /** What stands where the middle was left out; a line end by default. */
  readonly gap?: string;
}

const blockBytes = 64 * 1024;
// A line without an end is not waited for longer.
const longestLine = blockBytes;

/** Starts to capture; memory grows with the output up to its bound. */
export function captureOutput({ endBytes = 1024 * 1024, gap = '\n' }: CaptureOptions = {}): CapturedOutput {
  const endBlocks = Math.ceil(endBytes / blockBytes);
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  let used = blockBytes;
  let cut = false;
  // Of each stream the line that has not ended yet: a line of the other stream must not end up inside of it.
  const open = { stdout: openLine(), stderr: openLine() };

  const write = (data: Buffer): void => {
    for (let at = 0; at < data.length;) {
      if (used === blockBytes) {
        (head.length < endBlocks ? head : tail).push(Buffer.allocUnsafe(blockBytes));
        // One more than is promised, since the last is seldom full.
        if (tail.length > endBlocks + 1) cut = tail.shift() !== undefined;
        used = 0;
      }
      const block = tail.at(-1) ?? head.at(-1);
      const copied = block === undefined ? 0 : data.copy(block, used, at);
      used += copied;
      at += copied;
    }
  };
  const blocks = (): Buffer[] => {
    const all = [...head, ...(cut ? [Buffer.from(gap)] : []), ...tail];
    const last = all.pop();
    return [
      ...all,
      ...(last === undefined ? [] : [last.subarray(0, used)]),
      ...open.stdout.parts,
      ...open.stderr.parts,
    ];
  };

  return {
    add({ stream, data }) {
      const line = open[stream];
      const end = data.lastIndexOf(10) + 1;
      if (end > 0) {
        for (const part of line.parts.splice(0)) write(part);
        write(data.subarray(0, end));
        line.size = 0;
      }
      // A copy, so that a small rest does not keep a large buffer alive.
      if (end < data.length) line.parts.push(Buffer.from(data.subarray(end)));
      line.size += data.length - end;
      if (line.size <= longestLine) return;
      for (const part of line.parts.splice(0)) write(part);
      line.size = 0;
    },
    text: () => Buffer.concat(blocks()).toString('utf8'),
    tail(bytes) {
      const kept: Buffer[] = [];
      let size = 0;
      for (const block of blocks().toReversed()) {
        if (size >= bytes) break;
        kept.unshift(block);
        size += block.length;
      }
      return Buffer.concat(kept).toString('utf8');
    },
  };
}

function openLine(): { readonly parts: Buffer[]; size: number } {
  return { parts: [], size: 0 };
}
