import { createInterface } from 'node:readline/promises';
import type { CommandContext } from './context.ts';

/** True when there is somebody to ask: a terminal to read from and one to show the question on, and no program reads the result. */
export function canAsk({ terminal: { json, stdin, stderr, quiet } }: CommandContext): boolean {
  return !json && !quiet && stdin.isTTY && stderr.isTTY;
}

// oxlint-disable-next-line no-control-regex
const printable = (text: string): string => text.replace(/[\u0000-\u001F\u007F]/g, '?');

/**
 * Asks a question for yes or no on stderr. What is neither gives `otherwise`; the end of the input and Ctrl-C are a no in any case, and so is
 * anything but `y` and `yes` where `otherwise` is no.
 */
export async function askYesNo(
  { terminal: { stdin, stderr }, signal }: CommandContext,
  question: string,
  otherwise: 'yes' | 'no' = 'no',
): Promise<boolean> {
  if (signal.aborted) return false;
  // Not as a terminal: then Ctrl-C stays the signal that it is.
  const lines = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    const ended = new Promise<undefined>((settle) => lines.once('close', () => settle(undefined)));
    const choice = otherwise === 'yes' ? '[Y/n]' : '[y/N]';
    const answer = await Promise.race([lines.question(`${printable(question)} ${choice} `, { signal }), ended]);
    if (answer === undefined) {
      // Ctrl-D ends no line.
      stderr.write('\n');
      return false;
    }
    return otherwise === 'yes' ? !/^\s*n/i.test(answer) : /^\s*y(?:es)?\s*$/i.test(answer);
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
    stdin.pause();
  }
}
