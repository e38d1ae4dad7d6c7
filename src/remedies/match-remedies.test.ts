import { describe, expect, it } from 'vitest';
import type { FoundRemedy } from '../core/found-remedy.ts';
import type { ToolDiagnostic } from '../core/tool-diagnostic.ts';
import { catalogue } from './catalogue.ts';
import { findRemedies } from './match-remedies.ts';
import type { Remedy } from './remedy.ts';

function remedy(id: string, more: Partial<Remedy>): Remedy {
  return { id, title: `it is ${id}`, meaning: '', remedy: `mend ${id}`, links: [], matchers: [], ...more };
}

function said(tool: string, code: string | null, message: string, more: Partial<ToolDiagnostic> = {}): ToolDiagnostic {
  return { tool, code, message, severity: 'error', file: 'core/a.py', line: 3, column: null, ...more };
}

function find(
  entries: readonly Remedy[],
  diagnostics: readonly ToolDiagnostic[],
  { text = '', team = [] }: { readonly text?: string; readonly team?: readonly Remedy[] } = {},
): readonly FoundRemedy[] {
  return findRemedies({ diagnostics, text }, { catalogue: entries, team });
}

const ids = (found: readonly FoundRemedy[]): readonly string[] => found.map(({ id }) => id);

const fixture = "E       RuntimeError: There is no current event loop in thread 'MainThread'.\n";

const any = remedy('mypy/any', { matchers: [{ tool: 'mypy' }] });
const assignment = remedy('mypy/assignment', { matchers: [{ tool: 'mypy', codes: ['assignment'] }] });
const implicit = remedy('mypy/implicit', {
  links: ['https://example.org/a', 'https://example.org/b'],
  matchers: [
    {
      tool: 'mypy',
      codes: ['assignment'],
      pattern: /default for "(?<name>\w+)" .*type "(?<type>[^"]*)"/,
      remedy: '`{name}: {type} | None`',
    },
  ],
});
const refused = remedy('net/refused', { kind: 'cause', matchers: [{ pattern: /connection refused/i }] });
const layout = remedy('flake8/layout', { kind: 'style', matchers: [{ tool: 'flake8', codes: ['E302', 'E303'] }] });

describe('findRemedies', () => {
  it('takes for each diagnostic only the entry that speaks of most of it, with the names that were said', () => {
    expect(find([any, assignment, implicit], [said('mypy', 'assignment', 'default for "x" … type "int"')])).toEqual([
      {
        id: 'mypy/implicit',
        title: 'it is mypy/implicit',
        remedy: '`x: int | None`',
        count: 1,
        file: 'core/a.py',
        line: 3,
        link: 'https://example.org/a',
      },
    ]);
    expect(ids(find([any, assignment, implicit], [said('mypy', 'assignment', 'other')]))).toEqual(['mypy/assignment']);
    expect(ids(find([any, assignment, implicit], [said('mypy', null, 'other')]))).toEqual(['mypy/any']);
    expect(find([any], [said('flake8', null, 'other')])).toEqual([]);
  });

  it('is silent where the output holds what makes it something else', () => {
    const lack = remedy('net/name', { matchers: [{ pattern: /gaierror/, except: /gethostname\(\)/ }] });
    const failed = said('pytest', 'gaierror', 'socket.gaierror: [Errno -2] Name or service not known');
    expect(ids(find([lack], [failed]))).toEqual(['net/name']);
    expect(ids(find([lack], [failed], { text: '>   socket.gethostbyname(socket.gethostname())' }))).toEqual([]);
    expect(ids(find([lack], [], { text: 'gethostname()\ngaierror' }))).toEqual([]);
  });

  it('tells a step that has no network so, and which it is', () => {
    const lack = remedy('net/name', { matchers: [{ pattern: /EAI_AGAIN/, offline: 'step "{step}": network: full' }] });
    const of = (more: { readonly offlineStep?: string }): string | undefined =>
      findRemedies({ diagnostics: [], text: 'EAI_AGAIN', ...more }, { catalogue: [lack] })[0]?.remedy;
    expect(of({ offlineStep: 'a $& b' })).toBe('step "a $& b": network: full');
    expect(of({})).toBe('mend net/name');
  });

  it('says it in general when a name is missing or is none to show', () => {
    const long = 'Callable[[int], str] | '.repeat(5);
    for (const message of ['default for "x" … type ""', `default for "x" … type "${long}"`])
      expect(find([implicit], [said('mypy', 'assignment', message)])[0]?.remedy).toBe('mend mypy/implicit');
  });

  describe('names what the diagnostics know as words of a command', () => {
    const assertion = remedy('pytest/assertion', {
      matchers: [{ tool: 'pytest', codes: ['AssertionError'], remedy: 'run pytest -vv {test}' }],
    });
    const failed = (test: string): ToolDiagnostic => said('pytest', 'AssertionError', 'assert 0', { test });
    const long = `[${'x'.repeat(200)}]`;
    it.each([
      ['tests/test_a.py::test_b', 'run pytest -vv tests/test_a.py::test_b'],
      ["tests/test_a.py::test_b[a b-'c']", "run pytest -vv 'tests/test_a.py::test_b[a b-'\\''c'\\'']'"],
      [`tests/test_a.py::test_b${long}`, 'run pytest -vv tests/test_a.py::test_b'],
      [`tests/test_a.py::test_${'b'.repeat(200)}`, 'mend pytest/assertion'],
    ])('the test %s', (test, words) => {
      expect(find([assertion], [failed(test), failed('other.py::test')])[0]?.remedy).toBe(words);
    });

    it('the test from the folder that the command is typed in, or nothing where there is none', () => {
      const diagnostics = [failed('a.py::test')];
      const commands = { folder: 'app', place: (path: string): string => `app/core/${path}` };
      const found = findRemedies({ diagnostics, text: '', commands }, { catalogue: [assertion] });
      expect(found[0]?.remedy).toBe('run pytest -vv core/a.py::test');
      expect(find([assertion], [said('pytest', 'AssertionError', 'assert 0')])[0]?.remedy).toBe(
        'mend pytest/assertion',
      );
    });

    const format = remedy('black/format', { matchers: [{ tool: 'black', remedy: 'black {files}' }] });
    it.each([
      [['core/a.py', 'core/a.py', 'b c.py'], "black core/a.py 'b c.py'"],
      [['core/a.py', 'core/b.py', 'core/x/c.py', 'core/x/d.py'], 'black core'],
      [['a.py', 'core/b.py', 'core/c.py', 'core/d.py'], 'black .'],
      [[], 'mend black/format'],
    ])('the files %j', (files, words) => {
      const about = files.length === 0 ? [null] : files;
      const diagnostics = about.map((file) => said('black', null, 'would be reformatted', { file }));
      expect(find([format], diagnostics)[0]?.remedy).toBe(words);
    });
  });

  it('tells each once, with how many there were, at the first one’s place', () => {
    const diagnostics = [3, 7, 9].map((line) => said('flake8', 'E302', 'blank', { line }));
    expect(find([layout], diagnostics)).toMatchObject([{ id: 'flake8/layout', count: 3, line: 3 }]);
    const warned = [said('mypy', 'x', 'w', { severity: 'warning', line: 1 }), said('mypy', 'x', 'e', { line: 2 })];
    expect(find([any], warned)).toMatchObject([{ count: 2, line: 2 }]);
  });

  it('tells causes first and style last, errors before warnings, the more telling before the less', () => {
    const entries = [layout, any, implicit, refused];
    const diagnostics = [
      said('flake8', 'E302', 'blank'),
      said('flake8', 'E303', 'blank'),
      said('mypy', 'other', 'x'),
      said('mypy', 'assignment', 'default for "x" … type "int"'),
    ];
    expect(ids(find(entries, diagnostics, { text: 'x\nConnection refused\n' }))).toEqual([
      'net/refused',
      'mypy/implicit',
      'mypy/any',
      'flake8/layout',
    ]);
    const implicitWarned = diagnostics.map((one) =>
      one.code === 'assignment' ? { ...one, severity: 'warning' as const } : one,
    );
    expect(ids(find(entries, implicitWarned))).toEqual(['mypy/any', 'mypy/implicit', 'flake8/layout']);
  });

  it('finds in the output what no parser knows, and knows the place when a diagnostic says it, too', () => {
    expect(find([refused], [], { text: 'a\ncurl: connection refused\n' })).toMatchObject([{ count: 1, file: null }]);
    const failed = said('pytest', 'OSError', 'OSError: connection refused', { file: 'core/tests/test_a.py', line: 8 });
    expect(find([refused], [failed], { text: 'E OSError: connection refused' })).toMatchObject([
      { count: 1, file: 'core/tests/test_a.py', line: 8 },
    ]);
  });

  it('leaves out what another explains', () => {
    const atImport = remedy('python/import', { matchers: [{ pattern: /while importing/ }], covers: ['net/refused'] });
    expect(ids(find([refused, atImport], [], { text: 'connection refused while importing' }))).toEqual([
      'python/import',
    ]);
  });

  it('puts the team’s own first, whatever they say, and in the place of one of the same id', () => {
    const vpn = remedy('team/vpn', { matchers: [{ pattern: /connection refused/ }] });
    const own = remedy('mypy/implicit', { remedy: 'as we do it', matchers: [{ tool: 'mypy' }] });
    const diagnostics = [said('mypy', 'assignment', 'default for "x" … type "int"')];
    const found = find([refused, implicit], diagnostics, { text: 'connection refused', team: [vpn, own] });
    expect(found.map(({ id, remedy: words }) => `${id}: ${words}`)).toEqual([
      'team/vpn: mend team/vpn',
      'mypy/implicit: as we do it',
      'net/refused: mend net/refused',
    ]);
  });
});

describe('the catalogue', () => {
  const first = (text: string): string => {
    const [found] = find(catalogue, [], { text });
    return found === undefined ? '' : `${found.id} ${found.remedy}`;
  };
  it.each([
    ['make', 'make: uv: No such file or directory\nmake: *** [Makefile:2: test] Error 127\n', 'uv'],
    ['a shell', 'sh: 1: poetry: not found\n', 'poetry'],
    ['nox', 'nox > Program pdm not found.\n', 'pdm'],
    ['Node', 'Error: spawnSync uv ENOENT\n    at Object.spawnSync (node:internal/child_process:1124:20)\n', 'uv'],
    [
      'Python',
      '  File "/usr/lib/python3.11/subprocess.py", line 1955, in _execute_child\n    raise child_exception_type(errno_num, err_msg, err_filename)\nFileNotFoundError: [Errno 2] No such file or directory: \'uv\'\n',
      'uv',
    ],
    [
      'pytest',
      "E       FileNotFoundError: [Errno 2] No such file or directory: 'uv'\n\n/usr/lib/python3.11/subprocess.py:1955: FileNotFoundError\n",
      'uv',
    ],
  ])('knows a package manager that is not there, as %s says it', (_, text, name) => {
    expect(first(text)).toMatch(new RegExp(`^shell/package-manager-not-found .*\\b${name}\\b.*parity lock$`));
    expect(first(text.replaceAll(name, 'jq'))).toMatch(/^shell\/command-not-found .*`jq`/);
  });

  it('takes a file that is not there for no program', () => {
    expect(first("FileNotFoundError: [Errno 2] No such file or directory: 'uv'\n")).not.toContain('shell/');
  });

  it.each([
    ["Error: Cannot find module '../lightningcss.linux-x64-gnu.node'", 'lightningcss.linux-x64-gnu.node'],
    ['- Attempted to load @next/swc-linux-x64-gnu, but it was not installed', '@next/swc-linux-x64-gnu'],
    [
      'Error: No prebuild or local build of @parcel/watcher found. Tried @parcel/watcher-linux-x64-glibc. Please ensure',
      '@parcel/watcher-linux-x64-glibc',
    ],
    ['Turborepo did not find the correct binary for your platform.', 'rm -rf node_modules'],
  ])('knows a lock file of one platform by %s', (text, name) => {
    expect(first(text)).toContain('npm/lock-of-one-platform ');
    expect(first(text)).toContain(name);
  });

  it.each([
    [
      `BEWARE: your OS is not officially supported by Playwright; installing dependencies for ubuntu20.04-x64 as a fallback.
Installing dependencies...
E: setgroups 65534 failed - setgroups (1: Operation not permitted)
Ign:1 mirror trixie InRelease
Err:2 mirror trixie Release
  Could not open file /var/lib/apt/lists/partial/mirror_debian_dists_trixie_Release - open (13: Permission denied)
Failed to install browsers
Error: Installation process exited with code: 100
`,
      'Leave --with-deps out',
    ],
    [
      `Switching to root user to install dependencies...
su: Authentication failure
Failed to install browser dependencies
Error: Installation process exited with code: 1
`,
      'Leave --with-deps out',
    ],
    ['E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n', 'Name the packages'],
  ])('knows what wants root to install packages: %#', (text, remedy) => {
    expect(first(text)).toContain('infrastructure/needs-root ');
    expect(first(text)).toContain(remedy);
  });

  it('tells a fixture that wants a loop from a task that wants one that runs', () => {
    const [of, task] = [fixture, 'RuntimeError: no running event loop\n'].map(
      (text) => find(catalogue, [], { text })[0],
    );
    expect(of).toMatchObject({
      id: 'asyncio/no-running-loop',
      remedy: expect.stringContaining('new_event_loop()') as string,
    });
    expect(task?.remedy).toContain('inside of an async function');
  });
});
