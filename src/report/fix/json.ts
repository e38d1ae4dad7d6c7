import { hasFailed, type FixReport } from '../../fix/fix-proposal.ts';

/** The report of `parity fix` as one object; its form is `schemaVersion`'s. Diffs are whole. */
export function fixJson({ outcome, steps, withoutFix, files, refused }: FixReport): Readonly<Record<string, unknown>> {
  return {
    type: 'fix',
    schemaVersion: 1,
    outcome,
    summary: {
      files: files.length,
      written: files.filter(({ fate }) => fate === 'written').length,
      failedSteps: steps.filter(hasFailed).length,
    },
    steps: steps.map(({ kind, step, command, exitCode, signal, output, changed }) => {
      return { step, kind, command, exitCode, signal, output, changed };
    }),
    withoutFix,
    files: files.map(({ path, change, fate, why, modes, diff }) => {
      return { file: path, change, fate, why, modes, ...diff, diff: diff.text, text: undefined };
    }),
    refused: refused.map(({ path, why }) => ({ file: path, why })),
  };
}
