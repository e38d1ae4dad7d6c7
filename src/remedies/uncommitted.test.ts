import { describe, expect, test } from 'vitest';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { namedFiles, uncommittedLines, type LocalFile } from './uncommitted.ts';

const committed = [
  '.gitignore',
  'core/__init__.py',
  'core/app.py',
  'core/tests/test_app.py',
  'core/admin_ui/index.html',
  'core/admin_ui/package.json',
  'core/admin_ui/src/App.tsx',
  'core/admin_ui/src/money.ts',
  'core/admin_ui/src/components/Chart.tsx',
  'parity.yaml',
];

interface Case {
  /** The step's folder. */
  readonly cwd?: string;
  readonly output: string;
  readonly diagnostics?: readonly ToolDiagnostic[];
  readonly untracked?: readonly string[];
  readonly modified?: readonly string[];
  readonly deleted?: readonly string[];
  readonly ignored?: readonly string[];
  readonly elsewhere?: readonly string[];
  /** The line that hides each ignored folder; null where none hides the folder itself. */
  readonly rule?: string | null;
  /** Files below an ignored folder. */
  readonly present?: readonly string[];
  readonly also?: readonly string[];
  /** Folders that are here. */
  readonly folders?: readonly string[];
  /** What .env files set. */
  readonly variables?: Readonly<Record<string, readonly string[]>>;
}

function said(one: Case): readonly string[] {
  const files = (state: LocalFile['state'], paths: readonly string[] = []): readonly LocalFile[] =>
    paths.map((path) => ({ path, state }));
  const changed = [
    ...files('untracked', one.untracked),
    ...files('modified', one.modified),
    ...files('deleted', one.deleted),
    ...files('ignored', one.ignored),
    ...files('elsewhere', one.elsewhere),
  ];
  const named = namedFiles(
    { output: one.output, diagnostics: one.diagnostics ?? [], folders: [one.cwd ?? '', ''] },
    {
      changed,
      committed: [...committed, ...(one.also ?? [])],
      exists: (path) => [one.present, one.ignored].some((paths) => paths?.includes(path) === true),
      isFolder: (path) => one.folders?.includes(path) === true,
      variablesOf: (path) => new Set(one.variables?.[path]),
    },
  );
  const { ignored = [], present = [], rule = '.gitignore:3: rule' } = one;
  const ignoredBy = new Map(present.map((path) => [path, '.gitignore:3: rule']));
  for (const path of ignored) if (rule !== null) ignoredBy.set(path, rule);
  return uncommittedLines(named, { commit: '1a2b3c4', typed: (path) => path, ignoredBy });
}

const add = (path: string): string => `${path} exists here but is not committed: git add ${path}`;
const ui = 'core/admin_ui';
const table = `${ui}/src/Table.tsx`;

describe('a script that was never committed is named, whoever misses it', () => {
  test.each([
    ['tsc', `src/App.tsx(3,22): error TS2307: Cannot find module './Table' or its corresponding type declarations.`],
    [
      'tsc --pretty',
      `\u001b[96msrc/App.tsx\u001b[0m:\u001b[93m3\u001b[0m:\u001b[93m22\u001b[0m - \u001b[91merror\u001b[0m TS2307: Cannot find module './Table' or its corresponding type declarations.`,
    ],
    [
      'Rollup',
      `error during build:\nCould not resolve "./Table" from "src/App.tsx"\nfile: /workspace/core/admin_ui/src/App.tsx`,
    ],
    ['Rollup 2', `Could not resolve './Table' from src/App.tsx`],
    ['Vite 4', `[vite]: Rollup failed to resolve import "./Table" from "/workspace/core/admin_ui/src/App.tsx".`],
    ['Vitest', `Error: Failed to resolve import "./Table" from "src/App.tsx". Does the file exist?`],
    [
      'esbuild',
      `✘ [ERROR] Could not resolve "./Table"\n\n    src/App.tsx:3:22:\n      3 │ import { Table } from "./Table"\n`,
    ],
    [
      'webpack',
      `ERROR in ./src/App.tsx 3:22\nModule not found: Error: Can't resolve './Table' in '/workspace/core/admin_ui/src'`,
    ],
    ['jest', `Cannot find module './Table' from 'src/App.tsx'\n\n    > 3 | import`],
    [
      'an alias',
      `src/App.tsx(3,22): error TS2307: Cannot find module '@/Table' or its corresponding type declarations.`,
    ],
    ['an alias by a name', `src/App.tsx(3,22): error TS2307: Cannot find module '@src/Table' or its corresponding`],
    ['a base URL', `src/App.tsx(3,22): error TS2307: Cannot find module 'src/Table' or its corresponding`],
    ['an ending that TypeScript wants', `src/App.tsx(3,22): error TS2307: Cannot find module './Table.js' or its`],
    ['the diagnostics alone', ''],
  ])('%s', (name, output) => {
    const diagnostic: ToolDiagnostic = {
      tool: 'tsc',
      code: 'TS2307',
      severity: 'error',
      message: `Cannot find module './Table' or its corresponding type declarations.`,
      file: `${ui}/src/App.tsx`,
      line: 3,
      column: 22,
    };
    const diagnostics = name === 'the diagnostics alone' ? [diagnostic] : [];
    const untracked = ['core/notes.txt', table, `${ui}/src/Other.tsx`];
    expect(said({ cwd: ui, output, diagnostics, untracked })).toEqual([add(table)]);
  });

  test('by a command that changed into the folder itself', () => {
    const output = `src/App.tsx(3,22): error TS2307: Cannot find module './Table' or its corresponding type declarations.`;
    expect(said({ output, untracked: [table] })).toEqual([add(table)]);
  });

  test.each([
    ['./Table', `${ui}/src/Table/index.ts`],
    ['./data/rates.json', `${ui}/src/data/rates.json`],
    ['./logo.svg?url', `${ui}/src/logo.svg`],
    ['./App.module.css', `${ui}/src/App.module.css`],
    ['../types', `${ui}/types.d.ts`],
  ])('%s is %s', (spec, path) => {
    expect(said({ cwd: ui, output: `Could not resolve "${spec}" from "src/App.tsx"`, untracked: [path] })).toEqual([
      add(path),
    ]);
  });

  test('Node, as it says it for both kinds of modules', () => {
    const path = `${ui}/src/rates.js`;
    const required = `Error: Cannot find module './rates'\nRequire stack:\n- /workspace/${ui}/src/money.ts\n    at Function`;
    const imported = `Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/workspace/${path}' imported from /workspace/${ui}/src/money.ts`;
    for (const output of [required, imported]) expect(said({ output, untracked: [path] })).toEqual([add(path)]);
  });

  test('the page’s own script', () => {
    const output = `[vite]: Rollup failed to resolve import "/src/main.tsx" from "/workspace/${ui}/index.html".`;
    expect(said({ cwd: ui, output, untracked: [`${ui}/src/main.tsx`] })).toEqual([add(`${ui}/src/main.tsx`)]);
  });
});

describe('a Python module, template or data file that was never committed', () => {
  test.each([
    [`E   ModuleNotFoundError: No module named 'core.orders'`, 'core/orders.py'],
    [`E   ModuleNotFoundError: No module named 'core.orders'`, 'core/orders/__init__.py'],
    [`E   ModuleNotFoundError: No module named 'shop.orders'`, 'src/shop/orders.py'],
    [`E   ImportError: cannot import name 'orders' from 'core' (/workspace/core/__init__.py)`, 'core/orders.py'],
    [
      `core/app.py:1: error: Cannot find implementation or library stub for module named "core.orders"  [import-not-found]`,
      'core/orders.py',
    ],
    [`core/app.py:1: error: Module "core" has no attribute "orders"  [attr-defined]`, 'core/orders.py'],
    [
      `core/tests/test_app.py:1: in <module>\n    import factories\nE   ModuleNotFoundError: No module named 'factories'`,
      'core/tests/factories.py',
    ],
    [`E   FileNotFoundError: [Errno 2] No such file or directory: 'core/data/rates.json'`, 'core/data/rates.json'],
    [
      `E   FileNotFoundError: [Errno 2] No such file or directory: '/workspace/core/data/rates.json'`,
      'core/data/rates.json',
    ],
    [
      `ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements-dev.txt'`,
      'requirements-dev.txt',
    ],
    [`python: can't open file '/workspace/scripts/seed.py': [Errno 2] No such file or directory`, 'scripts/seed.py'],
    [`bash: line 1: scripts/seed.sh: No such file or directory`, 'scripts/seed.sh'],
    [`sh: 1: ./seed.sh: not found`, 'seed.sh'],
    [`ERROR: file or directory not found: core/tests/test_new.py`, 'core/tests/test_new.py'],
    [`mypy: can't read file 'strict.ini': No such file or directory`, 'strict.ini'],
    [`django.template.exceptions.TemplateDoesNotExist: orders/list.html`, 'core/templates/orders/list.html'],
    [`jinja2.exceptions.TemplateNotFound: mail.txt`, 'core/templates/mail.txt'],
    [`error TS5083: Cannot read file '/workspace/tsconfig.base.json'.`, 'tsconfig.base.json'],
    [`error TS6053: File '/workspace/types/env.d.ts' not found.`, 'types/env.d.ts'],
    [`Error: ENOENT: no such file or directory, open '/workspace/core/schema.json'`, 'core/schema.json'],
    [`make: *** No rule to make target 'rates.csv', needed by 'all'.  Stop.`, 'rates.csv'],
    [`cat: my file.txt: No such file or directory`, 'my file.txt'],
  ])('%s', (output, path) => {
    const word = path.includes(' ') ? `'${path}'` : path;
    expect(said({ output, untracked: ['zz.py', path] })).toEqual([
      `${path} exists here but is not committed: git add ${word}`,
    ]);
  });
});

describe('a file that git ignores', () => {
  test('is named with the line that does it', () => {
    const output = `FileNotFoundError: [Errno 2] No such file or directory: 'core/settings.local.json'`;
    expect(said({ output, ignored: ['core/settings.local.json'] })).toEqual([
      'core/settings.local.json exists here but git ignores it (.gitignore:3: rule): git add -f core/settings.local.json',
    ]);
  });

  test('in a folder that is ignored as a whole: it may be something to build', () => {
    const output = `Error: ENOENT: no such file or directory, open '/workspace/dist/api.json'`;
    expect(said({ output, ignored: ['dist/'], present: ['dist/api.json'] })).toEqual([
      "dist/api.json exists here but git ignores dist/ (.gitignore:3: rule): make it in a step, or: echo '!/dist/' >> .gitignore && git add dist/",
    ]);
    expect(said({ output, ignored: ['dist/'] })).toEqual([]);
  });

  test('a package that is hidden as a whole: the line that brings it back stands in the file that hides it', () => {
    const output = `ModuleNotFoundError: No module named 'pricing.lib'`;
    const hidden = { output, ignored: ['pricing/lib/'], present: ['pricing/lib/__init__.py'] };
    const line = (rule: string, echo: string): string =>
      `pricing/lib/__init__.py exists here but git ignores pricing/lib/ (${rule}): make it in a step, or: ${echo} && git add pricing/lib/`;
    const of = (rule: string): readonly string[] => said({ ...hidden, rule });
    expect(of('.gitignore:3: lib/')).toEqual([line('.gitignore:3: lib/', "echo '!/pricing/lib/' >> .gitignore")]);
    expect(of('pricing/.gitignore:1: lib')).toEqual([
      line('pricing/.gitignore:1: lib', "echo '!/lib/' >> pricing/.gitignore"),
    ]);
    expect(of('/home/dev/.gitignore:1: lib')).toEqual([
      line('/home/dev/.gitignore:1: lib', "echo '!/pricing/lib/' >> .gitignore"),
    ]);
    // Its files are hidden one by one: there is no folder to bring back.
    expect(said({ ...hidden, rule: null })).toEqual([
      'pricing/lib/__init__.py exists here but git ignores it (.gitignore:3: rule): make it in a step, or: git add -f pricing/lib/__init__.py',
    ]);
  });

  test('but not what is installed or made by tools', () => {
    const output = `Error: ENOENT: no such file or directory, open '/workspace/node_modules/vite/package.json'`;
    expect(said({ output, ignored: ['node_modules/'], present: ['node_modules/vite/package.json'] })).toEqual([]);
  });
});

describe('a folder that git does not keep', () => {
  const line =
    'the folder exports is here but not in the commit, git keeps no empty ones: make it in the code, or: touch exports/.gitkeep && git add -f exports/.gitkeep';
  const written = [
    '_________________________________ test_export __________________________________',
    '>       (pathlib.Path("exports") / "a.csv").write_text("a;b")',
    '',
    'tests/test_export.py:9: ',
    "self = PosixPath('exports/a.csv'), mode = 'w', buffering = -1, encoding = 'utf-8'",
    "E       FileNotFoundError: [Errno 2] No such file or directory: 'exports/a.csv'",
    '=========================== short test summary info ============================',
    "FAILED tests/test_export.py::test_export - FileNotFoundError: [Errno 2] No such file or directory: 'exports/a.csv'",
  ].join('\n');

  test('is named, and not the file that a test wrote into it in the last run', () => {
    expect(said({ output: written, folders: ['exports'], ignored: ['exports/a.csv'] })).toEqual([line]);
    expect(said({ output: written, folders: ['exports'] })).toEqual([line]);
  });

  test('as the path itself, by Node, by a shell', () => {
    expect(
      said({ output: `FileNotFoundError: [Errno 2] No such file or directory: 'exports'`, folders: ['exports'] }),
    ).toEqual([line]);
    const node = `Error: ENOENT: no such file or directory, open 'exports/a.json'\n    at Object.writeFileSync (node:fs:2397:20)`;
    expect(said({ output: node, folders: ['exports'], ignored: ['exports/a.json'] })).toEqual([line]);
    const shell = 'bash: line 1: exports/a.csv: No such file or directory';
    expect(said({ output: shell, folders: ['exports'] })).toEqual([line]);
  });

  test('but a file that is read from an ignored folder is the file', () => {
    const output = `    rates = open("data/rates.json").read()\nFileNotFoundError: [Errno 2] No such file or directory: 'data/rates.json'`;
    expect(said({ output, folders: ['data'], ignored: ['data/rates.json'] })).toEqual([
      'data/rates.json exists here but git ignores it (.gitignore:3: rule): git add -f data/rates.json',
    ]);
  });

  test('nor is a folder that is not here, or that the commit has', () => {
    expect(said({ output: written })).toEqual([]);
    expect(said({ output: written, folders: ['exports'], also: ['exports/b.csv'] })).toEqual([]);
  });
});

describe('a .env file that the commit lacks', () => {
  const variables = { '.env': ['API_BASE', 'REGION', 'api_key'], 'core/.env.local': ['API_BASE'] };
  const of = (names: string): string =>
    `.env exists here but git ignores it (.gitignore:3: rule) and sets ${names}: give the step ${names} in parity.yaml (env, passEnv or secrets)`;

  test.each([
    [`E   KeyError: 'API_BASE'`, 'API_BASE'],
    ['bash: line 1: REGION: unbound variable', 'REGION'],
    ['decouple.UndefinedValueError: API_BASE not found. Declare it as envvar or define a default value.', 'API_BASE'],
    ['environs.EnvError: Environment variable "API_BASE" not set', 'API_BASE'],
    ['django.core.exceptions.ImproperlyConfigured: Set the API_BASE environment variable', 'API_BASE'],
    ['Error: API_BASE is not set', 'API_BASE'],
    [`1 validation error for Settings\napi_base\n  Field required [type=missing, input_value={}]`, 'API_BASE'],
    [`KeyError: 'REGION'\nKeyError: 'API_BASE'`, 'REGION, API_BASE'],
  ])('%s', (output, names) => {
    expect(said({ output, ignored: ['.env'], variables })).toEqual([of(names)]);
  });

  test('that was never ignored is named without advice to commit it', () => {
    expect(said({ output: `KeyError: 'API_BASE'`, untracked: ['.env'], variables })).toEqual([
      '.env exists here but it is not committed and sets API_BASE: give the step API_BASE in parity.yaml (env, passEnv or secrets)',
    ]);
  });

  test('that does not set it, is an example, or lies elsewhere is not named', () => {
    expect(said({ output: `KeyError: 'OTHER'`, ignored: ['.env'], variables })).toEqual([]);
    expect(said({ output: `KeyError: 'API_BASE'`, ignored: ['core/.env.local'], variables })).toEqual([]);
    expect(
      said({
        output: `KeyError: 'API_BASE'`,
        untracked: ['.env.example'],
        variables: { '.env.example': ['API_BASE'] },
      }),
    ).toEqual([]);
  });
});

describe('a committed file that is otherwise here', () => {
  test.each([
    [`E   ImportError: cannot import name 'total' from 'core.app' (/workspace/core/app.py)`, 'core/app.py'],
    [`core/app.py:3:1: F401 'os' imported but unused`, 'core/app.py'],
    [`core/app.py:3: error: Incompatible types`, 'core/app.py'],
    [`  File "/workspace/core/app.py", line 3, in <module>`, 'core/app.py'],
    [`would reformat core/app.py`, 'core/app.py'],
    [`would reformat /workspace/core/app.py`, 'core/app.py'],
    [`FAILED core/tests/test_app.py::test_total - AssertionError`, 'core/tests/test_app.py'],
    [`src/App.tsx(1,10): error TS2305: Module '"./money"' has no exported member 'cents'.`, `${ui}/src/money.ts`],
    [`src/App.tsx (1:9): "cents" is not exported by "src/money.ts", imported by "src/App.tsx".`, `${ui}/src/money.ts`],
  ])('%s', (output, path) => {
    const cwd = output.startsWith('src/') ? ui : '';
    const modified = ['parity.yaml', path];
    expect(said({ cwd, output, modified })).toEqual([
      `${path} has changes here that are not committed: git commit ${path}`,
    ]);
  });

  test('deleted here, but its deletion was never committed', () => {
    const output = 'FAILED core/tests/test_app.py::test_total - AssertionError';
    expect(said({ output, deleted: ['core/tests/test_app.py'] })).toEqual([
      'core/tests/test_app.py is deleted here but not in the commit: git rm core/tests/test_app.py',
    ]);
  });

  test('in another letter case than it is asked for', () => {
    expect(said({ cwd: ui, output: `Could not resolve "./app" from "src/money.ts"` })).toEqual([
      `${ui}/src/app.tsx is not there, but ${ui}/src/App.tsx is: CI tells capital letters from small ones`,
    ]);
    expect(said({ output: `ModuleNotFoundError: No module named 'core.App'` })).toEqual([
      'core/App.py is not there, but core/app.py is: CI tells capital letters from small ones',
    ]);
  });

  test('committed since, when an older commit is checked', () => {
    expect(said({ output: `No module named 'core.orders'`, elsewhere: ['core/orders.py'] })).toEqual([
      'core/orders.py exists here but not in 1a2b3c4',
    ]);
  });
});

describe('nobody is accused falsely', () => {
  test.each<[string, Case]>([
    [
      'a package of the same name as an uncommitted script elsewhere',
      { cwd: ui, output: `Cannot find module 'lodash' or its corresponding`, untracked: ['scratch/lodash.ts'] },
    ],
    [
      'a scoped package',
      { cwd: ui, output: `Cannot find module '@tanstack/table' or its`, untracked: [`${ui}/src/table.ts`] },
    ],
    [
      'a module that another folder happens to have',
      { output: `No module named 'orders'`, untracked: ['x/orders.py'] },
    ],
    [
      'two files that would do',
      { output: `No module named 'shop.orders'`, untracked: ['a/shop/orders.py', 'b/shop/orders.py'] },
    ],
    ['an uncommitted file that the output does not name', { output: '1 failed', untracked: ['core/new.py'] }],
    [
      'one that the output names, but not as missing',
      { output: 'core/new.py is fine\ncore/tests/test_app.py .....', untracked: ['core/new.py'] },
    ],
    [
      'a changed file in pytest’s progress, that passed',
      { output: 'core/tests/test_app.py ....                      [100%]', modified: ['core/tests/test_app.py'] },
    ],
    [
      'the neighbour of what is missing',
      {
        cwd: ui,
        output: `Could not resolve "./Table" from "src/App.tsx"`,
        untracked: [`${ui}/src/TableRow.tsx`, `${ui}/Table.tsx`],
      },
    ],
    [
      'a path out of the repository',
      { output: `No such file or directory: '../secret.txt'`, untracked: ['secret.txt'] },
    ],
    [
      'a file of the image',
      { output: `No such file or directory: '/etc/app.conf'`, untracked: ['etc/app.conf', 'app.conf'] },
    ],
    [
      'a committed file that is found under its own name',
      { cwd: ui, output: `Could not resolve "./App" from "src/money.ts"`, also: [`${ui}/src/APP.tsx`] },
    ],
  ])('%s', (_name, one) => {
    expect(said(one)).toEqual([]);
  });
});

test('the missing file comes first, each file once, and no more than five', () => {
  const untracked = [1, 2, 3, 4, 5, 6, 7].map((number) => `core/m${number}.py`);
  const output = ['core/app.py:1: error: x', ...untracked, ...untracked]
    .map((path) => (path.startsWith('core/m') ? `No module named 'core.${path.slice(5, 7)}'` : path))
    .join('\n');
  expect(said({ output, untracked, modified: ['core/app.py'] })).toEqual([
    ...untracked.slice(0, 5).map(add),
    'and 3 more: git status',
  ]);
});

test('a long output is read to its end', () => {
  const output = `core/app.py:1: error: Cannot find module './x'\n`.repeat(1500);
  const also = Array.from({ length: 20_000 }, (_, index) => `lib/${index}/file.py`);
  expect(said({ output, also })).toEqual([]);
});
