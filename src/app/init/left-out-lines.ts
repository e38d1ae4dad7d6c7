import type { LeftOut } from '../../ci/decided-pipeline.ts';

/** What an import did not carry over, a line each: the place, what it is, why. */
export function leftOutLines({ leftOut }: { readonly leftOut: readonly LeftOut[] }): readonly string[] {
  return leftOut.map(({ place, what, why }) => `${place.file}:${place.span.line}: ${what}: ${why}`);
}
