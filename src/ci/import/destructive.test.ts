import { expect, it } from 'vitest';
import { shellStatements } from '../../formats/statements.ts';
import { destructiveReason } from './destructive.ts';

const files = ['README.md', 'src/app.py', 'src/settings.py', 'core/conf/ci.py', 'core/conf/local.py'];

function told(script: string, cwd = '.'): string | undefined {
  return shellStatements(script)
    .map((statement) => destructiveReason(statement, cwd, files))
    .find((why) => why !== undefined);
}

it.each<[script: string, why: string, cwd?: string]>([
  ['rm -rf src', "it removes src, which is the repository's"],
  ['tar xf dist/a.tar.gz\nrm -rf ./src/', "it removes ./src/, which is the repository's"],
  ['rm -f src/*.py', "it removes src/*.py, which is the repository's"],
  ['cd core && rm -r conf', "it removes conf, which is the repository's", 'core'],
  ['mv src hidden', "it moves src, which is the repository's"],
  ['cp core/conf/ci.py core/conf/local.py', "it overwrites core/conf/local.py, which is the repository's"],
  ['echo x > README.md', "it overwrites README.md, which is the repository's"],
  ["sed -i 's/a/b/' src/settings.py", "it rewrites src/settings.py, which is the repository's"],
  ['git clean -fdx', '`git clean` changes the work tree'],
  ['git checkout HEAD~1', '`git checkout` changes the work tree'],
  ['git reset --hard', '`git reset` changes the work tree'],
])('%s', (script, why, cwd) => {
  expect(told(script, cwd)).toBe(why);
});

it.each([
  'rm -rf dist build *.egg-info',
  'rm -rf "$TMP/src"',
  'cp README.md docs.md',
  'cp src/app.py /tmp',
  'pytest > report.txt 2>&1',
  'mypy src 2> README.md.log',
  'git diff --exit-code',
  'git reset',
  'black --check src && flake8 src',
  'grep -c x < README.md',
])('%s is harmless', (script) => {
  expect(told(script)).toBeUndefined();
});
