import type { Result } from '../../core/result.ts';
import type { Endpoint, Engine, EngineInfo } from '../engine.ts';
import { buildImage } from './build-image.ts';
import { createClient } from './client.ts';
import { containerMethods } from './containers.ts';
import { describe } from './describe.ts';
import { imageMethods } from './images.ts';
import { storageMethods } from './storage.ts';

/** The engine at an endpoint. Connects to nothing yet: the first call shows whether it is there. */
export function createDockerEngine(endpoint: Endpoint): Engine {
  const client = createClient(endpoint);
  let known: Promise<Result<EngineInfo>> | undefined;
  const engine: Engine = {
    async describe() {
      const asked = await (known ??= describe(client));
      // Only a success is cached: an engine that was not there may be there the next time.
      if (!asked.ok) known = undefined;
      return asked;
    },
    build: (options) => buildImage(client, () => engine.describe(), options),
    ...imageMethods(client),
    ...containerMethods(client),
    ...storageMethods(client),
    close: async () => client.close(),
  };
  return engine;
}
