import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellCommands } from './shell.ts';

const words = (script: string): string[] =>
  shellCommands(script).map(({ words: all }) => all.map(({ text }) => text).join(' '));

it('splits what CI files hold', () => {
  expect(words('pip install black==25.9.0 && black --check .')).toEqual([
    'pip install black==25.9.0',
    'black --check .',
  ]);
  expect(words('pip install \\\n  black \\\r\n  flake8 # and more\nmypy core | tee out; echo done')).toEqual([
    'pip install black flake8',
    'mypy core',
    'tee out',
    'echo done',
  ]);
  expect(words('if ! command -v uv; then sudo pip install "uv == 0.9"; fi')).toEqual([
    'command -v uv',
    'pip install uv == 0.9',
  ]);
  expect(words('PYTHONPATH=. FOO="a b" pytest -q 2>&1 >out.txt')).toEqual(['pytest -q']);
  expect(words('cat <<EOF > x\npip install black\nEOF\nmypy .')).toEqual(['cat', 'mypy .']);
  expect(words('(cd core; black .)')).toEqual(['cd core', 'black .']);
});

it('looks into loops, conditions, cases, functions and groups', () => {
  expect(words('case "$MODE" in\n  fast) pytest -q ;;\n  slow|full)\n    pytest -v\n    ;;\nesac')).toEqual([
    'pytest -q',
    'pytest -v',
  ]);
  expect(words('for f in a b; do black $f; done; while ! curl x; do sleep 1; done')).toEqual([
    'black $f',
    'curl x',
    'sleep 1',
  ]);
  expect(words('[[ "$OS" == linux && -f x ]] && { mypy .; } || (flake8)')).toEqual(['[[ ]]', 'mypy .', 'flake8']);
  expect(words('check() {\n  ruff check "$@"\n}\nARGS=(-q "--cov x")\ncheck src "${ARGS[@]}"')).toEqual([
    'ruff check $@',
    'check src ${ARGS[@]}',
  ]);
  expect(words('OUT="$(pytest -q)"\nX=`black .`')).toEqual(['pytest -q', 'black .']);
});

it('takes away what only runs the command after it', () => {
  expect(words('env PYTHONPATH=src X= pytest -q\nsudo -H -E -u ci env A=b pip install x\nexec nohup make')).toEqual([
    'pytest -q',
    'pip install x',
    'make',
  ]);
  // They ask for something else.
  expect(words('env -i pytest; command -v uv; sudo -v; env')).toEqual([
    'env -i pytest',
    'command -v uv',
    'sudo -v',
    'env',
  ]);
});

it('keeps what is written in its place, and says what only running would tell', () => {
  const script = `pip install "black==$V" 'mypy==1.18.2' ${'${{ matrix.tool }}'}`;
  const [command] = shellCommands(script);
  expect(command?.words.map(({ text, dynamic, start, end }) => [text, dynamic, script.slice(start, end)])).toEqual([
    ['pip', false, 'pip'],
    ['install', false, 'install'],
    ['black==$V', true, 'black==$V'],
    ['mypy==1.18.2', false, 'mypy==1.18.2'],
    ['${{ matrix.tool }}', true, '${{ matrix.tool }}'],
  ]);
});

it('sees whose failure counts for nothing', () => {
  expect(
    shellCommands('mypy . || true; black . || exit 1\nflake8 ||  echo "no matter"').map(({ ignored }) => ignored),
  ).toEqual(['|| true', undefined, undefined, '|| echo no matter']);
  expect(shellCommands('a && { b; c; } || true; d').map(({ ignored }) => ignored)).toEqual([
    '|| true',
    '|| true',
    '|| true',
    undefined,
  ]);
  expect(shellCommands('(a; b) | tee x').map(({ pipedTo }) => pipedTo)).toEqual(['tee', 'tee', undefined]);
});

it('never throws and never points outside, whatever the text', () => {
  const pieces = fc.constantFrom(
    'a',
    ' ',
    '\\',
    '\n',
    '\r\n',
    '"',
    "'",
    '$',
    '${',
    '}',
    '$(',
    ')',
    '(',
    '`',
    '<<E',
    'E\n',
    '#',
    '|',
    '||',
    '&&',
    ';',
    'X=',
    '2>&1',
    '${{ x }}',
  );
  const texts = fc.array(pieces, { maxLength: 30 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(texts, fc.string({ unit: 'binary' })), (script) => {
      for (const { words: all } of shellCommands(script))
        for (const { start, end } of all) {
          expect(start).toBeLessThanOrEqual(end);
          expect(end).toBeLessThanOrEqual(script.length);
        }
    }),
    { numRuns: 3_000 },
  );
});
