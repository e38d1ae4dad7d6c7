import { describe, expect, test } from 'vitest';
import { filesOf, receiptOf, withStep } from '../../test/support/receipt.ts';
import { sha256 } from '../core/digest.ts';
import { compareReceipts } from '../receipt/compare-receipts.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { compareText } from './compare-text.ts';
import { describeDifference } from './describe-difference.ts';

const ci = receiptOf();
const named = (there: Receipt, here: Receipt) => ({
  there: { name: 'ci.json', receipt: there },
  here: { name: 'the last run here', receipt: here },
});

function told(there: Receipt, here: Receipt, verbose = false): string {
  return compareText(compareReceipts(there, here), named(there, here), { verbose });
}

/** The headline with its meaning and the next command. */
function first(there: Receipt, here: Receipt): readonly string[] {
  const [difference] = compareReceipts(there, here).differences;
  if (difference === undefined) return [];
  const { what, meaning, next } = describeDifference(difference, named(there, here));
  return [what, meaning, next];
}

const files = (more: Readonly<Record<string, string>>): Receipt['files'] => ({ ...ci.files, ...filesOf(more) });
const failed = { outcome: 'failed', exitCode: 1 } as const;

test('a run that failed for another file: the file first, then everything else in a line each', () => {
  const there = withStep(
    receiptOf({
      commit: 'a'.repeat(40),
      parity: '0.0.9',
      outcome: 'failed',
      files: files({ 'core/app.py': 'b', 'core/more.py': '', 'ui/x.ts': 'y' }),
    }),
    'tests',
    failed,
  );
  expect(told(there, ci)).toBe(`core/app.py has other content in ci.json than in the last run here
  It is read by format and tests.
  Run: git diff aaaaaaaaaaaa cccccccccccc -- core/app.py

  lock      same
  image     same
  platform  same
  commands  same
  variables same
  files     differs: see above
            and 2 more (--verbose lists them)
  outcomes  tests failed (exit code 1) in ci.json and passed in the last run here
commit: aaaaaaaaaaaa in ci.json, cccccccccccc in the last run here`);
  const lines = told(there, ci, true).split('\n');
  expect(lines.slice(10)).toEqual([
    '            core/more.py is there in ci.json only',
    '            ui/x.ts has other content in ci.json than in the last run here',
    '  outcomes  tests failed (exit code 1) in ci.json and passed in the last run here',
    'commit: aaaaaaaaaaaa in ci.json, cccccccccccc in the last run here',
    'parity: 0.0.9 in ci.json, 0.1.0 in the last run here',
  ]);
});

test('equal runs in one line, with what is another and decides nothing', () => {
  expect(told(ci, ci)).toBe('ci.json and the last run here are equal but for times: the same outcome of all 3 steps');
  const here = receiptOf({ parity: '0.2.0', machine: { cpus: 8, memoryBytes: 16_000_000_000 } });
  expect(told(ci, here)).toBe(`ci.json and the last run here are equal but for times: the same outcome of all 3 steps
parity: 0.1.0 in ci.json, 0.2.0 in the last run here
CPUs of the engine: 2 in ci.json, 8 in the last run here
memory of the engine: 8.0 GB in ci.json, 16.0 GB in the last run here`);
  const part = receiptOf({ options: { ...ci.options, steps: ['tests'] }, steps: ci.steps.slice(1, 2) });
  expect(told(ci, part)).toBe(`ci.json and the last run here are equal but for times: the same outcome of its step
not compared, since only one of the runs was asked for them: format, ui`);
});

describe('what differs, what it means, what to type', () => {
  test.each<[string, Receipt, Receipt, readonly string[]]>([
    [
      'the lock',
      ci,
      receiptOf({ lock: sha256('other'), commit: 'd'.repeat(40) }),
      [
        `the lock differs: ci.json ran with ${sha256('lock').slice(7, 19)}, the last run here with ${sha256('other').slice(7, 19)}`,
        'other versions of the tools or packages, so another image; the rest follows from it',
        'git pull   (or look at it: git diff cccccccccccc dddddddddddd -- parity.lock.json)',
      ],
    ],
    [
      'the platform',
      ci,
      receiptOf({ platform: 'linux/arm64' }),
      [
        'the platform differs: ci.json ran on linux/amd64, the last run here on linux/arm64',
        'the same lock gives another image there, with packages built for it',
        'parity up --host ssh://…   (an engine on linux/amd64)',
      ],
    ],
    [
      'the image',
      ci,
      receiptOf({ image: { id: sha256('i'), config: null, manifest: null } }),
      [
        `the image differs although the lock is the same: ci.json ran in ${sha256('config').slice(7, 19)}, the last run here in ${sha256('i').slice(7, 19)}`,
        'one of them was not made from this lock by this recipe',
        'parity build --check',
      ],
    ],
    [
      'a command',
      ci,
      withStep(receiptOf({ project: 'apps/shop' }), 'tests', { run: 'pytest -q' }),
      [
        'the command of tests differs: "run tests" in ci.json, "pytest -q" in the last run here',
        'they do not check the same',
        'git diff cccccccccccc -- apps/shop/parity.yaml',
      ],
    ],
    [
      'a variable',
      ci,
      withStep(ci, 'tests', { env: { PYTHONPATH: sha256('core'), API: 'secret' } }),
      [
        'the variable PYTHONPATH has another value (tests)',
        'it reaches the step through env, passEnv or secrets in parity.yaml',
        'git diff cccccccccccc -- parity.yaml; when passEnv names it: export PYTHONPATH=… as it is there',
      ],
    ],
    [
      'a file that was never committed',
      ci,
      receiptOf({ dirty: true, files: files({ 'ui/a b.ts': '' }) }),
      [
        'ui/a b.ts is there in the last run here only',
        'it is read by tests and ui; the last run here had files that are not as in the commit',
        "git add 'ui/a b.ts'   (if it belongs to the project)",
      ],
    ],
    [
      'only the outcome',
      withStep(ci, 'tests', failed),
      ci,
      [
        'tests failed (exit code 1) in ci.json and passed in the last run here, although nothing that parity records differs',
        'it is flaky: time, order, chance or a service outside decides',
        'parity repro ci.json tests   (or again: parity up --no-cache tests)',
      ],
    ],
    [
      'an outcome that the machine decided',
      ci,
      withStep(ci, 'tests', { outcome: 'failed', exitCode: null, reason: 'out-of-memory' }),
      [
        'tests passed in ci.json and ran out of memory in the last run here, although nothing that parity records differs',
        'the machine decides: time or memory ran out',
        'parity up --no-cache tests',
      ],
    ],
    [
      'a run that could not go on',
      ci,
      receiptOf({ outcome: 'failed', failure: 'environment-lost' }),
      [
        'ci.json went to its end, the last run here could not go on (environment-lost)',
        'what ended a run early is no fault of the code',
        'parity up   (or run the other one again)',
      ],
    ],
  ])('%s', (_, there, here, words) => {
    expect(first(there, here)).toEqual(words);
  });
});
