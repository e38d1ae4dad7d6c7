import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { baseReference, ensureBase } from '../../src/base/base.ts';
import { cachedBaseLayers } from '../../src/base/base-layers.ts';
import { makeDebianBase } from '../../src/base/debian/make-debian-base.ts';
import type { LockedBase } from '../../src/base/locked-base.ts';
import { sha256 } from '../../src/core/digest.ts';
import { cacheDir } from '../../src/core/paths.ts';
import { debianArchitecture } from '../../src/core/platform.ts';
import { unpackSaved } from '../../src/image/canonical/unpack-saved.ts';
import { bareLock, must, runIn } from '../support/image.ts';
import { engineTest } from '../support/engine-test.ts';
import { platform } from '../support/environment.ts';
import { scratchFolder } from '../support/parity.ts';

// A mirror and a snapshot archive on loopback: the mirror has nothing (any more), the archive has one package. All others come from
// parity's cache.
const { engine, test: it } = engineTest();
const quiet = { onProgress: (): void => undefined };
const scratch = scratchFolder();
const files = new Map<string, Buffer>();
const made = new Set<string>();
let server: Server;
let home: string;
let deb: Buffer;

beforeAll(async () => {
  const { base } = bareLock();
  must(await ensureBase(engine, base, platform, quiet));
  if (base.kind !== 'debian') throw new Error('the reference lock has no Debian base');
  // The engine may have had the base, and the cache none of its packages.
  const reference = 'parity/test-base:fills-the-cache';
  made.add(reference);
  const labels = { 'dev.parity.kind': 'test' };
  must(await makeDebianBase({ engine, base, platform, reference, labels, onOutput: () => undefined }));
  const folder = join(scratch.dir, 'gone');
  mkdirSync(join(folder, 'DEBIAN'), { recursive: true });
  writeFileSync(
    join(folder, 'DEBIAN', 'control'),
    `Package: parity-gone\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: gone\n`,
  );
  mkdirSync(join(folder, 'usr', 'share'), { recursive: true });
  writeFileSync(join(folder, 'usr', 'share', 'parity-gone'), 'back again\n');
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', folder, join(scratch.dir, 'gone.deb')]);
  deb = readFileSync(join(scratch.dir, 'gone.deb'));
  server = createServer((request, response) => {
    const found = files.get(decodeURIComponent(request.url ?? ''));
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  home = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
beforeEach(() => {
  files.clear();
  serve('/mirror', '');
  vi.stubEnv('PARITY_DEBIAN_MIRROR', `deb [trusted=yes] ${home}/mirror bookworm main`);
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  for (const reference of made) await engine.removeImage(reference, { force: true });
  rmSync(cached(), { force: true });
  server.close();
  scratch.remove();
});

function serve(root: string, packages: string): void {
  const path = `main/binary-${debianArchitecture(platform)}/Packages`;
  const hash = sha256(packages).slice('sha256:'.length);
  // Long expired, as a snapshot's Release is.
  const release = `Suite: bookworm\nCodename: bookworm\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nValid-Until: Fri, 02 Jan 2026 00:00:00 UTC\nArchitectures: amd64 arm64\nComponents: main\nSHA256:\n ${hash} ${packages.length} ${path}\n`;
  files.set(
    `${root}/dists/bookworm/Release`,
    Buffer.from(root === '/mirror' ? release.replace(/Valid.*\n/, '') : release),
  );
  files.set(`${root}/dists/bookworm/${path}`, Buffer.from(packages));
}

function stanza(bytes: Buffer): string {
  const hash = sha256(bytes).slice('sha256:'.length);
  return `Package: parity-gone\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nFilename: pool/gone.deb\nSize: ${bytes.length}\nSHA256: ${hash}\nDescription: gone\n\n`;
}

function lockedBase(): Extract<LockedBase, { kind: 'debian' }> {
  const { base } = bareLock();
  if (base.kind !== 'debian') throw new Error('the reference lock has no Debian base');
  const gone = { name: 'parity-gone', version: '1.0', sha256: sha256(deb).slice('sha256:'.length) };
  const locked = { ...base, packages: { ...base.packages, [platform]: [...base.packages[platform], gone] } };
  made.add(baseReference(locked, platform));
  return locked;
}

function cached(): string {
  return join(cacheDir(), 'debian', 'debs', `${sha256(deb).slice('sha256:'.length)}.deb`);
}

it('knows its layer from the making as a save of it would tell', async () => {
  const info = must(await engine.inspectImage('parity/test-base:fills-the-cache'));
  if (info === undefined) throw new Error('the base is not there');
  const saved = await unpackSaved(must(await engine.saveImages([info.id])), scratch.dir, () => false);
  expect(await cachedBaseLayers(info)).toEqual(saved.map(({ digest, sizeBytes }) => ({ digest, sizeBytes })));
});

it('says that a package vanished, and what helps', async () => {
  const base = lockedBase();
  expect(await ensureBase(engine, base, platform, quiet)).toEqual({
    ok: false,
    error: {
      reason: 'package-vanished',
      message: 'the Debian mirror no longer has parity-gone 1.0',
      next: `set PARITY_DEBIAN_SNAPSHOT to a snapshot archive's address (parity asks it for ${base.snapshot}), or relock: parity lock --upgrade`,
    },
  });
});

it('refuses a package whose content changed under its version', async () => {
  const other = Buffer.concat([deb, Buffer.from('\n')]);
  serve('/mirror', stanza(other));
  const message = `parity-gone 1.0 is not what the lock says: expected ${sha256(deb)}, found ${sha256(other)}`;
  expect(await ensureBase(engine, lockedBase(), platform, quiet)).toMatchObject({
    ok: false,
    error: { reason: 'integrity-mismatch', message: message.replaceAll('sha256:', 'sha256 ') },
  });
  // The index is right and the file is not.
  serve('/mirror', stanza(deb));
  files.set('/mirror/pool/gone.deb', Buffer.alloc(deb.length, 'x'));
  expect(await ensureBase(engine, lockedBase(), platform, quiet)).toMatchObject({
    ok: false,
    error: { reason: 'integrity-mismatch', message: expect.stringContaining(sha256(deb).slice(7)) as string },
  });
});

it('takes a vanished package from the snapshot archive, for two at once, and trusts no half file', async () => {
  const base = lockedBase();
  vi.stubEnv('PARITY_DEBIAN_SNAPSHOT', `${home}/archive/`);
  serve(`/archive/debian/${base.snapshot}`, stanza(deb));
  files.set(`/archive/debian/${base.snapshot}/pool/gone.deb`, deb);
  // What a killed process might leave, were files not renamed into place.
  writeFileSync(cached(), deb.subarray(0, 100));
  const both = await Promise.all([1, 2].map(async () => must(await ensureBase(engine, base, platform, quiet))));
  for (const { imageId } of both)
    expect(await runIn(engine, imageId, 'cat /usr/share/parity-gone; grep -c 127.0.0.1 /etc/apt/sources.list')).toBe(
      'back again\n0\n',
    );
  expect(readFileSync(cached()).equals(deb)).toBe(true);
});

it('makes the same base in a container, where the host has no mmdebstrap', async () => {
  const { base } = bareLock();
  const reference = baseReference(base, platform);
  const onHost = must(await engine.inspectImage(reference));
  vi.stubEnv('PARITY_DEBIAN_MIRROR', '');
  vi.stubEnv('PARITY_DEBIAN_WORKSHOP', 'container');
  if (base.kind !== 'debian') throw new Error('the reference lock has no Debian base');
  const name = 'parity/test-base:from-a-container';
  made.add(name);
  const imageId = must(
    await makeDebianBase({
      engine,
      base,
      platform,
      reference: name,
      labels: { 'dev.parity.kind': 'test' },
      onOutput: () => undefined,
    }),
  );
  const inContainer = must(await engine.inspectImage(imageId));
  expect(inContainer?.layers).toEqual(onHost?.layers);
});
