import { delimiter, parse } from 'node:path';
import { expect, it } from 'vitest';
import { runProgram, streamProgram } from './run-program.ts';

const node = process.execPath;

it('gives the exit code and both outputs, whatever the code', async () => {
  const program = 'process.stdout.write("out"); process.stderr.write("err"); process.exitCode = 3';
  expect(await runProgram({ argv: [node, '-e', program] })).toEqual({
    ok: true,
    value: { exitCode: 3, stdout: 'out', stderr: 'err' },
  });
});

it('starts in no repository, and shows nothing of the environment but what a program needs', async () => {
  const program = 'process.stdout.write(JSON.stringify([process.cwd(), process.env]))';
  const env = {
    PATH: ['bin', '/usr/bin', '.'].join(delimiter),
    HOME: '/home/me',
    https_proxy: 'proxy.test:3128',
    GITHUB_TOKEN: 'secret',
    NODE_OPTIONS: '--require ./theirs.cjs',
    npm_config_cache: '/tmp/npm',
  };
  const ran = await runProgram({ argv: [node, '-e', program], env, variables: /^npm_config_/ });
  expect(ran.ok && JSON.parse(ran.value.stdout)).toEqual([
    parse(node).root,
    { PATH: '/usr/bin', HOME: '/home/me', https_proxy: 'proxy.test:3128', npm_config_cache: '/tmp/npm' },
  ]);
});

it('tells a program that is not there from one that was stopped', async () => {
  const endless = 'setInterval(() => process.stdout.write("x".repeat(1000)), 1)';
  const stopped = AbortSignal.abort();
  const runs = await Promise.all([
    runProgram({ argv: ['/no/such/program'] }),
    runProgram({ argv: [node, '-e', endless], timeoutMs: 200 }),
    runProgram({ argv: [node, '-e', endless], maxOutputBytes: 10_000 }),
    runProgram({ argv: [node, '-e', endless], signal: stopped }),
  ]);
  expect(runs.map((run) => (run.ok ? run.value : run.error.kind))).toEqual([
    'missing',
    'stopped',
    'stopped',
    'stopped',
  ]);
});

it('hands over output as it comes, and says how the program ended', async () => {
  let text = '';
  const onOutput = (piece: string): void => void (text += piece);
  expect(await streamProgram({ argv: [node, '-e', 'console.log("é")'], onOutput })).toBe(0);
  expect(text).toBe('é\n');
  expect(await streamProgram({ argv: ['/no/such/program'], onOutput })).toMatch(/ENOENT/);
});

it('ends the whole process group when it is aborted', async () => {
  const controller = new AbortController();
  const child = `require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' }); console.log('up')`;
  const argv = [node, '-e', child] as const;
  expect(await streamProgram({ argv: [...argv], signal: controller.signal, onOutput: () => controller.abort() })).toBe(
    'SIGTERM',
  );
});
