import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { parity, type Ended } from '../support/parity.ts';

const { address, folder, makeProject, test } = engineTest();

// mypy 1.18.2's own words; the image of these tests has none.
const said = (file: string, line: number, name: string, type: string): string =>
  `${file}:${line}: error: Incompatible default for argument "${name}" (default has type "None", argument has type "${type}")  [assignment]
${file}:${line}: note: PEP 484 prohibits implicit Optional. Accordingly, mypy has changed its default to no_implicit_optional=True
${file}:${line}: note: Use https://github.com/hauntsaninja/no_implicit_optional to automatically upgrade your codebase
`;

async function project(files: Readonly<Record<string, string>>, findings: string): Promise<string> {
  const words = `cat <<'END'\n${findings}END\nexit 1\n`;
  return await makeProject('  - { name: types, run: "PATH=$PWD/bin:$PATH; bash bin/mypy core" }\n', {
    name: 'a shop ü',
    files: { '.gitignore': '/.parity-cache/\n/.home/\n', 'bin/mypy': words, ...files },
    commit: true,
  });
}

// What was fetched once is there for the next; the host's way to the network is its own.
const cache = folder('cache');
const fix = (dir: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> => {
  const host = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', PARITY_CACHE_DIR: cache, ...more };
  return parity(['fix', ...args], {
    cwd: dir,
    env: { ...(Object.fromEntries(host) as Record<string, string>), ...env },
  });
};
const text = (dir: string, path: string): string => readFileSync(join(dir, path), 'utf8');

const calls = `"""Calls."""
from dataclasses import dataclass


def one(x: int = None, *, y: "Model" = None, z: dict[str, int] = None) -> None:  # keep me
    pass


def other(
    first: list[int] = None,
    second: int = 1,
): ...


@dataclass(frozen=True)
class Basket:
    name: str
    items: list[int] = []  # of articles
    tags: "set[str]" = set()
    prices: dict[str, int] = {}
    filled: list[int] = [1]


class Plain:
    items: list[int] = []
`;
const shadowed = `import dataclasses as dc
from typing import ClassVar

@dc.dataclass
class Form:
    field: str
    rows: list = []
    shared: ClassVar[list] = []
    def method(self, rows: list = []) -> None: ...
`;

test('what mypy says of None as a default, and empty defaults of dataclasses, are rewritten; all else stays byte for byte', async () => {
  const findings = [
    said('core/calls ü.py', 5, 'x', 'int'),
    said('core/calls ü.py', 5, 'y', 'Model'),
    said('core/calls ü.py', 5, 'z', 'dict[str, int]'),
    said('core/calls ü.py', 10, 'first', 'list[int]'),
    said('core/crlf.py', 1, 'a', 'str'),
  ].join('');
  const dir = await project(
    {
      'core/calls ü.py': calls,
      'core/form.py': shadowed,
      'core/crlf.py': 'def f(a: str = None): # \r\n    return a\r\n',
      'core/broken.py': 'from dataclasses import dataclass\n@dataclass\nclass A(:\n    a: list = []\n',
    },
    findings,
  );
  const shown = await fix(dir, ['--check']);
  expect({ code: shown.code, head: shown.stdout.split('\n').slice(0, 4) }).toEqual({
    code: 1,
    head: [
      'types: 5 × None made explicit in the type, 4 × field(default_factory=…)',
      expect.stringMatching(/^ {2}modified {3}core\/calls ü\.py {2}\+6 -6$/),
      expect.stringMatching(/^ {2}modified {3}core\/crlf\.py/),
      expect.stringMatching(/^ {2}modified {3}core\/form\.py/),
    ],
  });
  expect(shown.stderr).toContain('core/broken.py:1: ');
  const written = await fix(dir, ['types', '--yes']);
  expect({ code: written.code, end: written.stdout.trimEnd().split('\n').at(-1) }).toEqual({
    code: 0,
    end: '3 files written',
  });
  expect(text(dir, 'core/calls ü.py')).toBe(
    calls
      .replace('import dataclass\n', 'import dataclass, field\n')
      .replace('x: int = None', 'x: int | None = None')
      .replace('"Model"', '"Model | None"')
      .replace('z: dict[str, int] =', 'z: dict[str, int] | None =')
      .replace('first: list[int] =', 'first: list[int] | None =')
      .replace('items: list[int] = []  #', 'items: list[int] = field(default_factory=list)  #')
      .replace('= set()', '= field(default_factory=set)')
      .replace('prices: dict[str, int] = {}', 'prices: dict[str, int] = field(default_factory=dict)'),
  );
  expect(text(dir, 'core/form.py')).toBe(
    shadowed
      .replace('import ClassVar\n', 'import ClassVar\nimport dataclasses\n')
      .replace('    rows: list = []\n', '    rows: list = dataclasses.field(default_factory=list)\n'),
  );
  expect(text(dir, 'core/crlf.py')).toBe('def f(a: str | None = None): # \r\n    return a\r\n');
});

test('a project that runs on an older Python gets Optional, with its import', async () => {
  const dir = await project(
    {
      'pyproject.toml': '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.8"\n',
      'core/a.py': '"""A."""\n\nfrom typing import List\n\ndef f(a: List[int] = None, b: "B" = None): ...\n',
      'core/b.py': 'Optional = 1\ndef f(a: int = None): ...\n',
    },
    said('core/a.py', 5, 'a', 'List[int]') + said('core/a.py', 5, 'b', 'B') + said('core/b.py', 2, 'a', 'int'),
  );
  // Nobody answers there: the library comes from the cache.
  const proxy = 'http://127.0.0.1:9';
  const { code, stderr } = await fix(dir, ['--yes'], { HTTPS_PROXY: proxy, HTTP_PROXY: proxy });
  expect(code).toBe(0);
  expect(text(dir, 'core/a.py')).toBe(
    '"""A."""\n\nfrom typing import List, Optional\n\ndef f(a: Optional[List[int]] = None, b: Optional["B"] = None): ...\n',
  );
  expect(text(dir, 'core/b.py')).toBe('Optional = 1\ndef f(a: int = None): ...\n');
  expect(stderr).toContain('core/b.py:2: a: the module calls something else Optional');
});
