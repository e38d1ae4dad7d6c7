import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, expect } from 'vitest';
import { baseReference, ensureBase, resolveBase } from '../../src/base/base.ts';
import { ensureImage } from '../../src/image/ensure-image.ts';
import { bareLock, imageConfig, must, runIn } from '../support/image.ts';
import { madeImage } from '../support/made-image.ts';
import { engineTest } from '../support/engine-test.ts';
import { platform } from '../support/environment.ts';
import { scratchFolder } from '../support/parity.ts';

// A real registry on loopback, in a container that testcontainers starts, with a base image pushed there for two platforms.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
const { engine, test: it } = engineTest();
const quiet = { onProgress: (): void => undefined };
const scratch = scratchFolder();
const made: string[] = [];
let registry: StartedTestContainer;
let host: string;

beforeAll(async () => {
  registry = await new GenericContainer(await madeImage(engine, 'registry'))
    .withExposedPorts(5000)
    .withLabels({ 'dev.parity.kind': 'test' })
    .withWaitStrategy(Wait.forHttp('/v2/', 5000))
    .start();
  host = `localhost:${registry.getMappedPort(5000)}`;
  const { base } = bareLock();
  must(await ensureBase(engine, base, platform, quiet));
  const single = `${host}/python:single`;
  must(await engine.tagImage(baseReference(base, platform), single));
  must(await engine.pushImage(single));
  must(await engine.removeImage(single));
  await putIndex();
});

afterAll(async () => {
  for (const reference of made) await engine.removeImage(reference, { force: true });
  scratch.remove();
  await registry?.stop();
});

/** An index that names the pushed manifest for both platforms: what is asked of the registry here is only to serve it. */
async function putIndex(): Promise<void> {
  const type = 'application/vnd.docker.distribution.manifest.v2+json';
  const oci = 'application/vnd.oci.image.manifest.v1+json';
  const answer = await fetch(`http://${host}/v2/python/manifests/single`, { headers: { accept: `${type}, ${oci}` } });
  const size = (await answer.arrayBuffer()).byteLength;
  const digest = answer.headers.get('docker-content-digest');
  const mediaType = answer.headers.get('content-type');
  const manifests = ['amd64', 'arm64'].map((architecture) => ({
    mediaType,
    size,
    digest,
    platform: { os: 'linux', architecture },
  }));
  const list = 'application/vnd.docker.distribution.manifest.list.v2+json';
  const put = await fetch(`http://${host}/v2/python/manifests/3.11-slim-bookworm`, {
    method: 'PUT',
    headers: { 'content-type': list },
    body: JSON.stringify({ schemaVersion: 2, mediaType: list, manifests }),
  });
  expect(put.status).toBe(201);
}

it('locks a base by its index’s digest, adds system packages to it, and builds from it', async () => {
  const image = `${host}/python:3.11-slim-bookworm`;
  const resolved = must(
    await resolveBase(engine, { base: image, python: '3.11', system: ['less'] }, { upgrade: false, ...quiet }),
  );
  made.push(baseReference(resolved.base, platform));
  const index = must(await engine.resolveImage(image));
  expect(resolved.base).toEqual({ kind: 'registry', image, digest: index.digest });
  const requested = (each: typeof resolved.system) =>
    Object.entries(each).map(([name, packages]) => [
      name,
      packages.filter((one) => one.requested).map((one) => one.name),
    ]);
  expect(requested(resolved.system)).toEqual([
    ['linux/amd64', ['less']],
    ['linux/arm64', ['less']],
  ]);
  const hashes = Object.values(resolved.system).map((packages) => packages.find(({ name }) => name === 'less')?.sha256);
  expect(new Set(hashes).size).toBe(2);

  const lock = bareLock({ base: resolved.base, system: resolved.system });
  const options = { engine, projectDir: scratch.dir, config: imageConfig(), lock, platform, ...quiet };
  const built = must(await ensureImage(options));
  made.push(built.reference);
  expect(built.origin).toBe('built');
  expect(
    await runIn(engine, built.imageId, 'less --version | cut -c1-4 | head -1; python -V; git --version | cut -c1-3'),
  ).toBe(`less\nPython ${lock.python.version}\ngit\n`);
  const { imageId, reference } = built;
  expect(must(await ensureImage(options))).toEqual({ imageId, reference, origin: 'present' });
});

it('says what is wrong with a base that no lock can pin', async () => {
  const wish = { python: '3.11', system: [] };
  const resolve = async (base: string) => await resolveBase(engine, { ...wish, base }, { upgrade: false, ...quiet });
  expect(await resolve(`${host}/python:single`)).toMatchObject({
    ok: false,
    error: {
      reason: 'image-not-found',
      message: expect.stringContaining(`${host}/python:single has no image for linux/`) as string,
    },
  });
  expect(await resolve(`${host}/python:none`)).toMatchObject({ ok: false, error: { reason: 'image-not-found' } });
  expect(await resolve('Not A Reference')).toMatchObject({ ok: false, error: { reason: 'config-invalid' } });
});

it('starts from Debian when no registry answers, and says so', async () => {
  const resolved = must(
    await resolveBase(engine, { base: 'auto', python: '3.11', system: [] }, { upgrade: false, ...quiet }),
  );
  if (resolved.base.kind === 'registry')
    expect(resolved.notes).toEqual([expect.stringContaining('a registry answered')]);
  else
    expect(resolved.notes).toEqual([expect.stringMatching(/^no base from a registry \(.+\): it is Debian bookworm/)]);
});
