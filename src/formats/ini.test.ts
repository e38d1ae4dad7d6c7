import { expect, it } from 'vitest';
import { iniEntry, iniLines, iniSection, readIni, type IniDialect } from './ini.ts';
import { rangeOf } from './mapped-text.ts';

const text = `\uFEFF# a comment
[options]
python_requires = >=3.8 ; no marker # why
Install-Requires =
    black==25.9.0
    ; left out
    mypy ; python_version < "3.9"

\ttox

[options]
zip_safe: no
`;

function lines(key: string, dialect?: IniDialect): readonly string[] | undefined {
  const entry = iniEntry(readIni(text, dialect), 'options', key);
  return entry === undefined ? undefined : iniLines(entry).map((line) => line.text);
}

it('gives the lines of a value where they stand, without comments', () => {
  const entry = iniEntry(readIni(text), 'options', 'install_requires');
  const found = entry === undefined ? [] : iniLines(entry);
  expect(found.map((line) => line.text)).toEqual(['black==25.9.0', 'mypy ; python_version < "3.9"', 'tox']);
  expect(found.map((line) => text.slice(...(rangeOf(line) ?? [])))).toEqual(found.map((line) => line.text));
});

it.each([
  ['#', ['>=3.8 ; no marker']],
  ['# or ;', ['>=3.8']],
  ['none', ['>=3.8 ; no marker # why']],
] as const)('with comments behind values after %s', (inlineComments, expected) => {
  expect(lines('python_requires', { inlineComments })).toEqual(expected);
});

it('reads a section that is written twice as one', () => {
  expect(iniSection(readIni(text), 'options').map(({ key }) => key)).toEqual([
    'python_requires',
    'Install-Requires',
    'zip_safe',
  ]);
  expect(lines('zip_safe')).toEqual(['no']);
  expect(lines('nothing')).toBeUndefined();
});

it('joins continued lines where they are wanted', () => {
  const entry = iniEntry(readIni('[testenv]\ncommands =\n  pytest \\\n    -q\n'), 'testenv', 'commands');
  expect(entry === undefined ? [] : iniLines(entry, true).map((line) => line.text.replace(/ +/g, ' '))).toEqual([
    'pytest -q',
  ]);
});

it('tells the lines that are neither section nor key', () => {
  const { problems } = readIni('nonsense\n[a]\nb = 1\n');
  expect(problems).toEqual([{ message: 'neither a section nor a key: nonsense', start: 0, end: 8 }]);
});
