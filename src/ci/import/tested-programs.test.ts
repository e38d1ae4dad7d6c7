import { expect, it } from 'vitest';
import { compilersIn, isTestFile, packageOf, processLists, programsIn } from './tested-programs.ts';

it.each<[string, readonly string[]]>([
  ['@pytest.mark.parametrize("pager", ["less", " less ", "cat"])', ['less']],
  ['os.environ["PAGER"] = "less -R"', ['less']],
  [
    'subprocess.run(["hg", "init"], check=True)\nif shutil.which("make"):\n    check_output(\'ps aux\')',
    ['hg', 'make', 'ps'],
  ],
  ['subprocess.check_call(\n    [\n        "gcc",\n        "x.c",\n    ]\n)', ['gcc']],
  // Words that may mean anything, and programs that nobody has unasked.
  ['open("file")\nkinds = ["tree", "ip", "make"]\nrun(["docker", "ps"])\nrun(["makefile"])\nless = 1', []],
])('%j names %j', (text, programs) => {
  expect(programsIn(text)).toEqual(programs);
});

it.each<[string, boolean]>([
  ['tests/test_x.py', true],
  ['pkg/tests/unit/helpers.py', true],
  ['src/pkg/test_pkg.py', true],
  ['conftest.py', true],
  ['src/pkg/pager.py', false],
  ['tests/data.json', false],
  ['src/latest/x.py', false],
])('%s holds tests: %s', (path, is) => {
  expect(isTestFile(path)).toBe(is);
});

it('knows the Debian package of each', () => {
  expect(['hg', 'ps', 'less'].map(packageOf)).toEqual(['mercurial', 'procps', 'less']);
});

it('has a compiler for the projects that tests build', () => {
  const of = (...files: readonly string[]): readonly string[] => compilersIn(files).map((each) => each.package);
  const demo = 'tests/fixtures/demo';
  expect(of(`${demo}/pyproject.toml`, `${demo}/src/demo/hello.c`)).toEqual(['gcc', 'libc6-dev', 'python3-dev']);
  expect(of(`${demo}/setup.py`, `${demo}/hello.cpp`)).toEqual(['g++', 'python3-dev']);
  expect(of('tests/data/hello.c', 'src/pkg/fast.c', 'pyproject.toml')).toEqual([]);
  expect(of(`${demo}/pyproject.toml`, 'tests/data/hello.c')).toEqual([]);
});

it('has ps for npm packages that end what they started', () => {
  const of = (texts: Readonly<Record<string, string>>): readonly string[] =>
    processLists(Object.keys(texts), (path) => texts[path]).map(
      (each) => `${each.package}: ${each.file} ${each.program}`,
    );
  expect(
    of({ 'package.json': '{}', 'ui/package.json': '{ "devDependencies": { "start-server-and-test": "^2" } }' }),
  ).toEqual(['procps: ui/package.json a list of processes (ps) for start-server-and-test']);
  expect(of({ 'package.json': '{ "devDependencies": { "vite": "^7" }, "keywords": ["lerna"] }' })).toEqual([]);
  expect(of({ 'ui/lerna.json': '{ "lerna": "8" }' })).toEqual([]);
});
