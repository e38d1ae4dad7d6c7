import { expect, it } from 'vitest';
import { readToml, tomlRange, tomlTable, TomlDocument } from './toml.ts';

const text = `\uFEFFtitle = "shop" # a comment
version = 3.10

[project]
dependencies = [
  "black==25.9.0",
  'mypy>=1',
]
"requires python" = """
>=3.11"""

[[tool.x]]
deps = { name = "a\\"b" }
`;

function read(): TomlDocument {
  const document = readToml(text);
  if (!(document instanceof TomlDocument)) throw new Error(document.message);
  return document;
}

function written(...path: readonly (string | number)[]): string | undefined {
  const said = read().text(path);
  return said === undefined ? undefined : text.slice(...tomlRange(said));
}

it('tells where each text stands, without its quotes', () => {
  expect(written('title')).toBe('shop');
  expect(written('project', 'dependencies', 1)).toBe('mypy>=1');
  expect(written('project', 'requires python')).toBe('>=3.11');
  expect(written('tool', 'x', 0, 'deps', 'name')).toBe('a\\"b');
  expect(written('project')).toBeUndefined();
});

it('gives a number as it is written', () => {
  expect(read().text(['version'])?.mapped.text).toBe('3.10');
});

it('has values, keys, items and spans by path', () => {
  const document = read();
  expect(document.root['title']).toBe('shop');
  expect(document.keys(['project'])).toEqual(['dependencies', 'requires python']);
  expect(document.items(['project', 'dependencies'])).toEqual([
    ['project', 'dependencies', 0],
    ['project', 'dependencies', 1],
  ]);
  expect(document.value(['tool', 'x', 0, 'deps', 'name'])).toBe('a"b');
  expect(document.value(['constructor'])).toBeUndefined();
  expect(document.spanOf(['project', 'dependencies', 0])).toEqual({ line: 6, column: 3, endLine: 6, endColumn: 18 });
  expect(document.spanOf(['nowhere'])).toEqual({ line: 1, column: 1, endLine: 1, endColumn: 2 });
});

it('tells what is wrong with a text that is none, and where', () => {
  expect(readToml('a = 1\nb = = 2\n')).toMatchObject({ span: { line: 2 }, message: expect.any(String) as string });
  expect(tomlTable('a = ')).toBeUndefined();
  expect(tomlTable(undefined)).toBeUndefined();
  expect(tomlTable('a = 1')).toEqual({ a: 1 });
});
