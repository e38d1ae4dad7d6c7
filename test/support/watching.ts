import { startParity, type Ended, type StartOptions } from './parity.ts';

/** A `parity up --watch` that runs. */
export interface Watching {
  /** Waits for a text in what it prints (both streams) after what was waited for before; gives all from there up to its end. */
  sees(text: string): Promise<string>;
  /** Types at it. */
  type(keys: string): void;
  /** Sends a signal, and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  readonly ended: Promise<Ended>;
  readonly printed: () => string;
}

/** Starts `parity up --watch` with the reporter for pipes. */
export function startWatching(args: readonly string[], options: StartOptions): Watching {
  const { child, ended } = startParity(['up', '--watch', ...args], options);
  return listenTo(ended, [child.stdout, child.stderr], {
    type: (keys) => void child.stdin?.write(keys),
    kill: (signal) => void child.kill(signal),
  });
}

/** Waits for what a program prints. */
export function listenTo(
  ended: Promise<Ended>,
  streams: readonly (NodeJS.ReadableStream | null)[],
  { type, kill }: { readonly type: (keys: string) => void; readonly kill: (signal: NodeJS.Signals) => void },
): Watching {
  let printed = '';
  let from = 0;
  let isOver = false;
  let wake = (): void => {};
  for (const stream of streams)
    stream?.on('data', (text: string) => {
      printed += text;
      wake();
    });
  void noteEnd();
  async function noteEnd(): Promise<void> {
    await ended;
    isOver = true;
    wake();
  }

  return {
    ended,
    type,
    printed: () => printed,
    async sees(text) {
      for (;;) {
        const at = printed.indexOf(text, from);
        if (at >= 0) {
          const between = printed.slice(from, at + text.length);
          from = at + text.length;
          return between;
        }
        if (isOver) throw new Error(`it ended without "${text}":\n${printed}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async end(signal) {
      kill(signal);
      return await ended;
    },
  };
}
