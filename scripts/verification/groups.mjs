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
      const files = new Set([...filesOf(root, dependsOn), ...own]);
      return [name, digestOf(root, [...files].sort())];
    }),
  );
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
 * Writes the record of a run of everything, when all of it held and the files are still those that it began with (`before`: digests by
 * name); says what became of it. `isWhole`: nothing was left out or skipped.
 */
export function recordFullRun(root, { groups, before, isGreen, isWhole }) {
  if (!isGreen) return `${recordFile} stays as it was: not all held`;
  if (!isWhole) return `${recordFile} stays as it was: not all was tried`;
  const after = digestsNow(root, groups);
  const changed = groups.map(({ name }) => name).filter((name) => after[name] !== before[name]);
  if (changed.length > 0) return `${recordFile} stays as it was: files changed meanwhile, of ${changed.join(', ')}`;
  const sorted = Object.fromEntries(Object.entries(after).sort(([a], [b]) => (a < b ? -1 : 1)));
  const file = join(root, recordFile);
  writeFileSync(`${file}.part`, `${JSON.stringify({ version: 1, groups: sorted }, null, 2)}\n`);
  renameSync(`${file}.part`, file);
  return `${recordFile} is written anew: commit it`;
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
