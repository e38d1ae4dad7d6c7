import { describe, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { engineContract } from '../contract/engine-contract.ts';
import { addressOf, testEngines } from '../support/engines.ts';
import { tinyRootFs } from '../support/tiny-image.ts';

for (const one of testEngines()) {
  if (one.address === undefined)
    describe(`the engine contract: ${one.name}`, () => {
      it('has its engine', () => void addressOf(one));
    });
  else
    engineContract(one.name, {
      engine: () => createDockerEngine({ address: addressOf(one), source: 'test engine' }),
      rootFs: tinyRootFs,
    });
}
