import type { Complaint } from './document.ts';

/** What is wrong with how a step says what it runs: the key that it is about (undefined = the step itself), and the complaint. */
export function usesProblems(
  step: Readonly<Record<string, unknown>>,
): readonly (readonly [string | undefined, Complaint])[] {
  const { run, uses, network, split } = step;
  if (uses === undefined) {
    if (run !== undefined) return [];
    return [[undefined, { code: 'missing-key', message: 'this step has no `run`', hint: 'add `run: pytest -q`' }]];
  }
  const problems: (readonly [string, Complaint])[] = [];
  if (run !== undefined) {
    const hint = 'keep one: `run` is a command of yours, `uses` a check that parity brings';
    problems.push(['uses', { code: 'run-and-uses', message: 'this step has `run` and `uses`', hint }]);
  }
  if (network !== undefined && network !== 'none') {
    const message = 'a check that parity brings runs with the network off';
    problems.push(['network', { code: 'uses-network', message, hint: 'take `network` out' }]);
  }
  if (split !== undefined) {
    const message = 'there is no pytest to split in `uses`';
    problems.push(['split', { code: 'cannot-split', message, hint: 'take `split` out' }]);
  }
  return problems;
}
