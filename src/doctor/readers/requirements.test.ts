import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { placesOf } from '../places.ts';
import type { FileReadings } from '../reading.ts';
import { readRequirementsFile } from './requirements.ts';

const read = (text: string, path = 'core/requirements.txt'): FileReadings => readRequirementsFile({ path, text });
const brief = ({ readings }: FileReadings): unknown[] =>
  readings.map(({ subject, value, undecided, span, said, condition }) => [
    subject,
    value ?? `? ${undecided}`,
    `${span.line}:${span.column}-${span.endLine}:${span.endColumn}`,
    said,
    ...(condition === undefined ? [] : [condition]),
  ]);

it('reads what pip reads', () => {
  const text = `# tools
black==25.9.0
Flake8 == 7.3.0  # with blanks
mypy>=1.10,<2 ; python_version >= "3.9"
SQLAlchemy[asyncio] ~=2.0.23
typing_extensions
ruff==0.6.* --hash=sha256:abc \\
    --hash=sha256:def
pytest (>=8)
sphinx @ https://example.com/sphinx.whl
tool @ git+https://example.com/tool@main
uvicorn===0.32.1
internal==\${VERSION}
`;
  expect(brief(read(text))).toEqual([
    ['pypi:black', '==25.9.0', '2:6-2:14', '==25.9.0'],
    ['pypi:flake8', '==7.3.0', '3:8-3:16', '== 7.3.0'],
    ['pypi:mypy', '>=1.10,<2', '4:5-4:14', '>=1.10,<2', 'python_version >= "3.9"'],
    ['pypi:sqlalchemy', '~=2.0.23', '5:21-5:29', '~=2.0.23'],
    ['pypi:typing-extensions', '', '6:1-6:18', 'typing_extensions'],
    ['pypi:ruff', '==0.6.*', '7:5-7:12', '==0.6.*'],
    ['pypi:pytest', '>=8', '9:9-9:12', '>=8'],
    ['pypi:sphinx', '? installed from an address', '10:10-10:40', 'https://example.com/sphinx.whl'],
    ['pypi:tool', '? installed from git', '11:8-11:41', 'git+https://example.com/tool@main'],
    ['pypi:uvicorn', '===0.32.1', '12:8-12:17', '===0.32.1'],
    ['pypi:internal', '? a variable (==${VERSION})', '13:9-13:21', '==${VERSION}'],
  ]);
});

it('follows includes and constraints, and passes over options, paths and addresses', () => {
  const found = read(
    '-r base.txt\n--requirement=../dev.txt\n-c ./constraints.txt\n-e .\n--index-url https://x\n./local\nhttps://x/y.whl\n-r https://x/z.txt\n',
  );
  expect(found.readings).toEqual([]);
  expect(found.problems).toEqual([]);
  expect(found.references.map(({ path, as }) => [path, as])).toEqual([
    ['core/base.txt', 'requirements'],
    ['dev.txt', 'requirements'],
    ['core/constraints.txt', 'constraints'],
  ]);
});

it('keeps places in files of other systems and with continued lines', () => {
  expect(brief(read('\uFEFFblack==1.0\r\nmypy \\\r\n  ==2.0\r\n'))).toEqual([
    ['pypi:black', '==1.0', '1:7-1:12', '==1.0'],
    ['pypi:mypy', '==2.0', '3:3-3:8', '==2.0'],
  ]);
});

it('says what is no requirement', () => {
  expect(read('black 25.9.0\n').problems.map(({ message }) => message)).toEqual(['no requirement: black 25.9.0']);
});

it('never throws, and what is said stands where the span says', () => {
  const pieces = fc.constantFrom(
    'black',
    'a.b_c',
    '==1.0',
    ' ~= 2',
    '>=1,<3',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\\\n',
    '#',
    ';',
    '[x]',
    '(',
    ')',
    '@',
    '${V}',
    '-r ',
    'é',
    '\uFEFF',
  );
  const texts = fc.array(pieces, { maxLength: 30 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(texts, fc.string({ unit: 'binary' })), (text) => {
      const places = placesOf(text);
      for (const { span, said } of read(text).readings) {
        const [start, end] = [places.offset(span.line, span.column), places.offset(span.endLine, span.endColumn)];
        expect(text.slice(start, end).replace(/\\\r?\n/g, (join) => ' '.repeat(join.length))).toBe(said);
      }
    }),
    { numRuns: 3_000 },
  );
});
