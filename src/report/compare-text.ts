import { describeDifference, type ComparedRuns } from './describe-difference.ts';
import { createPaint, type Paint } from './paint.ts';
import { size } from './words.ts';
import type { Circumstance, Comparison, Difference } from '../receipt/difference.ts';

const rows: readonly (readonly [Difference['kind'], string])[] = [
  ['lock', 'lock'],
  ['image', 'image'],
  ['platform', 'platform'],
  ['command', 'commands'],
  ['env', 'variables'],
  ['inputs', 'files'],
  ['run', 'run'],
  ['outcome', 'outcomes'],
];

/**
 * A comparison for people: the first difference, what it means and what to type next, then a table of the rest. With `verbose` every difference
 * has a line of its own.
 */
export function compareText(
  comparison: Comparison,
  runs: ComparedRuns,
  { paint = createPaint(false), verbose = false }: { readonly paint?: Paint; readonly verbose?: boolean } = {},
): string {
  const { differences, circumstances, notCompared, steps } = comparison;
  const [first] = differences;
  const lines: string[] = [];
  if (first === undefined) {
    const summary =
      steps.length === 0 ? 'they have no step in common' : `the same outcome of ${stepsWord(steps.length)}`;
    lines.push(paint.green(`${runs.there.name} and ${runs.here.name} are equal but for times: ${summary}`));
  } else {
    const { what, meaning, next } = describeDifference(first, runs);
    lines.push(paint.red(paint.bold(capital(what))), `  ${capital(meaning)}.`, `  Run: ${paint.cyan(next)}`, '');
    for (const [kind, title] of rows) {
      const found = differences.filter((difference) => difference.kind === kind);
      // The run's end is of interest only where it is another.
      if (kind === 'run' && found.length === 0) continue;
      lines.push(...row(title, found, runs, paint, { isHeadline: found.includes(first), verbose }));
    }
  }
  if (notCompared.length > 0)
    lines.push(paint.dim(`not compared, since only one of the runs was asked for them: ${notCompared.join(', ')}`));
  const shownCircumstances = circumstances.filter(
    ({ what }) => verbose || first === undefined || what !== 'other files',
  );
  const explained = first !== undefined && first.kind !== 'outcome' && first.kind !== 'run';
  // Where something explains it, the machine and parity's version only distract.
  for (const circumstance of shownCircumstances)
    if (verbose || !explained || circumstance.what === 'commit' || circumstance.what === 'dirty')
      lines.push(paint.dim(describeCircumstance(circumstance, runs)));
  return lines.join('\n');
}

function row(
  title: string,
  found: readonly Difference[],
  runs: ComparedRuns,
  paint: Paint,
  { isHeadline, verbose }: { readonly isHeadline: boolean; readonly verbose: boolean },
): readonly string[] {
  const head = `  ${title.padEnd(10)}`;
  const [first, ...more] = found;
  if (first === undefined) return [`${head}${paint.dim('same')}`];
  const lines = [`${head}${isHeadline ? paint.red('differs: see above') : describeDifference(first, runs).what}`];
  if (verbose) return [...lines, ...more.map((one) => `${' '.repeat(12)}${describeDifference(one, runs).what}`)];
  if (more.length > 0) lines.push(paint.dim(`${' '.repeat(12)}and ${more.length} more (--verbose lists them)`));
  return lines;
}

function describeCircumstance({ what, there, here }: Circumstance, runs: ComparedRuns): string {
  const both = (a: string, b: string): string => `${a} in ${runs.there.name}, ${b} in ${runs.here.name}`;
  switch (what) {
    case 'commit':
      return `commit: ${both(there.slice(0, 12), here.slice(0, 12))}`;
    case 'dirty':
      return `not as in its commit: ${there === 'true' ? runs.there.name : runs.here.name}`;
    case 'memory':
      return `memory of the engine: ${both(size(Number(there)), size(Number(here)))}`;
    case 'cpus':
      return `CPUs of the engine: ${both(there, here)}`;
    case 'cold':
      return `run with --cold: ${there === 'true' ? runs.there.name : runs.here.name}`;
    case 'other files':
      return `files that differ and that no compared step reads: ${there}`;
    default:
      return `${what}: ${both(there, here)}`;
  }
}

function stepsWord(number: number): string {
  return number === 1 ? 'its step' : `all ${number} steps`;
}

function capital(text: string): string {
  // A name of a file or a step stays as it is.
  return /^(?:the|it|only|other|one|they|what)\b/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
