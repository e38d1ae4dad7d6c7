import { ok, type Result } from '../core/result.ts';
import type { Engine, EngineInfo } from './engine.ts';

/**
 * An engine whose description is cached: `describe` gives that, and the first other call connects. Err of any other call: that of
 * connecting.
 */
export function lazyEngine(info: EngineInfo, connect: () => Promise<Result<Engine>>): Engine {
  const describe: Engine['describe'] = () => Promise.resolve(ok(info));
  return new Proxy({ describe } as Engine, {
    get(known, name) {
      if (name === 'describe') return known.describe;
      // Whatever awaits it must not take it for a promise.
      if (typeof name !== 'string' || name === 'then') return undefined;
      return async (...args: readonly unknown[]) => {
        const engine = await connect();
        if (!engine.ok) return engine;
        const method = engine.value[name as keyof Engine] as (...args: readonly unknown[]) => unknown;
        return await Reflect.apply(method, engine.value, args);
      };
    },
  });
}
