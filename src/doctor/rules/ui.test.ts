import { expect, test } from 'vitest';
import { step } from '../../../test/support/environment.ts';
import { briefFindings } from '../../../test/support/audit.ts';
import type { StrayImport, TypedFolder } from '../ui/facts.ts';
import { importNotCommitted } from './import-not-committed.ts';
import { importOtherCase } from './import-other-case.ts';
import { lockOutOfStep } from './lock-out-of-step.ts';
import { typesUnchecked } from './types-unchecked.ts';

const span = { line: 3, column: 5, endLine: 3, endColumn: 9 };

test('a lock file out of step is told once, with the command that mends it', () => {
  const gap = { path: 'my ui/package.json', lock: 'my ui/package-lock.json', raw: '^19.0.0' };
  const names = ['react', 'react-dom', 'vite', 'zod'];
  const lockGaps = names.map((name, index) => ({
    ...gap,
    name,
    span: { ...span, line: index + 1 },
    ...(index === 0 ? { locked: '18.3.1' } : {}),
  }));
  expect(briefFindings(lockOutOfStep, { ui: { lockGaps } })).toEqual([
    [
      'my ui/package.json:1:5',
      'my ui/package-lock.json is out of step with my ui/package.json: react 18.3.1 is not ^19.0.0, it has no react-dom, it has no vite and 1 more',
      "cd 'my ui' && npm install --package-lock-only, and commit package-lock.json",
      'my ui/package.json:2:5 my ui/package.json:3:5',
    ],
  ]);
});

test('an import that CI will not find says what to type', () => {
  const stray = (state: StrayImport['state']): StrayImport => {
    return { path: 'ui/App.tsx', span, raw: './table', found: 'ui/Table.tsx', state };
  };
  const ui = { strayImports: [stray('untracked'), stray('ignored'), stray('other-case')] };
  expect(briefFindings(importNotCommitted, { ui })).toEqual([
    ['ui/App.tsx:3:5', './table is ui/Table.tsx, which exists here but is not committed', 'git add ui/Table.tsx'],
    [
      'ui/App.tsx:3:5',
      './table is ui/Table.tsx, which git ignores: it is not there in CI',
      'make it in a step, or: git add -f ui/Table.tsx   (git check-ignore -v ui/Table.tsx says why)',
    ],
  ]);
  expect(briefFindings(importOtherCase, { ui })).toEqual([
    [
      'ui/App.tsx:3:5',
      './table is ui/Table.tsx in git: CI tells capital letters from small ones',
      'write the name as git has it, or rename the file: git mv',
    ],
  ]);
});

const folder: TypedFolder = {
  dir: 'core/ui',
  path: 'core/ui/tsconfig.json',
  command: 'npx tsc --noEmit',
  scripts: { build: 'npm run types && vite build', types: 'tsc --noEmit', dev: 'vite' },
};

test.each<[run: string, cwd: string, checked: boolean]>([
  ['npx tsc --noEmit', 'core/ui', true],
  ['(cd core/ui && npm ci && npm run build)', '.', true],
  ['npm run types', 'core/ui', true],
  ['node_modules/.bin/vue-tsc --noEmit', 'core/ui', true],
  ['next build', 'core/ui', true],
  ['npm run dev', 'core/ui', false],
  ['npx tsc --noEmit', 'other', false],
  ['pytest -q', '.', false],
])('whether %s in %s checks the types of a UI', (run, cwd, checked) => {
  const findings = briefFindings(typesUnchecked, { ui: { typedFolders: [folder] }, pipeline: [step({ run, cwd })] });
  const finding = [
    'core/ui/tsconfig.json:1:1',
    'core/ui/tsconfig.json is there, and no step runs tsc',
    'add to parity.yaml, after the step that installs: - { name: ui-types, cwd: "core/ui", run: npx tsc --noEmit }',
  ];
  expect(findings).toEqual(checked ? [] : [finding]);
});

test('a pipeline that was only detected has the step that it needs', () => {
  expect(briefFindings(typesUnchecked, { ui: { typedFolders: [folder] } })).toEqual([]);
});
