import { afterAll } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { sweep } from './environment.ts';

/** The engine that a file's tests use, and what they leave in it. */
export interface EngineUnderTest {
  readonly address: string;
  readonly engine: Engine;
  /** Projects' folders: after the tests they are removed, with all that the engine has of them. */
  readonly dirs: string[];
  /** Images' names, removed after the tests. */
  readonly references: string[];
}

/** The machine's own engine, or DOCKER_HOST's; called once, at the top of a file. */
export function engineUnderTest(): EngineUnderTest {
  const address = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const engine = createDockerEngine({ address, source: 'test' });
  const dirs: string[] = [];
  const references: string[] = [];
  afterAll(async () => {
    await sweep(engine, dirs);
    for (const reference of references) await engine.removeImage(reference);
    await engine.close();
  });
  return { address, engine, dirs, references };
}
