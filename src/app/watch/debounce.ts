/** The clock and its timers; a test has its own. */
export interface Clock {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Calls back once, that much later; gives how to prevent it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** When a burst of changes is over. */
export interface DebounceOptions {
  /** Quiet for so long. */
  readonly quietMs: number;
  /** Or at it for so long without a pause. */
  readonly atMostMs: number;
  /** Somebody says that more is to come: a git that has its lock. Asked again after each pause. */
  readonly isBusy: () => boolean;
  /** A lock that is older was left behind by a process that ended. */
  readonly busyAtMostMs: number;
  readonly clock: Clock;
  readonly fire: () => void;
}

/** Many changes become one. */
export interface Debounce {
  /** A change. */
  touch(): void;
  stop(): void;
}

/** Makes one call of a burst of changes, once it is over. */
export function createDebounce(options: DebounceOptions): Debounce {
  const { quietMs, atMostMs, isBusy, busyAtMostMs, clock, fire } = options;
  let first: number | undefined;
  let cancel = (): void => {};
  const arm = (): void => {
    cancel();
    cancel = clock.after(quietMs, settle);
  };
  const settle = (): void => {
    if (first === undefined) return;
    const age = clock.now() - first;
    if (isBusy() && age < busyAtMostMs) return arm();
    first = undefined;
    fire();
  };
  return {
    touch() {
      first ??= clock.now();
      if (clock.now() - first < atMostMs || isBusy()) return arm();
      cancel();
      settle();
    },
    stop() {
      first = undefined;
      cancel();
    },
  };
}

/** The process's own clock. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
