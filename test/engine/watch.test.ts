import {
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { startAtTerminal } from '../support/at-terminal.ts';
import { engineTest } from '../support/engine-test.ts';
import { commitAll, git } from '../support/environment.ts';
import { parity } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';
import { startWatching, type Watching } from '../support/watching.ts';

const { address, makeProject, test } = engineTest();

async function project(pipeline: string, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await makeProject(pipeline, { name: 'a shop' });
  addFiles(dir, { '.gitignore': '/.parity-cache/\n/.home/\n*.log\n', ...files });
  commitAll(dir);
  return dir;
}

function watching(dir: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Watching {
  const started = startWatching(['--jobs', '1', ...args], {
    cwd: dir,
    env: { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', ...env },
  });
  onTestFinished(async () => void (await started.end('SIGKILL')));
  return started;
}

/** What was printed, without what differs from run to run. */
function plain(text: string): string {
  return text
    .replace(/ +\d+(?:\.\d+)? m?s\b/g, '')
    .replace(/[^\n]*environment: [^\n]*\n/g, '')
    .replace(/^in$/gm, '');
}

const twoSteps =
  '  - { name: lint, run: cat src/a.py, inputs: ["src/**"] }\n  - { name: docs, run: cat README.md, inputs: [README.md] }\n';
const twoFiles = { 'src/a.py': 'x = 1\n', 'README.md': 'hello\n', 'notes.txt': 'nothing\n' };

test('a change reruns what reads it; one that nothing reads, or that changes nothing, runs nothing', async () => {
  const dir = await project(twoSteps, twoFiles);
  const run = watching(dir);
  await run.sees('2 passed');
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  expect(plain(await run.sees('1 passed, 1 cached'))).toBe(
    ' in\nnote: src/a.py changed\npassed    lint\ncached    docs\n1 passed, 1 cached',
  );
  // The same again, what git ignores, and what no step reads: of all this, only the last is told.
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  writeFileSync(join(dir, 'src/debug.log'), 'noise\n');
  writeFileSync(join(dir, 'notes.txt'), 'something\n');
  expect(plain(await run.sees('no step reads it'))).toBe(' in\nnote: notes.txt changed: no step reads it');
  // A new folder with a new one in it is seen, too.
  mkdirSync(join(dir, 'src/new/inner'), { recursive: true });
  writeFileSync(join(dir, 'src/new/inner/b.py'), 'y = 1\n');
  expect(plain(await run.sees('1 passed, 1 cached'))).toContain('note: src/new/inner/b.py changed\n');
  writeFileSync(join(dir, 'src/new/inner/b.py'), 'y = 2\n');
  expect(plain(await run.sees('1 passed, 1 cached'))).toContain('note: src/new/inner/b.py changed\n');
  rmSync(join(dir, 'src/new'), { recursive: true });
  expect(plain(await run.sees('2 cached'))).toContain('note: src/new/inner/b.py changed\n');
  const { code, stderr } = await run.end('SIGTERM');
  expect(code).toBe(143);
  expect(stderr).not.toContain('waiting for changes');
});

test('a change while a step runs that reads it cancels it and starts again; nothing of it is left running', async () => {
  // It waits for a sign that git ignores, and tells that it has begun.
  const slow =
    '  - { name: slow, run: "cat src/a.py; touch began.log; until [ -e go.log ]; do sleep 0.05; done", inputs: ["src/**"] }\n' +
    '  - { name: docs, run: cat README.md, inputs: [README.md] }\n';
  const dir = await project(slow, twoFiles);
  const run = watching(dir, ['--reporter', 'json']);
  await run.sees('"text":"x = 1\\n"');
  // Neither of these is read by a step that has begun.
  writeFileSync(join(dir, 'notes.txt'), 'something\n');
  writeFileSync(join(dir, 'README.md'), 'hello you\n');
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  // The step would wait for ever: that another has begun says that it was cancelled.
  const first = await run.sees('"text":"x = 2\\n"');
  expect(first).toContain('"outcome":"cancelled"');
  expect(first).toContain('README.md, notes.txt, src/a.py changed: starting again');
  // No step reads it: the round goes on, and it is told when it is over.
  writeFileSync(join(dir, 'notes.txt'), 'something else\n');
  writeFileSync(join(dir, 'go.log'), '');
  const second = await run.sees('notes.txt changed: no step reads it');
  expect(second).toContain('"type":"run-finished","outcome":"passed"');
  expect(second).not.toContain('starting again');
  const { code, stdout } = await run.end('SIGINT');
  expect(code).toBe(130);
  const types = stdout
    .split('\n')
    .filter((line) => /"type":"run-/.test(line))
    .map((line) => JSON.parse(line) as { type: string; outcome?: string });
  expect(types.map(({ type, outcome }) => outcome ?? type)).toEqual([
    'run-started',
    'cancelled',
    'run-started',
    'passed',
  ]);
  const all = 'for each in /proc/[0-9]*/cmdline; do tr "\\0" " " < $each; echo; done';
  const left = await parity(['run', '--', 'sh', '-c', all], { cwd: dir, env: { DOCKER_HOST: address } });
  expect(left.stdout).toContain('for each in');
  expect(left.stdout).not.toContain('go.log');
});

describe('save patterns of editors', () => {
  const patterns: readonly (readonly [string, (file: string, text: string) => void])[] = [
    [
      'truncate and write',
      (file, text) => {
        truncateSync(file);
        writeFileSync(file, text);
      },
    ],
    [
      'write aside and rename',
      (file, text) => {
        writeFileSync(`${file}.tmp`, text);
        renameSync(`${file}.tmp`, file);
      },
    ],
    [
      'delete and create',
      (file, text) => {
        rmSync(file);
        writeFileSync(file, text);
      },
    ],
    [
      'a backup beside it',
      (file, text) => {
        renameSync(file, `${file}~`);
        writeFileSync(file, text);
        rmSync(`${file}~`);
      },
    ],
    [
      'a swap file that comes and goes',
      (file, text) => {
        writeFileSync(`${file}.swp`, text);
        writeFileSync(file, text);
        rmSync(`${file}.swp`);
      },
    ],
    [
      'a link that is swapped',
      (file, text) => {
        const kept = join(file, '../../kept');
        mkdirSync(kept, { recursive: true });
        const target = join(kept, `${text.trim().replaceAll(' ', '')}.py`);
        writeFileSync(target, text);
        symlinkSync(`../kept/${target.slice(kept.length + 1)}`, `${file}.new`);
        renameSync(`${file}.new`, file);
      },
    ],
    [
      'a folder that is replaced',
      (file, text) => {
        const folder = join(file, '..');
        renameSync(folder, `${folder}.old`);
        mkdirSync(folder);
        writeFileSync(file, text);
        rmSync(`${folder}.old`, { recursive: true });
      },
    ],
  ];

  test('each makes one round, and the file is watched after it', async () => {
    const dir = await project('  - { name: lint, run: cat src/a.py, inputs: ["src/**"] }\n', twoFiles);
    const run = watching(dir, ['--verbose']);
    await run.sees('1 passed');
    const file = join(dir, 'src/a.py');
    for (const [index, [name, save]] of patterns.entries()) {
      save(file, `y = ${index}\n`);
      const round = await run.sees('1 passed');
      expect([name, round]).toEqual([name, expect.stringContaining(`  y = ${index}\n`)]);
      if (lstatSync(file).isSymbolicLink()) rmSync(file);
      writeFileSync(file, `z = ${index}\n`);
      const after = await run.sees('1 passed');
      expect([name, after]).toEqual([name, expect.stringContaining(`  z = ${index}\n`)]);
    }
    const { stdout } = await run.end('SIGINT');
    expect(stdout.match(/^1 passed/gm)).toHaveLength(1 + 2 * patterns.length);
  });
});

test('git switch makes one round, when git is done', async () => {
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`src/f${index}.py`, 'old\n']));
  const dir = await project('  - { name: lint, run: cat src/*.py | sort | uniq -c }\n', { ...twoFiles, ...many });
  git(dir, 'switch', '--quiet', '--create', 'other');
  for (const path of Object.keys(many)) writeFileSync(join(dir, path), 'new\n');
  git(dir, 'commit', '--quiet', '--all', '--message', 'second');
  git(dir, 'switch', '--quiet', 'main');
  const run = watching(dir, ['--verbose']);
  await run.sees('1 passed');
  git(dir, 'switch', '--quiet', 'other');
  expect(plain(await run.sees('1 passed'))).toMatch(/note: 400 files changed\n[\s\S]*400 new\n/);
  // While git has its lock, more is to come.
  writeFileSync(join(dir, '.git/index.lock'), '');
  writeFileSync(join(dir, 'src/f1.py'), 'third\n');
  writeFileSync(join(dir, 'src/f2.py'), 'third\n');
  // Something else meanwhile, which takes longer than the pause that ends a burst.
  await parity(['run', '--', 'true'], { cwd: dir, env: { DOCKER_HOST: address } });
  expect(run.printed()).not.toContain('f1.py');
  rmSync(join(dir, '.git/index.lock'));
  expect(plain(await run.sees('1 passed'))).toContain('note: src/f1.py, src/f2.py changed\n');
  git(dir, 'commit', '--quiet', '--all', '--message', 'third');
  writeFileSync(join(dir, 'src/f3.py'), 'fourth\n');
  expect(plain(await run.sees('1 passed'))).toContain('note: src/f3.py changed\n');
  const { stdout } = await run.end('SIGINT');
  expect(stdout.match(/^1 passed/gm)).toHaveLength(4);
});

test('an invalid config, a dead engine and a step that fails are told, and the watch goes on', async () => {
  const dir = await project(twoSteps, twoFiles);
  const config = readFileSync(join(dir, 'parity.yaml'), 'utf8');
  const run = watching(dir);
  await run.sees('2 passed');
  writeFileSync(join(dir, 'parity.yaml'), config.replace('run: cat README.md', 'rnu: cat README.md'));
  expect(await run.sees('error: parity.yaml has')).toContain('a step has no key `rnu`');
  writeFileSync(join(dir, 'parity.yaml'), config.replace('cat README.md', 'cat README.md; exit 3'));
  await run.sees('1 failed, 1 cached');
  writeFileSync(join(dir, 'parity.yaml'), config);
  await run.sees('2 cached');
  expect((await run.end('SIGINT')).code).toBe(130);
});

test('an engine that is not there is asked again with the next change', async () => {
  const dir = await project(twoSteps, twoFiles);
  const socket = join(dir, '.home/engine.sock');
  const run = watching(dir, [], { DOCKER_HOST: `unix://${socket}` });
  await run.sees('error: ');
  mkdirSync(join(dir, '.home'), { recursive: true });
  symlinkSync(address.replace('unix://', ''), socket);
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  await run.sees('2 passed');
  await run.end('SIGINT');
});

test('--no-cache is for the first round; a step with the network runs once while nothing that it reads changes', async () => {
  const dir = await project(
    twoSteps + '  - { name: install, run: cat package.json, inputs: [package.json], network: full }\n',
    { ...twoFiles, 'package.json': '{}\n' },
  );
  const before = watching(dir);
  await before.sees('3 passed');
  await before.end('SIGINT');
  const run = watching(dir, ['--no-cache']);
  await run.sees('3 passed');
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  await run.sees('1 passed, 2 cached');
  writeFileSync(join(dir, 'package.json'), '{ }\n');
  await run.sees('1 passed, 2 cached');
  await run.end('SIGINT');
});

test('what a step writes with other content each time does not run it for ever', async () => {
  const dir = await project('  - { name: tests, run: "cat src/a.py; date +%s%N > coverage.xml" }\n', twoFiles);
  const run = watching(dir);
  expect(await run.sees('coverage.xml changed in round after round')).toContain('warning: ');
  await run.sees('1 passed');
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  expect(plain(await run.sees('1 passed'))).toContain('note: src/a.py changed\n');
  const { stdout } = await run.end('SIGINT');
  expect(stdout.match(/1 passed/g)?.length).toBeLessThan(8);
});

test('looks again and again where the system tells nothing', async () => {
  const dir = await project(twoSteps, twoFiles);
  const run = watching(dir, [], { PARITY_WATCH_POLL: '50' });
  await run.sees('2 passed');
  writeFileSync(join(dir, 'src/a.py'), 'x = 2\n');
  await run.sees('1 passed, 1 cached');
  expect((await run.end('SIGINT')).code).toBe(130);
});

/** The same at a terminal. */
function watchingAtTerminal(dir: string): Watching {
  const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };
  return startAtTerminal('up --watch --reporter plain', { cwd: dir, env });
}

describe('keys', () => {
  const fixable =
    '  - { name: format, run: "! grep -n TODO src/a.py", fix: "sed -i /TODO/d src/a.py", inputs: ["src/**"] }\n' +
    '  - { name: docs, run: cat README.md, inputs: [README.md] }\n';

  test('f runs the failed steps’ fix commands and says what they changed; q ends with the code of the last run', async () => {
    const dir = await project(fixable, { ...twoFiles, 'src/a.py': 'x = 1\nTODO\n' });
    const run = watchingAtTerminal(dir);
    await run.sees('1 failed');
    await run.sees('waiting for changes: enter = run again, f = fix, q = quit');
    run.type('f');
    expect(await run.sees('1 passed, 1 cached')).toContain('note: sed -i /TODO/d src/a.py: changed src/a.py\r\n');
    expect(readFileSync(join(dir, 'src/a.py'), 'utf8')).toBe('x = 1\n');
    run.type('f');
    await run.sees('nothing to fix');
    run.type('q');
    expect((await run.ended).code).toBe(0);
    expect(run.printed().match(/waiting for changes/g)).toHaveLength(1);
  });

  test('enter runs what is not cached, twice all of it; q after a failure is 1, Ctrl-C is 130', async () => {
    const dir = await project(fixable, { ...twoFiles, 'src/a.py': 'TODO\n' });
    const run = watchingAtTerminal(dir);
    await run.sees('waiting for changes');
    run.type('\r');
    await run.sees('1 failed, 1 cached');
    run.type('\x1b[A\r\r');
    await run.sees('1 failed, 1 passed');
    run.type('q');
    expect((await run.ended).code).toBe(1);
    const other = watchingAtTerminal(dir);
    await other.sees('waiting for changes');
    other.type('\x03');
    expect((await other.ended).code).toBe(130);
  });
});
