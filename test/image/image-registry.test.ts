import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, expect } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { lockInputs } from '../../src/lock/inputs.ts';
import type { Lock } from '../../src/lock/lock.ts';
import { formatLock } from '../../src/lock/write.ts';
import { cuttingProxy, type CuttingProxy } from '../support/cutting-proxy.ts';
import { engineTest } from '../support/engine-test.ts';
import { platform, until } from '../support/environment.ts';
import { bareLock, must } from '../support/image.ts';
import { madeImage } from '../support/made-image.ts';
import { parity, startParity, type Ended } from '../support/parity.ts';

// Two real registries on loopback, one of which asks for a password; a port before the first can break connections.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
const { address, engine, folder, test: it } = engineTest();
const dir = folder('a project ü');
const [lockFile, configFile] = [join(dir, 'parity.lock.json'), join(dir, 'parity.yaml')];
const dockerConfig = join(dir, '.docker');
const env = {
  DOCKER_HOST: address,
  DOCKER_CONFIG: dockerConfig,
  PARITY_CACHE_DIR: process.env['PARITY_CACHE_DIR'] ?? '',
  PARITY_LEASE_SECONDS: '5',
};
const open = { registry: undefined as StartedTestContainer | undefined, host: '' };
const closed = { registry: undefined as StartedTestContainer | undefined, host: '' };
let proxy: CuttingProxy;
let reference = '';
let imageId = '';

const run = async (...args: readonly string[]): Promise<Ended> => await parity(args, { cwd: dir, env });
const presentId = async (): Promise<string | undefined> => must(await engine.inspectImage(reference))?.id;
const forget = async (): Promise<void> => must(await engine.removeImage(reference, { force: true }));
const locked = (): Lock => JSON.parse(readFileSync(lockFile, 'utf8')) as Lock;
/** Says in parity.yaml where the image is shared; what the lock is made from stays the same. */
function share(repository: string): void {
  const shared = repository === '' ? '' : `, repository: '${repository}'`;
  const image = `image: { dockerfile: Dockerfile.parity${shared} }\n`;
  writeFileSync(
    configFile,
    `version: 1\ntoolchain: { python: "3.11", tools: [], requirements: [], system: [] }\n${image}pipeline: [{ name: one, run: python3 -V }]\n`,
  );
}

async function startRegistry(more: Readonly<Record<string, string>>): Promise<StartedTestContainer> {
  // The password is "a pass word"; the hash is bcrypt's.
  const users = 'team:$2b$05$3oxwP.AwGfer44m40gZ1CeSGEFz2HvPC8y1tbX4EHlkZMhYptXuIW\n';
  return await new GenericContainer(await madeImage(engine, 'registry'))
    .withExposedPorts(5000)
    .withLabels({ 'dev.parity.kind': 'test' })
    .withEnvironment(more)
    .withCopyContentToContainer([{ content: users, target: '/etc/docker/registry/users' }])
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
}

// 40 MB that no engine has seen: it knows what it pulled before, and would not pull that again.
const recipe = `ARG BASE
ARG START=\${BASE}
FROM \${BASE} AS made
USER 0
RUN mkdir /out && python3 -c "import random; random.seed(${Date.now()}); open('/out/noise', 'wb').write(random.randbytes(40 << 20))"
FROM \${START}
COPY --from=made /out/ /opt/
`;

beforeAll(async () => {
  mkdirSync(dockerConfig, { recursive: true });
  open.registry = await startRegistry({});
  open.host = `localhost:${open.registry.getMappedPort(5000)}`;
  closed.registry = await startRegistry({
    REGISTRY_AUTH: 'htpasswd',
    REGISTRY_AUTH_HTPASSWD_REALM: 'test',
    REGISTRY_AUTH_HTPASSWD_PATH: '/etc/docker/registry/users',
  });
  closed.host = `localhost:${closed.registry.getMappedPort(5000)}`;
  proxy = await cuttingProxy(open.registry.getMappedPort(5000));
  writeFileSync(join(dir, 'Dockerfile.parity'), recipe);
  share('');
  const config = must(await loadConfig({ dir, configPath: configFile }));
  writeFileSync(lockFile, formatLock(bareLock({ inputs: must(await lockInputs(dir, config)) })));
  [reference = '', imageId = ''] = (await run('build')).stdout.split('\n');
});
afterAll(async () => {
  if (reference !== '') await engine.removeImage(reference, { force: true });
  proxy?.close();
  for (const { registry } of [open, closed]) await registry?.stop();
});

it('without a repository, push and pull say what to write where', async () => {
  for (const command of ['push', 'pull'])
    expect(await run('image', command)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('image: {') as string,
    });
});

it('a broken connection is made up for, and what the registry has is not sent again', async () => {
  share(`localhost:${proxy.port}/team/parity`);
  proxy.cutAfter(2_000_000 + Math.floor(Math.random() * 8_000_000), 3);
  const pushed = await run('image', 'push');
  expect(pushed).toMatchObject({ code: 0 });
  expect(proxy.cuts()).toBe(3);
  const { manifest = '' } = locked().platforms[platform].image ?? {};
  expect(pushed.stdout).toBe(`localhost:${proxy.port}/team/parity@${manifest}\n${imageId}\n`);
  expect((await run('image', 'push', '--verbose')).stderr).toContain('all of it was there');
});

it('a pull that breaks off leaves no image; the next one is the image that was built, and the pipeline runs in it', async () => {
  await forget();
  proxy.cutAfter(1_000_000 + Math.floor(Math.random() * 9_000_000), 1_000);
  const { child, ended } = startParity(['image', 'pull'], { cwd: dir, env });
  // It may give up by itself; if not, somebody presses Ctrl-C.
  let isOver = false;
  void ended.finally(() => (isOver = true));
  await until(
    () => Promise.resolve(isOver || proxy.cuts() >= 3),
    (enough) => enough,
    120_000,
  );
  child.kill('SIGINT');
  expect([3, 130]).toContain((await ended).code);
  expect(proxy.cuts()).toBeGreaterThan(0);
  expect(await presentId()).toBeUndefined();
  proxy.cutAfter(0, 0);
  expect(await run('image', 'pull')).toMatchObject({ code: 0, stdout: `${reference}\n${imageId}\n` });
  expect(await presentId()).toBe(imageId);
  expect(must(await engine.inspectImage(reference))?.repoDigests).toEqual([]);
  await forget();
  const up = await run('up', '--frozen', '--verbose');
  expect(up).toMatchObject({ code: 0 });
  expect(up.stderr).toContain('Pulling the image from');
  expect(up.stderr).not.toContain('Building');
  expect(await presentId()).toBe(imageId);
});

it('six pulls at once all end with the image', async () => {
  for (let round = 0; round < 3; round += 1) {
    await forget();
    const pulls = await Promise.all(Array.from({ length: 6 }, () => run('image', 'pull')));
    for (const pull of pulls) expect(pull).toMatchObject({ code: 0, stdout: `${reference}\n${imageId}\n` });
    expect(must(await engine.inspectImage(reference))?.repoDigests).toEqual([]);
  }
});

it('a push that is interrupted or killed names nothing', async () => {
  // In the midst of a layer of 40 MB.
  for (const [signal, after, code] of [
    ['SIGINT', 2_000_000, 130],
    ['SIGKILL', 12_000_000, null],
  ] as const) {
    const name = `team/cut-${signal.toLowerCase()}`;
    share(`localhost:${proxy.port}/${name}`);
    const before = proxy.bytes();
    const { child, ended } = startParity(['image', 'push'], { cwd: dir, env });
    await until(
      () => Promise.resolve(proxy.bytes() - before),
      (sent) => sent > after,
      120_000,
    );
    child.kill(signal);
    expect((await ended).code).toBe(code);
    const { manifest = '' } = locked().platforms[platform].image ?? {};
    const answer = await fetch(`http://${open.host}/v2/${name}/manifests/${manifest}`);
    expect(answer.status).toBe(404);
  }
});

it('a password is asked for, taken from docker’s config or a credential helper, and shown nowhere', async () => {
  const repository = `${closed.host}/team/parity`;
  share(repository);
  const refused = await run('image', 'push');
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(`docker login ${closed.host}`) as string });
  const auth = Buffer.from('team:a pass word').toString('base64');
  const settings = join(dockerConfig, 'config.json');
  writeFileSync(
    settings,
    JSON.stringify({ auths: { [closed.host]: { auth: Buffer.from('team:wrong').toString('base64') } } }),
  );
  expect(await run('image', 'push')).toMatchObject({ code: 3 });
  writeFileSync(settings, JSON.stringify({ auths: { [closed.host]: { auth } } }));
  const pushed = await run('image', 'push', '--verbose');
  expect(pushed).toMatchObject({ code: 0 });
  await forget();
  const helper = join(dir, 'bin', 'docker-credential-test');
  mkdirSync(join(dir, 'bin'));
  const secret = JSON.stringify({ ServerURL: closed.host, Username: 'team', Secret: 'a pass word' });
  writeFileSync(helper, `#!/bin/sh\necho '${secret}'\n`, { mode: 0o755 });
  writeFileSync(settings, JSON.stringify({ credHelpers: { [closed.host]: 'test' } }));
  const PATH = `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`;
  const pulled = await parity(['image', 'pull', '--verbose'], { cwd: dir, env: { ...env, PATH } });
  expect(pulled).toMatchObject({ code: 0, stdout: `${reference}\n${imageId}\n` });
  for (const { stdout, stderr } of [refused, pushed, pulled]) {
    expect(stdout + stderr).not.toContain('a pass word');
    expect(stdout + stderr).not.toContain(auth);
  }
});

it('another image under its tag changes nothing, a changed layer is refused, and up builds instead', async () => {
  share(`${open.host}/team/parity`);
  const { manifest = '', config = '' } = locked().platforms[platform].image ?? {};
  const tag = reference.slice(reference.lastIndexOf(':') + 1);
  const url = (what: string): string => `http://${open.host}/v2/team/parity/${what}`;
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  const served = await fetch(url(`manifests/${manifest}`), { headers: { accept } });
  const parts = (await served.json()) as { config: { digest: string }; layers: { digest: string; size: number }[] };
  expect(parts.config.digest).toBe(config);

  const other = JSON.stringify({ ...parts, layers: parts.layers.slice(0, 1) });
  const put = await fetch(url(`manifests/${tag}`), { method: 'PUT', headers: { 'content-type': accept }, body: other });
  expect(put.status).toBe(201);
  await forget();
  expect(await run('image', 'pull')).toMatchObject({ code: 0 });
  expect(await presentId()).toBe(imageId);

  await forget();
  const { digest = '' } = parts.layers.at(-1) ?? {};
  const hex = digest.slice('sha256:'.length);
  const file = `/var/lib/docker-registry/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
  const changed = await open.registry?.exec(['sh', '-c', `printf X | dd of=${file} bs=1 seek=1000 conv=notrunc`]);
  expect(changed?.exitCode).toBe(0);
  const refused = await run('image', 'pull');
  expect(refused).toMatchObject({ code: 3 });
  expect(refused.stderr).toContain(digest.slice(0, 19));
  expect(await presentId()).toBeUndefined();
  const up = await run('up', '--frozen', '--verbose');
  expect(up).toMatchObject({ code: 0 });
  expect(up.stderr).toContain('the image is built here');
  expect(await presentId()).toBe(imageId);
});
