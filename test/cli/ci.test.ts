import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import { writeLock } from '../../src/lock/write.ts';
import { bareLock, must } from '../support/image.ts';
import { parity, scratchFolder, type Ended } from '../support/parity.ts';

const config = `version: 1
toolchain: { python: "3.11", tools: [], requirements: [], system: [] }
ci:
  install: npm install --global ./tools/parity.tgz
pipeline:
  - { name: greet, run: echo hello }
`;
const workflow = '.github/workflows/parity.yml';

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(async () => {
  scratch = scratchFolder();
  execFileSync('git', ['init', '-q'], { cwd: scratch.dir });
  await project('', config);
});
afterEach(() => scratch.remove());

const at = (path: string): string => join(scratch.dir, path);
const read = (path: string): string => readFileSync(at(path), 'utf8');

function write(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}

/** A project with a lock that answers to it. */
async function project(folder: string, text: string): Promise<void> {
  write(join(folder, 'parity.yaml'), text);
  const dir = at(folder);
  const loaded = must(await loadConfig({ dir, configPath: join(dir, 'parity.yaml') }));
  must(await writeLock(dir, bareLock({ inputs: must(await lockInputs(dir, loaded)) })));
}

// There is no engine: a CI file is written and checked without one.
const ci = (...args: readonly string[]): Promise<Ended> => ciIn('', ...args);
const ciIn = (folder: string, ...args: readonly string[]): Promise<Ended> =>
  parity(['ci', ...args], { cwd: at(folder), env: { DOCKER_HOST: `unix://${at('no.sock')}` } });

describe('parity ci github', () => {
  it('writes the workflow, finds it up to date, with Windows line ends too, and shows what a change of parity.yaml changes', async () => {
    expect(await ci('github', '--check')).toMatchObject({
      code: 1,
      stdout: `${workflow} is not there\nRun: parity ci github\n`,
    });
    expect(await ci('github')).toEqual({ code: 0, signal: null, stdout: `wrote ${workflow}\n`, stderr: '' });
    expect(read(workflow)).toContain('run: npm install --global ./tools/parity.tgz\n');
    const current = { code: 0, stdout: `${workflow} is up to date\n` };
    expect(await ci('github', '--check')).toMatchObject(current);
    write(workflow, read(workflow).replaceAll('\n', '\r\n'));
    expect(await ci('github', '--check')).toMatchObject(current);
    expect(await ci('github')).toMatchObject({ code: 0, stdout: `unchanged ${workflow}\n` });
    expect(read(workflow)).toContain('\r\n');

    write('parity.yaml', config.replace('parity.tgz', 'parity-2.tgz'));
    const stale = await ci('github', '--check');
    expect(stale.code).toBe(1);
    const changed = stale.stdout.split('\n').filter((line) => /^(?:[-+] |[A-Z.])/.test(line));
    expect(changed[0]).toBe(`${workflow} is not what parity.yaml says:`);
    expect(changed).toContain('-        run: npm install --global ./tools/parity.tgz');
    expect(changed).toContain('+        run: npm install --global ./tools/parity-2.tgz');
    expect(changed.at(-1)).toBe('Run: parity ci github');
    expect(await ci('github')).toMatchObject({ code: 0, stdout: `wrote ${workflow}\n` });
  });

  it('is still up to date after a new lock', async () => {
    await ci('github');
    write('parity.lock.json', read('parity.lock.json').replace(/"parity": "[^"]*"/, '"parity": "0.0.1"'));
    expect(await ci('github', '--check')).toMatchObject({ code: 0 });
  });

  it('never replaces a workflow that somebody else wrote, unless it is told to', async () => {
    write(workflow, 'name: mine\n');
    const refused = await ci('github');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(`${workflow} is there already, and parity did not write it`);
    expect(read(workflow)).toBe('name: mine\n');
    expect(await ci('github', '--check')).toMatchObject({ code: 1 });
    expect(await ci('github', '--output', 'other.yml')).toMatchObject({ code: 0, stdout: 'wrote other.yml\n' });
    expect(await ci('github', '--output', 'other.yml', '--check')).toMatchObject({ code: 0 });
    expect(await ci('github', '--force')).toMatchObject({ code: 0 });
    expect(read(workflow)).toBe(read('other.yml'));
    const printed = await ci('github', '--output', '-');
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(printed.stdout).toBe(read('other.yml'));
  });

  it('writes a workflow of its own for a project in a folder, at the top of the repository', async () => {
    await project('apps/the shop', config);
    expect(await ciIn('apps/the shop', 'github')).toMatchObject({
      code: 0,
      stdout: 'wrote .github/workflows/parity-apps-the-shop.yml\n',
    });
    const text = read('.github/workflows/parity-apps-the-shop.yml');
    expect(text).toContain('name: parity-apps-the-shop\n');
    expect(text).toContain('    working-directory: apps/the shop\n');
    expect(text).toContain("hashFiles('apps/the shop/parity.lock.json')");
  });

  it('says what is missing before there can be a CI file, and exits 2', async () => {
    write('parity.yaml', config.replace(/ci:\n.*\n/, ''));
    const noInstall = await ci('github');
    expect(noInstall.code).toBe(2);
    expect(noInstall.stderr).toContain('parity.yaml does not say how a CI machine gets parity');
    expect(noInstall.stderr).toContain('    install: npm install --global ./tools/parity-0.1.0.tgz');
    write('parity.yaml', config.replace('"3.11"', '"3.12"'));
    expect(await ci('github')).toMatchObject({ code: 2, stderr: expect.stringContaining('stale') as string });
    expect(existsSync(at('.github'))).toBe(false);
    const unknown = await ci('jenkins');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Allowed choices are github, gitlab');
  });

  it('prints one JSON object with --reporter json', async () => {
    const run = await ci('github', '--reporter', 'json');
    expect(JSON.parse(run.stdout)).toEqual({ type: 'ci', system: 'github', path: at(workflow), changed: true });
    const check = await ci('github', '--check', '--reporter', 'json');
    expect(JSON.parse(check.stdout)).toEqual({ type: 'ci-check', system: 'github', file: workflow, status: 'current' });
  });
});

describe('parity ci gitlab', () => {
  it('writes GitLab’s one file when there is none', async () => {
    expect(await ci('gitlab')).toMatchObject({ code: 0, stdout: 'wrote .gitlab-ci.yml\n' });
    expect(await ci('gitlab', '--check')).toMatchObject({ code: 0, stdout: '.gitlab-ci.yml is up to date\n' });
  });

  it('leaves a .gitlab-ci.yml that is there alone, and says which line includes its own', async () => {
    write('.gitlab-ci.yml', 'test:\n  script: [make]\n');
    const beside = '.gitlab/parity.gitlab-ci.yml';
    expect(await ci('gitlab')).toMatchObject({
      code: 0,
      stdout: `wrote ${beside}\nIn .gitlab-ci.yml, include it:\n\ninclude:\n  - local: "/${beside}"\n`,
    });
    expect(read('.gitlab-ci.yml')).toBe('test:\n  script: [make]\n');
    expect(await ci('gitlab', '--check')).toMatchObject({ code: 0, stdout: `${beside} is up to date\n` });
    write(beside, 'mine: {}\n');
    expect(await ci('gitlab')).toMatchObject({ code: 2 });
  });
});
