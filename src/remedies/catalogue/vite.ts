import type { Remedy } from '../remedy.ts';

/** What vite, rollup and esbuild say. */
export const vite: readonly Remedy[] = [
  {
    id: 'vite/unresolved-file',
    title: 'The build imports a file that is not there',
    meaning:
      'It exists on your disk and is not committed, or it is written with other letter case: macOS does not mind, CI does.',
    remedy: 'Commit the file, and write its path as it is: git status, then git add it',
    links: ['https://vite.dev/guide/troubleshooting.html'],
    matchers: [
      {
        pattern: /Could not resolve ["'](?<path>\.{0,2}\/[^"']+)["'] from ["'](?<from>[^"']+)["']/,
        remedy: 'Is `{path}` committed, in this letter case? git status, then git add it',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'vite/missing-package',
    title: 'The build imports a package that is not installed',
    meaning: 'It is not in package.json, or only in a package.json above, or npm ci has not run since it was added.',
    remedy: 'npm install <name>, and commit package.json and package-lock.json',
    links: ['https://vite.dev/guide/troubleshooting.html'],
    matchers: [
      {
        pattern: /failed to resolve import ["'](?<name>[^"'./][^"']*)["'] from/,
        remedy: 'Add it: npm install {name}, and commit package.json and package-lock.json',
      },
      {
        pattern: /Failed to resolve import ["'](?<name>[^"'./][^"']*)["'] from/,
        remedy: 'Add it: npm install {name}, and commit package.json and package-lock.json',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'vite/syntax',
    title: 'A source cannot be parsed by the build',
    meaning:
      'esbuild reads the file before types are looked at: this is syntax, or JSX in a file that is not called .tsx or .jsx.',
    remedy: 'Mend the syntax at that place; a file with JSX must be called .tsx or .jsx',
    links: ['https://vite.dev/guide/features.html#typescript'],
    matchers: [
      { tool: 'vite', pattern: /^(?:Expected|Unexpected|Unterminated|Syntax error)\b/ },
      { pattern: /^ERROR: (?:Expected|Unexpected|Unterminated)\b/m },
    ],
    kind: 'cause',
  },
];
