import type { RunEvent } from '../../pipeline/events.ts';
import type { AppEvents } from '../context.ts';
import type { ProjectRunEnd } from './project-run.ts';

/** Observes one run: the recorder, the cache writer, the history and the reports are observers. */
export interface RunObserver {
  /** What it needs beside the events: the run's receipt, or that and the facts of the HTML page. A run that is cached as a whole makes neither. */
  readonly needs?: 'receipt' | 'page';
  /** Takes each event of the run in order, secrets hidden. */
  onEvent(event: RunEvent): void;
  /** The run is over and its record is whole; called once, in the order in which the observers were added. */
  onEnd?(end: ProjectRunEnd): Promise<void>;
}

/** All observers of one run, behind one subscription that ends with the run. */
export class RunObservers {
  readonly #observers: RunObserver[];
  readonly #unsubscribe: () => void;

  constructor(events: AppEvents, observers: readonly RunObserver[]) {
    this.#observers = [...observers];
    this.#unsubscribe = events.subscribe((event) => {
      for (const observer of this.#observers) observer.onEvent(event);
    });
  }

  /** Adds an observer, which takes the events from now on; gives it. */
  add<Observer extends RunObserver>(observer: Observer): Observer {
    this.#observers.push(observer);
    return observer;
  }

  /** Whether any observer needs the run's receipt. */
  get needReceipt(): boolean {
    return this.#observers.some(({ needs }) => needs !== undefined);
  }

  /** Whether any observer needs the facts of the HTML page. */
  get needPage(): boolean {
    return this.#observers.some(({ needs }) => needs === 'page');
  }

  /** Tells each observer, one after the other, how the run ended. */
  async end(end: ProjectRunEnd): Promise<void> {
    for (const observer of this.#observers) await observer.onEnd?.(end);
  }

  /** Ends the subscription: no observer takes another event. */
  close(): void {
    this.#unsubscribe();
  }
}
