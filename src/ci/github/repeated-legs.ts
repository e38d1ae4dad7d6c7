import type { DecidedStep, LeftOut } from '../decided-pipeline.ts';
import { spanOf, type CiJob } from '../model.ts';

/**
 * Takes the steps from `first` on away again when another leg has the very same ones: legs that differ in what they install only, or in what is
 * left out here. Gives the other leg's name; undefined when they are its own.
 */
export function withoutRepetition(steps: DecidedStep[], first: number): string | undefined {
  const asRun = (each: readonly DecidedStep[]): string =>
    JSON.stringify(each.map(({ script, env, cwd, secrets, passEnv }) => [script, env, cwd, secrets, passEnv]));
  const own = steps.slice(first);
  if (own.length === 0) return undefined;
  const legs = [...new Set(steps.slice(0, first).map(({ leg }) => leg ?? ''))];
  const same = legs.find(
    (leg) => asRun(steps.slice(0, first).filter((step) => (step.leg ?? '') === leg)) === asRun(own),
  );
  if (same !== undefined) steps.splice(first);
  return same;
}

/** Tells of a leg whose steps another one has. */
export function repeatedLeg(
  { key, matrix = key }: CiJob,
  id: string,
  { leg, same }: { leg: string; same: string },
): LeftOut {
  const place = { file: matrix.file.path, span: spanOf(matrix) };
  const as = same === '' ? 'the first leg does' : `leg ${same} does`;
  return { place, what: `leg ${leg === '' ? '1' : leg} of job ${id}`, why: `it runs here what ${as}` };
}
