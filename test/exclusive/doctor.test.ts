import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { contextTar } from '../../src/base/context-tar.ts';
import { loadConfig } from '../../src/config/load.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import { formatLock } from '../../src/lock/write.ts';
import { engineTest } from '../support/engine-test.ts';
import { platform } from '../support/environment.ts';
import { must, referenceLock } from '../support/image.ts';
import { parity, type Ended } from '../support/parity.ts';

const { address, engine, folder, test: it } = engineTest();
const dir = folder();
let [reference, imageId] = ['', ''];

const run = async (...args: readonly string[]): Promise<Ended> => {
  const env = { DOCKER_HOST: address, PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? '' };
  return await parity(args, { cwd: dir, env });
};

interface Report {
  readonly findings: readonly { rule: string; subject: string; message: string }[];
  readonly skipped: readonly { what: string; reason: string }[];
}
// What the machine that runs the tests has in its PATH is not this test's business.
const imageRules = ['--rule', 'PD030', 'PD031', '--reporter', 'json'];
const report = async (): Promise<Report> => JSON.parse((await run('doctor', ...imageRules)).stdout) as Report;

beforeAll(async () => {
  mkdirSync(dir);
  const configPath = join(dir, 'parity.yaml');
  writeFileSync(
    configPath,
    'version: 1\ntoolchain: { python: "3.11", tools: [], requirements: [] }\npipeline: [{ name: one, run: python -V }]\n',
  );
  const inputs = must(await lockInputs(dir, must(await loadConfig({ dir, configPath }))));
  writeFileSync(join(dir, 'parity.lock.json'), formatLock({ ...referenceLock(), inputs }));
  const built = await run('build');
  expect(built.code, built.stderr).toBe(0);
  [reference = '', imageId = ''] = built.stdout.split('\n');
});
afterAll(async () => {
  const last = must(await engine.inspectImage(reference));
  if (imageId !== '') must(await engine.tagImage(imageId, reference));
  if (last !== undefined && last.id !== imageId) await engine.removeImage(last.id, { force: true });
});

it('finds that the image holds what the lock says, by what its installers recorded', async () => {
  expect(await report()).toMatchObject({ findings: [], skipped: [] });
});

it('finds another image under the lock’s name, what differs in it, and the environment that still runs the right one', async () => {
  const up = await run('up');
  expect(up.code, up.stderr).toBe(0);
  const change = [
    'cd /opt/parity/lib/python3.11/site-packages',
    'sed -i "s/^Version: .*/Version: 1.0.0/" black-*.dist-info/METADATA',
    'rm -r flake8-*.dist-info',
  ].join(' && ');
  const dockerfile = { path: 'Dockerfile', data: `FROM ${reference}\nUSER root\nRUN ${change}\n` };
  const tags = [reference];
  must(
    await engine.build({
      context: contextTar([dockerfile]),
      dockerfile: 'Dockerfile',
      tags,
      buildArgs: {},
      labels: {},
      platform,
    }),
  );
  const changed = must(await engine.inspectImage(reference))?.id ?? '';
  const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);
  const { findings } = await report();
  expect(findings.map(({ rule, subject, message }) => [rule, subject, message])).toEqual([
    ['PD030', 'pypi:black', 'the image has 1.0.0, the lock has 25.9.0'],
    ['PD030', 'pypi:flake8', 'the image lacks it, the lock has 7.3.0'],
    ['PD031', 'image', `the image here is ${short(changed)}, the lock names ${short(imageId)}`],
  ]);
  expect((await run('doctor', ...imageRules)).code).toBe(1);
});

it('goes on without an engine, and says what it did not look at', async () => {
  const { code, stdout } = await parity(['doctor', ...imageRules, '--host', 'unix:///nowhere/docker.sock'], {
    cwd: dir,
  });
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as Report).skipped).toEqual([
    {
      what: 'the engine and the image',
      reason: expect.stringContaining('there is no engine at unix:///nowhere/docker.sock') as string,
    },
  ]);
});
