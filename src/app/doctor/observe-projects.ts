import { join } from 'node:path';
import { platformOf } from '../../core/platform.ts';
import type { Observed, ObservedImage } from '../../doctor/observed.ts';
import type { Skipped } from '../../doctor/finding.ts';
import { probeEngine } from '../../doctor/probes/engine.ts';
import { probeHost } from '../../doctor/probes/host.ts';
import { probeImage } from '../../doctor/probes/image.ts';
import type { KnownProject } from '../../doctor/projects.ts';
import type { Engine } from '../../engine/engine.ts';
import { environmentStatus } from '../../environment/environment-status.ts';
import { imageIdOn, lockedImage } from '../../image/identity.ts';
import { imageReference } from '../../image/image-reference.ts';
import { readRecipe } from '../../image/recipe.ts';
import { toolchainLock } from '../../lock/toolchain-lock.ts';
import type { AppContext } from '../context.ts';
import type { PendingEngine } from '../project/pending-engine.ts';

/** Programs that are held against the lock when it has them. */
const programs = ['python', 'node', 'npm', 'black', 'flake8', 'mypy', 'ruff', 'isort', 'pylint', 'pytest'];

/**
 * Looks at the machine, the engine and each project's image. What can't be looked at is told in `skipped`, with the reason; without
 * `pending` nothing is looked at.
 */
export async function observeProjects(
  context: AppContext,
  options: {
    readonly topDir: string;
    readonly projects: readonly KnownProject[];
    readonly pending: PendingEngine | undefined;
  },
): Promise<readonly Observed[]> {
  const { topDir, projects, pending } = options;
  if (pending === undefined)
    return projects.map((_, index) => ({
      skipped: index === 0 ? [{ what: 'the image, the engine and this machine', reason: '--offline' }] : [],
    }));
  const connection = await pending.connection();
  const described = connection.ok ? await probeEngine(connection.value) : connection;
  const engine = connection.ok && described.ok ? connection.value.engine : undefined;
  const missing = described.ok ? [] : [{ what: 'the engine and the image', reason: described.error.message }];
  return await Promise.all(
    projects.map(async (project, index): Promise<Observed> => {
      const projectDir = join(topDir, project.dir);
      const [host, image] = await Promise.all([
        probeHost({ topDir, projectDir, env: context.env, programs: project.lock === undefined ? [] : programs }),
        engine === undefined ? undefined : observeImage(engine, projectDir, project, context.signal),
      ]);
      const named = engine === undefined ? [] : await observeNamed(engine, projectDir, project, context.signal);
      const unseen = named.flatMap(([, each]) => ('reason' in each ? [each] : []));
      const images = new Map(named.flatMap(([name, each]) => ('packages' in each ? [[name, each] as const] : [])));
      // The machine and the engine are the same for all projects: what is to say of them is said once.
      const isFirst = index === 0;
      return {
        host: isFirst ? host : { ...host, git: {}, isCaseInsensitive: false, timeZone: 'UTC', env: new Map() },
        ...(isFirst && described.ok ? { engine: described.value } : {}),
        ...(image !== undefined && 'packages' in image ? { image } : {}),
        ...(images.size === 0 ? {} : { images }),
        skipped: [...(isFirst ? missing : []), ...(image !== undefined && 'reason' in image ? [image] : []), ...unseen],
      };
    }),
  );
}

/** The images of the toolchains with names. */
async function observeNamed(
  engine: Engine,
  projectDir: string,
  project: KnownProject,
  signal: AbortSignal,
): Promise<readonly (readonly [string, ObservedImage | Skipped])[]> {
  return await Promise.all(
    Object.keys(project.lock?.toolchains ?? {}).map(
      async (name) => [name, await observeImage(engine, projectDir, project, signal, name)] as const,
    ),
  );
}

async function observeImage(
  engine: Engine,
  projectDir: string,
  { dir, config, lock: whole }: KnownProject,
  signal: AbortSignal,
  toolchain?: string,
): Promise<ObservedImage | Skipped> {
  const whose = toolchain === undefined ? '' : ` of toolchain ${toolchain}`;
  const what = dir === '.' ? `the image${whose}` : `the image of ${dir}${whose}`;
  const lock = whole === undefined ? undefined : toolchainLock(whole, toolchain);
  if (lock === undefined) return { what, reason: 'no lock names one: parity lock' };
  const [info, recipe] = await Promise.all([engine.describe(), readRecipe(projectDir, config)]);
  if (!info.ok) return { what, reason: info.error.message };
  if (!recipe.ok) return { what, reason: recipe.error.message };
  const platform = info.value.platform ?? platformOf('linux', process.arch);
  if (platform === undefined) return { what, reason: `parity has no image for ${info.value.platformText}` };
  const found = await engine.inspectImage(imageReference({ lock, platform, recipe: recipe.value.digest }));
  if (!found.ok) return { what, reason: found.error.message };
  if (found.value === undefined) return { what, reason: 'not built here yet: parity build' };
  const { id } = found.value;
  const [contents, status] = await Promise.all([
    probeImage(engine, { image: id, platform, signal }),
    environmentStatus(engine, projectDir),
  ]);
  if (!contents.ok) return { what, reason: contents.error.message };
  const locked = lockedImage(lock, platform, recipe.value);
  const lockedId = locked === undefined ? null : imageIdOn(info.value, locked);
  const containers = status.ok ? status.value.containers.filter((each) => each.toolchain === toolchain) : [];
  const running = containers.map(({ imageId }) => imageId);
  const runningId = running.find((one) => one !== lockedId) ?? running[0];
  return { id, lockedId, platform, ...contents.value, ...(runningId === undefined ? {} : { runningId }) };
}
