// Fails when a Markdown page or a comment names a file or folder of this repository that is not there, and when a relative link of a page
// leads nowhere. A path counts as this repository's own when it begins with one of its folders (`src/`, `test/` …).
// A path may end in a pattern or a placeholder (`src/doctor/rules/<rule>.ts`): then the folder before it must be there.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Paths that pages and comments name as examples of other people's repositories. */
const examples = ['src/App.tsx', 'src/a.ts', 'src/a/b', 'src/money.ts', 'src/x.ts'];

const path = /(?<![\w/.@~$*-])(?:src|test|scripts|images|docs|bench|schema|types)\/[\w./-]*[\w/]/g;
const link = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)/g;
const unusedExamples = new Set(examples);
const missing = [];

for (const file of filesOf('*.md').filter((name) => !/^(CHANGELOG\.md|docs\/rules\/|examples\/|test\/)/.test(name))) {
  eachLine(file, (line, at) => {
    for (const word of pathsIn(line)) check(word, at);
    for (const [, target] of line.matchAll(link)) {
      const linked = normalize(join(dirname(file), target));
      if (!existsSync(join(root, linked))) missing.push(`${at}: the link to ${target} leads to no file`);
    }
  });
}
for (const file of filesOf('src/*.ts', 'scripts/*.mjs', 'bench/*.mjs', 'test/*.ts'))
  if (!/^test\/(?:fixtures|real)\/|\.test\.ts$/.test(file) && file !== 'scripts/check-paths.mjs')
    eachLine(file, (line, at) => {
      for (const word of pathsIn(commentOf(line))) check(word, at);
    });
for (const file of filesOf('scripts/*.sh', 'images/*.py', 'images/*.sh', 'images/*.pl', 'Dockerfile.parity'))
  eachLine(file, (line, at) => {
    // A docstring of Python's is no comment, and no other line of it names a path.
    for (const word of pathsIn(file.endsWith('.py') ? line : (/^\s*#.*/.exec(line)?.[0] ?? ''))) check(word, at);
  });
for (const example of unusedExamples) missing.push(`scripts/check-paths.mjs: nothing names the example ${example}`);

if (missing.length > 0) {
  console.error(missing.join('\n'));
  process.exitCode = 1;
}

/** The paths that a text names; of one that goes on as a pattern, the folder before that. */
function pathsIn(text) {
  return [...text.matchAll(path)].map(({ 0: word, index }) =>
    /[<*{]/.test(text[index + word.length] ?? '') ? word.slice(0, word.lastIndexOf('/') + 1) : word,
  );
}

function check(word, at) {
  if (examples.includes(word)) unusedExamples.delete(word);
  // A module may be named without its ending.
  else if (![word, `${word}.ts`].some((name) => existsSync(join(root, name))))
    missing.push(`${at}: ${word} is not there`);
}

/** The comment in a line of code, or nothing. A line of a longer comment begins with an asterisk. */
function commentOf(line) {
  return /^\s*\/?\*.*/.exec(line)?.[0] ?? /(?<![:'"`])\/\/.*/.exec(line)?.[0] ?? '';
}

function eachLine(file, read) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  for (const [index, line] of lines.entries()) read(line, `${file}:${index + 1}`);
}

/** Files that git has or will have, and that are there. */
function filesOf(...patterns) {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...patterns],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  return [...new Set(listed.split('\0'))].filter((name) => name !== '' && existsSync(join(root, name)));
}
