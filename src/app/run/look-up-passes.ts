import type { EngineInfo } from '../../engine/engine.ts';
import { cachedHostFilesProbe } from '../../environment/host-files-probe.ts';
import { requestedMode, declaresSharedFiles } from '../../environment/workspace-mode.ts';
import type { AppContext } from '../context.ts';
import type { OpenProject } from '../project/open-project.ts';
import type { PreparedRun } from './prepare-run.ts';
import type { ProjectRun } from './project-run.ts';
import { openStepCache, type StepCache } from './step-cache.ts';

/** What passes is kept of whole runs of one machine: of a cold one, too, which itself believes nothing. */
function mayKeepPasses({ noCache, shard }: ProjectRun): boolean {
  return noCache !== true && shard === undefined;
}

/** The cache is for whole runs of one machine: a cold run proves what passes with nothing there. */
export function mayUseCache(run: ProjectRun): boolean {
  return mayKeepPasses(run) && !run.cold;
}

/** The passes of earlier runs; undefined when they are not wanted, or when nothing is known of the engine, the image or the files. */
export async function lookUpPasses(
  context: AppContext,
  run: ProjectRun,
  { opened, steps, variables, recorder }: PreparedRun,
  known: EngineInfo | undefined,
): Promise<StepCache | undefined> {
  if (!mayKeepPasses(run) || known === undefined) return undefined;
  const workspace = run.keepFor === undefined ? await workspaceModeOn(context, run, opened, known) : 'commit';
  const seen = workspace === undefined ? undefined : await recorder.files();
  if (seen === undefined || workspace === undefined) return undefined;
  return await openStepCache(context, known, {
    projectDir: opened.project.dir,
    ownerProject: run.keepFor ?? opened.project.dir,
    config: opened.config,
    steps,
    variables,
    seen,
    workspace,
    isFresh: run.cold || run.round?.isFresh === true,
    ...(run.round === undefined ? {} : { ofSession: run.round.passes }),
    logs: run.caller?.verbose === true,
    async commit() {
      const seenCommit = await recorder.commit();
      return seenCommit === undefined || seenCommit.dirty ? null : seenCommit.commit;
    },
    refreshedFiles: () => recorder.refreshedFiles(),
  });
}

/** A run that keeps nothing takes back what it has found wrong all the same: the next run with the cache must not call it passed. */
export async function withdrawFailed(
  context: AppContext,
  run: ProjectRun,
  prepared: PreparedRun,
  { known, failed }: { readonly known: EngineInfo; readonly failed: readonly string[] },
): Promise<void> {
  if (failed.length === 0 || run.shard !== undefined) return;
  const cache = await lookUpPasses(context, { ...run, noCache: false, cold: true }, prepared, known);
  await cache?.withdraw(failed);
}

/** How an engine was last shown the project's files; undefined before it was. */
async function workspaceModeOn(
  { env }: AppContext,
  run: ProjectRun,
  opened: OpenProject,
  engine: EngineInfo,
): Promise<'mount' | 'copy' | undefined> {
  const [mode, workspace] = [requestedMode(run.workspace, env), await opened.workspace];
  if (!mode.ok || !workspace.ok) return undefined;
  if (mode.value !== 'auto') return mode.value;
  const sees = declaresSharedFiles(env) || (await cachedHostFilesProbe(engine, workspace.value.hostRoot));
  return sees === undefined ? undefined : sees ? 'mount' : 'copy';
}
