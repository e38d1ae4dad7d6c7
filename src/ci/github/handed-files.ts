import { posix } from 'node:path';
import type { CiJob, CiStep } from '../model.ts';
import { buildAndInspect } from './known-actions.ts';

// The second one uploads what it has built, as the artifact Packages.
const uploading = new RegExp(`^(?:actions/upload-artifact|${buildAndInspect})(?:@|$)`, 'i');

/** A job and the jobs whose end it waits for. */
interface WaitingJob {
  readonly id: string;
  readonly job: CiJob;
  readonly needs: readonly string[];
}

/**
 * The jobs whose files a job gets: of those that it waits for, directly or not, those that upload an artifact where it downloads one, and those
 * that keep the same folders of the checkout in a cache.
 */
export function takesFilesFrom(id: string, jobs: readonly WaitingJob[]): readonly string[] {
  const own = jobs.find((each) => each.id === id);
  if (own === undefined) return [];
  const downloads = own.job.steps.some((step) => isAction(step, /^actions\/download-artifact(?:@|$)/i));
  const cached = cachedPaths(own.job);
  return [...waitedFor(own, jobs)].filter((need) => {
    const other = jobs.find((each) => each.id === need)?.job;
    if (other === undefined) return false;
    const uploads = other.steps.some((step) => isAction(step, uploading));
    const shared = cachedPaths(other);
    return (downloads && uploads) || cached.some((path) => shared.includes(path));
  });
}

function waitedFor(job: WaitingJob, jobs: readonly WaitingJob[]): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [...job.needs];
  for (let need = queue.pop(); need !== undefined; need = queue.pop()) {
    if (found.has(need) || need === job.id) continue;
    found.add(need);
    queue.push(...(jobs.find(({ id }) => id === need)?.needs ?? []));
  }
  return found;
}

/** Folders and files of the checkout that a job keeps in a cache: not those of tools, which are environments or have a place of their own here. */
function cachedPaths({ steps }: CiJob): readonly string[] {
  return steps
    .filter((step) => isAction(step, /^actions\/cache(?:\/(?:restore|save))?(?:@|$)/i))
    .flatMap((step) => (step.kind === 'use' ? step.inputs : []))
    .filter(({ name }) => name === 'path')
    .flatMap(({ value }) => (value.text ?? '').split('\n').map((line) => line.trim()))
    .filter((path) => path !== '' && !/^[~/!$]|\$\{\{|^\.\.\//.test(path))
    .map((path) => posix.normalize(path).replace(/\/$/, ''))
    .filter((path) => !ofTools.test(path));
}

const ofTools =
  /(?:^|\/)(?:\.?venv|env|node_modules|\.tox|\.nox|\.hatch|\.yarn|\.pnpm-store|\.npm|__pypackages__|\.(?:mypy|ruff|pytest|pip|uv|cache|eslint)[\w.-]*)(?:\/|$)/;

function isAction(step: CiStep, pattern: RegExp): boolean {
  return step.kind === 'use' && pattern.test(step.uses.value.text ?? '');
}
