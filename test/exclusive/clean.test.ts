import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { addressOf, testEngines } from '../support/engines.ts';
import { must } from '../support/image.ts';
import { parity, scratchFolder } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';
import { tinyRootFs } from '../support/tiny-image.ts';

// On an engine of the tests' own: `parity clean` takes what any project of the engine has.
const own = testEngines().find(({ name }) => name === 'buildkit');
const scratch = scratchFolder();
const mine = { 'dev.parity.kind': 'test' };
const foreign = 'clean-test-foreign';
let engine: Engine;
let address: string;

beforeAll(() => {
  if (own === undefined) throw new Error('the engine "buildkit" is not there: scripts/engines.sh start');
  address = addressOf(own);
  engine = createDockerEngine({ address, source: 'test' });
});

afterAll(async () => {
  await engine.removeContainer(foreign);
  for (const name of [foreign, 'clean-test-idle']) await engine.removeVolume(name);
  for (const name of [foreign, 'clean-test-own']) await engine.removeImage(`${name}:1`, { force: true });
  await engine.close();
  scratch.remove();
});

it('takes all that parity made on the engine, and nothing of anybody else’s', async () => {
  must(await engine.importImage(tinyRootFs(), `${foreign}:1`));
  const label = 'LABEL dev.parity.kind=image';
  must(await engine.importImage(tinyRootFs(), 'clean-test-own:1', { changes: [label] }));
  must(await engine.createVolume('clean-test-idle', mine));
  must(await engine.createVolume(foreign, {}));
  must(await engine.createContainer({ name: foreign, image: `${foreign}:1`, command: ['sleep', '60'], labels: {} }));

  // A checkout of a repository that is gone since.
  const seat = join(scratch.dir, '.parity-cache', 'commits', 'shop-1a2b', '1');
  addFiles(seat, { 'claim.1': 'free\n', '1a2b3c4d/a.txt': 'a', '../repository': '/nowhere/shop/.git\n' });

  const cleaned = await parity(['clean', '--host', address], { cwd: scratch.dir });
  expect(existsSync(seat)).toBe(false);
  expect(cleaned).toMatchObject({ code: 0, stderr: '' });
  expect(cleaned.stdout).toMatch(/^Removed .*images?, 1 checkout: \d.* freed\.\n/);

  const volumes = must(await engine.listVolumes([])).map(({ name }) => name);
  expect(volumes).not.toContain('clean-test-idle');
  expect(volumes).toContain(foreign);
  expect(must(await engine.inspectImage('clean-test-own:1'))).toBeUndefined();
  expect(must(await engine.inspectImage(`${foreign}:1`))).toBeDefined();
  expect(must(await engine.inspectContainer(foreign))).toBeDefined();
  expect(await parity(['clean', '--host', address], { cwd: scratch.dir })).toMatchObject({
    code: 0,
    stdout: 'Nothing to remove.\n',
  });
});
