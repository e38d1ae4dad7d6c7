// Which groups of expensive tests have to run: those whose files are not the ones that the committed record says were verified.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, filesOf, withTestImports } from './files.mjs';

/** Where the record lies, from the repository's root. */
export const recordFile = 'test/verified.json';

/** Each group's digest now, by name. Throws for a group that names a file which is not there. */
export function digestsNow(root, groups) {
  return Object.fromEntries(
    groups.map(({ name, tests, also = [], dependsOn }) => {
      const own = withTestImports(root, filesOf(root, [...tests, ...also]));
      const files = new Set([...filesOf(root, dependsOn).filter((path) => !isBesideItsSource(path)), ...own]);
      return [name, digestOf(root, [...files].sort())];
    }),
  );
}

/** Whether a file is a test beside its source, or its snapshot: that runs each time, and no group stands on it. */
function isBesideItsSource(path) {
  return /^src\/.*(?:\.test\.ts|\.test\.ts\.snap)$/.test(path);
}

/** The recorded digests by name; none for a record that is missing or unreadable: then every group runs. */
export function readRecord(root) {
  const file = join(root, recordFile);
  if (!existsSync(file)) return {};
  try {
    const { version, groups } = JSON.parse(readFileSync(file, 'utf8'));
    return version === 1 && typeof groups === 'object' && groups !== null ? groups : {};
  } catch {
    return {};
  }
}

/**
 * Records the groups that ran and held, takes out those that ran and did not, and keeps the others; gives a line for each of these.
 * `before`: the digests by name that the run began with; `heldFiles`: the test files of which every test passed, from the root.
 */
export function recordGroups(root, { ran, groups, before, heldFiles }) {
  const now = digestsNow(root, groups);
  const recorded = { ...readRecord(root) };
  const lines = [];
  for (const { name, tests, also = [] } of ran) {
    const failed = [...tests, ...also].filter((file) => !heldFiles.has(file));
    delete recorded[name];
    if (failed.length > 0) lines.push(`${name}: not recorded, not all held in ${failed.join(', ')}`);
    else if (now[name] !== before[name]) lines.push(`${name}: not recorded, its files changed meanwhile`);
    else {
      recorded[name] = now[name];
      lines.push(`${name}: recorded`);
    }
  }
  const known = Object.entries(recorded).filter(([name]) => name in now);
  const sorted = Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)));
  const file = join(root, recordFile);
  writeFileSync(`${file}.part`, `${JSON.stringify({ version: 1, groups: sorted }, null, 2)}\n`);
  renameSync(`${file}.part`, file);
  return lines;
}

/** What runs, what the record answers for, and the test files that are left out therefore. `isFull`: everything runs. */
export function planGroups({ groups, digests, recorded, isFull }) {
  const isRecorded = ({ name }) => !isFull && recorded[name] === digests[name];
  const run = groups.filter((group) => !isRecorded(group));
  const fromRecord = groups.filter(isRecorded);
  const wanted = new Set(run.flatMap(({ tests, also = [] }) => [...tests, ...also]));
  const leftOut = [...new Set(fromRecord.flatMap(({ tests }) => tests))].filter((file) => !wanted.has(file));
  return { run, fromRecord, leftOut, needs: new Set(run.flatMap(({ needs = [] }) => needs)) };
}
