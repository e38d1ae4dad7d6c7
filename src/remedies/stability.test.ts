import { expect, test } from 'vitest';
import { assessStability, type RepeatedStep, type Round } from './stability.ts';

const failing = (...failed: readonly (readonly [test: string | undefined, message: string])[]): RepeatedStep => ({
  step: 'tests',
  passed: failed.length === 0,
  diagnostics: failed.map(([test, message]) => ({
    ...(test === undefined ? {} : { test }),
    message,
    file: null,
    severity: 'error',
  })),
});
const loop = 'RuntimeError: Task <Task pending> got Future <Future pending> attached to a different loop';
const cart = 'tests/test_cart.py::test_total[a::b - c]';
const order = 'tests/test_cart.py::TestOrder::test_pay';
const always = 'tests/test_other.py::test_never_right';

function rounds(...steps: readonly (readonly RepeatedStep[])[]): readonly Round[] {
  const fixtures = new Map([
    [cart, ['client', 'session']],
    [order, ['session', 'tmp_path']],
  ]);
  return steps.map((of, index) => ({ round: index + 1, seed: index === 0 ? null : index, steps: of, fixtures }));
}

test('a test that fails in some runs is unstable, one that fails in all is not; the unstable share a module and a fixture', () => {
  const found = assessStability(
    rounds(
      [failing([always, 'assert 1 == 2'])],
      [failing([always, 'assert 1 == 2'], [cart, `${loop}\nmore`])],
      [failing([always, 'assert 1 == 2'], [order, 'assert 3 == 4'], [cart, 'assert 5 == 6'])],
    ),
  );
  expect(found).toEqual({
    unstable: [
      { step: 'tests', test: cart, failed: [2, 3], of: 3, messages: [loop, 'assert 5 == 6'] },
      { step: 'tests', test: order, failed: [3], of: 3, messages: ['assert 3 == 4'] },
    ],
    stable: [{ step: 'tests', test: always, failed: [1, 2, 3], of: 3, messages: ['assert 1 == 2'] }],
    shared: { file: 'tests/test_cart.py', fixtures: ['session'], onlyShuffled: true, session: [cart] },
  });
});

test('a step that fails and names no test is told as a whole; warnings and passes are no failures', () => {
  const build = (passed: boolean): RepeatedStep => ({ step: 'build', passed, diagnostics: [] });
  const warned: RepeatedStep = {
    step: 'tests',
    passed: true,
    diagnostics: [{ test: cart, message: 'DeprecationWarning', file: null, severity: 'warning' }],
  };
  const { unstable, stable, shared } = assessStability(rounds([build(false), warned], [build(true), warned]));
  expect({ unstable, stable }).toEqual({
    unstable: [{ step: 'build', failed: [1], of: 2, messages: [] }],
    stable: [],
  });
  expect(shared).toEqual({ fixtures: [], onlyShuffled: false, session: [] });
});

test.each([
  ['RuntimeError: Task <Task> got Future <Future> attached to a different loop'],
  ['sqlalchemy.exc.InterfaceError: cannot perform operation: another operation is in progress'],
  ['sqlalchemy.exc.InvalidRequestError: Session is already flushing'],
  ["sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; can't call await_only() here."],
  [
    "sqlalchemy.exc.IllegalStateChangeError: Method 'close()' can't be called here; method '_connection_for_bind()' is already in progress",
  ],
  [
    'sqlalchemy.exc.InvalidRequestError: This session is provisioning a new connection; concurrent operations are not permitted',
  ],
])('a session that is used across tasks or loops is recognised: %s', (message) => {
  expect(assessStability(rounds([failing([cart, message])], [failing()])).shared.session).toEqual([cart]);
});
