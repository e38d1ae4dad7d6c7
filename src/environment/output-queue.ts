import type { CommandOutput } from './environment.ts';

/** A command's output between the stream it comes from and its reader. */
export interface OutputQueue {
  readonly output: AsyncIterable<CommandOutput>;
  readonly push: (piece: CommandOutput) => void;
  /** No more will come. */
  readonly end: () => void;
}

/**
 * A queue for one reader. `onTaken` is called with the bytes of each piece when the reader takes it, so that the sender's credit
 * follows the reading; a reader that stops early takes all that is still to come.
 */
export function outputQueue(onTaken: (bytes: number) => void): OutputQueue {
  const pieces: CommandOutput[] = [];
  let ended = false;
  let abandoned = false;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    wake?.();
    wake = undefined;
  };

  async function* read(): AsyncGenerator<CommandOutput, void, undefined> {
    try {
      for (;;) {
        const piece = pieces.shift();
        if (piece !== undefined) {
          onTaken(piece.data.length);
          yield piece;
        } else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      abandoned = true;
      for (const piece of pieces.splice(0)) onTaken(piece.data.length);
    }
  }

  return {
    output: read(),
    push(piece) {
      if (abandoned) {
        onTaken(piece.data.length);
        return;
      }
      pieces.push(piece);
      notify();
    },
    end() {
      ended = true;
      notify();
    },
  };
}
