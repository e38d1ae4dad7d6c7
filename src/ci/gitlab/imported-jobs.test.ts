import { expect, test } from 'vitest';
import { detectRepo } from '../../config/detect.ts';
import { importPipelines, type Imported } from '../import/import-pipelines.ts';
import { decideGitlab } from './decide.ts';
import { readGitlabPipeline } from './read.ts';

/** What an import makes of a pipeline in a repository without other files. */
function imported(text: string, jobs: 'all' | 'checks' = 'all'): Imported {
  const path = '.gitlab-ci.yml';
  const readText = (): undefined => undefined;
  const pipeline = readGitlabPipeline({ path, text }, { readText });
  expect(pipeline.problems).toEqual([]);
  return importPipelines({
    pipelines: [decideGitlab(pipeline, { wantedPython: '3.11', wantedNode: '24', readText })],
    system: 'gitlab',
    jobs,
    wanted: { python: { version: '3.11' }, node: { version: '24' } },
    isEverywhere: () => true,
    detected: detectRepo({ files: [], has: () => false, text: readText }),
    prefix: '.',
    readText,
    has: () => true,
    files: [],
  });
}

const steps = (text: string): readonly unknown[] =>
  imported(text).config.pipeline.map(({ run, needs, always, job }) => ({
    run,
    needs,
    job,
    ...(always === undefined ? {} : { always }),
  }));
const notes = (text: string): readonly string[] =>
  imported(text)
    .decisions.filter(({ kind }) => kind === 'step')
    .map(({ why }) => why);
const runs = (text: string): readonly string[] => imported(text).config.pipeline.map(({ run }) => run);

test('a stage waits for those before it, a job with `needs` for these alone, and `when: always` for their end', () => {
  expect(
    steps(`
stages: [one, two, three]
a: { stage: one, script: ./a.sh }
b: { stage: two, script: ./b.sh }
free: { stage: two, needs: [], script: ./free.sh }
c: { stage: three, when: always, script: [./c.sh, ./d.sh] }
`),
  ).toEqual([
    { run: './a.sh', needs: [], job: 'a' },
    { run: './b.sh', needs: ['a'], job: 'b' },
    { run: './free.sh', needs: [], job: 'free' },
    { run: './c.sh', needs: ['b', 'free'], always: true, job: 'c' },
    { run: './d.sh', needs: ['c.sh'], job: 'c' },
  ]);
});

test('an `after_script` ends its job whatever became of it; who waits for the job waits for both', () => {
  expect(
    steps(`
stages: [one, two]
a: { stage: one, script: [./a.sh, ./b.sh], after_script: [./clean.sh, ./more.sh] }
b: { stage: two, script: ./c.sh }
`),
  ).toEqual([
    { run: './a.sh', needs: [], job: 'a' },
    { run: './b.sh', needs: ['a.sh'], job: 'a' },
    { run: './clean.sh\n./more.sh', needs: ['a.sh', 'b.sh'], always: 'started', job: 'a' },
    { run: './c.sh', needs: ['b.sh', 'clean.sh'], job: 'b' },
  ]);
});

test('without being asked for all jobs, an import leaves an `after_script` out, and says so', () => {
  const { config, leftOut } = imported('a: { script: pytest, after_script: [./upload.sh] }', 'checks');
  expect(config.pipeline.map(({ run }) => run)).toEqual(['pytest']);
  expect(leftOut.map(({ what }) => what)).toEqual(['after_script of job a']);
});

test('an `after_script` that asks is told how its job ended', () => {
  const [script, after] = runs('a: { script: [./a.sh, ./b.sh], after_script: [./tell.sh $CI_JOB_STATUS] }');
  expect(script).toMatch(/^trap '.*CI_JOB_STATUS=.*' EXIT\n.\/a.sh\n.\/b.sh$/);
  expect(after).toContain('./tell.sh $CI_JOB_STATUS');
});

test.each([
  ['- ./a.sh\n    - exit 0\n    - ./b.sh', ['./a.sh\nexit 0\n./b.sh']],
  ['- if ./a.sh; then exit 0; fi\n    - ./b.sh', ['if ./a.sh; then exit 0; fi\n./b.sh']],
  ['- ./a.sh || true\n    - ./b.sh $?', ['./a.sh || true\n./b.sh $?']],
  ['- ./a.sh &\n    - ./b.sh\n    - wait', ['./a.sh &\n./b.sh\nwait']],
  ['- ./a.sh\n    - ./b.sh\n    - echo done', ['./a.sh', './b.sh\necho done']],
  ['- ./a.sh\n    - exit 1', ['./a.sh\nexit 1']],
  ['- echo alone', ['echo alone']],
])('lines that one shell must run stay together: %s', (lines, expected) => {
  expect(runs(`a:\n  script:\n    ${lines}\n`)).toEqual(expected);
});

test('what only prints is no check', () => {
  expect(imported('a: { script: echo hello }', 'checks').config.pipeline).toEqual([]);
});

test('`dependencies` choose files, not order', () => {
  const text = `
stages: [one, two]
a: { stage: one, script: make a, artifacts: { paths: [a.txt] } }
b: { stage: one, script: make b, artifacts: { paths: [b.txt] } }
c: { stage: two, dependencies: [b], script: make c }
`;
  expect(steps(text)).toMatchObject([{ job: 'a' }, { job: 'b', needs: [] }, { job: 'b', needs: ['b', 'a'] }]);
  expect(notes(text)[2]).toContain('CI hands on only b.txt of job b; here all that it left is there');
});

test('a job that takes files of several jobs is on one machine with all of them; those that are kept of failures count for none', () => {
  const text = (when: string): string => `
stages: [one, two]
a: { stage: one, script: make a, artifacts: { paths: [a.txt] } }
b: { stage: one, script: make b, artifacts: { paths: [b.txt], exclude: ["*.log"], when: ${when} } }
c: { stage: two, script: make c }
`;
  expect(imported(text('always')).config.pipeline.map(({ job }) => job)).toEqual(['a', 'a', 'a']);
  expect(notes(text('always'))[2]).toContain('only b.txt, but not *.log of job b');
  expect(imported(text('on_failure')).config.pipeline.map(({ job }) => job)).toEqual(['a', 'b', 'a']);
});

test('what a job inherits, and what a reference stands for', () => {
  const { config } = imported(`
.vars: { variables: { A: from a template, B: too } }
variables: { G: global, H: more }
none: { inherit: { variables: false }, variables: !reference [.vars, variables], script: './none $A $B' }
some: { inherit: { variables: [H] }, variables: { C: !reference [.vars, variables, A] }, script: './some $C' }
`);
  expect(config.pipeline.map(({ env }) => env)).toEqual([
    { A: 'from a template', B: 'too' },
    { C: 'from a template', H: 'more' },
  ]);
});

test('`parallel` with a number: each part where the script asks which it is, else once, and that is said', () => {
  expect(
    imported('a: { parallel: 2, script: ./part $CI_NODE_INDEX/$CI_NODE_TOTAL }').config.pipeline.map(({ env }) => env),
  ).toEqual([
    { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '2' },
    { CI_NODE_INDEX: '2', CI_NODE_TOTAL: '2' },
  ]);
  const { config, leftOut } = imported('a: { parallel: 2, script: ./all }');
  expect(config.pipeline).toHaveLength(1);
  expect(leftOut.map(({ what }) => what)).toEqual(['parallel: 2 of job a']);
});

test('a cache that another job fills is said, unless a package manager fills it', () => {
  const text = (path: string): string =>
    `a: { cache: { paths: [${path}] }, script: make a }\nb: { cache: { paths: [${path}], policy: pull }, script: make b }`;
  expect(imported(text('deps/')).leftOut.map(({ what }) => what)).toEqual(['cache of job b']);
  expect(imported(text('node_modules/')).leftOut).toEqual([]);
});

test('a program may be asked for what GitLab says of a job by its name', () => {
  expect(imported('a: { script: printenv CI_JOB_NAME }').config.pipeline).toMatchObject([
    { run: 'printenv CI_JOB_NAME', env: { CI_JOB_NAME: 'a' } },
  ]);
});

test('variables: of the rule of the workflow above those of the file, of a report above all of them', () => {
  const [give, take] = imported(`
workflow: { rules: [{ if: $CI, variables: { DEPTH: shallow } }] }
variables: { DEPTH: deep, COLOUR: red }
stages: [one, two]
give: { stage: one, script: 'echo "COLOUR=blue" > c.env', artifacts: { reports: { dotenv: c.env } } }
take: { stage: two, script: './show $DEPTH $COLOUR $CI_JOB_STAGE' }
`).config.pipeline;
  expect(give?.env).toMatchObject({ DEPTH: 'shallow' });
  expect(take?.env).toEqual({ DEPTH: 'shallow', CI_JOB_STAGE: 'two' });
  expect(take?.run).toContain(`[ -n "\${COLOUR+set}" ] || export COLOUR='red'`);
});
