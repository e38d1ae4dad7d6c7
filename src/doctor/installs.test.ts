import { expect, it } from 'vitest';
import { installedBy } from './installs.ts';
import { placesOf } from '../formats/places.ts';
import { shellCommands } from '../formats/shell.ts';

function read(script: string): readonly string[] {
  const places = placesOf(script);
  const range = (from: number, to: number): readonly [number, number] => [from, to];
  return shellCommands(script)
    .flatMap((command) => installedBy(command, { places, range }))
    .map(({ subject, value, unresolved, span, raw }) => {
      expect(script.slice(span.column - 1, span.endColumn - 1).replace(/["']/g, '')).toBe(raw.replace(/["']/g, ''));
      return `${subject} ${value ?? `? ${unresolved}`} ${raw}`;
    });
}

it('reads pip’s and uv’s words, and not their options', () => {
  expect(
    read('python -m pip install -U pip black==25.9.0 "flake8 >= 7,<8" -r requirements.txt mypy[dmypy]~=1.18'),
  ).toEqual(['pypi:pip  pip', 'pypi:black ==25.9.0 ==25.9.0', 'pypi:flake8 >=7,<8 >= 7,<8', 'pypi:mypy ~=1.18 ~=1.18']);
  expect(read('pip3.11 install --index-url https://x -e . ./local pkg.whl git+https://x/y ruff')).toEqual([
    'pypi:ruff  ruff',
  ]);
  expect(read('uv pip install --system --python 3.11 black==25.9.0')).toEqual(['pypi:black ==25.9.0 ==25.9.0']);
  expect(read('pip install "black==$V" $TOOLS mypy==${{ matrix.mypy }}')).toEqual([
    'pypi:black ? a variable (black==$V) black==$V',
    'pypi:mypy ? a variable (mypy==${{ matrix.mypy }}) mypy==${{ matrix.mypy }}',
  ]);
});

it('reads what runs a tool at a version', () => {
  expect(read('uvx black@25.9.0 --check .')).toEqual(['pypi:black ==25.9.0 25.9.0']);
  expect(read('uvx --from "black[jupyter]==25.9.0" black .')).toEqual(['pypi:black ==25.9.0 ==25.9.0']);
  expect(read('uv tool run --with=six==1.16.0 --python 3.12 mypy core')).toEqual([
    'pypi:six ==1.16.0 ==1.16.0',
    'pypi:mypy  mypy',
  ]);
  expect(read('uvx ruff@latest check')).toEqual(['pypi:ruff  latest']);
  expect(read('pipx run black==25.9.0 .; pipx install poetry==1.8')).toEqual([
    'pypi:black ==25.9.0 ==25.9.0',
    'pypi:poetry ==1.8 ==1.8',
  ]);
  expect(read('npx --yes prettier@3.1.0 . && npx -p typescript@5 tsc && npm install -g npm@11 @scope/x@^2')).toEqual([
    'npm:prettier 3.1.0 3.1.0',
    'npm:typescript 5 5',
    'npm:npm 11 11',
    'npm:@scope/x ^2 ^2',
  ]);
});

it('reads nothing from other commands', () => {
  expect(read('echo pip install black==1.0; npm ci; npm install; pip list; uv sync; black .')).toEqual([]);
});
