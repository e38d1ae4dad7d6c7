import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeEnvironment, type FakeEnvironment } from '../../test/support/fake-environment.ts';
import { step } from '../../test/support/steps.ts';
import type { RemedyConfig, StepConfig } from '../config/config.ts';
import { ok } from '../core/result.ts';
import type { StepFinished } from './events.ts';
import { runPipeline } from './run-pipeline.ts';

let fake: FakeEnvironment;
beforeEach(() => {
  fake = createFakeEnvironment();
});

/** Runs one step that prints this and exits so; gives its end. */
async function ended(
  parts: Partial<StepConfig>,
  { prints, exits = 1, remedies = [] }: { prints: string; exits?: number; remedies?: readonly RemedyConfig[] },
): Promise<StepFinished> {
  let end: StepFinished | undefined;
  const running = runPipeline({
    steps: [step('check', parts)],
    open: async () => ok({ environment: fake.environment }),
    variables: new Map(),
    jobs: 1,
    failFast: false,
    emit: (event) => {
      if (event.type === 'step-finished') end = event;
    },
    signal: new AbortController().signal,
    project: '/home/me/app',
    configSource: 'parity.yaml',
    remedies,
  });
  const check = await fake.started('check');
  check.print(prints);
  check.exit(exits);
  await running;
  if (end === undefined) throw new Error('it has not ended');
  return end;
}

const implicit =
  'core/a.py:3: error: Incompatible default for argument "n" (default has type "None", argument has type "int")  [assignment]\n';

describe('the end of a step', () => {
  it('has what is known of its failure, the most telling first', async () => {
    const text = `core/b.py:9: error: Returning Any from function declared to return "int"  [no-any-return]\n${implicit}`;
    const { remedies } = await ended({ run: 'mypy core' }, { prints: text });
    expect(remedies?.map(({ id, remedy, line }) => [id, remedy, line])).toEqual([
      ['mypy/implicit-optional', 'Annotate it as `n: int | None = None`', 3],
      [
        'mypy/returns-any',
        'Give the value its type where it comes in: an annotated variable, a check, or typing.cast',
        9,
      ],
    ]);
  });

  it('names the failing test as a command at the top has to', async () => {
    const text = `=================================== FAILURES ===================================
_________________________________ test_a[1 2] __________________________________

    def test_a(n):
>       assert n == "x"
E       AssertionError: assert '1 2' == 'x'

tests/test_a.py:7: AssertionError
=========================== short test summary info ============================
FAILED tests/test_a.py::test_a[1 2] - AssertionError: assert '1 2' == 'x'
1 failed in 0.02s
`;
    const { remedies } = await ended({ run: 'coverage run -m pytest', cwd: 'core' }, { prints: text });
    expect(remedies?.map(({ id, remedy }) => [id, remedy])).toEqual([
      ['pytest/assertion', "See both sides in full: parity run -- pytest -vv 'core/tests/test_a.py::test_a[1 2]'"],
    ]);
  });

  it('has the team’s own first', async () => {
    const own = { id: 'team/ann', title: 'Ann knows', remedy: 'Ask Ann', tool: 'mypy', code: 'no-any-return' };
    const text = `${implicit}core/b.py:9: error: Returning Any from function declared to return "int"  [no-any-return]\n`;
    const { remedies } = await ended({ run: 'mypy core' }, { prints: text, remedies: [own] });
    expect(remedies?.map(({ id }) => id)).toEqual(['team/ann', 'mypy/implicit-optional']);
  });

  it('finds a cause in output that is coloured and has Windows line ends', async () => {
    const { remedies } = await ended(
      { run: 'make' },
      { prints: '\u001B[31mcat: write error: No space left on device\u001B[0m\r\n' },
    );
    expect(remedies?.map(({ id }) => id)).toEqual(['infrastructure/disk-full']);
  });

  it('has five at most', async () => {
    const codes = ['F401', 'F841', 'F541', 'E722', 'E711', 'B006', 'B008', 'E402', 'C901'];
    const prints = codes.map((code, line) => `core/a.py:${line + 1}:1: ${code} no\n`).join('');
    expect((await ended({ run: 'flake8 core' }, { prints })).remedies).toHaveLength(5);
  });

  it('has none when it passed, when nothing is known, and when its own fix says as much', async () => {
    const unformatted = 'would reformat core/a.py\n';
    expect((await ended({ run: 'mypy core' }, { prints: implicit, exits: 0 })).remedies).toBeUndefined();
    fake = createFakeEnvironment();
    expect((await ended({ run: 'make' }, { prints: 'no\n' })).remedies).toBeUndefined();
    fake = createFakeEnvironment();
    const fixed = await ended({ run: 'black --check .', fix: 'black .' }, { prints: unformatted });
    expect([fixed.remedies, fixed.next]).toEqual([undefined, ['Run: black .']]);
    fake = createFakeEnvironment();
    const { remedies } = await ended({ run: 'black --check .' }, { prints: unformatted });
    expect(remedies?.map(({ id }) => id)).toEqual(['black/unformatted']);
  });
});
