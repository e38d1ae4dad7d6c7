/** Where parity's own checks lie in every container. */
export const ownChecksFolder = '/parity/checks';

/** The checks that parity brings, by the name that a step's `uses` gives, and the command that runs each in the container. */
export const ownChecks = {
  'parity/import-check': `python3 ${ownChecksFolder}/import_check.py`,
} as const;

/** The name of a check that parity brings. */
export type OwnCheck = keyof typeof ownChecks;
