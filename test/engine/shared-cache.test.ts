import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { makeSigningKey, readSigningKey } from '../../src/core/signing.ts';
import { engineTest } from '../support/engine-test.ts';
import { commitAll, git, projectDir } from '../support/environment.ts';
import { lockedProject } from '../support/locked-project.ts';
import { madeImage } from '../support/made-image.ts';
import { parity, type Ended } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

// CI and a laptop: two checkouts of one repository with a cache folder each, and a place between them.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
const { address, engine, dirs, references, test } = engineTest();
const key = makeSigningKey();

interface Team {
  readonly ci: string;
  readonly laptop: string;
  /** The folder that they share. */
  readonly share: string;
}

const twoSteps =
  '  - { name: lint, run: cat src/a.py, inputs: ["src/**"] }\n  - { name: docs, run: cat README.md, inputs: [README.md] }\n';

/** A repository that is checked out twice; `remote` gives what parity.yaml says of the shared cache. */
async function team(pipeline = twoSteps, remote: string | ((share: string) => string) = String): Promise<Team> {
  const top = projectDir('a team');
  const [ci, laptop, share] = [join(top, 'ci'), join(top, 'my laptop'), join(top, 'a share')];
  dirs.push(ci, laptop);
  mkdirSync(share, { recursive: true });
  references.add(await lockedProject(engine, ci, pipeline));
  const place = typeof remote === 'string' ? remote : remote(share);
  const config = readFileSync(join(ci, 'parity.yaml'), 'utf8');
  writeFileSync(
    join(ci, 'parity.yaml'),
    `${config}cache:\n  remote: ${JSON.stringify(place)}\n  trust: ["${key.publicKey}"]\n`,
  );
  addFiles(ci, {
    '.gitignore': '/made\n/.parity-cache/\n/.home/\n',
    'src/a.py': 'x = 1\n',
    'README.md': 'hello\n',
  });
  commitAll(ci);
  git(top, 'clone', '--quiet', ci, laptop);
  return { ci, laptop, share };
}

const inCi = { CI: 'true', PARITY_CACHE_KEY: key.secret };

/** Runs `parity up`; how long its environment took to start is left out of what it says. */
async function run(
  dir: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const fixed = { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60' };
  const ended = await parity(['up', '--frozen', '--jobs', '1', ...args], { cwd: dir, env: { ...fixed, ...env } });
  return { ...ended, stderr: ended.stderr.replace(/^environment: started .*\n/m, '') };
}

/** Each step's outcome in order, with the exit code. */
function outcomes({ code, stdout }: Ended): string {
  const told = [...stdout.matchAll(/^(passed|failed|cached|skipped) +(\S+)/gm)].map(
    ([, how, step]) => `${step} ${how}`,
  );
  return `${code}: ${told.join(', ')}`;
}

function commit(dir: string): string {
  return git(dir, 'rev-parse', 'HEAD').trim();
}

describe('through a folder', () => {
  test('what passed in CI is not run on the laptop, which says whose pass it is; the next run asks nobody', async () => {
    const { ci, laptop, share } = await team();
    const first = await run(ci, [], inCi);
    expect({ ...first, stdout: outcomes(first) }).toMatchObject({ stdout: '0: lint passed, docs passed', stderr: '' });
    const names = readdirSync(share);
    expect(names).toHaveLength(2);
    for (const name of names) {
      expect(name).toMatch(/^[0-9a-f]{64}\.json$/);
      const text = readFileSync(join(share, name), 'utf8');
      for (const hidden of [ci, process.env['HOME'] ?? '/root', key.secret]) expect(text).not.toContain(hidden);
      const { statement } = JSON.parse(text) as { readonly statement: string };
      expect(JSON.parse(statement)).toMatchObject({ by: 'ci', outcome: 'passed', commit: commit(ci) });
    }
    const second = await run(laptop, ['--verbose']);
    expect({
      code: second.code,
      stdout: second.stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'WHEN').replace(/ [\d.]+ m?s$/gm, ' TIME'),
    }).toEqual({
      code: 0,
      stdout:
        'cached    lint            from ci, WHEN\n  x = 1\ncached    docs            from ci, WHEN\n  hello\n2 cached in TIME\n',
    });
    rmSync(share, { recursive: true });
    const third = await run(laptop);
    expect({ ...third, stdout: outcomes(third) }).toMatchObject({ stdout: '0: lint cached, docs cached', stderr: '' });
    const explained = await run(laptop, ['--explain', 'lint']);
    expect(explained.stderr).toContain(`lint is cached: it passed in CI on commit ${commit(ci).slice(0, 12)} at `);
    const told = await run(laptop, ['--reporter', 'json']);
    const events = told.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.filter(({ type }) => type === 'step-finished')).toMatchObject([
      { step: 'lint', outcome: 'cached', cachedFrom: { by: 'ci', at: expect.stringMatching(/^\d{4}-.*Z$/) as string } },
      { step: 'docs', outcome: 'cached', cachedFrom: { by: 'ci' } },
    ]);
  });

  test('a laptop shares nothing, unless it is told to; and then CI is spared', async () => {
    const { ci, laptop, share } = await team();
    expect(outcomes(await run(laptop, [], { PARITY_CACHE_KEY: key.secret }))).toBe('0: lint passed, docs passed');
    expect(outcomes(await run(laptop, [], { ...inCi, PARITY_CACHE_WRITE: 'never' }))).toBe(
      '0: lint cached, docs cached',
    );
    expect(readdirSync(share)).toEqual([]);
    writeFileSync(join(laptop, 'README.md'), 'more\n');
    const wrote = await run(laptop, [], { PARITY_CACHE_KEY: key.secret, PARITY_CACHE_WRITE: 'always' });
    expect(outcomes(wrote)).toBe('0: lint cached, docs passed');
    expect(readdirSync(share)).toHaveLength(1);
    writeFileSync(join(ci, 'README.md'), 'more\n');
    const spared = await run(ci, ['--verbose'], inCi);
    expect(outcomes(spared)).toBe('0: lint passed, docs cached');
    expect(spared.stdout).toMatch(/docs +from laptop, /);
  });

  test('no key, a key that nobody trusts, --no-cache: each says what it does', async () => {
    const { ci, laptop, share } = await team();
    const fork = await run(ci, [], { CI: 'true' });
    expect(outcomes(fork)).toBe('0: lint passed, docs passed');
    expect(fork.stderr).toBe(
      'note: PARITY_CACHE_KEY is not set: what passes here is not shared\n  parity cache key makes one\n',
    );
    const other = makeSigningKey();
    const foreign = await run(ci, ['--cold'], { CI: 'true', PARITY_CACHE_KEY: other.secret });
    expect(foreign.stderr).toContain(`add to cache.trust in parity.yaml: ${other.publicKey}`);
    expect(readdirSync(share)).toEqual([]);
    // A cold run believes nothing, and what it proves is shared.
    expect(outcomes(await run(ci, ['--cold'], inCi))).toBe('0: lint passed, docs passed');
    expect(readdirSync(share)).toHaveLength(2);
    expect(outcomes(await run(laptop, ['--no-cache']))).toBe('0: lint passed, docs passed');
  });

  test('a poisoned entry is refused by its name, and the step runs', async () => {
    const { ci, laptop, share } = await team();
    // CI's step fails, and somebody who can write to the share says that it passed.
    await run(ci, [], inCi);
    const files = readdirSync(share).map((name) => join(share, name));
    const honest = files.map((file) => readFileSync(file, 'utf8'));
    const [one = '', other = ''] = files;
    const [oneText = '', otherText = ''] = honest;
    const poison: readonly (readonly [string, () => void, string])[] = [
      [
        'an edited outcome',
        () => writeFileSync(one, oneText.replace('outcome\\":\\"passed', 'outcome\\":\\"PASSED')),
        'its signature does not hold',
      ],
      ['a swapped key', () => writeFileSync(one, otherText), 'it was signed for another key'],
      [
        'a foreign key',
        () => writeFileSync(one, signedByStranger(oneText)),
        'its key is none of cache.trust: ed25519:',
      ],
      ['half an entry', () => writeFileSync(one, oneText.slice(0, 300)), 'it is damaged'],
      ['a huge one', () => writeFileSync(one, Buffer.alloc(5 << 20, 'x')), `${one} is too large`],
      ['a folder', () => (rmSync(one), mkdirSync(one)), `${one} is no file`],
    ];
    for (const [what, write, reason] of poison) {
      for (const [index, file] of files.entries()) {
        rmSync(file, { recursive: true, force: true });
        writeFileSync(file, honest[index] ?? '');
      }
      write();
      rmSync(join(laptop, '.parity-cache', 'results'), { recursive: true, force: true });
      const ended = await run(laptop);
      expect(ended.stdout, what).toMatch(/1 passed, 1 cached/);
      expect(ended.stderr, what).toContain(`warning: ${one} is refused: ${reason}`);
      expect(ended.stderr.match(/warning:/g), what).toHaveLength(1);
    }
    // CI mends it: what it refuses, it writes over.
    rmSync(one, { recursive: true });
    writeFileSync(one, otherText);
    rmSync(join(ci, '.parity-cache', 'results'), { recursive: true });
    expect((await run(ci, [], inCi)).stdout).toMatch(/1 passed, 1 cached/);
    expect(JSON.parse(readFileSync(one, 'utf8'))).toMatchObject({ signer: key.publicKey });
    expect(readFileSync(one, 'utf8')).not.toBe(otherText);
    expect(readFileSync(other, 'utf8')).toBe(otherText);
  });

  test('what a step left behind elsewhere is not here: a step that runs and needs it has it run', async () => {
    const { ci, laptop } = await team(
      [
        '  - { name: install, run: "cp lock deps/made && cp lock made", inputs: [lock], volumes: [deps], network: full, cache: true }',
        '  - { name: pack, run: "cat made > /dev/null", inputs: [lock], needs: [install] }',
        '  - { name: build, run: "cat deps/made made src/a.py", needs: [pack], inputs: ["src/**"] }\n',
      ].join('\n'),
    );
    for (const dir of [ci, laptop]) {
      addFiles(dir, { lock: '1\n' });
      git(dir, 'add', '.');
    }
    expect(outcomes(await run(ci, [], inCi))).toBe('0: install passed, pack passed, build passed');
    expect(outcomes(await run(laptop))).toBe('0: install cached, pack cached, build cached');
    writeFileSync(join(laptop, 'src/a.py'), 'x = 2\n');
    const ended = await run(laptop, ['--explain', 'install']);
    expect(outcomes(ended)).toBe('0: install passed, pack passed, build passed');
    expect(ended.stderr).toMatch(/install runs: it passed in CI at .*, but what it left behind there is not here/);
    // From now on it is.
    writeFileSync(join(laptop, 'src/a.py'), 'x = 3\n');
    expect(outcomes(await run(laptop))).toBe('0: install cached, pack cached, build passed');
  });

  test('steps with secrets are not shared, nor those that need them', async () => {
    const { ci, share } = await team(
      [
        '  - { name: fetch, run: "true", secrets: [DEPLOY_KEY], inputs: [README.md] }',
        '  - { name: token, run: "true", passEnv: [API_TOKEN], inputs: [README.md] }',
        '  - { name: use, run: "true", needs: [fetch], inputs: [README.md] }',
        '  - { name: plain, run: "true", passEnv: [STAGE], inputs: [README.md] }\n',
      ].join('\n'),
    );
    const env = { DEPLOY_KEY: 'hunter2hunter2', API_TOKEN: 'hunter3hunter3', STAGE: 'test' };
    expect((await run(ci, [], { ...inCi, ...env })).code).toBe(0);
    const shared = readdirSync(share).map((name) => readFileSync(join(share, name), 'utf8'));
    expect(shared).toHaveLength(1);
    expect(shared[0]).toContain('\\"step\\":\\"plain\\"');
  });

  test('a share that is gone, is a file, or can not be written costs one warning', async () => {
    const { ci, laptop, share } = await team();
    rmSync(share, { recursive: true });
    const gone = await run(ci, [], inCi);
    expect({ ...gone, stdout: outcomes(gone) }).toMatchObject({
      stdout: '0: lint passed, docs passed',
      stderr: `warning: no passes are shared through ${share}: it is not there\n  mkdir '${share}'   (or mount the share)\n`,
    });
    writeFileSync(share, '');
    const file = await run(laptop);
    expect(outcomes(file)).toBe('0: lint passed, docs passed');
    expect(file.stderr).toBe(`warning: no passes are shared through ${share}: it is no folder\n`);
  });

  test('six machines at once share without a torn entry', async () => {
    const { ci, laptop, share } = await team();
    const runs = await Promise.all(
      Array.from({ length: 6 }, (_, n) => {
        const copy = `${ci} ${n}`;
        dirs.push(copy);
        cpSync(ci, copy, { recursive: true });
        return run(copy, [], inCi);
      }),
    );
    for (const ended of runs) expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(share)).toHaveLength(2);
    expect(outcomes(await run(laptop))).toBe('0: lint cached, docs cached');
  });
});

function signedByStranger(entry: string): string {
  const stranger = readSigningKey(makeSigningKey().secret);
  const { statement, ...rest } = JSON.parse(entry) as { readonly statement: string };
  const signature = stranger?.sign(Buffer.from(`parity shared pass 1\n${statement}`));
  return JSON.stringify({ ...rest, statement, signer: stranger?.publicKey, signature });
}

describe('through a registry', () => {
  let registry: StartedTestContainer;
  let closed: StartedTestContainer;
  const host = (started: StartedTestContainer): string => `localhost:${started.getMappedPort(5000)}`;
  const auth = Buffer.from('team:a pass word').toString('base64');

  beforeAll(async () => {
    const image = await madeImage(engine, 'registry');
    const start = (env: Readonly<Record<string, string>>): Promise<StartedTestContainer> =>
      new GenericContainer(image)
        .withExposedPorts(5000)
        .withLabels({ 'dev.parity.kind': 'test' })
        .withEnvironment(env)
        .withCopyContentToContainer([
          // The password is "a pass word"; the hash is bcrypt's.
          {
            content: 'team:$2b$05$3oxwP.AwGfer44m40gZ1CeSGEFz2HvPC8y1tbX4EHlkZMhYptXuIW\n',
            target: '/etc/docker/registry/users',
          },
        ])
        .withWaitStrategy(Wait.forListeningPorts())
        .start();
    registry = await start({});
    closed = await start({
      REGISTRY_AUTH: 'htpasswd',
      REGISTRY_AUTH_HTPASSWD_REALM: 'test',
      REGISTRY_AUTH_HTPASSWD_PATH: '/etc/docker/registry/users',
    });
  });
  afterAll(async () => {
    for (const each of [registry, closed]) await each?.stop();
  });

  test('an artifact a key; a laptop takes it; a tag that somebody moved is refused', async () => {
    const place = `${host(registry)}/team/shop-cache`;
    const { ci, laptop } = await team(twoSteps, `oci://${place}`);
    const wrote = await run(ci, [], inCi);
    expect({ ...wrote, stdout: outcomes(wrote) }).toMatchObject({ stdout: '0: lint passed, docs passed', stderr: '' });
    const url = (what: string): string => `http://${host(registry)}/v2/team/shop-cache/${what}`;
    const { tags } = (await (await fetch(url('tags/list'))).json()) as { readonly tags: readonly string[] };
    expect(tags).toHaveLength(2);
    const accept = 'application/vnd.oci.image.manifest.v1+json';
    const manifests = await Promise.all(
      tags.map(async (tag) => await (await fetch(url(`manifests/${tag}`), { headers: { accept } })).text()),
    );
    for (const manifest of manifests)
      expect(JSON.parse(manifest)).toMatchObject({
        artifactType: 'application/vnd.parity.pass.v1',
        config: { mediaType: 'application/vnd.oci.empty.v1+json' },
        layers: [{ mediaType: 'application/vnd.parity.pass.v1+json' }],
      });
    const read = await run(laptop, ['--verbose']);
    expect(outcomes(read)).toBe('0: lint cached, docs cached');
    expect(read.stdout).toMatch(/lint +from ci, /);

    const [one = '', other = ''] = tags;
    const body = manifests[tags.indexOf(other)] ?? '';
    await fetch(url(`manifests/${one}`), { method: 'PUT', headers: { 'content-type': accept }, body });
    rmSync(join(laptop, '.parity-cache', 'results'), { recursive: true });
    const refused = await run(laptop);
    expect(refused.stdout).toMatch(/1 passed, 1 cached/);
    expect(refused.stderr).toContain(`warning: oci://${place}:${one} is refused: it was signed for another key`);
  });

  test('a registry that asks for a login gets docker’s; without one, a warning says what to type', async () => {
    const closedHost = `localhost:${closed.getMappedPort(5000)}`;
    const { ci, laptop } = await team(twoSteps, `oci://${closedHost}/team/shop-cache`);
    const config = join(ci, '.home');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'config.json'), JSON.stringify({ auths: { [closedHost]: { auth } } }));
    expect(await run(ci, [], { ...inCi, DOCKER_CONFIG: config })).toMatchObject({ code: 0, stderr: '' });
    const anonymous = await run(laptop);
    expect(outcomes(anonymous)).toBe('0: lint passed, docs passed');
    expect(anonymous.stderr.match(/warning:/g)).toHaveLength(1);
    expect(anonymous.stderr).toContain(`docker login ${closedHost}`);
    rmSync(join(laptop, '.parity-cache', 'results'), { recursive: true });
    expect(outcomes(await run(laptop, [], { DOCKER_CONFIG: config }))).toBe('0: lint cached, docs cached');
  });

  test('one that is dead, or silent, costs the limit at most and one warning', async () => {
    // Whoever connects is never answered, nor let go before parity itself ends.
    const held: Socket[] = [];
    const server = createServer((socket) => held.push(socket));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { readonly port: number };
    const { ci } = await team(twoSteps, `oci://127.0.0.1:${port}/team/cache`);
    const hung = await run(ci, [], inCi);
    expect(outcomes(hung)).toBe('0: lint passed, docs passed');
    expect(hung.stderr).toBe(
      `warning: no passes are shared through oci://127.0.0.1:${port}/team/cache: it did not answer within 1.5 s\n`,
    );
    for (const socket of held) socket.destroy();
    await new Promise((done) => server.close(done));
    writeFileSync(join(ci, 'README.md'), 'other\n');
    const dead = await run(ci, [], inCi);
    expect(outcomes(dead)).toBe('0: lint cached, docs passed');
    expect(dead.stderr.match(/warning:/g)).toHaveLength(1);
    expect(dead.stderr).toContain(`could not reach the registry 127.0.0.1:${port}`);
  });
});
