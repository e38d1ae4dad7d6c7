/** What happens, one thing after the other. */
export interface Inbox<T> {
  put(message: T): void;
  /** The next message; waits for it. */
  next(): Promise<T>;
}

/** An empty inbox. */
export function createInbox<T>(): Inbox<T> {
  const messages: T[] = [];
  let wake = (): void => {};
  return {
    put(message) {
      messages.push(message);
      wake();
    },
    async next() {
      for (;;) {
        const message = messages.shift();
        if (message !== undefined) return message;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
