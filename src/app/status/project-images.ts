import type { Project } from '../../config/project.ts';
import type { Engine } from '../../engine/engine.ts';
import { imageIdOn } from '../../image/identity.ts';
import { imageReference } from '../../image/image-reference.ts';
import { readRecipe } from '../../image/recipe.ts';
import { readLock } from '../../lock/read.ts';
import type { StatusFacts } from '../../report/status-text.ts';
import type { AppContext } from '../context.ts';
import { loadProjectConfig } from '../project/project-config.ts';

/** The images of a project: the one that the lock wants, and the one that is there. */
export type ProjectImages = Pick<StatusFacts, 'lockedImage' | 'presentImage'>;

/** The image that the lock wants and the one that is there. What is wrong with config or lock is a warning: status goes on. */
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
  const { platform } = info.value;
  const locked = lock.value.platforms[platform].image;
  const lockedImage = locked === null ? null : imageIdOn(info.value, locked);
  const recipe = config.ok ? await readRecipe(project.dir, config.value) : config;
  if (!recipe.ok) return { lockedImage };
  const name = { lock: lock.value, platform, recipe: recipe.value.digest };
  const image = await engine.inspectImage(imageReference(name));
  return { lockedImage, ...(image.ok && image.value !== undefined ? { presentImage: image.value.id } : {}) };
}
