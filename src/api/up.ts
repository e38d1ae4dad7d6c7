import { EventEmitter, on } from 'node:events';
import type { RunRequest } from '../app/run/run-request.ts';
import type { RunEvent, RunFinished } from '../pipeline/events.ts';
import { callContext, type CallOptions } from './call.ts';

/** What `up` is asked; everything may be left out. */
export interface UpOptions extends CallOptions, Partial<RunRequest> {}

/** A run of the pipeline: its events as they happen, and how it ended. */
export interface Run extends AsyncIterable<RunEvent> {
  /** The run's end. It says everything, failures included (`failure`); it rejects only for a bug in parity. */
  readonly finished: Promise<RunFinished>;
}

/**
 * Runs the pipeline of the project in `cwd`, as `parity up` does. The run starts at once: who iterates over it right away gets every event,
 * each kept until it is taken. Leaving the loop does not end the run; aborting `signal` does.
 */
export function up(options: UpOptions = {}): Run {
  const { steps = [], cold = false, frozen = false, failFast = false, ...rest } = options;
  const events = new EventEmitter();
  let isOver = false;
  const finished = run();
  return {
    finished,
    async *[Symbol.asyncIterator]() {
      if (!isOver) for await (const [event] of on(events, 'event', { close: ['over'] })) yield event as RunEvent;
      await finished;
    },
  };

  async function run(): Promise<RunFinished> {
    const onEvent = (event: RunEvent): void => {
      options.onEvent?.(event);
      events.emit('event', event);
    };
    try {
      const { runProject } = await import('../app/run/run-project.ts');
      const run = { ...rest, steps, cold, frozen, failFast };
      return (await runProject(callContext({ ...rest, onEvent }), run)).finished;
    } finally {
      isOver = true;
      events.emit('over');
    }
  }
}
