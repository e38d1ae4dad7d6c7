import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parity, scratchFolder, type Ended } from '../support/parity.ts';

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => {
  scratch.remove();
});

const run = (...args: readonly string[]): Promise<Ended> =>
  parity(args, { cwd: scratch.dir, env: { DOCKER_HOST: 'unix:///nonexistent/engine.sock', TZ: 'UTC' } });

it('says where there is no run yet, and tells of one that could not begin', async () => {
  writeFileSync(join(scratch.dir, 'parity.yaml'), 'version: 1\npipeline:\n  - { name: lint, run: "true" }\n');
  expect(await run('history')).toEqual({
    code: 0,
    signal: null,
    stdout: `No run of ${scratch.dir} is known yet: parity up\n`,
    stderr: '',
  });
  expect(await run('logs')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'error: no run of this project is known yet\nnext: parity up\n',
  });

  expect((await run('up', 'lint')).code).toBe(3);
  const told = await run('history');
  expect(told).toMatchObject({ code: 0, stderr: '' });
  const [, row = ''] = told.stdout.split('\n');
  expect(row).toMatch(/^[0-9a-f]{8}  20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  up +failed +\d+.* +- +- +.*engine\.sock/);
  const id = row.slice(0, 8);
  expect(await run('logs')).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining(`run ${id}  `) as string,
  });
  expect(await run('logs', id, 'lint')).toMatchObject({
    code: 2,
    stderr: `error: run ${id} has no step lint\n  it ended before its first step\nnext: parity logs ${id}\n`,
  });

  const { entries, ...rest } = JSON.parse((await run('history', '--reporter', 'json')).stdout) as {
    entries: unknown[];
  };
  expect(rest).toEqual({ type: 'history', schemaVersion: 1, project: scratch.dir });
  expect(entries).toEqual([
    expect.objectContaining({
      version: 1,
      id,
      type: 'run',
      asked: ['lint'],
      outcome: 'failed',
      steps: [],
      receipt: null,
    }),
  ]);
  expect((await run('history', '-n', '0')).code).toBe(2);
});
