import type { Digest } from './digest.ts';

/**
 * The digests of the package's own files by their paths, as they were when the program was built: scripts/bundling.mjs puts them here. In the
 * sources nothing is known, and the files are read.
 */
export const builtFiles: Readonly<Record<string, Digest>> = {};
