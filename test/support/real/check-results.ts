import { readCounts } from './read-counts.ts';

/** A command that ran, on the host or as a step of parity's. */
export interface RanCommand {
  readonly run: string;
  readonly outcome: string;
  readonly output: string;
}

/**
 * What became of each check (a line of CI's commands), as recorded of the host: its outcome and what its test runners counted. `missing` for
 * a check that nothing ran. What ran and is nothing of CI's (`lines`: all its commands' lines) is there as `not CI's`.
 */
export function checkResults(options: {
  readonly checks: readonly string[];
  readonly lines: readonly string[];
  readonly ran: readonly RanCommand[];
}): Readonly<Record<string, string>> {
  const { checks, lines, ran } = options;
  const results = checks.map((check) => {
    const found = ran.filter(({ run }) => linesOf(run).includes(plain(check)));
    return [check, found.length > 0 ? found.map(told).join(' + ') : 'missing'] as const;
  });
  const known = new Set(lines.map(plain));
  const invented = ran.filter(({ run }) => !linesOf(run).some((line) => known.has(line)));
  return Object.fromEntries([
    ...results,
    ...invented.map(({ run, outcome }) => [`not CI's: ${run}`, outcome] as const),
  ]);
}

function told({ outcome, output }: RanCommand): string {
  const counts = readCounts(output);
  return counts.length > 0 ? `${outcome}: ${counts.join('; ')}` : outcome;
}

/** The commands of a script, a line each, without what is around them. */
export function linesOf(script: string): readonly string[] {
  return script
    .split('\n')
    .map(plain)
    .filter((line) => line !== '' && !line.startsWith('#'));
}

// Folders, variables and launchers stand before a command: `(cd backend && A=1 uv run pytest)` runs `pytest`.
function plain(line: string): string {
  const words = line
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^\((.*)\)$/, '$1');
  return words.replace(/^(?:cd \S+ && |[A-Z_][A-Z\d_]*=\S+ |(?:uv|poetry) run )+/, '');
}
