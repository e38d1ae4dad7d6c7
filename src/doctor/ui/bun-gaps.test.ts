import { expect, test } from 'vitest';
import { bunGaps } from './bun-gaps.ts';

const brief = (manifest: object, path = 'package.json'): unknown =>
  bunGaps({
    manifest: { path, text: JSON.stringify(manifest, null, 2) },
    lock: { path: 'bun.lock', text: lock },
  }).map(
    ({ name, raw, locked, span }) => `${span.line}:${span.column} ${name} ${raw || 'no more'} ${locked ?? 'missing'}`,
  );

// As bun writes it: with commas at the ends.
const lock = `{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "tidewater",
      "dependencies": {
        "picocolors": "1.1.1",
        "left-pad": "^1.3.0",
      },
    },
    "packages/api": { "name": "api", "devDependencies": { "zod": "^4.0.0", }, },
  },
  "packages": {
    "picocolors": ["picocolors@1.1.1", "", {}, "sha512-x"],
    "zod": ["zod@4.1.0", "", {}, "sha512-x"],
  }
}
`;

test('a range that bun.lock was not made for, one that it has not, and one that is asked for no more', () => {
  expect(brief({ dependencies: { picocolors: '^1.2.0', zod: '^4.0.0' } })).toEqual([
    '3:20 picocolors ^1.2.0 1.1.1',
    '4:13 zod ^4.0.0 missing',
    '1:1 left-pad no more ^1.3.0',
  ]);
  expect(brief({ dependencies: { picocolors: '^1.1.0', 'left-pad': '^1.3.0' } })).toEqual([]);
});

test("a workspace's member has an entry of its own; a folder that the file does not know is not compared", () => {
  expect(brief({ devDependencies: { zod: '^3.0.0' } }, 'packages/api/package.json')).toEqual([
    '3:13 zod ^3.0.0 ^4.0.0',
  ]);
  expect(brief({ devDependencies: { zod: '^3.0.0' } }, 'other/package.json')).toEqual([]);
});
