import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest';
import { buildCommand } from '../../src/cli/commands/build.ts';
import { packageRoot } from '../../src/core/paths.ts';
import { resolveBase } from '../../src/base/base.ts';
import { ensureImage } from '../../src/image/ensure-image.ts';
import type { Lock } from '../../src/lock/lock.ts';
import { bareLock, imageConfig, kept, must, referenceLock, runIn } from '../support/image.ts';
import { certificate } from '../support/certificate.ts';
import { engineTest } from '../support/engine-test.ts';
import { platform } from '../support/environment.ts';
import { scratchFolder } from '../support/parity.ts';

const { engine, test: it } = engineTest();
const made = new Set<string>();
let scratch: ReturnType<typeof scratchFolder>;

beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => {
  vi.unstubAllEnvs();
  scratch.remove();
});
afterAll(async () => {
  for (const reference of made) await engine.removeImage(reference, { force: true });
});

const build = async (lock: Lock, more: { dockerfile?: string; noCache?: boolean } = {}) => {
  const built = await ensureImage({
    engine,
    projectDir: scratch.dir,
    config: imageConfig(more.dockerfile),
    lock,
    platform,
    ...(more.noCache === true ? { noCache: true } : {}),
    onProgress: () => undefined,
  });
  if (built.ok) made.add(built.value.reference);
  return built;
};

it('has exactly the reference lock’s tools, for any user, and is not built twice', async () => {
  const lock = referenceLock();
  const first = must(await build(lock));
  const said = await runIn(
    engine,
    first.imageId,
    `id -u; black --version | head -1; flake8 --version | cut -d' ' -f1 | head -1; mypy --version
     python -c 'import sqlalchemy, sys; print(sqlalchemy.__version__, sys.version_info[:2])'; node --version; npm --version
     python -c 'import zoneinfo; print(zoneinfo.ZoneInfo("Europe/Berlin"))'; python -c 'import locale; print(locale.getpreferredencoding(False))'
     python -c 'import pytest, pytest_cov, pytest_asyncio, ssl, sqlite3, _ctypes; print("imports")'
     touch /parity/cache/a && touch /tmp/b && echo writable; touch /opt/parity/c 2>/dev/null || echo kept; git --version | cut -c1-11
     echo $LANG $TZ; which python`,
  );
  expect(said.split('\n')).toEqual([
    '12345',
    'black, 25.9.0 (compiled: yes)',
    '7.3.0',
    'mypy 1.18.2 (compiled: yes)',
    '2.0.23 (3, 11)',
    `v${lock.node?.version}`,
    lock.node?.npm.version,
    'Europe/Berlin',
    'UTF-8',
    'imports',
    'writable',
    'kept',
    'git version',
    'C.UTF-8 UTC',
    '/opt/parity/bin/python',
    '',
  ]);
  const printed: string[] = [];
  const { events, emit } = kept();
  const again = must(
    await buildCommand({
      engine,
      projectDir: scratch.dir,
      config: imageConfig(),
      lock,
      platform,
      noCache: false,
      frozen: true,
      emit,
      print: (text) => printed.push(text),
      json: false,
    }),
  );
  const { imageId, reference } = first;
  expect(again).toMatchObject({ imageId, reference, origin: 'present' });
  expect(printed).toEqual([`${first.reference}\n${first.imageId}`]);
  expect(events).toEqual([
    { type: 'note', severity: 'note', message: 'the lock has not changed: its image is already there' },
  ]);
});

it('is built through the host’s proxy with its certificates, and keeps neither', async () => {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request: IncomingMessage, socket: Duplex) => {
    asked.push(request.url ?? '');
    const [host = '', port = '443'] = (request.url ?? '').split(':');
    const through = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    through.on('error', () => socket.destroy());
    socket.on('error', () => through.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const marker = certificate.split('\n')[3] ?? '';
  const bundle = join(scratch.dir, 'company.pem');
  writeFileSync(bundle, certificate);
  const proxyAddress = `127.0.0.1:${(proxy.address() as { port: number }).port}`;
  vi.stubEnv('HTTPS_PROXY', `http://${proxyAddress}`);
  vi.stubEnv('NODE_EXTRA_CA_CERTS', bundle);
  const { reference } = must(await build(bareLock({ packages: [six] }), { noCache: true }));
  proxy.close();
  expect(asked.length).toBeGreaterThan(1);

  const archive = must(await engine.saveImages([reference]));
  const found = new Set<string>();
  let tail = '';
  for await (const chunk of archive) {
    const text = tail + (chunk as Buffer).toString('latin1');
    for (const word of [marker, proxyAddress, 'parity-ca.crt']) if (text.includes(word)) found.add(word);
    tail = text.slice(-64);
  }
  expect([...found]).toEqual([]);
});

const six = {
  name: 'six',
  version: '1.17.0',
  hashes: ['sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274'],
  via: ['toolchain.tools'],
} as const;
const docopt = {
  name: 'docopt',
  version: '0.6.2',
  hashes: ['sha256:49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491'],
  sdist: true,
  via: ['toolchain.tools'],
} as const;
const markupsafe = {
  name: 'markupsafe',
  version: '2.1.5',
  hashes: ['sha256:d283d37a890ba4c1ae73ffadf8046435c76e7bc2247bbb63c00bd1a709c6544b'],
  sdist: true,
  via: ['toolchain.tools'],
} as const;

it('builds what has no wheel from its source, with a compiler that is not in the image', async () => {
  const { imageId } = must(await build(bareLock({ packages: [docopt, markupsafe] })));
  const program = 'import docopt, markupsafe._speedups as s; print(docopt.__version__, s.__file__[-3:])';
  expect(await runIn(engine, imageId, `python -c '${program}'; which gcc cc make || echo none`)).toBe(
    '0.6.2 .so\nnone\n',
  );
});

it('refuses a package that is not what the lock says', async () => {
  const wrong = `sha256:${'0'.repeat(64)}` as const;
  expect(await build(bareLock({ packages: [{ ...six, hashes: [wrong] }] }))).toMatchObject({
    ok: false,
    error: {
      reason: 'integrity-mismatch',
      message: expect.stringMatching(
        /^six==1\.17\.0 is not what the lock says: expected sha256:0{64}, found sha256:/,
      ) as string,
    },
  });
  const { node } = referenceLock();
  if (node === undefined) throw new Error('the reference lock has no Node');
  const integrity = `sha512-${'A'.repeat(86)}==`;
  const lock = bareLock({ node: { ...node, npm: { ...node.npm, integrity } } });
  expect(await build(lock)).toMatchObject({
    ok: false,
    error: {
      reason: 'integrity-mismatch',
      message: expect.stringContaining(
        `npm ${node.npm.version} is not what the lock says: expected ${integrity}`,
      ) as string,
    },
  });
});

it('adds system packages with the owners and modes that they ask for, and nothing but them', async () => {
  const { base, system } = bareLock();
  const wish = { base: 'debian', python: '3.11', system: ['openssh-client'] };
  const resolved = must(
    await resolveBase(engine, wish, { previous: { base, system }, upgrade: false, onProgress: () => undefined }),
  );
  const names = resolved.system[platform].map(({ name }) => name);
  expect(names).toContain('openssh-client');
  expect(resolved.system['linux/arm64'].length).toBeGreaterThan(0);
  const { imageId } = must(await build(bareLock({ base: resolved.base, system: resolved.system })));
  const said = await runIn(
    engine,
    imageId,
    `stat -c '%a %U %G' /usr/bin/ssh-agent; ssh -V 2>&1 | cut -c1-7; dpkg -s openssh-client | grep ^Status
     find / -xdev \\( -name '*.deb' -o -path '/var/log/*.log' -o -name policy-rc.d \\) 2>/dev/null; stat -c '%a' /tmp`,
    '0:0',
  );
  expect(said).toBe('2755 root _ssh\nOpenSSH\nStatus: install ok installed\n1777\n');
  // The same wish again keeps the pins, with no network.
  vi.stubEnv('PARITY_DEBIAN_MIRROR', 'http://127.0.0.1:9');
  const again = await resolveBase(engine, wish, {
    previous: resolved,
    upgrade: false,
    onProgress: () => undefined,
  });
  expect(again).toMatchObject({ ok: true, value: { base: resolved.base, system: resolved.system, notes: [] } });
});

it('builds a project’s own Dockerfile.parity, with the files that it copies and no other', async () => {
  const own = readFileSync(join(packageRoot(), 'Dockerfile.parity'), 'utf8');
  const dockerfile = own
    .replace('WORKDIR /workspace', 'COPY ["tools/greet.sh", "name with space.txt", "/opt/"]\nWORKDIR /workspace')
    .replaceAll('\n', '\r\n');
  writeFileSync(join(scratch.dir, 'Dockerfile.parity'), dockerfile);
  expect(await build(bareLock(), { dockerfile: 'Dockerfile.parity' })).toMatchObject({
    ok: false,
    error: {
      reason: 'recipe-invalid',
      message: 'Dockerfile.parity copies tools/greet.sh, which is not in the project',
    },
  });
  mkdirSync(join(scratch.dir, 'tools'));
  writeFileSync(join(scratch.dir, 'tools', 'greet.sh'), '#!/bin/sh\necho "hello from $0"\n', { mode: 0o755 });
  writeFileSync(join(scratch.dir, 'name with space.txt'), 'text\n');
  const { imageId } = must(await build(bareLock(), { dockerfile: 'Dockerfile.parity' }));
  expect(await runIn(engine, imageId, '/opt/greet.sh; cat "/opt/name with space.txt"')).toBe(
    'hello from /opt/greet.sh\ntext\n',
  );
});
