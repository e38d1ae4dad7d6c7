import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readTextUpTo } from '../core/read-text-if-exists.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import recordings from '../../test/fixtures/tools/recorded/recordings.json' with { type: 'json' };
import { mostDiagnostics, parseOutput, type StepOutput } from './parse-output.ts';

// What the real tools printed at the locked versions (scripts/record-tool-output.mjs), over the sources beside the recordings.
const fixtures = fileURLToPath(new URL('../../test/fixtures/tools/', import.meta.url));
const isFile = (path: string): boolean => existsSync(`${fixtures}sources/${path}`);
const readText = (path: string): string | undefined => readTextUpTo(`${fixtures}sources/${path}`, 1 << 20);

function parse(text: string, more: Partial<StepOutput> = {}): readonly ToolDiagnostic[] {
  return parseOutput({ text, words: new Set(), cwd: '/workspace', folders: [], ...more }).diagnostics;
}

/** A diagnostic as a compiler would print it. */
function line({ tool, code, severity, message, file, line: row, column, test, phase }: ToolDiagnostic): string {
  const place = [file ?? '-', row, column].filter((part) => part !== null).join(':');
  const at = phase === undefined ? '' : `${phase} of `;
  const of = test === undefined ? '' : ` (${at}${test})`;
  return `${place}: ${severity}: ${tool}${code === null ? '' : `/${code}`}${of}: ${message.replaceAll('\n', '\n    ')}`;
}

describe('what a tool printed', () => {
  it.each(recordings)('$name: $command', async ({ name, command, folder }) => {
    const text = readFileSync(`${fixtures}recorded/${name}.txt`, 'utf8');
    const words = new Set(command.split(/\s+/));
    const cwd = `/workspace/${folder}`.replace(/\/\.$/, '');
    const files = [...words].filter((word) => word.includes('/'));
    const lines = parse(text, { words, files, cwd, isFile, readText }).map(line);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`${fixtures}recorded/${name}.expected.txt`);
  });
});

describe('tools that print alike', () => {
  const line1 = 'core/a.py:1:8: F401 `os` imported but unused';
  it.each([
    ['flake8 core', line1, 'flake8'],
    ['ruff check core', line1, 'ruff'],
    ['pycodestyle core', line1, 'pycodestyle'],
    ['make lint', line1, 'flake8'],
    ['make lint', `${line1}\nFound 1 error.`, 'ruff'],
    ['make lint', 'core/a.py:1:8: PLR0913 Too many arguments', 'ruff'],
    ['flake8 core', 'core/a.py:1:8: B006 Do not use mutable data structures', 'flake8'],
    ['make lint', 'core/a.py:1:8: C0114: Missing module docstring (missing-module-docstring)', 'pylint'],
  ])('%s that prints %j is %s', (command, text, tool) => {
    expect(parse(text, { words: new Set(command.split(' ')) }).map((one) => one.tool)).toEqual([tool]);
  });
});

describe('the log of a CI system', () => {
  const mypy = 'core/a.py:7: error: Incompatible return value type (got "int", expected "str")  [return-value]';
  it.each([
    ['GitHub’s time', `2024-01-01T00:00:00.0000000Z ${mypy}`],
    ['GitLab’s time and stream', `2024-01-01T00:00:00.123456Z 01O ${mypy}`],
    ['GitHub’s own mark', `2024-01-01T00:00:00.0000000Z ##[error]${mypy}`],
  ])('%s stands before a line', (_, text) => {
    expect(parse(text)).toMatchObject([{ tool: 'mypy', file: 'core/a.py', line: 7 }]);
  });

  it('annotations have their place, their tool and their code', () => {
    const ruff =
      '::error title=ruff (F401),file=/workspace/core/a.py,line=1,col=8,endLine=1,endColumn=10::core/a.py:1:8: F401 `os` imported';
    expect(parse(ruff)).toMatchObject([
      {
        tool: 'ruff',
        code: 'F401',
        severity: 'error',
        message: '`os` imported',
        file: 'core/a.py',
        line: 1,
        column: 8,
      },
    ]);
    expect(parse(ruff.replace('/workspace', '/home/runner/work/x'))).toMatchObject([{ file: 'core/a.py', line: 1 }]);
    const other = '::warning file=core/a.py,line=3::100%25 of it%3A no%0Atwo lines';
    expect(parse(other, { words: new Set(['mypy']) })).toMatchObject([
      { tool: 'mypy', code: null, severity: 'warning', message: '100% of it: no\ntwo lines', line: 3, column: null },
    ]);
    expect(parse('::error::no place\n::group::x\n::set-output name=a::b')).toEqual([]);
  });

  it('black 26 says what it can not parse in lines of its own', () => {
    expect(parse('error: cannot parse: core/a.py:1:6\n    def g(:\n         ^\nParseError: bad input')).toMatchObject([
      { tool: 'black', message: 'cannot parse: ParseError: bad input', file: 'core/a.py', line: 1, column: 7 },
    ]);
  });
});

describe('a line that only looks like one', () => {
  it.each([
    ['a log line', '12:30:45: ERROR1 the server said no'],
    ['a compiler that parity does not know', 'main.c:3:1: error: expected ;'],
    ['a diff', '-core/a.py:3: error: Old'],
    ['indented source', '    core/a.py:3: error: In a docstring  [misc]'],
    ['a quotation', 'he said "core/a.py:3: error: no"'],
    ['a rustc place', ' --> src/main.rs:1:2'],
    ['prose', 'would reformat the disk'],
    ['an eslint row without its count', '/workspace/a.js\n  1:7  error  Parsing error'],
    ['a script that npm ran', 'npm error code ELIFECYCLE\nnpm error errno 1\nnpm error shop@1.0.0 build: `vite build`'],
    ['a very long line', `core/a.py:1:1: E501 ${'x'.repeat(5000)}`],
  ])('%s is none', (_, text) => {
    expect(parse(text)).toEqual([]);
  });

  it('what tests print is no word of the step’s own tools', () => {
    const text = [
      '============================= test session starts ==============================',
      'core/tests/test_lint.py core/app.py:1:1: E302 printed with -s',
      'core/app.py:1: error: printed with -s  [misc]',
      '============================== 1 passed in 0.01s ===============================',
      'core/app.py:7:1: E305 said by flake8',
    ].join('\n');
    expect(parse(text).map(line)).toEqual(['core/app.py:7:1: error: flake8/E305: said by flake8']);
  });

  it('leaves out the failures of a pytest run that a test made', () => {
    const text = [
      '=================================== FAILURES ===================================',
      '__________________________________ test_outer __________________________________',
      'core/tests/test_outer.py:3: AssertionError',
      '----------------------------- Captured stdout call -----------------------------',
      '=========================== short test summary info ============================',
      'FAILED test_inner.py::test_inner - assert 0',
      '============================== 1 failed in 0.01s ===============================',
      '=========================== short test summary info ============================',
      'FAILED core/tests/test_outer.py::test_outer - AssertionError',
      '1 failed in 0.02s',
    ].join('\n');
    const known = { isFile: (path: string): boolean => path === 'core/tests/test_outer.py' };
    expect(parse(text, known).map(({ test, line: at }) => [test, at])).toEqual([
      ['core/tests/test_outer.py::test_outer', null],
    ]);
  });

  it('goes by what a terminal would show', () => {
    const text = 'checking…\r\u001B[1mcore/a.py\u001B[m:3:1: \u001B[31mE302\u001B[m two\u0007 lines\r\n';
    expect(parse(text).map(line)).toEqual(['core/a.py:3:1: error: flake8/E302: two lines']);
  });

  it('says a thing once', () => {
    expect(parse('core/a.py:3:1: E302 two\ncore/a.py:3:1: E302 two\n')).toHaveLength(1);
  });
});

describe('pytest that was killed', () => {
  it('has no summary: what it told so far is all, and nothing of it is another tool’s', () => {
    const text = [
      '============================= test session starts ==============================',
      'core/tests/test_a.py F',
      'core/app.py:1:1: E302 printed',
    ].join('\n');
    expect(parse(text)).toEqual([]);
  });
});

describe('the place of a printed path', () => {
  const at = (path: string, more: Partial<StepOutput> = {}): (string | null | number)[] =>
    parse(`${path}:3:1: E302 two`, more).map(({ file, line: row }) => `${file}:${row}`);
  const exists = (...files: string[]): Partial<StepOutput> => ({ isFile: (path) => files.includes(path) });

  it.each([
    ['from the top', 'core/a.py', {}, 'core/a.py:3'],
    ['below the folder of the step', 'a.py', { cwd: '/workspace/core' }, 'core/a.py:3'],
    ['beside the folder of the step', '../lib/a.py', { cwd: '/workspace/core' }, 'lib/a.py:3'],
    ['with a dot', './core/./a.py', {}, 'core/a.py:3'],
    ['absolute', '/workspace/core/a b/ü.py', { cwd: '/workspace/other' }, 'core/a b/ü.py:3'],
    ['outside', '../../opt/a.py', { cwd: '/workspace/core' }, 'null:null'],
    ['absolute outside', '/opt/parity/lib/a.py', {}, 'null:null'],
    ['a folder that only begins alike', '/workspace2/a.py', {}, 'null:null'],
    ['of a dependency', 'ui/node_modules/x/a.py', {}, 'null:null'],
    ['of an installed package', '.venv/lib/python3.11/site-packages/x.py', {}, 'null:null'],
    ['that is there', 'a.py', { cwd: '/workspace/core', ...exists('core/a.py') }, 'core/a.py:3'],
    ['that is not there', 'a.py', exists('b.py'), 'null:null'],
    ['in a folder that the command goes to', 'a.py', { folders: ['core'], ...exists('core/a.py') }, 'core/a.py:3'],
    ['not in that folder', 'a.py', { folders: ['core'], ...exists('a.py') }, 'a.py:3'],
  ] as const)('%s', (_, path, more, place) => {
    expect(at(path, more)).toEqual([place]);
  });

  it('is in the message when the file is no file of the repository', () => {
    expect(parse('/opt/x/a.py:3:1: E302 two')).toEqual([
      {
        tool: 'flake8',
        code: 'E302',
        severity: 'error',
        message: '/opt/x/a.py:3:1: two',
        file: null,
        line: null,
        column: null,
      },
    ]);
  });
});

describe('npm', () => {
  it('says which file is out of step', () => {
    const text = `npm error code EUSAGE
npm error
npm error \`npm ci\` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with \`npm install\` before continuing.
npm error
npm error Missing: left-pad@1.3.0 from lock file
npm error
npm error A complete log of this run can be found in: /parity/cache/npm/_logs/x.log
`;
    expect(parse(text, { cwd: '/workspace/ui' }).map(line)).toEqual([
      `ui/package-lock.json: error: npm/EUSAGE: \`npm ci\` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with \`npm install\` before continuing.

    Missing: left-pad@1.3.0 from lock file`.replace('\n\n', '\n    \n'),
    ]);
  });
});

describe('output that is made to be slow', () => {
  it.each([
    ['spaces', `  1:1  error  x${' '.repeat(3900)}y!`],
    ['places', 'a.py:1:'.repeat(550)],
    ['quotes', `Could not resolve "${'" from "'.repeat(480)}`],
    ['dashes', `FAILED ${' - '.repeat(1200)}`],
    ['brackets', `a.py:1: error: ${' [a]'.repeat(900)}!`],
    ['titles', `__ ${'_ '.repeat(1900)}`],
  ])('of many %s is read to its end', (_, nasty) => {
    const text = `=== short test summary info ===\n${`${nasty}\n`.repeat(100)}1 failed in 1s\n${`${nasty}\n`.repeat(400)}✖ 1 problem (1 error, 0 warnings)\n`;
    // What is after it is read, too: a pattern that goes back again and again would not come to it within the test's timeout.
    const last = 'core/app.py:7:1: F401 last';
    expect(parse(`${text}${last}\n`).map(({ code, line: at }) => `${code} ${at}`)).toContain('F401 7');
  });
});

describe('the bound', () => {
  it('keeps the first thousand and says how many more there were', () => {
    const text = Array.from({ length: 1234 }, (_, index) => `core/a.py:${index + 1}:1: E302 expected\n`).join('');
    const parsed = parseOutput({ text, words: new Set(), cwd: '/workspace', folders: [] });
    expect([parsed.diagnostics.length, parsed.leftOut]).toEqual([mostDiagnostics, 234]);
  });
});

describe('a lock file of another registry', () => {
  const address = 'https://npm.acme.example/ms/-/ms-2.1.3.tgz';
  const files: Readonly<Record<string, string>> = {
    'yarn.lock': `# yarn lockfile v1\n\n\n"@acme/a@^1.0.0":\n  version "1.0.0"\n\nms@^2.1.3:\n  version "2.1.3"\n  resolved "${address}#574c"\n`,
    'pnpm-lock.yaml': `packages:\n\n  '@acme/a@1.0.0':\n    resolution: {integrity: sha512-A}\n\n  ms@2.1.3:\n    resolution: {integrity: sha512-B, tarball: ${address}}\n`,
  };
  it.each([
    ['yarn', `error Error: ${address}: getaddrinfo ENOTFOUND npm.acme.example`, 'yarn.lock:9'],
    ['pnpm', ` ERR_PNPM_FETCH_404  GET ${address}: Not Found - 404`, 'pnpm-lock.yaml:7'],
    ['pnpm', ` WARN  GET ${address} error (ENOTFOUND). Will retry in 10 seconds. 2 retries left.`, 'pnpm-lock.yaml:7'],
  ])('%s: %s', (tool, text, place) => {
    const readText = (path: string): string | undefined => files[path];
    const [one] = parse(`${text}\n`, { isFile: (path) => Object.hasOwn(files, path), readText });
    expect(one).toMatchObject({ tool, severity: 'error' });
    expect(`${one?.file}:${one?.line}`).toBe(place);
    expect(one?.message).toContain(`${place.replace(/:.*/, '')} takes ms from https://npm.acme.example`);
    // Of the registry that everybody has, and of a lock file without it, nothing more is known.
    expect(parse(`${text}\n`, { readText: () => '' })[0]?.file).toBeNull();
  });
});

describe('a script with Windows line ends', () => {
  const readText = (path: string): string | undefined => (path === 'run.sh' ? '#!/bin/sh\nset -e\r\n' : undefined);
  const isFile = (path: string): boolean => path === 'run.sh';
  it.each([
    ['run.sh: line 2: set: pipefail\r: invalid option name', 2],
    ['run.sh: 2: set: Illegal option -\r', 2],
    ["./run.sh: line 3: syntax error near unexpected token `$'do\\r''", 3],
    ['run.sh: 4: Syntax error: word unexpected (expecting "do")', 4],
    ['run.sh: line 5: cd: dist\r: No such file or directory', 5],
  ])('%j', (text, row) => {
    const [one] = parse(`${text}\n`, { isFile, readText });
    expect(one).toMatchObject({ file: 'run.sh', line: row });
    expect(one?.message).toContain('the lines of run.sh end with a carriage return');
  });

  it('and progress that overwrites itself is none', () => {
    expect(parse('10 %\r50 %\r100 %\nrun.sh: line 2: x\rdone\n', { isFile, readText })).toEqual([]);
  });
});

describe('absolute paths of another machine', () => {
  const files = new Set(['core/app.py', 'core/admin/app.py', 'setup.py', 'src/shop/cart.py']);
  const isFile = (path: string): boolean => files.has(path);
  // Where GitHub's machines check out.
  const hosted = ['', 'home', 'runner', 'work', 'shop', 'shop'].join('/');
  it.each([
    [`${hosted}/core/app.py`, 'core/app.py'],
    [`${hosted}/setup.py`, 'setup.py'],
    ['/builds/team/shop/core/admin/app.py', 'core/admin/app.py'],
    ['/__w/shop/shop/core/app.py', 'core/app.py'],
    ['/home/ada/projects/shop/src/shop/cart.py', 'src/shop/cart.py'],
    ['/home/ada/projects/shop/setup.py', null],
    ['/usr/lib/python3.11/core/app.py', null],
    ['/tmp/pytest-of-ada/core/app.py', null],
    ['/home/ada/.venv/lib/python3.11/site-packages/core/app.py', null],
    ['/workspace/core/app.py', 'core/app.py'],
  ])('%s is %s', (path, file) => {
    expect(parse(`${path}:3:1: E302 expected 2 blank lines`, { isFile })).toMatchObject([{ file }]);
  });
});

describe('reports as JSON', () => {
  const report =
    '[{"filePath":"/workspace/a.js","messages":[{"ruleId":"semi","severity":2,"message":"m","line":1,"column":2}]}]';
  it('are read however long their line is', () => {
    const long = report.replace('"messages"', `"source":"${'x'.repeat(10_000)}","messages"`);
    expect(parse(long)).toMatchObject([{ tool: 'eslint', code: 'semi', file: 'a.js', line: 1, column: 2 }]);
  });

  it('mean nothing when they are of others, broken, or printed by a test', () => {
    expect(parse('[{"filePath": 1}]\n{"a": 1}\n[\n  {\n]\n[]\n[{"filePath":')).toEqual([]);
    const session = `===== test session starts =====\n${report}\n===== 1 passed in 0.01s =====`;
    expect(parse(session)).toEqual([]);
  });
});
