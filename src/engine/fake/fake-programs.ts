import type { FakeProcess } from './fake-process.ts';

/** Plays processes: PID 1 of a container that starts, or an exec. */
export interface FakePrograms {
  readonly start: (process: FakeProcess) => void;
  readonly exec: (process: FakeProcess) => void;
}
