import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import type { AppContext } from '../app/context.ts';
import { EventHub } from '../app/event-hub.ts';
import { failure } from '../core/failure.ts';
import { onAbort } from '../core/interruption.ts';
import type { EmitEvent } from '../pipeline/events.ts';
import { createMasker, maskReporter } from '../report/mask.ts';

/** What every call of the API takes. */
export interface CallOptions {
  /** The folder to start in; the process's own by default. */
  readonly cwd?: string;
  /** The engine's address, e.g. `unix:///var/run/docker.sock`; found as `parity status` says by default. */
  readonly host?: string;
  /** Where engine, caches, `passEnv` and `secrets` are looked up; the process's own environment by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends what runs as Ctrl-C would: the result is then cancelled, or has the failure `interrupted`. */
  readonly signal?: AbortSignal;
  /** Hears everything that happens, in order, secrets hidden. */
  readonly onEvent?: EmitEvent;
}

/** The context of a call: its events go to `onEvent`, secrets hidden. */
export function callContext(options: CallOptions): AppContext {
  const { cwd = '.', host, env = process.env, signal, onEvent } = options;
  const masker = createMasker();
  const events = new EventHub((event) => onEvent?.(event));
  const masked = maskReporter(
    { event: (event) => events.publish(event), failed() {}, result() {}, async close() {} },
    masker,
  );
  return {
    cwd: resolve(cwd),
    ...(host === undefined ? {} : { host }),
    env,
    signal: interrupted(signal),
    events: { emit: (event) => masked.event(event), subscribe: (listener) => events.subscribe(listener) },
    secrets: { add: (values) => masker.add(values), mask: (text) => masker.text(text) },
  };
}

/** A signal that is aborted with the failure that parity's rooms expect as its reason, whatever the caller's reason is. */
function interrupted(signal: AbortSignal | undefined): AbortSignal {
  const own = new AbortController();
  // Every running step listens.
  setMaxListeners(0, own.signal);
  onAbort(signal, () => own.abort(failure('interrupted', 'interrupted', { signal: 'SIGINT' })));
  return own.signal;
}
