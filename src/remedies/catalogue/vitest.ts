import type { Remedy } from '../remedy.ts';

const snapshots = 'https://vitest.dev/guide/snapshot.html';

/** What vitest and jest say. */
export const vitest: readonly Remedy[] = [
  {
    id: 'vitest/snapshot-not-committed',
    title: 'A snapshot is not committed, and with CI set no new one is written',
    meaning:
      'The first run on your machine writes what it got as the snapshot, and passes. With CI=true, in CI and in steps alike, a snapshot that is not there is a failure: nobody has looked at it.',
    remedy: 'Run the test once without CI set, look at the snapshot, and commit it',
    before: 'CI=true npx vitest run',
    after: 'npx vitest run\ngit add src/__snapshots__/badge.test.js.snap',
    links: [snapshots, 'https://vitest.dev/config/update'],
    matchers: [
      {
        tool: 'vitest',
        pattern:
          /^Snapshot `[^\n]+` mismatched(?:\n[^\n]*(?:toMatchInlineSnapshot|toThrowErrorMatchingInlineSnapshot)\b[^\n]*)$/,
        remedy:
          'Run the test once without CI set: that writes the snapshot into the test file, which is then to be committed',
      },
      {
        tool: 'vitest',
        pattern: /^Snapshot `[^\n]+` mismatched\n[^\n]*toMatchFileSnapshot\b[^\n]*$/,
      },
      {
        tool: 'vitest',
        pattern: /^Snapshot `[^\n]+` mismatched(?:\n(?!Expected:|- Expected)[^\n]*)?$/,
        remedy: 'Run the test once without CI set, and commit what it writes: git add {snapshots}',
      },
      // bun test
      { pattern: /Snapshot creation is (?:disabled|not allowed) in CI/ },
      {
        tool: 'jest',
        pattern: /New snapshot was not written\./,
        remedy: 'Run the test once without CI set, and commit what it writes: git add {snapshots}',
      },
    ],
    kind: 'cause',
  },
  {
    id: 'vitest/snapshot-differs',
    title: 'A result is not what its snapshot says',
    meaning: 'The code has changed what it gives, or the snapshot is of another machine (time zone, locale, versions).',
    remedy: 'See whether the new result is right: then npx vitest run -u (jest: npx jest -u), and commit the snapshot',
    before: 'npx vitest run',
    after: 'npx vitest run -u\ngit diff',
    links: [`${snapshots}#updating-snapshots`],
    matchers: [
      { tool: 'vitest', pattern: /^Snapshot `[^\n]+` mismatched\n(?:Expected:|- Expected)/ },
      { tool: 'jest', pattern: /^Snapshot name: `/m },
    ],
  },
];
