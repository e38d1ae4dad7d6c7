/** Where parity's own checks lie in every container. */
export const builtInChecksFolder = '/parity/checks';

/** The checks that parity brings, by the name that a step's `uses` gives, and the command that runs each in the container. */
export const builtInChecks = {
  'parity/import-check': `python3 ${builtInChecksFolder}/import_check.py`,
} as const;

/** The name of a check that parity brings. */
export type BuiltInCheck = keyof typeof builtInChecks;
