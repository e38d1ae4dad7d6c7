import { expect, test } from 'vitest';
import { emptySubmodules } from './empty-submodules.ts';

const modules = '[submodule "cases"]\n\tpath = tests/cases\n\turl = https://example.org/cases\n';

/** The submodules that are named of an output, where the repository has these files. */
function found(output: string, files: readonly string[] = [], cwd = '/workspace'): readonly string[] {
  const texts: Readonly<Record<string, string>> = { '.gitmodules': modules };
  return emptySubmodules(output.split('\n'), {
    cwd,
    isFile: (path) => path === '.gitmodules' || files.includes(path),
    readText: (path) => texts[path],
  }).map(({ message, line }) => `${line}: ${message}`);
}

const told = ['2: tests/cases is a submodule that is not checked out'];

test('a file of a submodule that is not checked out is told as that', () => {
  expect(found("No such file or directory: '/workspace/tests/cases/list.txt'")).toEqual(told);
  expect(found("can't open 'cases/list.txt'", [], '/workspace/tests')).toEqual(told);
});

test('nothing is told of one that is checked out, or that no line names', () => {
  expect(found('/workspace/tests/cases/list.txt: bad', ['tests/cases/.git'])).toEqual([]);
  expect(found("can't open 'showcases/list.txt'", [], '/workspace/tests')).toEqual([]);
  expect(found('1 failed')).toEqual([]);
});
