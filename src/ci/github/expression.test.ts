import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evaluate,
  interpolate,
  known,
  memberOf,
  truthOf,
  unknown,
  type ExpressionContext,
  type ExpressionValue,
} from './expression.ts';

const contexts: { readonly [name: string]: ExpressionValue } = {
  github: { event_name: 'pull_request', ref: 'refs/pull/1/merge', labels: [{ name: 'bug' }, { name: 'docs' }] },
  matrix: { 'python-version': '3.10', os: 'ubuntu-latest', coverage: true, versions: ['3.11', '3.12'] },
  env: { EMPTY: '', NUMBER: '0x10' },
};

const context: ExpressionContext = {
  lookUp([first = '', ...rest]) {
    let value = contexts[first];
    if (value === undefined) return unknown(`${[first, ...rest].join('.')} is unknown`);
    for (const key of rest) value = memberOf(value, key);
    return known(value);
  },
};

const valueOf = (text: string): unknown => {
  const result = evaluate(text, context);
  return result.known ? result.value : `? ${result.why}${result.truth === undefined ? '' : ` (${result.truth})`}`;
};

describe('an expression comes to what GitHub makes of it', () => {
  it.each<[string, unknown]>([
    ["github.event_name == 'PULL_REQUEST'", true],
    ["github['event_name'] != 'push'", true],
    ["matrix.python-version == '3.10' && matrix.os", 'ubuntu-latest'],
    ["matrix.os == 'x' && 'a' || 'b'", 'b'],
    ['!matrix.coverage', false],
    ['!matrix.nothing', true],
    ['matrix.nothing == null', true],
    ["'' == 0", true],
    ["env.NUMBER == 16 && '1' == 1", true],
    ["'abc' == 0", false],
    ['null == false', true],
    ["' 5 ' > 4.5", true],
    ["'b' > 'A'", true],
    ["'x' < 1", false],
    ['1 < 2 == true', true],
    ['true || false && false', true],
    ['(true || false) && false', false],
    ["'it''s'", "it's"],
    ['-1.5e1', -15],
    ["contains('Hello', 'LL')", true],
    [`join(fromJSON('[{"a": 1}, {"b": 2}, {"a": 3}]').*.a, '-')`, '1-3'],
    [`join(fromJSON('{"x": [{"a": 1}], "y": [{"a": 2}, {}]}').*.*.a, '-')`, '1-2'],
    [`contains(fromJSON('{"x": {"a": "fig"}}').*.a, 'fig')`, true],
    ["contains(matrix.versions, '3.11')", true],
    ["contains(fromJSON('[1, 2]'), '2')", true],
    ["startsWith(github.ref, 'refs/tags/')", false],
    ["endsWith('main.py', '.PY')", true],
    ["format('{0}-{1} {{x}}', 'a', 2)", 'a-2 {x}'],
    ["join(matrix.versions, ' ')", '3.11 3.12'],
    ['fromJSON(\'{"a": {"B": 1}}\').A.b', 1],
    ['matrix.versions[1]', '3.12'],
    ['matrix.versions[9]', null],
    ['success() && always()', true],
    ['failure() || cancelled()', false],
  ])('%s', (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  it('leaves open what it does not know, unless the other side decides', () => {
    expect(valueOf('secrets.A')).toBe('? secrets.A is unknown');
    expect(valueOf("secrets.A == 'x'")).toBe('? secrets.A is unknown');
    expect(valueOf("secrets.A && github.event_name == 'push'")).toBe('? secrets.A is unknown (false)');
    expect(valueOf("github.event_name == 'push' && secrets.A")).toBe(false);
    expect(valueOf('secrets.A || true')).toBe('? secrets.A is unknown (true)');
    expect(valueOf('!(secrets.A || true)')).toBe(false);
    expect(truthOf(evaluate('secrets.A && vars.B', context))).toBeUndefined();
    expect(valueOf("hashFiles('x')")).toBe('? hashFiles() is computed on the runner');
    expect(valueOf('nothing()')).toBe('? nothing() is unknown here');
  });

  it('takes what is no expression for undecided', () => {
    for (const text of ['', 'a b', '"x"', 'a ==', '(a', 'f(', 'a.', '$x', "'open"])
      expect(evaluate(text, context).known).toBe(false);
  });
});

it('puts values into a text as GitHub does', () => {
  const text = (template: string): unknown => {
    const result = interpolate(template, context);
    return result.known ? result.value : `? ${result.why}`;
  };
  expect(text('py${{ matrix.python-version }} on ${{ matrix.os }}${{ matrix.nothing }}')).toBe(
    'py3.10 on ubuntu-latest',
  );
  expect(text('${{ matrix.coverage }}')).toBe(true);
  expect(text('a ${{ matrix.coverage }}')).toBe('a true');
  expect(text("${{ format('}}{0}', 1) }}")).toBe('}1');
  expect(text('${{ secrets.A }} and ${{ vars.B }}')).toBe('? secrets.A is unknown');
  expect(text('echo $HOME ${x}')).toBe('echo $HOME ${x}');
});

it('never throws, whatever the text', () => {
  const pieces = fc.constantFrom(
    'a',
    '.',
    '[',
    ']',
    '(',
    ')',
    '!',
    '&&',
    '||',
    '==',
    "'x'",
    '1',
    ' ',
    ',',
    '*',
    'true',
    'contains(',
    'github',
    '<',
    '-',
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 25 }).map((all) => all.join('')),
      (text) => void evaluate(text, context),
    ),
    { numRuns: 3_000 },
  );
  expect(evaluate('!'.repeat(10_000) + 'a', context).known).toBe(false);
  expect(evaluate('('.repeat(10_000), context).known).toBe(false);
});
