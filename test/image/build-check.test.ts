import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { baseReference } from '../../src/base/base.ts';
import { contextTar } from '../../src/base/context-tar.ts';
import { loadConfig } from '../../src/config/load.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import type { Lock } from '../../src/lock/lock.ts';
import { formatLock } from '../../src/lock/write.ts';
import { engineTest } from '../support/engine-test.ts';
import { platform } from '../support/environment.ts';
import { bareLock, must } from '../support/image.ts';
import { parity, type Ended } from '../support/parity.ts';

const { address, engine, folder, references, test: it } = engineTest();
const dir = folder();
const lockFile = join(dir, 'parity.lock.json');
const recipe =
  'ARG BASE\nARG START=${BASE}\nFROM ${BASE} AS made\nRUN mkdir /out && CONTENT > /out/made && touch /out/more\n';

const run = async (...args: readonly string[]): Promise<Ended> => {
  const env = { DOCKER_HOST: address, PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? '' };
  const ended = await parity(args, { cwd: dir, env });
  for (const [reference] of ended.stdout.matchAll(/^parity\/image:\w+$/gm)) references.add(reference);
  return ended;
};
const lockNow = (): Lock => JSON.parse(readFileSync(lockFile, 'utf8')) as Lock;
const writeRecipe = (content: string, last = ''): void =>
  writeFileSync(
    join(dir, 'Dockerfile.parity'),
    `${recipe.replace('CONTENT', content)}FROM \${START}\nCOPY --from=made /out/ /opt/\n${last}`,
  );

// A small image, from a recipe of the project's own: it may do what parity's own recipe never does.
beforeAll(async () => {
  mkdirSync(dir);
  const configPath = join(dir, 'parity.yaml');
  writeFileSync(
    configPath,
    'version: 1\ntoolchain: { python: "3.11", tools: [], requirements: [], system: [] }\nimage: { dockerfile: Dockerfile.parity }\npipeline: [{ name: one, run: "true" }]\n',
  );
  writeRecipe('echo same');
  const config = must(await loadConfig({ dir, configPath }));
  writeFileSync(lockFile, formatLock(bareLock({ inputs: must(await lockInputs(dir, config)) })));
});
it('a lock that names no image yet says so, and the first build writes it down', async () => {
  expect(await run('lock', '--check')).toMatchObject({ code: 0 });
  const awaiting = await run('lock', '--check', '--platform', platform);
  expect(awaiting).toMatchObject({ code: 1 });
  expect(awaiting.stdout).toContain('awaits its first build there: parity build');
  expect(await run('build', '--check')).toMatchObject({ code: 2 });

  const built = await run('build');
  expect(built).toMatchObject({ code: 0 });
  const { image } = lockNow().platforms[platform];
  expect(built.stdout.split('\n')).toContain(image?.config);
  expect(await run('lock', '--check', '--platform', platform)).toMatchObject({ code: 0 });
  const other = platform === 'linux/amd64' ? 'linux/arm64' : 'linux/amd64';
  expect(await run('lock', '--check', '--platform', other)).toMatchObject({ code: 1 });
});

it('a rebuild gives the same image, and that is said', async () => {
  const before = readFileSync(lockFile, 'utf8');
  const checked = await run('build', '--check');
  expect(checked).toMatchObject({
    code: 0,
    stdout: `the same image as the lock's: ${lockNow().platforms[platform].image?.config}\n`,
  });
  expect(readFileSync(lockFile, 'utf8')).toBe(before);
});

it('an image that depends on more than the lock is told with the first file that differs, and why', async () => {
  writeRecipe('date +%s%N');
  expect(await run('build')).toMatchObject({ code: 0 });
  const checked = await run('build', '--check');
  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(/the first difference: \/opt\/made: content: sha256 \w{64}, expected \w{64}/);
  expect(checked.stdout).toContain('the lock does not hold all of: Dockerfile.parity');
});

it('another image under the lock’s name is not taken for it', async () => {
  writeRecipe('echo same', 'ENV SECOND=1\n');
  const [reference = ''] = (await run('build')).stdout.split('\n');
  const { image } = lockNow().platforms[platform];
  const id = must(await engine.inspectImage(reference))?.id;
  must(await engine.removeImage(reference));
  const intruder = must(await engine.listImages(['dev.parity.kind=base']))[0];
  must(await engine.tagImage(intruder?.id ?? '', reference));
  const built = await run('build');
  expect(built).toMatchObject({ code: 0 });
  expect(built.stderr).toContain(`expected ${id}, found ${intruder?.id}`);
  expect(must(await engine.inspectImage(reference))?.id).toBe(id);
  expect(lockNow().platforms[platform].image).toEqual(image);
});

it('a lock that names an image which it does not yield is refused when all of it is pinned', async () => {
  writeFileSync(join(dir, 'parity.yaml'), readFileSync(join(dir, 'parity.yaml'), 'utf8').replace(/^image:.*\n/m, ''));
  const config = must(await loadConfig({ dir, configPath: join(dir, 'parity.yaml') }));
  writeFileSync(lockFile, formatLock(bareLock({ inputs: must(await lockInputs(dir, config)) })));
  expect(await run('build')).toMatchObject({ code: 0 });
  const lock = lockNow();
  const { image } = lock.platforms[platform];
  if (image === null) throw new Error('the build wrote no image down');
  const wrong = `sha256:${'0'.repeat(64)}` as const;
  const tampered = { ...lock.platforms, [platform]: { image: { ...image, config: wrong, manifest: wrong } } };
  writeFileSync(lockFile, formatLock({ ...lock, platforms: tampered }));
  const refused = await run('build');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(`expected ${wrong}, found ${image.config}`);
});

it('a base that somebody changed in the engine, under its name, is refused with what was expected and found', async () => {
  // A base of this test's own: the same packages, as if of another day.
  const { base } = bareLock();
  if (base.kind !== 'debian') throw new Error('the reference lock has no Debian base');
  const config = must(await loadConfig({ dir, configPath: join(dir, 'parity.yaml') }));
  const own = { ...base, snapshot: '20010203T040506Z' };
  writeFileSync(lockFile, formatLock(bareLock({ base: own, inputs: must(await lockInputs(dir, config)) })));
  const name = baseReference(own, platform);
  references.add(name);
  must(await engine.tagImage(baseReference(base, platform), name));
  const [reference = ''] = (await run('build')).stdout.split('\n');
  const { image } = lockNow().platforms[platform];
  const context = contextTar([{ path: 'Dockerfile', data: `FROM ${name}\nUSER 0\nRUN echo evil >> /etc/profile\n` }]);
  const changed = { context, dockerfile: 'Dockerfile', tags: [name], buildArgs: {}, labels: {} };
  must(await engine.build(changed));
  must(await engine.removeImage(reference, { force: true }));
  const refused = await run('build');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toMatch(new RegExp(`expected ${image?.config}, found sha256:\\w{64}`));
  expect(must(await engine.inspectImage(reference))).toBeUndefined();
});
