import type { Project } from '../../config/project.ts';
import type { Engine } from '../../engine/engine.ts';
import { imageIdOn } from '../../image/identity.ts';
import { imageReference } from '../../image/image-reference.ts';
import { readRecipe } from '../../image/recipe.ts';
import type { Lock } from '../../lock/lock.ts';
import { readLock } from '../../lock/read.ts';
import { requiredToolchainLock } from '../../lock/toolchain-lock.ts';
import type { StatusFacts, ToolchainImages } from '../../report/status-text.ts';
import type { AppContext } from '../context.ts';
import { loadProjectConfig } from '../project/project-config.ts';

/** The images of a project's toolchains: the one that the lock wants, and the one that is there. */
export type ProjectImages = Pick<StatusFacts, 'lockedImage' | 'presentImage' | 'toolchains'>;

/** The images that the lock wants and those that are there. What is wrong with config or lock is a warning: status goes on. */
export async function findProjectImages(
  { events }: AppContext,
  project: Project,
  engine: Engine,
): Promise<ProjectImages> {
  const [config, lock, info] = await Promise.all([
    loadProjectConfig(project),
    readLock(project.dir),
    engine.describe(),
  ]);
  for (const each of [config, lock])
    if (!each.ok) events.emit({ type: 'note', severity: 'warning', message: each.error.message });
  if (!lock.ok || lock.value === undefined || !info.ok || info.value.platform === undefined) return {};
  const recipe = config.ok ? await readRecipe(project.dir, config.value) : config;
  const { platform } = info.value;
  const imagesOf = async (toolchain: Lock): Promise<ToolchainImages> => {
    const locked = toolchain.platforms[platform].image;
    const lockedImage = locked === null ? null : imageIdOn(info.value, locked);
    if (!recipe.ok) return { lockedImage };
    const image = await engine.inspectImage(imageReference({ lock: toolchain, platform, recipe: recipe.value.digest }));
    return { lockedImage, ...(image.ok && image.value !== undefined ? { presentImage: image.value.id } : {}) };
  };
  const own = await imagesOf(requiredToolchainLock(lock.value, undefined));
  if (lock.value.toolchains === undefined) return own;
  const toolchains: Record<string, ToolchainImages> = {};
  for (const name of Object.keys(lock.value.toolchains))
    toolchains[name] = await imagesOf(requiredToolchainLock(lock.value, name));
  return { ...own, toolchains };
}
