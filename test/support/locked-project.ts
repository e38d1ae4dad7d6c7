import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDigest, sha256 } from '../../src/core/digest.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { imageReference } from '../../src/image/image-reference.ts';
import { readRecipe } from '../../src/image/recipe.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import { writeLock } from '../../src/lock/write.ts';
import { platform } from './environment.ts';
import { bareLock, must } from './image.ts';
import { madeImage } from './made-image.ts';

/**
 * A project whose lock and image are there already: `parity up` has only to run it. The image is the one that environment
 * tests use, under the name that the project's lock gives. Gives that name, to be removed after the tests.
 */
export async function lockedProject(engine: Engine, dir: string, pipeline: string): Promise<string> {
  mkdirSync(dir, { recursive: true });
  const configPath = join(dir, 'parity.yaml');
  const toolchain = 'toolchain: { python: "3.11", tools: [], requirements: [], system: [] }';
  writeFileSync(configPath, `version: 1\n${toolchain}\npipeline:\n${pipeline}`);
  const config = must(await loadConfig({ dir, configPath }));
  const recipe = must(await readRecipe(dir, config)).digest;
  const made = await madeImage(engine, 'test-environment');
  const { id } = must(await engine.inspectImage(made)) ?? {};
  if (id === undefined || !isDigest(id)) throw new Error(`the engine has no ${made}`);
  // Nobody else's lock is the same, so that no other test, in this tree or another, has or removes an image of this name.
  const mark = { name: 'mark', version: '1', sha256: sha256(dir).slice('sha256:'.length) };
  const lock = bareLock({
    system: { ...bareLock().system, [platform]: [mark] },
    inputs: must(await lockInputs(dir, config)),
    platforms: { ...bareLock().platforms, [platform]: { image: { config: id, manifest: id, recipe } } },
  });
  must(await writeLock(dir, lock));
  const reference = imageReference({ lock, platform, recipe });
  must(await engine.tagImage(made, reference));
  return reference;
}
