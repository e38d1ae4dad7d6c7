import { expect, test } from 'vitest';
import { detectRepo } from '../../config/detect.ts';
import { decideGithub } from '../github/decide.ts';
import { readGithubPipeline } from '../github/read.ts';
import { importPipelines, type Imported } from './import-pipelines.ts';

/** Imports the jobs that check the code of one workflow. */
function checksOf(jobs: string, path = '.github/workflows/ci.yml'): Imported {
  const readText = (): undefined => undefined;
  const facts = { wantedPython: '3.11', wantedNode: '24', readText };
  const pipeline = decideGithub(readGithubPipeline({ path, text: `on: [push]\njobs:\n${jobs}` }), facts);
  const detected = detectRepo({ files: [], has: () => false, text: readText });
  return importPipelines({
    pipelines: [pipeline],
    system: 'github',
    jobs: 'checks',
    wanted: { python: { version: '3.11' }, node: { version: '24' } },
    isEverywhere: () => true,
    detected,
    prefix: '.',
    readText,
    has: () => true,
    files: [],
  });
}

const job = (id: string, ...lines: readonly string[]): string =>
  `  ${id}:\n    runs-on: ubuntu-latest\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`;

test.each<[string, string, readonly string[]]>([
  [
    'a test, a linter and a UI build',
    job('a', 'pytest') + job('b', 'ruff check .') + job('ui', 'npm run build'),
    ['a', 'b', 'ui'],
  ],
  ['not what builds the documentation', job('test', 'tox') + job('docs', 'sphinx-build docs out'), ['test']],
  ['nor by its commands alone', job('test', 'make test') + job('manual', 'make docs'), ['test']],
  ['nor what packages', job('test', 'pytest') + job('build', 'python -m build', 'twine check dist/*'), ['test']],
  [
    'nor what releases, whatever it tests',
    job('test', 'pytest') + job('publish-pypi', 'pytest', 'python release.py'),
    ['test'],
  ],
  ['nor what measures', job('tests', 'pytest') + job('benchmarks', 'pytest benchmarks'), ['tests']],
  ['documentation that is tested', job('docs', 'pytest --doctest-glob="*.md"'), ['docs']],
  ['a script that nobody knows', job('smoke', 'python check.py'), ['smoke']],
  [
    'what a job that checks waits for',
    job('pack', 'python -m build') + job('test', 'pytest').replace('runs-on', 'needs: [pack]\n    runs-on'),
    ['pack', 'test'],
  ],
])('takes %s', (_, jobs, taken) => {
  expect(checksOf(jobs).jobs.map(({ id }) => id)).toEqual(taken);
});

test('what was not chosen is said in a line, and nothing of it gets into the toolchain or the services', () => {
  const release = `  release:
    runs-on: ubuntu-latest
    services: { db: { image: "postgres:16" } }
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: "3.12" }
      - run: pip install semantic-version
      - run: docker build .
      - run: python release.py
`;
  const imported = checksOf(job('test', 'pip install pytest', 'pytest') + release);
  expect(imported.config).toMatchObject({ services: [], toolchain: { python: '3.11', tools: ['pytest'] } });
  expect(imported.leftOut.map(({ what, why }) => `${what}: ${why}`)).toEqual([
    'job release: it releases; parity init --from takes all jobs',
  ]);
});

test('a workflow that is there for the documentation gives no job, unless something in it checks', () => {
  const jobs = job('build', 'mkdocs --version', './docs/make.sh') + job('lint', 'codespell docs');
  expect(checksOf(jobs, '.github/workflows/docs.yml').jobs.map(({ id }) => id)).toEqual(['lint']);
});
