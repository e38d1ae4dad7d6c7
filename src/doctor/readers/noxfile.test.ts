import { expect, it } from 'vitest';
import { declarationsOf, describeDeclarations } from '../../../test/support/declarations.ts';
import { readNoxfile } from './noxfile.ts';

it('reads noxfile.py', () => {
  const found = declarationsOf(
    readNoxfile,
    'noxfile.py',
    `import nox
BLACK = "black==25.9.0"
PYTHONS = ["3.9", "3.11"]

@nox.session(python=PYTHONS)
def tests(session):
    session.install("-r", "requirements.txt", "pytest>=8")
    session.run("pytest", "-q")

@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    session.install(BLACK, "flake8==7.3.0")
    session.run("black", "--check", "src")
`,
  );
  expect(describeDeclarations(found)).toMatchInlineSnapshot(`
    "7:54 ">=8" pypi:pytest install pep440 ">=8" (session.install)
    2:15 "==25.9.0" pypi:black install pep440 "==25.9.0" (session.install)
    12:35 "==7.3.0" pypi:flake8 install pep440 "==7.3.0" (session.install)
    3:13 "3.9" python support prefix "3.9" (@nox.session python)
    3:20 "3.11" python support prefix "3.11" (@nox.session python)
    10:22 "3.11" python install prefix "3.11" (@nox.session python)
    8:18 runs pytest -q (nox, tests)
    13:18 runs black --check src (nox, lint)
    7:28 takes in requirements.txt as requirements"
  `);
});
