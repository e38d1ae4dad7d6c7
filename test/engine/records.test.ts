import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { startAtTerminal } from '../support/at-terminal.ts';
import { commitAll, git } from '../support/environment.ts';
import { madeImage } from '../support/made-image.ts';
import { parity, type Ended } from '../support/parity.ts';
import { addFiles } from '../support/repo.ts';

const { address, engine, makeProject, test } = engineTest();

async function project(pipeline: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const dir = await makeProject(pipeline, { name: 'a shop ü' });
  addFiles(dir, { '.gitignore': '/.parity-cache/\n/.home/\n.env\n*.pem\n/out/\n', ...files });
  commitAll(dir);
  return dir;
}

const run = (dir: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  parity(args, { cwd: dir, env: { DOCKER_HOST: address, PARITY_LEASE_SECONDS: '60', TZ: 'UTC', ...env } });

interface History {
  readonly entries: readonly {
    readonly id: string;
    readonly type: string;
    readonly outcome?: string;
    readonly commit?: string | null;
    readonly dirty?: boolean | null;
    readonly logs?: string | null;
    readonly receipt?: string | null;
    readonly steps?: readonly { readonly name: string; readonly outcome: string; readonly log: number | null }[];
  }[];
}

async function historyOf(dir: string, ...args: readonly string[]): Promise<History['entries']> {
  const { code, stdout } = await run(dir, ['history', '--reporter', 'json', ...args]);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as History).entries;
}

test('every run is in the history, and what its steps printed is there to read, whichever reporter told of it', async () => {
  const dir = await project(
    `  - { name: lint, run: cat src/a.py, inputs: ["src/**"] }
  - { name: ui-build, run: 'seq 100000; echo "no such file" >&2; test -e mended', inputs: [mended] }
  - { name: quiet, run: "true", inputs: [quiet] }
`,
    { 'src/a.py': 'x = 1\n' },
  );
  expect((await run(dir, ['up', '--reporter', 'json'])).code).toBe(1);
  const [first] = await historyOf(dir);
  expect(first).toMatchObject({ type: 'run', outcome: 'failed', dirty: false });
  expect(first?.commit).toBe(git(dir, 'rev-parse', 'HEAD').trim());
  expect(first?.receipt).toMatch(/\.json$/);
  expect(Object.fromEntries(first?.steps?.map(({ name, outcome, log }) => [name, [outcome, log]]) ?? [])).toEqual({
    lint: ['passed', 6],
    'ui-build': ['failed', 588_895 + 13],
    quiet: ['passed', null],
  });
  const failed = await run(dir, ['logs', 'ui-build']);
  expect(failed).toMatchObject({ code: 0, stderr: '' });
  expect(failed.stdout.split('\n').length).toBe(100_002);
  expect(failed.stdout).toContain('\n100000\n');

  writeFileSync(join(dir, 'mended'), '');
  expect((await run(dir, ['up'])).code).toBe(0);
  const again = await run(dir, ['logs']);
  const [second] = await historyOf(dir);
  expect(again.stdout.split('\n')[0]).toMatch(
    new RegExp(`^run ${second?.id ?? ''}  20.* parity up: passed in .*, 1 passed, 2 cached$`),
  );
  expect(again.stdout).toContain(`--- lint: cached   parity logs ${first?.id ?? ''} lint\n`);
  expect(await run(dir, ['logs', 'lint'])).toMatchObject({
    code: 0,
    stdout: 'x = 1\n',
    stderr: `note: lint was cached; it printed this in run ${first?.id ?? ''}\n`,
  });
  expect(await run(dir, ['logs', 'quiet'])).toMatchObject({ code: 0, stdout: '' });

  expect((await run(dir, ['down'])).code).toBe(0);
  expect((await historyOf(dir, '--all')).map(({ type }) => type)).toEqual(['down', 'run', 'run']);
  expect((await historyOf(dir, '-n', '1')).map(({ id }) => id)).toEqual([second?.id]);
  rmSync(join(dir, '.parity-cache', 'logs'), { recursive: true });
  expect(await run(dir, ['logs', (first?.id ?? '').slice(0, 7)])).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining(`error: the logs of run ${first?.id ?? ''} are gone`) as string,
  });
});

/** Every file below a folder, with its bytes. */
function filesBelow(dir: string): readonly { readonly path: string; readonly bytes: Buffer }[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() ? [{ path, bytes: readFileSync(path) }] : [];
  });
}

test('no planted secret is in any log, record, report or bundle', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const token = `ghp_${'Planted1'.repeat(5)}`;
  const secrets = {
    API_TOKEN: 'variable-Planted-7Qx1',
    DEPLOY_NOTE: 'declared Planted "q" 83',
    DATABASE_URL: 'postgresql+asyncpg://shop:urlPlanted77@db:5432/shop',
    DOCKER_PASSWORD: 'dockerPlanted99',
  };
  const service = await madeImage(engine, 'test-environment');
  const dir = await project(
    `  - name: leak
    passEnv: [API_TOKEN, DATABASE_URL]
    secrets: [DEPLOY_NOTE]
    run: |
      echo "variable $API_TOKEN, declared $DEPLOY_NOTE, $(printf %s "$DEPLOY_NOTE" | base64 -w0)"
      cat .env core/.env key.pem >&2
      echo "cannot connect to $DATABASE_URL"
      echo "password was urlPlanted77"
      sh say.sh
      echo "looked at https://me:cmdPlanted5@acme.test/simple"
      echo 'connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused'
      exit 1
services:
  db:
    image: "${service}"
    env: { POSTGRES_PASSWORD: "servicePlanted42" }
    command: [sh, -c, 'echo "starting with $POSTGRES_PASSWORD and ${token}"; exec sleep 600']
`,
    {
      'core/a.py': 'x = 1\n',
      'say.sh': `printf ${token.slice(0, 20)}; sleep 0.3; printf '${token.slice(20)}\\n'
echo "core/a.py:1: error: no match for ${token}  [misc]"
`,
    },
  );
  writeFileSync(join(dir, '.env'), 'PAYMENT_SECRET="dotenv-Planted-55aa" # test\nDEBUG=true\n');
  writeFileSync(join(dir, 'core/.env'), 'ANYTHING=x8Planted9ZZtop\n');
  writeFileSync(join(dir, 'key.pem'), pem);
  const kinds = ['junit=out/junit.xml', 'sarif=out/parity.sarif', 'html=out/run.html', 'receipt=out/receipt.json'];
  const told: Ended[] = [];
  for (const reporter of ['plain', 'json', 'github'])
    told.push(await run(dir, ['up', '--reporter', reporter, ...kinds.flatMap((kind) => ['--report', kind])], secrets));
  for (const { code, stdout } of told) {
    expect(code).toBe(1);
    expect(stdout).toContain('If nothing here changed and it stays so: parity bundle');
  }
  const file = join(dir, 'out', 'trouble.tar.gz');
  const bundled = await run(dir, ['bundle', file], secrets);
  expect(bundled).toMatchObject({ code: 0, stderr: '' });
  expect(bundled.stdout).toMatch(new RegExp(`\\nwrote .*trouble\\.tar\\.gz \\(.*\\)\\n$`));
  expect(statSync(file).mode & 0o077).toBe(0);
  const unpacked = join(dir, 'out', 'unpacked');
  mkdirSync(unpacked);
  expect(spawnSync('tar', ['-xzf', file, '-C', unpacked, '--strip-components=1']).status).toBe(0);
  rmSync(file);

  // `configs` has parity.yaml as it was read: what somebody wrote there lies in the work tree as well.
  const searched = [...filesBelow(join(dir, '.parity-cache')), ...filesBelow(join(dir, 'out'))].filter(
    ({ path }) => !path.includes('/.parity-cache/configs/'),
  );
  const paths = searched.map(({ path }) => path.slice(dir.length + 1));
  for (const wanted of [
    /^\.parity-cache\/logs\/[^/]+\/leak\.log$/,
    /^\.parity-cache\/audit\//,
    /^\.parity-cache\/receipts\//,
    /^out\/run\.html$/,
  ])
    expect(paths.filter((path) => wanted.test(path)).length).toBeGreaterThan(0);
  const planted = [
    'Planted',
    ...[...Object.values(secrets), 'dotenv-Planted-55aa', token].map((value) => Buffer.from(value).toString('base64')),
    ...pem.trimEnd().split('\n').slice(1, -1),
  ];
  const streams = told.map(({ stdout, stderr }) => ({ path: 'output', bytes: Buffer.from(stdout + stderr) }));
  const found = [...searched, ...streams, { path: 'output', bytes: Buffer.from(bundled.stdout) }].flatMap(
    ({ path, bytes }) => planted.filter((value) => bytes.includes(value)).map((value) => `${path}: ${value}`),
  );
  expect(found).toEqual([]);

  const log = await run(dir, ['logs', 'leak'], secrets);
  expect(log.stdout.split('\n').filter((line) => line.includes('***')).length).toBeGreaterThan(7);
  expect(log.stdout).toContain('variable ***, declared ***, ***\n');
  expect(log.stdout).toContain('cannot connect to postgresql+asyncpg://shop:***@db:5432/shop\npassword was ***\n');

  const manifest = JSON.parse(readFileSync(join(unpacked, 'manifest.json'), 'utf8')) as {
    readonly files: readonly { readonly path: string }[];
    readonly removed: readonly { readonly file: string; readonly line: number; readonly kind: string }[];
    readonly leftOut: readonly unknown[];
  };
  const listed = manifest.files.map(({ path }) => path);
  expect(listed).toEqual(listed.toSorted());
  expect(listed.filter((path) => !/^(?:logs|receipts|services)\//.test(path))).toEqual([
    'audit.jsonl',
    'doctor.txt',
    'engine.json',
    'host.json',
    'project/parity.lock.json',
    'project/parity.yaml',
    'status.txt',
  ]);
  expect(listed.filter((path) => /^logs\/.*\/leak\.log$/.test(path))).toHaveLength(3);
  expect(listed.filter((path) => path.startsWith('receipts/'))).toHaveLength(3);
  expect(listed.filter((path) => path.startsWith('services/db-'))).toHaveLength(1);
  const removed = new Set(
    manifest.removed.map(({ file: of, kind }) => `${of.replace(/-parity-.*\.log$/, '')}: ${kind}`),
  );
  expect([...removed]).toEqual(
    expect.arrayContaining([
      'services/db: value of variable POSTGRES_PASSWORD',
      'services/db: GitHub token',
      'project/parity.yaml: GitHub token',
      'project/parity.yaml: password in a URL',
      'host.json: value of variable DOCKER_PASSWORD',
    ]),
  );
  expect(readFileSync(join(unpacked, 'audit.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(3);
});

test('without an engine the bundle says what it lacks, and a full or missing place for it is told', async () => {
  const dir = await project('  - { name: lint, run: "true" }\n');
  const dead = { DOCKER_HOST: `unix://${dir}/nobody.sock` };
  const { code, stderr } = await run(dir, ['up', '--no-cache'], dead);
  expect(code).toBe(3);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(
    'If it stays so: parity bundle   (what whoever helps needs to see, secrets removed)',
  );
  const bundled = await run(dir, ['bundle', '--reporter', 'json', 'trouble.tar.gz'], dead);
  expect(bundled).toMatchObject({ code: 0, stderr: '' });
  const made = JSON.parse(bundled.stdout) as { type: string; file: string; leftOut: { what: string }[] };
  expect(made).toMatchObject({ type: 'bundle', file: join(dir, 'trouble.tar.gz') });
  expect(made.leftOut.map(({ what }) => what)).toContain("the engine's state and its services' logs");
  const nowhere = await run(dir, ['bundle', 'parity.yaml/trouble.tar.gz'], dead);
  expect(nowhere.code).toBe(3);
  expect(nowhere.stderr).toMatch(/^error: the bundle .*parity\.yaml\/trouble\.tar\.gz can't be written: /m);
});

test('at a terminal the bundle is shown, and written only when that is agreed to', async () => {
  const dir = await project('  - { name: lint, run: "true" }\n');
  const env = { DOCKER_HOST: `unix://${dir}/nobody.sock` };
  const file = join(dir, 'trouble.tar.gz');
  const ask = async (answer: string): Promise<readonly [string, number | null]> => {
    const asking = startAtTerminal('bundle trouble.tar.gz', { cwd: dir, env });
    expect(await asking.sees('Write it to trouble.tar.gz? [Y/n] ')).toContain('host.json');
    asking.type(answer);
    const { code } = await asking.ended;
    return [asking.printed().trimEnd().split('\n').at(-1) ?? '', code];
  };
  const refused = ['Nothing was written.', 1] as const;
  expect(await ask('no\n')).toEqual(refused);
  // Ctrl-D, and Ctrl-C.
  expect(await ask('\u0004')).toEqual(refused);
  expect((await ask('\u0003'))[1]).toBe(130);
  expect(existsSync(file)).toBe(false);
  expect(await ask('\n')).toEqual([expect.stringMatching(/^wrote .*trouble\.tar\.gz \(.*\)$/), 0]);
  expect(existsSync(file)).toBe(true);
});
