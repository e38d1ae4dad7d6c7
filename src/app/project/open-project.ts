import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Listing } from '../../config/detect/files.ts';
import { findProject, type Project } from '../../config/project.ts';
import { claimCacheFolder } from '../../core/cache-owner.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { planWorkspace, type Workspace } from '../../workspace/workspace.ts';
import type { AppContext } from '../context.ts';
import { loadProjectConfig } from './project-config.ts';

/** A project, and where it lies. */
export interface LocatedProject {
  readonly project: Project;
  /** Where the project lies in its repository; asked of git while other work goes on. */
  readonly workspace: Promise<Result<Workspace>>;
}

/** A project with its config read. */
export interface OpenProject extends LocatedProject {
  readonly config: Config;
}

/** Finds the project of the context's folder. Err also for a cache folder in which other users can write. */
export async function locateProject({ cwd }: Pick<AppContext, 'cwd'>): Promise<Result<LocatedProject>> {
  const refused = claimCacheFolder();
  if (refused !== undefined) return err(refused);
  const project = await findProject(cwd);
  if (!project.ok) return project;
  const workspace = planWorkspace(project.value.dir);
  // Avoids an unhandled rejection when no caller awaits this.
  workspace.catch(() => {});
  return ok({ project: project.value, workspace });
}

/** What opening a project may be given. */
export interface OpenProjectOptions {
  /** The project, when it is located already. */
  readonly located?: LocatedProject;
  /** Lists the project's files, for a caller that reads them anyway. */
  readonly listing?: Listing;
  /** Reports every decision of the detection. */
  readonly verbose?: boolean;
}

/** Finds the project of the context's folder, unless it is given, and reads its config; without a parity.yaml, a note says what was detected. */
export async function openProject(
  context: AppContext,
  { located: given, listing, verbose = false }: OpenProjectOptions = {},
): Promise<Result<OpenProject>> {
  const located = given === undefined ? await locateProject(context) : ok(given);
  if (!located.ok) return located;
  const { project, workspace } = located.value;
  const config = await loadProjectConfig(project, listing);
  if (!config.ok) return config;
  reportDetection(context, project, { config: config.value, verbose });
  return ok({ project, config: config.value, workspace });
}

// The first run reports every decision; the runs after it, which have a lock that answers to them, remind in a line.
function reportDetection(
  { events: { emit } }: AppContext,
  project: Project,
  { config, verbose }: { readonly config: Config; readonly verbose: boolean },
): void {
  if (config.source.kind !== 'detected') return;
  const first = verbose || !existsSync(join(project.dir, 'parity.lock.json'));
  const hint = 'parity init writes it down, to review and change';
  const { ci, notes } = config.source;
  const who = ci === undefined ? 'the layout decides' : `CI decides (${ci.files.join(', ')}: ${jobs(ci.jobs)})`;
  const lead = `no parity.yaml here, so ${who}`;
  if (first) emit({ type: 'note', severity: 'note', message: [`${lead}:`, ...notes].join('\n'), hint });
  else emit({ type: 'note', severity: 'note', message: `${lead} (${hint})` });
  if (ci !== undefined && ci.leftOut.length > 0 && first) reportLeftOut(emit, ci.leftOut, verbose);
}

/** What of CI is not in the pipeline: how much, or, when asked, each part with its place and reason. */
function reportLeftOut(emit: AppContext['events']['emit'], leftOut: readonly string[], verbose: boolean): void {
  const count = leftOut.length === 1 ? 'a part of CI is' : `${leftOut.length} parts of CI are`;
  if (verbose) emit({ type: 'note', severity: 'note', message: [`${count} not carried over:`, ...leftOut].join('\n') });
  else {
    const message = `${count} not carried over`;
    emit({
      type: 'note',
      severity: 'note',
      message,
      hint: 'parity up --verbose lists them, parity init writes them down',
    });
  }
}

function jobs(ids: readonly string[]): string {
  return `${ids.length === 1 ? 'job' : 'jobs'} ${ids.join(', ')}`;
}
