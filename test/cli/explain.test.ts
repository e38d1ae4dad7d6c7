import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/paths.ts';
import { scratchFolder, startParity, type Ended } from '../support/parity.ts';

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
  mkdirSync(join(scratch.dir, '.git'));
});
afterEach(() => {
  scratch.remove();
});

async function explain(args: readonly string[], stdin = ''): Promise<Ended> {
  const { child, ended } = startParity(['explain', ...args], { cwd: scratch.dir, stdin: 'pipe' });
  child.stdin?.end(stdin);
  return await ended;
}

const example = (id: string): string =>
  readFileSync(join(packageRoot(), 'test/fixtures/remedies', id, 'output.txt'), 'utf8');

const teams = `version: 1
toolchain: { python: "3.11", node: "24", tools: [], requirements: [] }
pipeline: [{ name: tests, run: "true" }]
remedies:
  - { id: vpn, title: The VPN is down, remedy: "Connect, then reach {host}", link: "https://wiki.example/vpn", match: 'cannot reach (?<host>\\S+)' }
`;

describe('parity explain', () => {
  it('tells what one means, what to do, the code before and after, and where more is written', async () => {
    expect(await explain(['mypy/implicit-optional'])).toEqual({
      code: 0,
      signal: null,
      stderr: '',
      stdout: `mypy/implicit-optional: A parameter whose default is None is not annotated as optional

Since PEP 484 was amended, \`x: int = None\` no longer means that x may be None: mypy takes the
annotation at its word (no_implicit_optional is the default). Say that None is allowed, and the
checker will also make sure that the code handles it.

Annotate it as \`T | None\`

before
    def half(amount: int = None) -> int:
        return amount // 2

after
    def half(amount: int | None = None) -> int:
        return 0 if amount is None else amount // 2

https://mypy.readthedocs.io/en/stable/kinds_of_types.html#optional-types-and-the-none-type
https://peps.python.org/pep-0484/#union-types
`,
    });
  });

  it('looks into the files here that the output is about', async () => {
    writeFileSync(
      join(scratch.dir, 'package-lock.json'),
      '{\n  "packages": {\n    "node_modules/shop-icons": {\n      "resolved": "http://localhost:4873/shop-icons/-/shop-icons-2.1.3.tgz"\n    }\n  }\n}\n',
    );
    const { code, stdout } = await explain(['-'], example('npm/lock-names-other-registry'));
    expect(stdout)
      .toBe(`npm/lock-names-other-registry: A lock file takes packages from a registry that is not in reach (package-lock.json:4)
  In package-lock.json put the registry that CI uses (npm config get registry) in the place of http://localhost:4873, and commit it
  More: parity explain npm/lock-names-other-registry
`);
    expect(code).toBe(0);
  });

  it('takes tools’ codes, several at once, and lists all without any', async () => {
    const codes = await explain(['F401', 'TS2307', 'mypy/assignment']);
    expect(codes.code).toBe(0);
    expect(codes.stdout.match(/^[a-z0-9]+\/[\w-]+(?=: )/gm)).toEqual([
      'flake8/unused-import',
      'tsc/module-not-found',
      'mypy/implicit-optional',
      'mypy/incompatible-assignment',
    ]);
    const all = await explain([]);
    expect(all.code).toBe(0);
    expect(all.stdout).toMatch(/^black\/unformatted +Files are not formatted as black formats them\n/);
    expect(all.stdout).toContain('\n\nflake8/syntax-error ');
  });

  it('reads a tool’s output on stdin, and says 1 when nothing of it is known', async () => {
    expect(
      await explain(
        ['-'],
        'core/a.py:3: error: Incompatible default for argument "n" (default has type "None", argument has type "int")  [assignment]\n',
      ),
    ).toEqual({
      code: 0,
      signal: null,
      stderr: '',
      stdout: `mypy/implicit-optional: A parameter whose default is None is not annotated as optional (core/a.py:3)
  Annotate it as \`n: int | None = None\`
  More: parity explain mypy/implicit-optional
`,
    });
    expect(await explain(['-'], '\u001B[31mall is well\u001B[0m\r\n')).toMatchObject({
      code: 1,
      stdout: 'Nothing in it is known here. parity explain lists what is\n',
    });
    expect(await explain(['-'], '')).toMatchObject({
      code: 1,
      stdout: 'There was no output to read. Errors may be on stderr: put 2>&1 in front of the |\n',
    });
  });

  it('gives the same as JSON', async () => {
    const one = JSON.parse((await explain(['--reporter', 'json', 'F401'])).stdout) as unknown;
    expect(one).toMatchObject({
      type: 'remedies',
      remedies: [{ id: 'flake8/unused-import', matchers: expect.any(Array) as unknown }],
    });
    const { code, stdout } = await explain(['--reporter', 'json', '-'], example('sqlalchemy/missing-greenlet'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'explained', remedies: [{ id: 'sqlalchemy/missing-greenlet' }] });
  });

  it.each([
    ['mypy/implicit-optionl', 'parity explain mypy/implicit-optional'],
    ['implicit-optional', 'parity explain mypy/implicit-optional'],
    ['F4O1', 'parity explain F401'],
    ['qqqqqqqq', 'parity explain'],
  ])('an unknown %s is no question, with the nearest names', async (name, next) => {
    const { code, stdout, stderr } = await explain([name]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(`error: nothing is known under the name "${name}"\nnext: ${next}\n`);
  });

  it('`-` goes alone', async () => {
    expect(await explain(['-', 'F401'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('`-` goes alone') as unknown,
    });
  });

  it('knows the team’s own, and goes on without them when the file has a mistake', async () => {
    writeFileSync(join(scratch.dir, 'parity.yaml'), teams);
    const own = await explain(['vpn']);
    expect(own).toMatchObject({
      code: 0,
      stdout: 'vpn: The VPN is down\n\nConnect, then reach {host}\n\nhttps://wiki.example/vpn\n',
    });
    const said = await explain(['-'], 'error: cannot reach db.corp now\n');
    expect(said.stdout).toBe('vpn: The VPN is down\n  Connect, then reach db.corp\n  More: parity explain vpn\n');
    writeFileSync(join(scratch.dir, 'parity.yaml'), teams.replace('match:', 'mtach:'));
    const without = await explain(['F401']);
    expect(without.code).toBe(0);
    expect(without.stderr).toMatch(/^warning: without the team's own remedies: parity\.yaml has /);
  });
});
