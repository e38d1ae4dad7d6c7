import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { brief, declarationsOf } from '../../../test/support/declarations.ts';
import type { FileDeclarations } from '../declaration.ts';
import { readRequirementsFile } from './requirements.ts';

const read = (text: string, path = 'core/requirements.txt'): FileDeclarations =>
  declarationsOf(readRequirementsFile, path, text);

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
black @ git+https://example.com/psf/black@25.9.0
mypy @ git+ssh://git@example.com/python/mypy@v1.18.2#subdirectory=src
-e git+https://example.com/ruff@v0.6.1#egg=ruff
`;
  expect(brief(read(text))).toEqual([
    ['pypi:black', '==25.9.0', '2:6', '==25.9.0'],
    ['pypi:flake8', '==7.3.0', '3:8', '== 7.3.0'],
    ['pypi:mypy', '>=1.10,<2', '4:5', '>=1.10,<2', 'python_version >= "3.9"'],
    ['pypi:sqlalchemy', '~=2.0.23', '5:21', '~=2.0.23'],
    ['pypi:typing-extensions', '', '6:1', 'typing_extensions'],
    ['pypi:ruff', '==0.6.*', '7:5', '==0.6.*'],
    ['pypi:pytest', '>=8', '9:9', '>=8'],
    ['pypi:sphinx', '? installed from an address', '10:10', 'https://example.com/sphinx.whl'],
    ['pypi:tool', '? installed from git', '11:8', 'git+https://example.com/tool@main'],
    ['pypi:uvicorn', '===0.32.1', '12:8', '===0.32.1'],
    ['pypi:internal', '? a variable (==${VERSION})', '13:9', '==${VERSION}'],
    ['pypi:black', '==25.9.0', '14:43', '25.9.0'],
    ['pypi:mypy', '==1.18.2', '15:47', '1.18.2'],
    ['pypi:ruff', '==0.6.1', '16:34', '0.6.1'],
  ]);
});

it('follows includes and constraints, and passes over options, paths and addresses', () => {
  const found = read(
    '-r base.txt\n--requirement=../dev.txt\n-c ./constraints.txt\n-e .\n--index-url https://x\n./local\nhttps://x/y.whl\n-r https://x/z.txt\n',
  );
  expect(found.declarations).toEqual([]);
  expect(found.problems).toEqual([]);
  expect(found.references.map(({ path, as }) => [path, as])).toEqual([
    ['core/base.txt', 'requirements'],
    ['dev.txt', 'requirements'],
    ['core/constraints.txt', 'constraints'],
  ]);
});

it('keeps places in files of other systems and with continued lines', () => {
  expect(brief(read('\uFEFFblack==1.0\r\nmypy \\\r\n  ==2.0\r\n'))).toEqual([
    ['pypi:black', '==1.0', '1:7', '==1.0'],
    ['pypi:mypy', '==2.0', '3:3', '==2.0'],
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
    fc.property(fc.oneof(texts, fc.string({ unit: 'binary' })), (text) => void read(text)),
    { numRuns: 3_000 },
  );
});

it('takes prose that is called requirements.txt for no requirements', () => {
  const prose =
    'Requirements\n============\n\nYou need a database, and Python.\n\nblack\n\nInstall them first, all of them\n';
  expect(declarationsOf(readRequirementsFile, 'docs/requirements.txt', prose)).toEqual({
    declarations: [],
    commands: [],
    references: [],
    problems: [],
  });
});
