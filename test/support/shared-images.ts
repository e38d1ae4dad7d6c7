import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { ownAddress } from './engines.ts';
import { madeImage } from './made-image.ts';

/** Makes the image that most tests run their steps in, once, before files that run side by side would each make it. */
export default async function setup(): Promise<void> {
  const engine = createDockerEngine({ address: ownAddress(), source: 'test' });
  try {
    await madeImage(engine, 'test-environment');
  } finally {
    await engine.close();
  }
}
