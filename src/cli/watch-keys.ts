import type { WatchRequest } from '../app/watch/watch-session.ts';
import { stripVTControlCharacters } from 'node:util';

const keys: Readonly<Record<string, WatchRequest>> = {
  '\r': 'again',
  '\n': 'again',
  f: 'fix',
  F: 'fix',
  q: 'quit',
  Q: 'quit',
};
// What a terminal that passes every key on no longer does by itself.
const interrupt = '\x03';
const endOfInput = '\x04';
const suspend = '\x1a';

/** Hears single keys on a terminal until it is closed; undefined when there is no terminal to type at. */
export function listenForKeys(
  stdin: NodeJS.ReadStream,
  onKey: (key: WatchRequest) => void,
): { close(): void } | undefined {
  if (!stdin.isTTY) return undefined;
  const take = (text: string): void => {
    // Without arrows and the like, which are several characters.
    for (const character of stripVTControlCharacters(text)) {
      const key = character === endOfInput ? 'quit' : keys[character];
      if (character === interrupt) process.kill(process.pid, 'SIGINT');
      else if (character === suspend) goToBackground();
      else if (key !== undefined) onKey(key);
    }
  };
  const wake = (): void => void stdin.setRawMode(true);
  const goToBackground = (): void => {
    stdin.setRawMode(false);
    process.kill(process.pid, 'SIGTSTP');
  };
  const onEnd = (): void => onKey('quit');
  process.on('SIGCONT', wake);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').on('data', take).on('end', onEnd).resume();
  return {
    close() {
      process.off('SIGCONT', wake);
      stdin.off('data', take).off('end', onEnd).pause();
      stdin.setRawMode(false);
    },
  };
}
