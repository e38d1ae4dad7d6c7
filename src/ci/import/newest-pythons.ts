import { pythonMinor } from '../versions.ts';
import type { PlacedInstall } from './install.ts';
import type { Job } from './import-facts.ts';
import { jobRequirements } from './job-requirements.ts';

/** What names whichever Python is the newest: `3.x`, `3`, `>=3.11`. */
const moving = /^\s*(?:3(?:\.[x*])?|>=\s*3(?:\.\d+)?)\s*$/i;

/**
 * Gives a job that asks for the newest Python, and moves by hand what its project requires (`pip install -e . "Django>=6,<6.1"`), the newest one
 * that every base has: such versions are those of the newest Python, and may not exist for an older one. Other jobs that ask for the newest run on
 * whatever the image has.
 */
export function withNewestPythons(
  jobs: readonly Job[],
  installs: readonly PlacedInstall[],
  {
    readText,
    isEverywhere,
  }: {
    readonly readText: (path: string) => string | undefined;
    readonly isEverywhere: (python: string) => boolean;
  },
): readonly Job[] {
  const newest = newestOf(isEverywhere);
  if (newest === undefined) return jobs;
  return jobs.map((job) => {
    const { python } = job;
    if (python === undefined || pythonMinor(python.said) !== undefined || !moving.test(python.said)) return job;
    const { said } = jobRequirements(
      installs.filter((each) => each.job === job.id),
      readText,
    );
    const isMoved = said.some(
      ({ name, specifier, isByHand }) =>
        isByHand && /[>=~]=/.test(specifier) && said.some((each) => each.name === name && !each.isByHand),
    );
    if (!isMoved) return job;
    return {
      ...job,
      python: { ...python, said: newest, how: `${python.how}, ${python.said.trim()}, the newest that every base has` },
    };
  });
}

function newestOf(isEverywhere: (python: string) => boolean): string | undefined {
  for (let minor = 40; minor > 7; minor -= 1) if (isEverywhere(`3.${minor}`)) return `3.${minor}`;
  return undefined;
}
