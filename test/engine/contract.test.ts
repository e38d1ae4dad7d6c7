import { describe, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { engineContract } from '../contract/engine-contract.ts';
import { addressOf, testEngines } from '../support/engines.ts';
import { tinyRootFs } from '../support/tiny-image.ts';

// Podman 4.3, tried: see each reason; and the end of one client's stdin ends the container's, whatever StdinOnce says.
const podmanLimits = {
  'shows what was written before, when asked for logs':
    'the logs come without their newlines, and the stream breaks off',
  'keep owners, modes and content, in a container that runs or not':
    "everything is given to the container's user, whatever copyUIDGID says",
  'gives the ID of what it tagged, and tells steps and lines of output':
    'output without a newline at its end is glued to the remark `--> ID`',
};

for (const one of testEngines()) {
  if (one.address === undefined)
    describe(`the engine contract: ${one.name}`, () => {
      it('has its engine', () => void addressOf(one));
    });
  else
    engineContract(one.name, {
      engine: () => createDockerEngine({ address: addressOf(one), source: 'test engine' }),
      rootFs: tinyRootFs,
      ...(one.name === 'podman' && { limits: podmanLimits, leavingEndsStdin: true }),
    });
}
