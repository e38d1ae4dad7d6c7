import { parseRequirement } from '../../config/detect/requirement.ts';
import { normalisedName } from '../../formats/package-name.ts';
import { commandKind } from './command.ts';
import type { Job, SplitJobs } from './import-facts.ts';
import type { JobPiece } from './job-piece.ts';
import { jobRequirements } from './job-requirements.ts';

/**
 * Takes apart the jobs that install a library by hand after their tests: what they tested must not find it (a plug-in would be loaded), what comes
 * after must. The rest of such a job becomes a job of its own, which waits for it and shares no toolchain.
 */
export function withLateInstalls(
  jobs: readonly Job[],
  split: SplitJobs,
  readText: (path: string) => string | undefined,
): SplitJobs & { readonly jobs: readonly Job[] } {
  let all = jobs;
  let { installs, pieces } = split;
  for (const job of jobs) {
    const from = lateStep(job, { ...split, installs, pieces }, readText);
    if (from === undefined) continue;
    const id = `${job.id}-later`;
    const isLater = (place: unknown): boolean => job.steps.slice(from).some((step) => step.place === place);
    const own = installs.filter((each) => each.job === job.id);
    installs = [
      ...installs.filter((each) => each.job !== job.id || !isLater(each.place)),
      ...own.map((each) => ({ ...each, job: id })),
    ];
    pieces = pieces.map((each) =>
      each.job === job.id && isLater(each.step.place) ? { ...each, job: id, step: { ...each.step, job: id } } : each,
    );
    const steps = job.steps.slice(from).map((step) => ({ ...step, job: id }));
    const rest: Job = { ...job, id, needs: [job.id], takesFrom: [], steps, apart: true };
    all = all.flatMap((each): readonly Job[] =>
      each.id === job.id
        ? [{ ...each, steps: each.steps.slice(0, from) }, rest]
        : [each.needs.includes(job.id) ? { ...each, needs: [...each.needs, id] } : each],
    );
  }
  return { ...split, jobs: all, installs, pieces };
}

/** Whether a piece tests, maybe among other things. */
function tests({ piece }: JobPiece): boolean {
  return piece.commands.some((words) => {
    const command = { words: words.map((text) => ({ text, start: 0, end: 0, dynamic: false })) };
    return commandKind(command) === 'test';
  });
}

/** The first step of a job that installs a library after a test, and that something runs in or after; undefined when there is none. */
function lateStep(
  job: Job,
  { installs, pieces }: SplitJobs,
  readText: (path: string) => string | undefined,
): number | undefined {
  const own = pieces.filter((piece) => piece.job === job.id);
  if (own.some(({ step }) => step.leg !== undefined)) return undefined;
  const indexOf = (place: unknown): number => job.steps.findIndex((step) => step.place === place);
  const tested = own.filter(tests).map(({ step }) => indexOf(step.place));
  if (tested.length === 0) return undefined;
  const programs = new Set(
    own
      .flatMap(({ piece }) => [...piece.tools, ...piece.commands.flatMap((words) => words.slice(0, 3))])
      .map(normalisedName),
  );
  const mine = installs.filter((each) => each.job === job.id);
  for (const { install, place } of mine) {
    const at = indexOf(place);
    if (at <= Math.min(...tested) || !own.some(({ step }) => indexOf(step.place) >= at)) continue;
    const before = jobRequirements(
      mine.filter((each) => indexOf(each.place) < at),
      readText,
    );
    const known = new Set(before.said.map(({ name }) => name));
    const names = install.tools.flatMap((line) => parseRequirement(line)?.name ?? []);
    if (names.some((name) => !known.has(name) && !programs.has(name))) return at;
  }
  return undefined;
}
