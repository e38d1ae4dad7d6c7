import { describe, expect, it } from 'vitest';
import { excerpt, headline, lineAbout } from './excerpt.ts';

const dots = Array.from({ length: 40 }, (_, index) => `core/tests/test_${index}.py ....`);
const table = Array.from({ length: 50 }, (_, index) => `core/module_${index}.py    10    0   100%`);

describe('excerpt', () => {
  it('shows a short output whole, without the blank lines around it', () => {
    expect(excerpt(['', 'a', '', 'b', ''])).toEqual({ lines: ['a', '', 'b'], shortened: false });
    expect(excerpt([])).toEqual({ lines: [], shortened: false });
  });

  it('shows the end of a long one', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${index}`);
    expect(excerpt(lines, 3)).toEqual({ lines: ['97', '98', '99'], shortened: true });
  });

  it('shows a pytest run’s failures and summary, not its dots and not its coverage table', () => {
    const lines = [
      ...dots,
      '=================================== FAILURES ===================================',
      '__________________________________ test_total __________________________________',
      '>       assert total == 4',
      'E       assert 3 == 4',
      '================================ tests coverage ================================',
      ...table,
      '=========================== short test summary info ============================',
      'FAILED core/tests/test_cart.py::test_total - assert 3 == 4',
      '1 failed, 59 passed in 3.2s',
    ];
    expect(excerpt(lines)).toEqual({ lines: [...lines.slice(40, 44), ...lines.slice(-3)], shortened: true });
  });
});

describe('a pytest failure that is longer than what is shown', () => {
  const own = [
    '=================================== FAILURES ===================================',
    '_________________________________ test_record __________________________________',
    '',
    '    def test_record(tmp_path):',
    '>       record(tmp_path, "first")',
    '',
    'tests/test_record.py:9: ',
    '_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ ',
  ];
  const raised = [
    '>           raise CalledProcessError(retcode, process.args,',
    "E           subprocess.CalledProcessError: Command '['git', 'commit']' returned non-zero exit status 128.",
  ];
  const library = [
    "popenargs = (['git', 'commit'],)",
    '    def run(*popenargs, input=None):',
    ...Array.from({ length: 60 }, (_, index) => `        docstring line ${index}`),
    ...raised,
    '',
    '/usr/lib/python3.11/subprocess.py:571: CalledProcessError',
  ];
  const printed = [
    '----------------------------- Captured stderr call -----------------------------',
    'Author identity unknown',
    '',
    '*** Please tell me who you are.',
  ];
  const end = [
    '=========================== short test summary info ============================',
    'FAILED tests/test_record.py::test_record - subprocess.CalledProcessError: Command',
    '1 failed in 0.31s',
  ];

  it('is shown without the source of other people’s code, with what the test printed', () => {
    expect(excerpt([...dots, ...own, ...library, ...printed, ...end])).toEqual({
      lines: [...own, ...raised, '/usr/lib/python3.11/subprocess.py:571: CalledProcessError', ...printed, ...end],
      shortened: true,
    });
  });

  it('keeps what was raised, where, and the end of what it printed, when its own source is too long', () => {
    const long = Array.from({ length: 80 }, (_, index) => `    value_${index} = ${index}`);
    const log = Array.from({ length: 40 }, (_, index) => `log line ${index}`);
    const mine = [
      ...own.slice(0, 3),
      ...long,
      '>       assert total == 4',
      'E       assert 3 == 4',
      '',
      'tests/t.py:90: AssertionError',
    ];
    const { lines } = excerpt([...mine, ...printed.slice(0, 1), ...log, ...end]);
    expect(lines).toHaveLength(60);
    expect(lines.slice(0, 2)).toEqual(own.slice(0, 2));
    expect(lines).toContain('E       assert 3 == 4');
    expect(lines).toContain('tests/t.py:90: AssertionError');
    expect(lines.slice(-6)).toEqual(['log line 37', 'log line 38', 'log line 39', ...end]);
    expect(lines).not.toContain('    value_0 = 0');
  });

  it('leaves room for the failures after it, as long as there is some', () => {
    const second = ['___ test_other ___', '>   assert 1 == 2', 'E   assert 1 == 2', 'tests/t.py:3: AssertionError'];
    const { lines } = excerpt([...own, ...library, ...second, ...end]);
    expect(lines).toEqual([
      ...own,
      ...raised,
      '/usr/lib/python3.11/subprocess.py:571: CalledProcessError',
      ...second,
      ...end,
    ]);
  });
});

describe('the line of a place', () => {
  const lines = [
    'core/app.py:30: error: Other  [misc]',
    'core/app.py:3: AssertionError',
    '\u001b[1msrc/App.tsx\u001b[0m(3,22): error TS2307: Cannot find module',
    './core/app.py:3:1: F401 unused',
  ];
  it.each([
    ['core/app.py', 3, './core/app.py:3:1: F401 unused'],
    ['core/admin_ui/src/App.tsx', 3, 'src/App.tsx(3,22): error TS2307: Cannot find module'],
    ['core/app.py', 31, undefined],
    ['app.py', 30, undefined],
    [null, 3, undefined],
  ])('%s:%s', (file, line, text) => {
    expect(lineAbout({ file, line }, lines)).toBe(text);
  });
});

describe('what says nothing of a failure', () => {
  it('npm’s page of options is left out, what is wrong is not', () => {
    const wrong = [
      'npm error code EUSAGE',
      'npm error',
      'npm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.',
      'npm error',
      "npm error Invalid: lock file's react-dom@19.2.0 does not satisfy react-dom@19.1.0",
    ];
    const usage = ['', ' Clean install a project', '', ' Usage:', ' npm ci', '', ' Options:', '   --omit'];
    const help = [...usage, '', ' Run "npm help ci" for more info'].map((line) => `npm error${line}`);
    const log = 'npm error A complete log of this run can be found in: /parity/cache/npm/_logs/1-debug-0.log';
    expect(excerpt([...wrong, ...help, log])).toEqual({ lines: [...wrong, log], shortened: true });
    // Cut off by somebody else: nobody knows where it ends.
    expect(excerpt([...wrong, ...help.slice(0, 5)]).shortened).toBe(false);
  });

  it('warnings before pytest’s failures are left out, those of a run without failures are not', () => {
    const warning = [
      '/opt/parity/lib/python3.11/site-packages/pytest_asyncio/plugin.py:306: PytestDeprecationWarning: it is unset.',
      '  warnings.warn(PytestDeprecationWarning(_DEFAULT_FIXTURE_LOOP_SCOPE_UNSET))',
      'F                                                                        [100%]',
    ];
    const failures = [
      '===== FAILURES =====',
      'E  assert 3 == 4',
      '===== short test summary info =====',
      'FAILED a.py::b',
    ];
    expect(excerpt([...warning, ...failures])).toEqual({ lines: failures, shortened: true });
    expect(excerpt(warning)).toEqual({ lines: warning, shortened: false });
  });
});

describe('headline', () => {
  it.each([
    [['...F', '1 failed', 'FAILED a.py::b - assert 1'], 'FAILED a.py::b - assert 1'],
    [['would reformat core/app.py', 'Oh no!'], 'would reformat core/app.py'],
    [['core/a.py:3:1: E302 expected 2 blank lines'], 'core/a.py:3:1: E302 expected 2 blank lines'],
    [['core/a.py:3: error: Bad  [x]', 'Found 1 error'], 'core/a.py:3: error: Bad  [x]'],
    [['> tsc', 'src/App.tsx(3,18): error TS2307: No'], 'src/App.tsx(3,18): error TS2307: No'],
    [['npm error code E404', 'bye'], 'npm error code E404'],
    [['one', 'two', ''], 'two'],
    [[], ''],
  ])('of %j', (lines, telling) => {
    expect(headline(lines)).toBe(telling);
  });
});
