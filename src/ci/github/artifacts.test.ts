import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { decideGithub } from './decide.ts';
import { readGithubPipeline } from './read.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** The scripts of job `use`, which gets what job `make` uploads. */
function scripts(upload: readonly string[], download: string): readonly string[] {
  const text = `on: push
jobs:
  make:
    steps:
      - run: make all
${upload.map((each) => `      - uses: actions/upload-artifact@v4\n        with: ${each}\n`).join('')}
  use:
    needs: make
    steps:
      - uses: actions/checkout@v5
      - uses: actions/download-artifact@v4
        with: ${download}
      - run: pytest
`;
  const facts = { wantedPython: '3.11', wantedNode: '24', readText: (): undefined => undefined };
  const { jobs } = decideGithub(readGithubPipeline({ path: 'ci.yml', text }), facts);
  return jobs.find(({ id }) => id === 'use')?.steps.map(({ script }) => script) ?? [];
}

/** The files of a checkout in which job `make` has left these, after the steps of job `use` but its tests. */
function arrived(made: readonly string[], all: readonly string[]): readonly string[] {
  const dir = mkdtempSync(join(tmpdir(), 'parity artifacts '));
  folders.push(dir);
  for (const path of made) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), path);
  }
  for (const script of all.filter((each) => each !== 'pytest'))
    execFileSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: dir });
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .filter((path) => !made.includes(path))
    .toSorted();
}

test('what arrives under the path that it was uploaded from is there already', () => {
  expect(scripts(['{ name: dist, path: dist/ }'], '{ name: dist, path: dist }')).toEqual(['pytest']);
  expect(scripts(['{ name: dist, path: dist/*.whl }'], '{ name: dist, path: dist }')).toEqual(['pytest']);
  expect(scripts(['{ name: data, path: .coverage.* }'], '{ pattern: "dat*", merge-multiple: true }')).toEqual([
    'pytest',
  ]);
  expect(scripts(['{ name: other, path: dist }'], '{ name: dist, path: wheels }')).toEqual(['pytest']);
});

test.each<[string, readonly string[], string, readonly string[], readonly string[]]>([
  [
    'a folder',
    ['{ name: dist, path: dist }'],
    '{ name: dist, path: out/wheels }',
    ['dist/a.whl', 'dist/in/b.txt'],
    ['out/wheels/a.whl', 'out/wheels/in/b.txt'],
  ],
  ['a folder, to the top', ['{ name: dist, path: dist }'], '{ name: dist }', ['dist/a.whl'], ['a.whl']],
  [
    'a file',
    ['{ name: data, path: build/data.json }'],
    '{ name: data, path: in }',
    ['build/data.json', 'build/other'],
    ['in/data.json'],
  ],
  [
    'a pattern, below its fixed part',
    ['{ name: dist, path: "a b/dist/**/*.whl" }'],
    '{ name: dist, path: wheels }',
    ['a b/dist/x/a.whl', 'a b/dist/b.whl', 'a b/dist/c.txt'],
    ['wheels/b.whl', 'wheels/x/a.whl'],
  ],
  [
    'several paths, below what they have in common',
    ['{ name: all, path: "out/a\\nout/b/*.js" }'],
    '{ name: all, path: site }',
    ['out/a/1', 'out/b/2.js', 'out/b/3.css'],
    ['site/a/1', 'site/b/2.js'],
  ],
  [
    'all artifacts, each in a folder of its name',
    ['{ name: one, path: a }', '{ name: two, path: b }'],
    '{ path: got }',
    ['a/1', 'b/2'],
    ['got/one/1', 'got/two/2'],
  ],
  [
    'those of a pattern, together',
    ['{ name: x-1, path: a }', '{ name: x-2, path: b }', '{ name: y, path: c }'],
    '{ path: got, pattern: x-*, merge-multiple: true }',
    ['a/1', 'b/2', 'c/3'],
    ['got/1', 'got/2'],
  ],
])('a download puts where it says: %s', (_, upload, download, made, expected) => {
  expect(arrived(made, scripts(upload, download))).toEqual(expected);
});

test("another run's artifacts, and a name that only CI knows, are no copies", () => {
  const upload = ['{ name: dist, path: dist }'];
  expect(scripts(upload, '{ name: dist, path: old, run-id: 12 }')).toEqual(['pytest']);
  expect(scripts(upload, '{ name: "dist-${{ github.run_id }}-${{ secrets.X }}", path: old }')).toEqual(['pytest']);
});
