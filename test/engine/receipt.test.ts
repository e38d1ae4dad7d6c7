import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { readReceipt } from '../../src/receipt/read-receipt.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { addressOf, testEngines } from '../support/engines.ts';
import { git, projectDir, sweep } from '../support/environment.ts';
import { must } from '../support/image.ts';
import { lockedProject } from '../support/locked-project.ts';
import { parity, type Ended } from '../support/parity.ts';

const engines = testEngines()
  // Those that see this machine's folders and name an image by its config.
  .filter(({ name }) => name === 'default' || name === 'podman')
  .map((one) => createDockerEngine({ address: addressOf(one), source: 'test' }));
const addresses = testEngines()
  .filter(({ name }) => name === 'default' || name === 'podman')
  .map(addressOf);
const [engine = createDockerEngine({ address: '', source: 'test' }), second = engine] = engines;
const [address = '', secondAddress = address] = addresses;
const dirs: string[] = [];
const references = new Set<string>();

afterAll(async () => {
  for (const one of engines) {
    await sweep(one, dirs);
    for (const reference of references) await one.removeImage(reference);
    await one.close();
  }
});

const steps = `  - { name: format, run: "grep -q good core/app.py", inputs: ["core/**"] }
  - { name: tests, run: "cat core/app.py; test ! -e broken", env: { PYTHONPATH: . }, passEnv: [WHERE, API_TOKEN], secrets: [DEPLOY_KEY], needs: [format] }
`;
const secrets = { DEPLOY_KEY: 'hunter2hunter2', API_TOKEN: 'swordfish-42', WHERE: 'here' };

/** A repository with one commit, whose image is there. */
async function repository(name: string, pipeline = steps): Promise<string> {
  const dir = projectDir(name);
  dirs.push(dir);
  references.add(await lockedProject(engine, dir, pipeline));
  mkdirSync(join(dir, 'core'));
  writeFileSync(join(dir, 'core/app.py'), 'good\n');
  git(dir, 'init', '-q');
  commit(dir);
  return dir;
}

function commit(dir: string): void {
  git(dir, 'add', '--all');
  git(dir, 'commit', '-q', '-m', 'test');
}

/** Caches and reports lie beside the project, as on a user's machine. */
function run(dir: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const beside = { PARITY_CACHE_DIR: join(dirname(dir), 'cache'), HOME: join(dirname(dir), 'home') };
  const env = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', ...beside, ...secrets, ...more };
  return parity(args, { cwd: dir, env });
}

async function receiptAt(file: string): Promise<Receipt> {
  return must(await readReceipt(file, { cwd: (path) => path, stdin: process.stdin })).receipt;
}

test('two runs on two engines, in two places, are equal but for times; a changed file is named', async () => {
  const dir = await repository('telling-secret-place ü');
  const copy = join(projectDir('elsewhere'));
  dirs.push(copy);
  cpSync(dir, copy, { recursive: true });
  if (second !== engine) {
    const [reference = ''] = references;
    must(await second.loadImages(must(await engine.saveImages([reference]))));
  }
  const [first, other] = [join(dirname(dir), 'ci.json'), join(dirname(copy), 'local.json')];
  expect(await run(dir, ['up', '--report', `receipt=${first}`])).toMatchObject({ code: 0 });
  const elsewhere = { DOCKER_HOST: secondAddress };
  expect(await run(copy, ['up', '--report', `receipt=${other}`], elsewhere)).toMatchObject({ code: 0 });
  const compared = await run(dir, ['compare', first, other]);
  expect(compared).toMatchObject({ code: 0, stderr: '' });
  expect(compared.stdout).toContain('are equal but for times: the same outcome of all 2 steps');
  // The last run here is found by itself.
  expect(await run(dir, ['compare', other])).toMatchObject({ code: 0 });

  const receipt = await receiptAt(first);
  expect(receipt).toMatchObject({
    commit: git(dir, 'rev-parse', 'HEAD').trim(),
    dirty: false,
    project: '.',
    outcome: 'passed',
    options: { steps: [], cold: false, shard: null },
  });
  expect(Object.keys(receipt.files)).toEqual(['core/app.py', 'parity.lock.json', 'parity.yaml']);
  expect(receipt.steps[1]?.env).toEqual({
    API_TOKEN: 'secret',
    DEPLOY_KEY: 'secret',
    PYTHONPATH: expect.stringContaining('sha256:') as string,
    WHERE: expect.stringContaining('sha256:') as string,
  });
  const text = readFileSync(first, 'utf8');
  for (const telling of [dirname(dir), 'telling', hostname(), `"${userInfo().username}"`, ...Object.values(secrets)])
    expect(text, telling).not.toContain(telling);

  writeFileSync(join(copy, 'core/app.py'), 'good and more\n');
  chmodSync(join(copy, 'parity.yaml'), 0o755);
  expect(await run(copy, ['up'], { ...elsewhere, WHERE: 'there' })).toMatchObject({ code: 0 });
  const { code, stdout } = await run(copy, ['compare', first, '--verbose']);
  expect(code).toBe(1);
  expect(stdout).toContain(`The variable WHERE has another value (tests)`);
  expect(stdout).toContain(`core/app.py has other content in ${first} than in the last run here`);
  expect(stdout).toContain('parity.yaml is executable in only one of them');
  expect(stdout).toContain('not as in its commit: the last run here');
});

test('a run that fails has a receipt that says how', async () => {
  const dir = await repository(
    'project',
    '  - { name: one, run: "exit 3" }\n  - { name: two, run: "true", needs: [one] }\n',
  );
  const file = join(dirname(dir), 'receipt.json');
  expect(await run(dir, ['up', '--report', `receipt=${file}`])).toMatchObject({ code: 1 });
  expect(await receiptAt(file)).toMatchObject({
    outcome: 'failed',
    failure: null,
    steps: [
      { name: 'one', outcome: 'failed', exitCode: 3 },
      { name: 'two', outcome: 'skipped', reason: 'needs', startedMs: null },
    ],
  });
  expect(await run(dir, ['compare', file])).toMatchObject({ code: 0 });
});

test('repro runs the failed step of a receipt on its commit, whatever is here by now', async () => {
  const dir = await repository('project');
  const ci = join(dirname(dir), 'ci.json');
  writeFileSync(join(dir, 'broken'), '');
  commit(dir);
  expect(await run(dir, ['up', '--report', `receipt=${ci}`])).toMatchObject({ code: 1 });
  // It was mended here since.
  git(dir, 'rm', '-q', 'broken');
  commit(dir);
  writeFileSync(join(dir, 'core/app.py'), 'bad\n');
  const again = await run(dir, ['repro', ci], { WHERE: 'there' });
  expect(again.code).toBe(0);
  expect(again.stdout).toMatch(/\nreproduced: tests failed \(exit code 1\) here, too\n$/);
  expect(again.stderr).toContain(`WHERE of tests has another value here than in ${ci}`);
  expect(again.stderr).toContain('nobody can tell whether secrets are those of');
  // The user's own files are as they were.
  expect(git(dir, 'status', '--porcelain')).toBe(' M core/app.py\n');
  expect(await run(dir, ['repro', ci, 'format'])).toMatchObject({ code: 0 });

  const flaky = join(dirname(dir), 'flaky.json');
  const receipt = await receiptAt(ci);
  const failed = { outcome: 'failed', exitCode: 1 } as const;
  const [format, tests] = receipt.steps;
  writeFileSync(flaky, JSON.stringify({ ...receipt, steps: [{ ...format, ...failed }, tests] }));
  const not = await run(dir, ['repro', flaky]);
  expect(not.code).toBe(1);
  expect(not.stdout).toContain(`not reproduced: format failed (exit code 1) in ${flaky} and passed here\n`);
  expect(not.stdout).toContain('although nothing that parity records differs');
});

test('repro refuses what it can not have: the files, the lock, the commit, the step', async () => {
  const dir = await repository('project');
  const file = join(dirname(dir), 'dirty.json');
  writeFileSync(join(dir, 'broken'), '');
  writeFileSync(join(dir, 'core/app.py'), 'good, too\n');
  expect(await run(dir, ['up', '--report', `receipt=${file}`])).toMatchObject({ code: 1 });
  const dirty = await run(dir, ['repro', file]);
  expect(dirty).toMatchObject({ code: 2, stdout: '' });
  expect(dirty.stderr).toContain(`${file} was made with files that are not as in its commit, and those can't be had
    broken (never committed)
    core/app.py (changed)
next: leave them out: the same command with --dirty-ok`);
  const without = await run(dir, ['repro', file, '--dirty-ok']);
  expect(without.code).toBe(1);
  expect(without.stdout).toContain(`not reproduced: tests failed (exit code 1) in ${file} and passed here`);
  expect(without.stdout).toContain(`broken is there in ${file} only`);

  const receipt = await receiptAt(file);
  const doctored = async (change: Partial<Receipt>, ...args: readonly string[]): Promise<string> => {
    const other = join(dirname(dir), 'doctored.json');
    writeFileSync(other, JSON.stringify({ ...receipt, ...change }));
    const { code, stdout, stderr } = await run(dir, ['repro', other, '--dirty-ok', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  };
  const gone = 'd'.repeat(40);
  expect(await doctored({ commit: gone })).toContain(`is not in this repository\nnext: git fetch origin ${gone}\n`);
  expect(await doctored({ commit: null })).toContain('was made without a commit');
  expect(await doctored({ lock: `sha256:${'1'.repeat(64)}` })).toContain('that run had 111111111111');
  expect(await doctored({}, 'nothing')).toContain('has no step nothing\nnext: name one of them: format, tests\n');
  expect(await doctored({ steps: receipt.steps.slice(0, 1) })).toContain('no step failed in');
});
