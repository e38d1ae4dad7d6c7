import { pytestPlugins, withPytestPlugin } from '../environment/pytest-plugins.ts';

/** One of several runs of the same steps. */
export interface Repetition {
  /** From 1. */
  readonly round: number;
  /** By which tests are shuffled; null leaves them in their own order. */
  readonly seed: number | null;
  /** A word of the whole series, in the names of what it makes. */
  readonly series: string;
}

/**
 * The variables of a step's command in one of several runs: its own, those by which each pytest that it starts shuffles its tests
 * (images/pytest/parity_repeat.py), and a folder for temporary files that no other run has.
 */
export function repeatVariables(
  variables: Readonly<Record<string, string>>,
  { round, seed, series }: Repetition,
  index: number,
): Readonly<Record<string, string>> {
  return {
    TMPDIR: `/tmp/parity-repeat-${series}/${round}-${index}`,
    ...withPytestPlugin(variables, pytestPlugins.repeat),
    PARITY_REPEAT_SEED: seed === null ? '' : String(seed),
  };
}

/** argv of a step's command line, run as any step's is, for which the folder for temporary files is made first and removed at its end. */
export function withFreshTmp(commandLine: string): readonly string[] {
  const script = `
if command -v bash >/dev/null 2>&1; then set -- bash -euo pipefail -c "$1"; else set -- sh -eu -c "$1"; fi
case "$TMPDIR" in /tmp/parity-repeat-*) mkdir -p "$TMPDIR" || exit; "$@"; code=$?; rm -rf "$TMPDIR"; exit "$code";; *) exec "$@";; esac`;
  return ['sh', '-c', script, 'sh', commandLine];
}
