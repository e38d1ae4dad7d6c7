import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Digest } from '../../src/core/digest.ts';
import { createDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import { ensureImage, type EnsureImageOptions } from '../../src/image/build.ts';
import { imageIdOn } from '../../src/image/identity.ts';
import { addressOf, testEngines } from '../support/engines.ts';
import { certificate } from '../support/certificate.ts';
import { platform } from '../support/environment.ts';
import { imageConfig, must, referenceLock } from '../support/image.ts';
import { scratchFolder } from '../support/parity.ts';

const scratch = scratchFolder();
const umask = process.umask();

afterEach(() => {
  vi.unstubAllEnvs();
  process.umask(umask);
});
afterAll(() => scratch.remove());

// Each engine has its own base, made minutes apart from the others', and builds without a cache.
describe.each(testEngines())('the reference lock on the engine "$name"', (one) => {
  it('gives the image that the lock names, whatever the host’s umask, locale, certificates and folder', async () => {
    const engine = createDockerEngine({ address: addressOf(one), source: 'test' });
    const projectDir = join(scratch.dir, `checkout of ${one.name} ü`);
    mkdirSync(projectDir);
    const bundle = join(projectDir, 'company.pem');
    writeFileSync(bundle, certificate);
    if (one.name !== 'default') vi.stubEnv('NODE_EXTRA_CA_CERTS', bundle);
    vi.stubEnv('LANG', one.name === 'podman' ? 'tr_TR.UTF-8' : 'C');
    vi.stubEnv('TZ', one.name === 'buildkit' ? 'Pacific/Kiritimati' : 'America/New_York');
    process.umask(one.name === 'containerd' ? 0o077 : 0o002);
    chmodSync(projectDir, 0o700);
    const lock = referenceLock();
    const locked = lock.platforms[platform].image;
    const building: EnsureImageOptions = {
      engine,
      projectDir,
      config: imageConfig(),
      lock: { ...lock, platforms: { ...lock.platforms, [platform]: { image: null } } },
      platform,
      noCache: true,
      onProgress: () => undefined,
    };
    const { image, imageId } = must(await ensureImage(building));
    // When this differs on all engines alike, the recipe has changed: `parity build` in the root, then commit the lock.
    expect(image).toEqual(locked);
    const shown = must(await engine.describe());
    expect(imageId).toBe(imageIdOn(shown, locked as { config: Digest; manifest: Digest }));
    await engine.close();
  });
});
