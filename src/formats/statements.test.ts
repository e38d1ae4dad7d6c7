import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellStatements } from './statements.ts';

const told = (script: string): readonly string[] =>
  shellStatements(script).map(
    ({ text, isCompound, changesShell, parts }) =>
      `${isCompound ? 'compound ' : ''}${changesShell ? 'changing ' : ''}${text} [${parts.map((part) => `${part.text}${part.joint === '' ? '' : ` ${part.joint}`}`).join(' ')}]`,
  );

it('splits a script at what a shell reads as a whole', () => {
  expect(told('pip install -e .\nblack --check . && flake8; mypy core\n')).toEqual([
    'pip install -e . [pip install -e .]',
    'black --check . && flake8 [black --check . && flake8]',
    'mypy core [mypy core]',
  ]);
  expect(told('pytest -q \\\n  --cov | tee out.txt\n"my tool" x ||\n  true')).toEqual([
    'pytest -q \\\n  --cov | tee out.txt [pytest -q \\\n  --cov | tee out.txt]',
    '"my tool" x ||\n  true ["my tool" x || true]',
  ]);
});

it('keeps together what hangs together', () => {
  expect(told('if [ -f x ]; then\n  a; b\nfi\nfor i in 1 2; do echo $i; done\nlast')).toEqual([
    'compound if [ -f x ]; then\n  a; b\nfi [if [ -f x ]; then\n  a; b\nfi]',
    'compound for i in 1 2; do echo $i; done [for i in 1 2; do echo $i; done]',
    'last [last]',
  ]);
  expect(told('(cd core/admin_ui && npm ci && npm run build)\ncat <<EOF > x\none; two\nEOF\nnext')).toEqual([
    'compound (cd core/admin_ui && npm ci && npm run build) [(cd core/admin_ui && npm ci && npm run build)]',
    'cat <<EOF > x\none; two\nEOF [cat <<EOF > x]',
    'next [next]',
  ]);
  expect(told('f() { echo a; }\nf\ncase $x in a) y;; esac')).toEqual([
    'compound changing f() { echo a; } [f() { echo a; }]',
    'f [f]',
    'compound case $x in a) y;; esac [case $x in a) y;; esac]',
  ]);
});

it('keeps a script whole that can not be read, and says why', () => {
  expect(shellStatements('a\nif x; then\n  b\n')).toEqual([
    {
      text: 'a\nif x; then\n  b',
      isCompound: true,
      changesShell: true,
      parts: [expect.objectContaining({ text: 'a\nif x; then\n  b' })],
      problem: "expected 'fi' to close 'if', line 4",
    },
  ]);
});

it('sees what changes the shell for the rest', () => {
  expect(
    shellStatements('cd core\nX=1\nX=1 make\nexport Y=2\nset -x\nmake cd\n. venv/bin/activate').map(
      ({ changesShell }) => changesShell,
    ),
  ).toEqual([true, true, false, true, true, false, true]);
  const changes = 'if a; then export X=1; fi\n(cd x)\n{ cd x; }\ncd x &\ncase a in b) set -x;; esac';
  expect(shellStatements(changes).map(({ changesShell }) => changesShell)).toEqual([true, false, true, false, true]);
});

it('never throws and loses no command, whatever the text', () => {
  const pieces = fc.constantFrom(
    'a',
    ' ',
    '\n',
    ';',
    '&&',
    '||',
    '|',
    '(',
    ')',
    '{ ',
    ' }',
    'if ',
    'fi',
    'do ',
    'done',
    '"',
    "'",
    '#',
    '\\',
    '<<E\n',
    'E\n',
    '$(',
    'X=',
    ' [[ ',
    'é',
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 30 }).map((all) => all.join('')),
      (script) => {
        for (const { text, parts } of shellStatements(script)) {
          expect(script).toContain(text.replace(/;$/, ''));
          for (const part of parts) expect(script).toContain(part.text);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
