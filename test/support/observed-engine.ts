import type { Engine } from '../../src/engine/engine.ts';

/** An engine, and what it has been asked for. */
export interface ObservedEngine {
  readonly engine: Engine;
  /** The names of the operations that were asked for since the last time, in order. */
  asked(): readonly string[];
}

/** The same engine, which notes each operation that it is asked for. */
export function observed(whole: Engine): ObservedEngine {
  let asked: string[] = [];
  const engine = new Proxy(whole, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]): unknown => {
        asked.push(String(name));
        return Reflect.apply(value, target, given);
      };
    },
  });
  return {
    engine,
    asked() {
      const names = asked;
      asked = [];
      return names;
    },
  };
}
