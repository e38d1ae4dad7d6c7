import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { packageRoot } from '../../src/core/paths.ts';
import { engineTest } from '../support/engine-test.ts';
import { lockedProject } from '../support/locked-project.ts';
import { installPackage } from '../support/package.ts';
import { scratchFolder, scrubbedEnv } from '../support/parity.ts';

const { address, engine, folder, references, test } = engineTest();

/** The code blocks of docs/api.md, in order. */
const documented = [...readFileSync(join(packageRoot(), 'docs', 'api.md'), 'utf8').matchAll(/```js\n([^]*?)```/g)].map(
  ([, code = '']) => code,
);

describe('a program that uses the installed package', () => {
  const home = scratchFolder();
  const dir = folder('shop');
  beforeAll(async () => {
    installPackage(home.dir);
    const pipeline =
      '  - { name: lint, run: echo fine }\n  - { name: tests, run: "echo ${WORD-}; test -f good", fix: touch good, passEnv: [WORD], needs: [lint] }\n  - { name: slow, run: sleep 60 }\n';
    references.add(await lockedProject(engine, dir, pipeline));
  });
  afterAll(() => home.remove());

  /** Runs a module in the folder that has the package; gives what it printed and its exit code. */
  function run(code: string, env: Readonly<Record<string, string>> = {}): { status: number | null; stdout: string } {
    writeFileSync(join(home.dir, 'program.mjs'), code);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['program.mjs'], {
      cwd: home.dir,
      env: scrubbedEnv({ cwd: home.dir, env: { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', ...env } }),
      encoding: 'utf8',
      timeout: 50_000,
    });
    expect(stderr).toBe('');
    return { status, stdout };
  }
  const inProject = (code = ''): string => code.replace("'shop'", JSON.stringify(dir));

  test('runs all checks in the five lines that the documentation has', () => {
    const five = inProject(documented[0]).replace('up({', "up({ steps: ['tests'],");
    expect(five.trim().split('\n').filter(Boolean)).toHaveLength(4);
    expect(run(five)).toEqual({ status: 1, stdout: 'passed lint\nfailed tests Run: touch good\n' });
  });

  test('hears all events in order, secrets hidden, though nobody takes them at once', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const program = `
      import { up } from 'parity';
      const run = up({ cwd: ${JSON.stringify(dir)}, steps: ['tests'], frozen: true, noCache: true });
      const seen = [];
      for await (const event of run) {
        await new Promise((resolve) => setImmediate(resolve));
        if (event.type.startsWith('step') || event.type.startsWith('run')) seen.push([event.type, event.data?.toString()]);
      }
      for await (const _ of run) seen.push('an event of a run that is over');
      console.log(JSON.stringify([seen, (await run.finished).outcome]));`;
    const { status, stdout } = run(program, { WORD: token });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      [
        ['run-started', null],
        ['step-started', null],
        ['step-output', 'fine\n'],
        ['step-finished', null],
        ['step-started', null],
        ['step-output', '***\n'],
        ['step-finished', null],
        ['run-finished', null],
      ],
      'failed',
    ]);
  });

  test('an aborted signal ends the run, whatever its reason', () => {
    const program = `
      import { up } from 'parity';
      const stop = new AbortController();
      const run = up({ cwd: ${JSON.stringify(dir)}, steps: ['slow'], signal: stop.signal });
      for await (const event of run) if (event.type === 'step-started') stop.abort(new Error('no more'));
      const { outcome, counts, failure } = await run.finished;
      console.log(outcome, counts.cancelled, failure.reason);`;
    expect(run(program)).toEqual({ status: 0, stdout: 'cancelled 1 interrupted\n' });
  });

  test('a failure says what to type next', () => {
    const program = `
      import { up, lock } from 'parity';
      const { outcome, failure } = await up({ cwd: ${JSON.stringify(dir)}, steps: ['test'] }).finished;
      console.log(outcome, failure.reason, failure.next);
      const locked = await lock({ cwd: ${JSON.stringify(home.dir)}, check: true });
      console.log(locked.ok, locked.error.reason, locked.error.next);`;
    expect(run(program)).toEqual({
      status: 0,
      stdout: 'failed usage parity up lint tests slow\nfalse lock-missing parity lock, then commit parity.lock.json\n',
    });
  });

  test('checks the lock and audits as the documentation has it', () => {
    writeFileSync(join(dir, 'requirements.txt'), 'black==24.1.0\n');
    writeFileSync(join(dir, 'dev-requirements.txt'), 'black==25.9.0\n');
    const program = inProject(documented[2]).replaceAll('{ check: true', `{ cwd: ${JSON.stringify(dir)}, check: true`);
    const { status, stdout } = run(program.replace('{ offline', `{ cwd: ${JSON.stringify(dir)}, offline`));
    expect(status).toBe(0);
    expect(stdout).toContain('requirements.txt:1 ');
  });

  test('compiles against its types', () => {
    const typed = `
      import { doctor, lock, up, type Failure, type RunEvent } from 'parity';
      export async function check(signal: AbortSignal): Promise<string> {
        const run = up({ steps: ['tests'], jobs: 2, signal });
        for await (const event of run) { const one: RunEvent = event; if (one.type === 'step-output') one.data.length; }
        const failure: Failure | undefined = (await run.finished).failure;
        const locked = await lock({ upgrade: ['mypy'] });
        const audit = await doctor();
        return [failure?.next, locked.ok ? locked.value.status : locked.error.reason, audit.ok && audit.value.findings[0]?.rule].join();
      }
      // @ts-expect-error a step's name is a text
      up({ steps: [1] });`;
    writeFileSync(join(home.dir, 'program.ts'), typed);
    const options = [
      '--strict',
      '--noEmit',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--exactOptionalPropertyTypes',
    ];
    const types = ['--types', 'node', '--typeRoots', join(packageRoot(), 'node_modules', '@types')];
    const tsc = join(packageRoot(), 'node_modules', 'typescript', 'bin', 'tsc');
    expect(
      execFileSync(process.execPath, [tsc, ...options, ...types, 'program.ts'], { cwd: home.dir, encoding: 'utf8' }),
    ).toBe('');
  });
});
