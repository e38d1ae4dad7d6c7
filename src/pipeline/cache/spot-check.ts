/** The share of hits that are run all the same where neither the config nor PARITY_CACHE_AUDIT (`2%`) names one. */
const defaultShare = 0.02;

/** What an audit goes by. */
export interface SpotCheck {
  /** The steps that have a pass, in the plan's order. */
  readonly hits: readonly string[];
  /** Whether other steps have to run. */
  readonly othersRun: boolean;
  /** The config's share, 0 to 1. */
  readonly share: number | undefined;
  /** What takes its place where something else has to run, `2%`. */
  readonly fromEnvironment?: string | undefined;
  /** Gives a number from 0 to below 1; Math.random but for tests. */
  readonly chance?: () => number;
}

/** The hits that are run all the same. Unasked, a run in which nothing else has to run stays one. */
export function spotCheckedSteps({
  hits,
  othersRun,
  share,
  fromEnvironment: usual,
  chance = Math.random,
}: SpotCheck): readonly string[] {
  const fromVariable = Number.parseFloat(usual ?? '') / 100;
  const usualShare = Number.isNaN(fromVariable) ? defaultShare : fromVariable;
  const checkedShare = share ?? (othersRun ? usualShare : 0);
  return hits.filter(() => chance() < checkedShare);
}
