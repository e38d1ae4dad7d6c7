import { expect, test } from 'vitest';
import { diffFile } from '../../fix/diff-file.ts';
import type { FixedFile, FixReport, StepFix } from '../../fix/fix-proposal.ts';
import { fixJson } from './json.ts';
import { fixSummary, fixText } from './text.ts';

const step = (more: Partial<StepFix>): StepFix => {
  const none = {
    kind: 'command' as const,
    step: 'format',
    command: 'black core/',
    exitCode: 0,
    signal: null,
    output: '',
    changed: [],
    needs: [],
  };
  return { ...none, ...more };
};

function file(path: string, more: Partial<FixedFile> = {}, before = "x = 'a'\n", after = 'x = "a"\n'): FixedFile {
  const side = (text: string) => ({ mode: '100644' as const, data: Buffer.from(text) });
  return {
    path,
    change: 'modified',
    fate: 'proposed',
    why: null,
    modes: { before: '100644', after: '100644' },
    diff: diffFile(path, side(before), side(after)),
    ...more,
  };
}

const report = (more: Partial<FixReport>): FixReport => {
  return { outcome: 'proposed', steps: [], withoutFix: [], files: [], refused: [], ...more };
};

const both = report({
  steps: [
    step({ changed: ['core/a.py', 'core/my ü.py'] }),
    step({ step: 'lint', command: 'ruff check --fix\nruff format', exitCode: 1, output: 'E501 too long\u001B[0m\n' }),
    step({ step: 'ui', command: 'npx eslint --fix', exitCode: null, signal: 'SIGKILL', needs: ['ui-install'] }),
  ],
  withoutFix: ['types', 'tests'],
  files: [file('core/a.py'), file('core/my ü.py', { why: 'partly-staged' })],
  refused: [{ path: 'out', why: 'it is a symbolic link that leads out of the project' }],
});

test('tells each step, its files, what failed and the diff', () => {
  expect(fixText(both)).toBe(
    `format: black core/
  modified   core/a.py     +1 -1
  modified   core/my ü.py  +1 -1  (staged, and changed again since)

lint: ruff check --fix …   exit code 1
  | E501 too long
  changed nothing

ui: npx eslint --fix   ended by SIGKILL
  it needs ui-install: parity up ui-install
  changed nothing

not taken: out: it is a symbolic link that leads out of the project

diff --git a/core/a.py b/core/a.py
--- a/core/a.py
+++ b/core/a.py
@@ -1 +1 @@
-x = 'a'
+x = "a"
diff --git a/core/my ü.py b/core/my ü.py
--- a/core/my ü.py\t
+++ b/core/my ü.py\t
@@ -1 +1 @@
-x = 'a'
+x = "a"`,
  );
});

test('says in the end what became of it, and what to type', () => {
  const summary = (of: FixReport): readonly string[] => fixSummary(of, { command: 'parity fix format' }).split('\n');
  const inProgress = 'parity fix format --yes --in-progress   (with files that you are in the middle of)';
  expect(summary(both)).toEqual([
    '2 files would change; nothing is written; lint, ui failed',
    'no fix command: types, tests',
    'next: parity fix format --yes',
    `      ${inProgress}`,
  ]);
  expect(summary(report({ files: [file('a.py', { why: 'in-conflict' })] }))).toEqual([
    '1 file would change; nothing is written',
    `next: ${inProgress}`,
  ]);
  const written = [
    file('a.py', { fate: 'written' }),
    file('b.py', { fate: 'left', why: 'changed-since' }),
    file('c.py', { fate: 'left', why: 'in-conflict' }),
  ];
  expect(summary(report({ outcome: 'written', files: written }))).toEqual([
    '1 file written',
    'left as it is: b.py (changed here meanwhile)',
    'left as it is: c.py (in conflict)',
    `next: ${inProgress}`,
    '      parity fix format   (on the files as they are now)',
  ]);
  expect(summary(report({ outcome: 'written', files: written.slice(0, 1) }))).toEqual(['1 file written']);
  expect(summary(report({ outcome: 'clean', steps: [step({})] }))).toEqual(['nothing to fix']);
  expect(summary(report({ outcome: 'clean', steps: [step({ exitCode: 123 })] }))).toEqual([
    'nothing would change; format failed',
  ]);
});

test('a long diff is cut, and says so; with verbose it is whole, with quiet it is not there', () => {
  const many = (sign: string): string => Array.from({ length: 300 }, (_, line) => `${sign}${line}\n`).join('');
  const long = report({ steps: [step({ changed: ['a.py'] })], files: [file('a.py', {}, many('old '), many('new '))] });
  const lines = fixText(long).split('\n');
  expect([lines.length, lines.at(-1)]).toEqual([204, '… 404 more lines: parity fix --check --verbose']);
  expect(fixText(long, { verbose: true }).split('\n')).toHaveLength(607);
  expect(fixText(long, { quiet: true })).toBe('format: black core/\n  modified   a.py  +300 -300');
});

test('what a file holds does nothing to the terminal, and CR is not shown', () => {
  const odd = file('a.py', {}, "x = '\u001B]0;title\u0007\u001B[2J'\r\n", 'x = "a"\r\n');
  expect(
    fixText(report({ files: [odd] }))
      .split('\n')
      .slice(4),
  ).toEqual(["-x = ''", '+x = "a"']);
});

test('as JSON it has everything, the diffs whole', () => {
  expect(fixJson({ ...both, files: both.files.slice(0, 1), steps: both.steps.slice(0, 1) })).toEqual({
    type: 'fix',
    schemaVersion: 1,
    outcome: 'proposed',
    summary: { files: 1, written: 0, failedSteps: 0 },
    steps: [
      {
        step: 'format',
        kind: 'command',
        command: 'black core/',
        exitCode: 0,
        signal: null,
        output: '',
        changed: ['core/a.py', 'core/my ü.py'],
      },
    ],
    withoutFix: ['types', 'tests'],
    files: [
      {
        file: 'core/a.py',
        change: 'modified',
        fate: 'proposed',
        why: null,
        modes: { before: '100644', after: '100644' },
        added: 1,
        removed: 1,
        remark: null,
        diff: 'diff --git a/core/a.py b/core/a.py\n--- a/core/a.py\n+++ b/core/a.py\n@@ -1 +1 @@\n-x = \'a\'\n+x = "a"\n',
      },
    ],
    refused: [{ file: 'out', why: 'it is a symbolic link that leads out of the project' }],
  });
});
