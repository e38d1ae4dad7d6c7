import type { RunEvent } from '../pipeline/events.ts';
import type { RunListener } from './context.ts';

/** Passes each event on to its first listener, the reporter, and then to those that have subscribed. */
export class EventHub {
  readonly #first: RunListener;
  readonly #listeners = new Set<RunListener>();

  constructor(first: RunListener) {
    this.#first = first;
  }

  /** Calls every listener with the event, in the order of their subscriptions. */
  publish(event: RunEvent): void {
    this.#first(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Adds a listener; gives what removes it. */
  subscribe(listener: RunListener): () => void {
    const own: RunListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}
