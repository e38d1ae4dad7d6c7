import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/core/paths.ts';
import { commitAll, git } from '../support/environment.ts';
import { addFiles, folderOf } from '../support/repo.ts';

interface Group {
  readonly name: string;
  readonly tests: readonly string[];
  readonly also?: readonly string[];
  readonly dependsOn: readonly string[];
  readonly needs?: readonly string[];
}

interface Plan {
  readonly run: readonly string[];
  readonly fromRecord: readonly string[];
  readonly leftOut: readonly string[];
  readonly needs: readonly string[];
}

const groups: readonly Group[] = [
  { name: 'images', tests: ['test/image/a.test.ts', 'test/image/b.test.ts'], dependsOn: ['src/image/**'] },
  {
    name: 'engines',
    tests: ['test/image/c.test.ts'],
    also: ['test/image/b.test.ts'],
    dependsOn: ['src/engine/*.ts'],
    needs: ['engines'],
  },
];

/** A repository with the sources and tests of two groups, and a file that is in none. */
function repository(): string {
  const dir = folderOf({
    'src/image/build.ts': 'export const build = 1;\n',
    'src/engine/engine ü.ts': 'export const engine = 1;\n',
    'src/cli/up.ts': 'export const up = 1;\n',
    'test/image/a.test.ts': "import { must } from '../support/must.ts';\n",
    'test/image/b.test.ts': '',
    'test/image/c.test.ts': '',
    'test/support/must.ts': "import { deep } from './deep.ts';\n",
    'test/support/deep.ts': '',
    '.gitattributes': '* text=auto eol=lf\n',
    '.gitignore': '*.log\n',
  });
  commitAll(dir);
  return dir;
}

/** Calls the scripts in a process of their own, as verify does; throws with what they say. */
function ask(dir: string, code: string): unknown {
  const scripts = join(packageRoot(), 'scripts', 'verification', 'groups.mjs');
  const program = `import * as scripts from ${JSON.stringify(scripts)};
const [root, groups] = ${JSON.stringify([dir, groups])};
console.log(JSON.stringify(await (async () => { ${code} })()));`;
  const args = ['--input-type=module', '--eval', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const digests = (dir: string): Readonly<Record<string, string>> =>
  ask(dir, 'return scripts.digestsNow(root, groups);') as Readonly<Record<string, string>>;
const testFiles = groups.flatMap(({ tests, also = [] }) => [...tests, ...also]);
const record = (dir: string, held = testFiles, before = digests(dir)): unknown =>
  ask(
    dir,
    `const [held, before] = ${JSON.stringify([held, before])};
     return scripts.recordGroups(root, { ran: groups, groups, before, heldFiles: new Set(held) });`,
  );
const plan = (dir: string, isFull = false): Plan =>
  ask(
    dir,
    `const recorded = scripts.readRecord(root), digests = scripts.digestsNow(root, groups);
     const plan = scripts.planGroups({ groups, digests, recorded, isFull: ${isFull} });
     const names = (list) => list.map(({ name }) => name);
     return { ...plan, run: names(plan.run), fromRecord: names(plan.fromRecord), needs: [...plan.needs] };`,
  ) as Plan;

test('without a record all groups run; with one only those whose files are others, in a clone, too', () => {
  const dir = repository();
  expect(plan(dir)).toEqual({ run: ['images', 'engines'], fromRecord: [], leftOut: [], needs: ['engines'] });
  record(dir);
  commitAll(dir);
  const none = { run: [], fromRecord: ['images', 'engines'], needs: [] };
  const all = ['test/image/a.test.ts', 'test/image/b.test.ts', 'test/image/c.test.ts'];
  expect(plan(dir)).toEqual({ ...none, leftOut: all });
  const clone = folderOf({});
  git(clone, 'clone', '--quiet', dir, 'clone');
  expect(plan(join(clone, 'clone'))).toEqual({ ...none, leftOut: all });
  expect(plan(dir, true).run).toEqual(['images', 'engines']);

  addFiles(dir, { 'src/cli/up.ts': 'export const up = 2;\n', 'src/image/made.log': 'ignored\n' });
  expect(plan(dir)).toEqual({ ...none, leftOut: all });
  // A new file, not yet known to git. What another group runs more of is not left out.
  addFiles(dir, { 'src/engine/new.ts': '' });
  expect(plan(dir)).toEqual({
    run: ['engines'],
    fromRecord: ['images'],
    leftOut: ['test/image/a.test.ts'],
    needs: ['engines'],
  });
});

test('a group is recorded when all its tests held and its files are still the same; else it leaves the record', () => {
  const dir = repository();
  expect(record(dir)).toEqual(['images: recorded', 'engines: recorded']);
  const shared = 'not recorded, not all held in test/image/b.test.ts';
  expect(record(dir, ['test/image/a.test.ts', 'test/image/c.test.ts'])).toEqual([
    `images: ${shared}`,
    `engines: ${shared}`,
  ]);
  expect(plan(dir).fromRecord).toEqual([]);
  expect(record(dir, ['test/image/a.test.ts', 'test/image/b.test.ts'])).toEqual([
    'images: recorded',
    'engines: not recorded, not all held in test/image/c.test.ts',
  ]);
  expect(plan(dir).fromRecord).toEqual(['images']);
  const before = digests(dir);
  addFiles(dir, { 'src/image/build.ts': 'export const build = 2;\n' });
  expect(record(dir, undefined, before)).toEqual([
    'images: not recorded, its files changed meanwhile',
    'engines: recorded',
  ]);
  expect(plan(dir).fromRecord).toEqual(['engines']);
});

test('groups that did not run stay in the record', () => {
  const dir = repository();
  record(dir);
  const lines = ask(
    dir,
    `const before = scripts.digestsNow(root, groups);
     return scripts.recordGroups(root, { ran: groups.slice(1), groups, before, heldFiles: new Set() });`,
  );
  expect(lines).toEqual(['engines: not recorded, not all held in test/image/c.test.ts, test/image/b.test.ts']);
  expect(plan(dir).fromRecord).toEqual(['images']);
});

test.each([
  ['a file that a glob names', 'src/image/build.ts'],
  ['a test', 'test/image/a.test.ts'],
  ['what a test imports, through another file', 'test/support/deep.ts'],
])('%s changes the digest, and only that of its group', (_, path) => {
  const dir = repository();
  const before = digests(dir);
  writeFileSync(join(dir, path), `${readFileSync(join(dir, path), 'utf8')}// more\n`);
  const after = digests(dir);
  expect(after['images']).not.toBe(before['images']);
  expect(after['engines']).toBe(before['engines']);
});

test('a test beside its source, which runs each time, changes no digest', () => {
  const dir = repository();
  const before = digests(dir);
  addFiles(dir, { 'src/image/build.test.ts': '', 'src/image/__snapshots__/build.test.ts.snap': '' });
  expect(digests(dir)).toEqual(before);
});

test('a digest does not depend on line ends, on where the repository lies, or on what is committed', () => {
  const dir = repository();
  const before = digests(dir);
  writeFileSync(join(dir, 'src/image/build.ts'), 'export const build = 1;\r\n');
  expect(digests(dir)).toEqual(before);
  expect(digests(repository())).toEqual(before);
  rmSync(join(dir, 'src/image/build.ts'));
  addFiles(dir, { 'src/image/other.ts': 'export const build = 1;\n' });
  expect(digests(dir)['images']).not.toBe(before['images']);
});

test('a glob that names no file is an error, and a record that can’t be read answers for nothing', () => {
  const dir = repository();
  record(dir);
  writeFileSync(join(dir, 'test/verified.json'), '{');
  expect(plan(dir).run).toEqual(['images', 'engines']);
  rmSync(join(dir, 'src/image'), { recursive: true });
  expect(() => digests(dir)).toThrow('src/image/** names no file of this repository');
});

test('every test file of the groups is there, and they are what the record has digests of', () => {
  const root = packageRoot();
  const own = `const { groups } = await import(${JSON.stringify(join(root, 'test/groups.mjs'))});`;
  const script = join(root, 'scripts/verification/groups.mjs');
  const code = `import { digestsNow, readRecord } from ${JSON.stringify(script)}; ${own}
console.log(JSON.stringify([Object.keys(digestsNow(${JSON.stringify(root)}, groups)), Object.keys(readRecord(${JSON.stringify(root)}))]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const [named = [], recorded = []] = JSON.parse(stdout) as readonly string[][];
  expect(named.length).toBeGreaterThan(5);
  expect(recorded.filter((name) => !named.includes(name))).toEqual([]);
});
