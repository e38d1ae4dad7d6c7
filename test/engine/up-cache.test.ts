import { chmodSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { commitAll, git, projectDir } from '../support/environment.ts';
import { parity, type Ended } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

const { address, engine, dirs, makeProject, test } = engineTest();

async function project(pipeline: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const dir = await makeProject(pipeline, { name: 'a shop' });
  addFiles(dir, { '.gitignore': '/ran\n/.parity-cache/\n/.home/\n', ...files });
  commitAll(dir);
  return dir;
}

/** Runs `parity up`; gives each step's outcome in order, and the exit code. */
async function up(
  dir: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(dir, args, env);
  const outcomes = [...stdout.matchAll(/^(passed|failed|cached|skipped) +(\S+)/gm)].map(
    ([, how, step]) => `${step} ${how}`,
  );
  return `${code}: ${outcomes.join(', ') || stderr}`;
}

function run(dir: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return parity(['up', '--jobs', '1', ...args], {
    cwd: dir,
    env: { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', ...env },
  });
}

const twoSteps =
  '  - { name: lint, run: cat src/a.py, inputs: ["src/**"] }\n  - { name: docs, run: cat README.md, inputs: [README.md] }\n';

test('what has passed is not run again, and no engine is asked; its output is there on demand', async () => {
  const dir = await project(twoSteps, { 'src/a.py': 'x = 1\n', 'README.md': 'hello\n' });
  expect(await up(dir)).toBe('0: lint passed, docs passed');
  expect(await up(dir)).toBe('0: lint cached, docs cached');
  // Nothing answers there, and nobody notices; but a step that has to run does.
  const dead = { DOCKER_HOST: `unix://${dir}/nobody.sock` };
  const cache = join(dir, '.parity-cache', 'engines');
  const [known = ''] = readdirSync(cache);
  expect(known).not.toBe('');
  const shown = await run(dir, ['--verbose']);
  expect(shown.stdout.replace(/ +[\d.]+ m?s/, ' TIME')).toBe(
    'cached    lint\n  x = 1\ncached    docs\n  hello\n2 cached in TIME\n',
  );
  expect(await up(dir, ['--no-cache'])).toBe('0: lint passed, docs passed');
  expect(await up(dir, ['--cold'])).toBe('0: lint passed, docs passed');
  expect((await run(dir, ['--no-cache'], dead)).code).toBe(3);
});

test('what always runs does so after a failure, too, and what passed then does not count', async () => {
  const steps = (run: string): string =>
    `  - { name: tests, run: ${run}, inputs: [a] }\n  - { name: report, run: cat a, inputs: [a], needs: [tests], always: true }\n`;
  const dir = await project(steps('exit 1'), { a: 'x\n' });
  expect(await up(dir)).toBe('1: tests failed, report passed');
  expect(await up(dir)).toBe('1: tests failed, report passed');
  addFiles(dir, { 'parity.yaml': readFileSync(join(dir, 'parity.yaml'), 'utf8').replace('exit 1', 'exit 0') });
  expect(await up(dir)).toBe('0: tests passed, report passed');
  expect(await up(dir)).toBe('0: tests cached, report cached');
});

test('a changed input, mode or new file runs what reads it, and going back is a hit again', async () => {
  const dir = await project(twoSteps, { 'src/a.py': 'x = 1\n', 'README.md': 'hello\n' });
  await up(dir);
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  expect(await up(dir)).toBe('0: lint passed, docs cached');
  writeFileSync(join(dir, 'src/a.py'), 'x = 1\n');
  expect(await up(dir)).toBe('0: lint cached, docs cached');
  chmodSync(join(dir, 'src/a.py'), 0o755);
  expect(await up(dir)).toBe('0: lint passed, docs cached');
  addFiles(dir, { 'src/new.py': '' });
  expect(await up(dir)).toBe('0: lint passed, docs cached');
});

test('a failure is never kept, nor a pass whose files were edited while it ran', async () => {
  const dir = await project(
    '  - { name: flag, run: test -f good }\n  - { name: edit, run: "echo more >> notes", inputs: [notes] }\n',
    { notes: 'one\n' },
  );
  expect(await up(dir)).toBe('1: flag failed, edit passed');
  expect(await up(dir)).toBe('1: flag failed, edit passed');
});

test('what fails without the cache is no pass with it any more', async () => {
  const dir = await project('  - { name: clean, run: test ! -f ran }\n');
  expect(await up(dir)).toBe('0: clean passed');
  // Git ignores it, so nobody sees it.
  writeFileSync(join(dir, 'ran'), '');
  // So long ago that git takes all files as settled: the run that is all cached is kept to be told again.
  const old = new Date(Date.now() - 3600_000);
  utimesSync(join(dir, '.git', 'index'), old, old);
  expect(await up(dir)).toBe('0: clean cached');
  expect(await up(dir, ['--no-cache'])).toBe('1: clean failed');
  expect(await up(dir)).toBe('1: clean failed');
});

test('a variable that is passed in counts, a secret one too, and neither is in the cache folder', async () => {
  const dir = await project('  - { name: deploy, run: "true", secrets: [DEPLOY_KEY], passEnv: [STAGE] }\n');
  const first = { DEPLOY_KEY: 'hunter2hunter2', STAGE: 'test' };
  expect(await up(dir, [], first)).toBe('0: deploy passed');
  expect(await up(dir, [], first)).toBe('0: deploy cached');
  expect(await up(dir, [], { ...first, DEPLOY_KEY: 'hunter3hunter3' })).toBe('0: deploy passed');
  expect(await up(dir, [], { ...first, STAGE: 'live' })).toBe('0: deploy passed');
  expect(readdirSync(join(dir, '.parity-cache', 'results'))).not.toEqual([]);
  expect(() => git(dir, 'grep', '--no-index', '--quiet', 'hunter2', '--', '.parity-cache')).toThrow('grep');
});

test('a pass stands for as long as `cache:` says, in a run that is told again, too', async () => {
  const dir = await project('  - { name: wheel, run: cat src, network: full, cache: 1h }\n', { src: 'a\n' });
  const old = new Date(Date.now() - 3600_000);
  utimesSync(join(dir, '.git', 'index'), old, old);
  expect(await up(dir)).toBe('0: wheel passed');
  expect(await up(dir)).toBe('0: wheel cached');
  const results = join(dir, '.parity-cache', 'results');
  const read = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8')) as never;
  const only = (folder: string): string => join(folder, readdirSync(folder)[0] ?? '');
  const pass = only(join(results, readdirSync(results).find((name) => name.length === 2) ?? ''));
  const { passedAt } = read(pass);
  const again = only(join(results, 'unchanged'));
  const { until } = read(again);
  expect(until).toBe(Number(passedAt) + 3600_000);
  // Two hours later.
  const earlier = 2 * 3600_000;
  writeFileSync(pass, JSON.stringify({ ...read(pass), passedAt: Number(passedAt) - earlier }));
  writeFileSync(again, JSON.stringify({ ...read(again), until: Number(until) - earlier }));
  expect(await up(dir)).toBe('0: wheel passed');
});

test('what a cached step left in a volume is looked for when a step needs it, and made again when it is gone', async () => {
  const dir = await project(
    [
      '  - { name: install, run: "date +%N > deps/made", inputs: [lock], volumes: [deps], network: full, cache: true }',
      '  - { name: build, run: "cat deps/made src", needs: [install], inputs: [src] }\n',
    ].join('\n'),
    { lock: '1\n', src: 'a\n' },
  );
  expect(await up(dir)).toBe('0: install passed, build passed');
  expect(await up(dir)).toBe('0: install cached, build cached');
  writeFileSync(join(dir, 'src'), 'b\n');
  expect(await up(dir)).toBe('0: install cached, build passed');
  // Another lock file's content is in the volume: the first one's pass is of no use.
  writeFileSync(join(dir, 'lock'), '2\n');
  expect(await up(dir)).toBe('0: install passed, build passed');
  writeFileSync(join(dir, 'lock'), '1\n');
  writeFileSync(join(dir, 'src'), 'c\n');
  expect(await up(dir)).toBe('0: install passed, build passed');
  await parity(['down'], { cwd: dir, env: { DOCKER_HOST: address } });
  const volumes = await engine.listVolumes([`dev.parity.project=${dir}`, 'dev.parity.kind=volume']);
  for (const { name } of volumes.ok ? volumes.value : []) await engine.removeVolume(name);
  expect(await up(dir)).toBe('0: install cached, build cached');
  writeFileSync(join(dir, 'src'), 'd\n');
  expect(await up(dir)).toBe('0: install passed, build passed');
});

describe('a run in which nothing changed', () => {
  const variable = '  - { name: lint, run: cat src/a.py, inputs: ["src/**"], passEnv: [LEVEL] }\n';
  // Passed once, cached once, and the index long written: from here on the run is only told again. The passes themselves are away.
  const unchanged = async (args: readonly string[] = []): Promise<string> => {
    const dir = await project(variable, { 'src/a.py': 'x = 1\n', 'README.md': 'hello\n' });
    const old = new Date(Date.now() - 3600_000);
    utimesSync(join(dir, '.git', 'index'), old, old);
    expect(await up(dir)).toBe('0: lint passed');
    expect((await run(dir, args)).code).toBe(0);
    for (const name of readdirSync(join(dir, '.parity-cache', 'results')))
      if (name.length === 2) rmSync(join(dir, '.parity-cache', 'results', name), { recursive: true });
    return dir;
  };

  test('is told again as it was', async () => {
    const dir = await unchanged();
    const { code, stdout, stderr } = await run(dir, []);
    expect({ code, stderr, stdout: stdout.replace(/[\d.]+ m?s/, 'TIME') }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'cached    lint\n1 cached in TIME\n',
    });
  });

  test('is told again to the reporter that it was told to', async () => {
    const dir = await unchanged(['--reporter', 'json']);
    const json = await run(dir, ['--reporter', 'json']);
    expect(json.stdout.split('\n').map((line) => /"type":"([^"]+)"/.exec(line)?.[1])).toEqual([
      'run-started',
      'step-finished',
      'run-finished',
      undefined,
    ]);
  });

  test.each<[string, (dir: string) => void, Readonly<Record<string, string>>?]>([
    ['a file that it reads', (dir) => writeFileSync(join(dir, 'src/a.py'), 'x = 2\n')],
    ['a new file', (dir) => addFiles(dir, { 'src/new.py': '' })],
    ['a mode', (dir) => chmodSync(join(dir, 'src/a.py'), 0o755)],
    ['the caller’s variable', () => {}, { LEVEL: '2' }],
    ['another engine', () => {}, { DOCKER_CONTEXT: 'default' }],
  ])('is not told again after a change of %s', async (_what, change, env = {}) => {
    const dir = await unchanged();
    change(dir);
    expect(await up(dir, [], env)).toBe('0: lint passed');
  });
});

/** Notes of a run, without times of day. */
function notes({ stderr }: Ended): readonly string[] {
  return stderr
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('environment: '));
}

test('a hit that is run all the same and fails is told with what the step reads unsaid, and believed no more', async () => {
  const step = (inputs: string): string => `  - { name: tests, run: grep -q good b, inputs: [${inputs}] }\n`;
  const dir = await project(`${step('a')}cache: { audit: 100% }\n`, { a: '', b: 'good\n' });
  expect(await up(dir)).toBe('0: tests passed');
  writeFileSync(join(dir, 'b'), 'bad\n');
  const found = await run(dir, []);
  expect({ code: found.code, told: notes(found) }).toEqual({
    code: 1,
    told: [
      'note: tests passed at TIME with the same inputs, and is run to see whether it still does (cache.audit)',
      'warning: tests failed with the same inputs with which it had passed at TIME: it is not cached any more',
      '  not among its inputs, and changed since: b',
      '  add what it reads to `inputs` of tests in parity.yaml',
    ],
  });
  writeFileSync(join(dir, 'b'), 'good\n');
  expect(await up(dir)).toBe('0: tests passed');
  const again = await run(dir, []);
  expect(again.stdout).toContain('passed    tests');
  expect(notes(again)).toEqual([
    'note: tests always runs: at TIME it failed with the same inputs with which it had passed; it is believed again when its definition changes',
  ]);
  const config = readFileSync(join(dir, 'parity.yaml'), 'utf8');
  writeFileSync(join(dir, 'parity.yaml'), config.replace(step('a'), step('a, b')).replace('100%', '0%'));
  expect(await up(dir)).toBe('0: tests passed');
  expect(await up(dir)).toBe('0: tests cached');
});

test('--explain says why a step runs, or why it does not', async () => {
  const dir = await project(
    [
      '  - { name: install, run: "true", inputs: [lock] }',
      '  - { name: tests, run: cat src/a.py, needs: [install], inputs: ["src/**"], passEnv: [LEVEL] }',
      '  - { name: deploy, run: "true", network: full }\n',
    ].join('\n'),
    { lock: '1\n', 'src/a.py': 'x = 1\n' },
  );
  const why = async (step: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> =>
    notes(await run(dir, ['--explain', step], env));
  expect(await why('tests')).toEqual(['note: tests runs: no run in which it passed is known here']);
  expect(await why('tests')).toEqual([
    'note: tests is cached: it passed at TIME with the same image, command, variables and inputs',
  ]);
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  expect(await why('tests')).toEqual(['note: tests runs: src/a.py changed (it passed at TIME)']);
  writeFileSync(join(dir, 'lock'), '2\n');
  expect(await why('tests')).toEqual(['note: tests runs: it needs install, and lock changed (it passed at TIME)']);
  chmodSync(join(dir, 'src/a.py'), 0o755);
  expect(await why('tests')).toEqual(['note: tests runs: src/a.py changed its mode (it passed at TIME)']);
  expect(await why('tests', { LEVEL: '2' })).toEqual([
    'note: tests runs: the variable LEVEL is set in this run only (tests) (it passed at TIME)',
  ]);
  expect((await why('deploy'))[0]).toContain('note: deploy always runs: what it fetches with `network: full`');
  const none = await run(dir, ['--explain', 'test']);
  expect({ code: none.code, told: notes(none) }).toEqual({
    code: 2,
    told: ['error: --explain test: the run has no step test', 'next: name one of install, tests, deploy'],
  });
});

test('steps that do the same share a pass, each under its own name', async () => {
  const dir = await project('  - { name: one, run: test -f a }\n  - { name: two, run: test -f a }\n', { a: '' });
  expect(await up(dir)).toBe('0: one passed, two passed');
  expect(await up(dir)).toBe('0: one cached, two cached');
});

test('two checkouts of one commit share their passes', async () => {
  const dir = await project(twoSteps, { 'src/a.py': 'x = 1\n', 'README.md': 'hello\n' });
  await up(dir);
  const other = projectDir('elsewhere');
  dirs.push(other);
  git(dir, 'clone', '--quiet', dir, other);
  expect(await up(other, [], { PARITY_CACHE_DIR: join(dir, '.parity-cache') })).toBe('0: lint cached, docs cached');
});
