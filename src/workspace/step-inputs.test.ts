import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileState } from './file-state.ts';
import { inPathOrder } from './file-state.ts';
import { filesDigest, inputsDigest, selectInputs } from './step-inputs.ts';

const file = (path: string, more: Partial<FileState> = {}): FileState => ({
  path,
  mode: '100644',
  digest: 'a'.repeat(64),
  ...more,
});

const paths = [
  '.flake8',
  'README.md',
  'core/.hidden/x.py',
  'core/[odd]/y.py',
  'core/admin_ui/package-lock.json',
  'core/admin_ui/package.json',
  'core/admin_ui/src/App.tsx',
  'core/app.py',
  'core/tests/test_app.py',
  'pyproject.toml',
  'shared/types.ts',
];

describe('inputs', () => {
  test.each([
    { cwd: '.', inputs: ['core/**/*.py', 'pyproject.toml'], picks: [2, 3, 7, 8, 9] },
    { cwd: 'core/admin_ui', inputs: ['package.json', 'package-lock.json'], picks: [4, 5] },
    { cwd: 'core/admin_ui', inputs: ['./src/**', '../../shared/**', '../*.py'], picks: [6, 7, 10] },
    { cwd: 'core/admin_ui', inputs: ['../../../elsewhere/**'], picks: [] },
    { cwd: '.', inputs: ['**/*.py', '!core/tests/**'], picks: [2, 3, 7] },
    { cwd: '.', inputs: ['!core/tests/**', '**/*.py'], picks: [2, 3, 7] },
    { cwd: '.', inputs: ['!core/**'], picks: [0, 1, 9, 10] },
    { cwd: '.', inputs: ['core/*'], picks: [7] },
    { cwd: '.', inputs: ['core'], picks: [2, 3, 4, 5, 6, 7, 8] },
    { cwd: 'core', inputs: ['admin_ui/', '!admin_ui/src'], picks: [4, 5] },
    { cwd: 'core/[odd]', inputs: ['*.py'], picks: [3] },
    { cwd: '.', inputs: ['core/\\[odd\\]/*.py'], picks: [3] },
    { cwd: '.', inputs: ['*'], picks: [0, 1, 9] },
    { cwd: '.', inputs: ['**'], picks: paths.map((_, index) => index) },
    { cwd: '.', inputs: ['.'], picks: paths.map((_, index) => index) },
    { cwd: '.', inputs: ['{README,CHANGES}.md', 'CORE/app.py', 'core/@(app|bpp).py'], picks: [1, 7] },
    { cwd: 'core', inputs: undefined, picks: paths.map((_, index) => index) },
    { cwd: '.', inputs: [], picks: paths.map((_, index) => index) },
  ])('$inputs in $cwd', ({ cwd, inputs, picks }) => {
    const files = paths.map((path) => file(path));
    const step = { cwd, project: '.', ...(inputs === undefined ? {} : { inputs }) };
    expect(selectInputs(files, step).map(({ path }) => path)).toEqual(picks.map((pick) => paths[pick]));
    // The same project deeper in a repository.
    const deeper = paths.map((path) => file(`apps/shop/${path}`));
    const found = selectInputs(deeper, { ...step, project: 'apps/shop' });
    expect(found.map(({ path }) => path)).toEqual(picks.map((pick) => `apps/shop/${paths[pick]}`));
  });
});

describe('the digest of files', () => {
  // The digests are hashlib's, of the bytes that the form says.
  test('is a function of paths, modes and contents alone, and stays what it is', () => {
    const files = [file('a b.py'), file('ü.py', { mode: '100755' }), file('\uDCFF', { mode: '120000' })];
    expect(filesDigest(files)).toBe('sha256:aaa3670046093c3971c8d4132e3712e81bd47eab88caef4a4334dfada96f1b9e');
    expect(filesDigest([])).toBe('sha256:4fd3d31107d020bc3ea57090a82206a6d9875043c15731b799ace63fd9a16c44');
  });

  test('differs when anything differs', () => {
    const name = fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'binary' })).filter(
      // No path holds a NUL, and a lone surrogate only for a byte that is not UTF-8.
      (text) => !/[\0\uD800-\uDFFF]/u.test(text),
    );
    const states = fc.array(
      fc.record({
        path: name,
        mode: fc.constantFrom('100644', '100755', '120000'),
        digest: fc.constantFrom('a'.repeat(64), 'b'.repeat(64), 'unreadable'),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(states, states, (a, b) => {
        const [one, other] = [inPathOrder(a), inPathOrder(b)];
        expect(filesDigest(one) === filesDigest(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  test('tells names apart that are not UTF-8', () => {
    expect(filesDigest([file('\uDCFE')])).not.toBe(filesDigest([file('\uDCFF')]));
  });

  test('is the same in chunks', () => {
    const many = Array.from({ length: 3000 }, (_, n) => file(`folder/${String(n).padStart(5, '0')}`));
    expect(filesDigest(many)).toBe('sha256:7bf42822f3c41ac1e06958695e5916379122a2de2e4e6f2705f2a3aacbc597bd');
  });

  test('of a step is that of what its inputs select', () => {
    const files = paths.map((path) => file(path));
    const step = { cwd: '.', project: '.', inputs: ['README.md'] };
    expect(inputsDigest(files, step)).toBe(filesDigest([file('README.md')]));
    expect(inputsDigest(files, { cwd: 'core', project: '.' })).toBe(filesDigest(files));
  });
});

test('files come in byte order, each once', () => {
  const names = ['b', 'a', 'a/b', 'a.b', 'B', '\uFFFD', '😀', 'ü', 'a'];
  expect(inPathOrder(names.map((name) => file(name))).map(({ path }) => path)).toEqual([
    'B',
    'a',
    'a.b',
    'a/b',
    'b',
    'ü',
    '\uFFFD',
    '😀',
  ]);
});
