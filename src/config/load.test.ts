import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addFiles, folderOf, type Tree } from '../../test/support/repo.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Config } from './config.ts';
import { findProject, loadConfig } from './load.ts';

const shop: Tree = {
  'core/requirements.txt': 'sqlalchemy==2.0.23\n',
  'core/requirements-dev.txt': '',
  'core/app.py': '',
  'core/admin_ui/package.json': '{}',
  'pyproject.toml':
    '[project]\nname = "shop"\n[project.optional-dependencies]\ntest = ["x"]\n[dependency-groups]\ndev = ["y"]\n',
};

/** What a reporter makes of diagnostics: enough to see that place, line and underline belong together. */
function render(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map(({ file, span, message, hint, sourceLine = '', related = [] }) => {
      const underline = `${' '.repeat(span.column - 1)}${'^'.repeat(Math.max(1, span.endColumn - span.column))}`;
      const places = related.map((one) => `  also ${one.file}:${one.span.line}:${one.span.column} ${one.message}\n`);
      return `${file}:${span.line}:${span.column}: ${message}\n  ${sourceLine}\n  ${underline}\n  = ${hint ?? ''}\n${places.join('')}`;
    })
    .join('');
}

async function load(dir: string): Promise<Config> {
  const project = await findProject(dir);
  if (!project.ok) throw new Error(project.error.message);
  const config = await loadConfig(project.value);
  if (!config.ok) throw new Error(render(config.error.diagnostics ?? []) || config.error.message);
  return config.value;
}

async function mistakes(text: string | Uint8Array, tree: Tree = shop): Promise<string> {
  const dir = folderOf(tree);
  writeFileSync(join(dir, 'parity.yaml'), text);
  const config = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
  if (config.ok) return 'no mistake';
  expect(config.error.reason).toBe('config-invalid');
  return render(config.error.diagnostics ?? []);
}

/** A file with one step that holds these lines. */
function withStep(...lines: string[]): string {
  return [
    'version: 1',
    'pipeline:',
    '  - name: tests',
    '    run: pytest -q',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');
}

describe('a parity.yaml without mistakes', () => {
  test('has the uv and the poetry that it names among its tools, in place of other lines for them', async () => {
    const text = `version: 1
toolchain: { python: "3.11", uv: "0.9", poetry: ">=1.8, <2", tools: [black==25.9.0, uv==0.1.0] }
pipeline: [{ name: tests, run: pytest -q }]
`;
    const { toolchain } = await load(folderOf({ ...shop, 'parity.yaml': text }));
    expect(toolchain.tools).toEqual(['black==25.9.0', 'uv==0.9.*', 'poetry>=1.8,<2']);
    expect(await mistakes('version: 1\ntoolchain: { poetry: ^1.8 }\n')).toContain('no version of a package manager');
  });

  test('a step of a job waits for the one before it in the job, unless it says itself what it needs', async () => {
    const text = `version: 1
pipeline:
  - { name: start, run: x, job: web }
  - { name: lint, run: x }
  - { name: other, run: x, job: docs }
  - { name: smoke, run: x, job: web }
  - { name: aside, run: x, job: web, needs: [] }
  - { name: after, run: x, job: web, needs: [lint, smoke] }
`;
    const { pipeline } = await load(folderOf({ ...shop, 'parity.yaml': text }));
    expect(pipeline.map(({ name, job, needs }) => [name, job, ...needs].join(' '))).toEqual([
      'start web',
      'lint ',
      'other docs',
      'smoke web start',
      'aside web',
      'after web lint smoke',
    ]);
  });

  test("the design's example loads with its defaults filled in", async () => {
    const dir = folderOf(shop);
    addFiles(dir, {
      'parity.yaml': `version: 1
toolchain:
  python: "3.11"
  node: "24"
  tools: [black==25.9.0, flake8==7.3.0, mypy==1.18.2, sqlalchemy==2.0.23, pytest, pytest-cov, pytest-asyncio]
  requirements: [core/requirements.txt]
  system: []                       # Debian packages, locked by version and hash
image:
  base: auto                       # registry | debian (no registry needed) | an image reference
  repository: ghcr.io/acme/shop-parity   # where laptops and CI share it; optional
services:
  db: { image: "postgres:16", env: {POSTGRES_PASSWORD: x, N: 1}, ready: "pg_isready", ports: [5432] }
pipeline:
  - name: format
    run: black --check core/
    fix: black core/
    inputs: ["core/**/*.py", pyproject.toml]
  - name: tests
    run: pytest -q
    env: { PYTHONPATH: . }
    network: none                  # none | services | full
    timeout: 10m
  - name: ui-install
    cwd: ./core/admin_ui/
    run: npm ci
    inputs: [package.json, package-lock.json]
    volumes: [./node_modules/]
    network: full
    cache: true
`,
    });
    const config = await load(join(dir, 'core/admin_ui'));
    const step = { cwd: '.', env: {}, passEnv: [], secrets: [], needs: [], volumes: [], network: 'services' };
    expect(config).toEqual({
      source: { kind: 'file', path: 'parity.yaml' },
      toolchain: {
        python: '3.11',
        node: '24',
        tools: [
          'black==25.9.0',
          'flake8==7.3.0',
          'mypy==1.18.2',
          'sqlalchemy==2.0.23',
          'pytest',
          'pytest-cov',
          'pytest-asyncio',
        ],
        requirements: ['core/requirements.txt'],
        system: [],
      },
      image: { base: 'auto', repository: 'ghcr.io/acme/shop-parity' },
      cache: {},
      doctor: { ignore: [] },
      services: [
        {
          name: 'db',
          image: 'postgres:16',
          env: { POSTGRES_PASSWORD: 'x', N: '1' },
          ready: 'pg_isready',
          readyTimeoutSeconds: 60,
          ports: [5432],
          span: { line: 12, column: 3, endLine: 12, endColumn: 5 },
        },
      ],
      pipeline: [
        {
          ...step,
          name: 'format',
          run: 'black --check core/',
          fix: 'black core/',
          onFailure: 'Run: black core/',
          inputs: ['core/**/*.py', 'pyproject.toml'],
          span: { line: 14, column: 11, endLine: 14, endColumn: 17 },
        },
        {
          ...step,
          name: 'tests',
          run: 'pytest -q',
          env: { PYTHONPATH: '.' },
          network: 'none',
          timeoutSeconds: 600,
          span: { line: 18, column: 11, endLine: 18, endColumn: 16 },
        },
        {
          ...step,
          name: 'ui-install',
          cwd: 'core/admin_ui',
          run: 'npm ci',
          inputs: ['package.json', 'package-lock.json'],
          volumes: ['node_modules'],
          network: 'full',
          cache: true,
          span: { line: 23, column: 11, endLine: 23, endColumn: 21 },
        },
      ],
    });
  });

  test.each<[string, unknown]>([
    ['pytest -q', 'auto'],
    ['cd core && PYTHONPATH=$PWD poetry run python -m pytest -q && echo done', 3],
  ])('the tests of %s may be split', async (run, split) => {
    const dir = folderOf({
      ...shop,
      'parity.yaml': `version: 1\npipeline:\n  - { name: tests, run: "${run}", split: ${String(split)} }\n`,
    });
    expect((await load(dir)).pipeline).toMatchObject([{ run, split }]);
  });

  test.each<[string, unknown]>([
    ['true', { cache: true }],
    ['24h', { cache: true, cacheSeconds: 86_400 }],
    ['90', { cache: true, cacheSeconds: 90 }],
  ])('a pass may stand for %s', async (cache, parts) => {
    const yaml = `version: 1\npipeline:\n  - { name: wheel, run: python -m build, network: full, cache: ${cache} }\n`;
    const [wheel] = (await load(folderOf({ ...shop, 'parity.yaml': yaml }))).pipeline;
    expect({ cache: wheel?.cache, ...(wheel?.cacheSeconds && { cacheSeconds: wheel.cacheSeconds }) }).toEqual(parts);
  });

  test('extras that only running a build tells are no mistakes', async () => {
    const dir = folderOf({
      'setup.py': 'setup()\n',
      'pyproject.toml': '[project]\nname = "x"\ndynamic = [\n  "version", "optional-dependencies"]\n',
      'parity.yaml': 'version: 1\ntoolchain: { requirements: ["setup.py[s3]", "pyproject.toml[s3]"] }\n',
    });
    expect((await load(dir)).toolchain.requirements).toEqual(['setup.py[s3]', 'pyproject.toml[s3]']);
  });

  test('what it leaves out is detected: here everything but a service', async () => {
    const dir = folderOf({
      ...shop,
      'mypy.ini': '[mypy]\n',
      'parity.yaml': 'version: 1\nservices: { db: { image: "postgres:16" } }\n',
    });
    const config = await load(dir);
    expect(config.toolchain.python).toBe('3.11');
    expect(config.toolchain.requirements).toEqual([
      'core/requirements.txt',
      'core/requirements-dev.txt',
      'pyproject.toml[test]',
      'pyproject.toml:dev',
    ]);
    expect(config.pipeline.map(({ name, network }) => [name, network])).toEqual([
      ['format', 'services'],
      ['lint', 'services'],
      ['types', 'services'],
    ]);
  });

  test('python: 3.10 without quotes is 3.10, not 3.1; other numbers keep their text too', async () => {
    const dir = folderOf({
      ...shop,
      'parity.yaml': `${withStep('env: { PORT: 5432, MASK: 0x1f, BIG: 12345678901234567890, ON: true, ZERO: "" }')}\ntoolchain: { python: 3.10, node: 24 }\n`,
    });
    const config = await load(dir);
    expect(config.toolchain).toMatchObject({ python: '3.10', node: '24' });
    expect(config.pipeline[0]?.env).toEqual({
      PORT: '5432',
      MASK: '0x1f',
      BIG: '12345678901234567890',
      ON: 'true',
      ZERO: '',
    });
  });

  test('anchors and merge keys, CRLF, a byte order mark, a multi-line run', async () => {
    const text = [
      'version: 1',
      'pipeline:',
      '  - &base',
      '    name: one',
      '    run: |',
      '      set -x',
      '      pytest -q',
      '    env: &env { A: a, B: b }',
      '  - <<: *base',
      '    name: two',
      '    env: { <<: *env, B: own }',
      '    needs: [one]',
    ];
    const dir = folderOf({ ...shop, 'parity.yaml': `\uFEFF${text.join('\r\n')}\r\n` });
    const { pipeline } = await load(dir);
    expect(pipeline.map(({ name, run, env, needs }) => ({ name, run, env, needs }))).toEqual([
      { name: 'one', run: 'set -x\npytest -q', env: { A: 'a', B: 'b' }, needs: [] },
      { name: 'two', run: 'set -x\npytest -q', env: { A: 'a', B: 'own' }, needs: ['one'] },
    ]);
  });
});

describe('a parity.yaml with mistakes', () => {
  test('all of them are told in one run, in the order of the file', async () => {
    expect(
      await mistakes(`version: 1
toolchain:
  python: python3.12
  tools: [black==25.9.0, flake8=7.3.0, mypy@1.18.2]
  requirements: [core/requirments.txt]
image:
  base: debain
services:
  db: { image: "Postgres:16", ports: ["5432:5432"] }
pipeline:
  - name: tests
    run: ""
    pass-env: [HOME]
    network: ful
  - name: tests
    run: pytest -q
    needs: [ui-instal]
  - name: ui-install
    cwd: core/admin-ui
    run: npm ci
`),
    ).toMatchInlineSnapshot(`
      "parity.yaml:3:11: \`python3.12\` is no Python version that an image can have
          python: python3.12
                  ^^^^^^^^^^
        = one version, such as \`python: "3.12"\`
      parity.yaml:4:26: \`flake8=7.3.0\` is no requirement
          tools: [black==25.9.0, flake8=7.3.0, mypy@1.18.2]
                                 ^^^^^^^^^^^^
        = did you mean \`flake8==7.3.0\`?
      parity.yaml:4:40: \`mypy@1.18.2\` is no requirement
          tools: [black==25.9.0, flake8=7.3.0, mypy@1.18.2]
                                               ^^^^^^^^^^^
        = did you mean \`mypy==1.18.2\`?
      parity.yaml:5:18: there is no file \`core/requirments.txt\`
          requirements: [core/requirments.txt]
                         ^^^^^^^^^^^^^^^^^^^^
        = did you mean \`core/requirements.txt\`?
      parity.yaml:7:9: there is no base \`debain\`
          base: debain
                ^^^^^^
        = did you mean \`debian\`?
      parity.yaml:9:16: \`Postgres:16\` is no image reference
          db: { image: "Postgres:16", ports: ["5432:5432"] }
                       ^^^^^^^^^^^^^
        = did you mean \`postgres:16\`?
      parity.yaml:9:39: \`5432:5432\` is no port
          db: { image: "Postgres:16", ports: ["5432:5432"] }
                                              ^^^^^^^^^^^
        = the container's own port alone: 5432
      parity.yaml:12:10: \`run\` is empty
            run: ""
                 ^^
        = write the command, such as \`run: pytest -q\`
      parity.yaml:13:5: a step has no key \`pass-env\`
            pass-env: [HOME]
            ^^^^^^^^
        = did you mean \`passEnv\`?
      parity.yaml:14:14: \`network\` can't be \`ful\`
            network: ful
                     ^^^
        = did you mean \`full\`?
      parity.yaml:15:11: two steps are called \`tests\`
          - name: tests
                  ^^^^^
        = give each step a name of its own
        also parity.yaml:11:11 first here
      parity.yaml:17:13: no step is called \`ui-instal\`
            needs: [ui-instal]
                    ^^^^^^^^^
        = did you mean \`ui-install\`?
      parity.yaml:19:10: there is no folder \`core/admin-ui\`
            cwd: core/admin-ui
                 ^^^^^^^^^^^^^
        = did you mean \`core/admin_ui\`?
      "
    `);
  });

  test.each<[string, string]>([
    ['a duplicate key', 'version: 1\nversion: 1\n'],
    ['a tab', 'version: 1\npipeline:\n\t- name: x\n'],
    ['an unclosed list', 'version: 1\ntoolchain: { tools: [a, b }\n'],
    ['text with a colon', `${withStep()}\n    fix: echo a: b\n`],
    ['an alias without an anchor', withStep('env: *nothing')],
    ['two documents', 'version: 1\n---\nversion: 1\n'],
    ['an empty file', ''],
    ['comments only', '# nothing\n'],
    ['a list at the top', '- a\n'],
    ['no version', 'image: { base: auto }\n'],
    ['a newer version', 'version: 2\n'],
    ['a key without a value', 'version: 1\npipeline:\n'],
    ['an empty pipeline', 'version: 1\npipeline: []\n'],
    ["another tool's key", withStep('working-directory: core')],
    ["GitHub's top key", 'version: 1\njobs: {}\n'],
    ['a step without run', 'version: 1\npipeline: [{ name: a }]\n'],
    ['text for a list', withStep('needs: build')],
    ['a list for env', withStep('env: [A=1]')],
    ['yes for true', withStep('cache: yes')],
    ['a timeout in words', withStep('timeout: 10 minutes')],
    ['a cwd that leaves', withStep('cwd: ../other')],
    ['a cwd that is absolute', withStep('cwd: /srv')],
    ['a cwd that is a file', withStep('cwd: core/app.py')],
    ['a cwd with backslashes', withStep('cwd: core\\admin_ui')],
    ['a volume that leaves', withStep('cwd: core', 'volumes: [../../node_modules]')],
    ['a volume over the folder', withStep('volumes: [.]')],
    ['a volume with a host part', withStep('volumes: ["a:b"]')],
    ['an input that leaves', withStep('inputs: ["!../x"]')],
    ['a bad secret', withStep('secrets: [$TOKEN]')],
    ['one name in env and secrets', withStep('env: { TOKEN: a }', 'secrets: [TOKEN]')],
    ['one name in passEnv and secrets', withStep('passEnv: [TOKEN]', 'secrets: [TOKEN]')],
    ['a split into one', withStep('split: 1')],
    ['yes for split', withStep('split: yes')],
    ['a split of what runs no pytest', 'version: 1\npipeline: [{ name: a, run: "make test", split: auto }]\n'],
    ['a split under coverage run', 'version: 1\npipeline: [{ name: a, run: coverage run -m pytest, split: 2 }]\n'],
    [
      'a split of options in the command',
      'version: 1\npipeline:\n  - name: a\n    run: PYTEST_ADDOPTS=-q pytest\n    split: auto\n',
    ],
    ['a need of itself', withStep('needs: [tests]')],
    ['a name with a space', 'version: 1\npipeline: [{ name: My tests!, run: a }]\n'],
    ['a port out of range', 'version: 1\nservices: { db: { image: a, ports: [70000] } }\n'],
    ['a service name', 'version: 1\nservices: { My_DB: { image: a } }\n'],
    ['a range for python', 'version: 1\ntoolchain: { python: ">=3.12" }\n'],
    ['a word for node', 'version: 1\ntoolchain: { node: lts/* }\n'],
    ['a requirements file among the tools', 'version: 1\ntoolchain: { tools: [-r core/requirements.txt] }\n'],
    ['a caret', 'version: 1\ntoolchain: { tools: [black^25.9.0] }\n'],
    ['a tool twice', 'version: 1\ntoolchain: { tools: [black==25.9.0, Black==24.1.0] }\n'],
    ['a tool among the requirements', 'version: 1\ntoolchain: { requirements: ["black==25.9.0"] }\n'],
    ['an extra that is not there', 'version: 1\ntoolchain: { requirements: ["pyproject.toml[tset]"] }\n'],
    ['a group that is not there', 'version: 1\ntoolchain: { requirements: ["pyproject.toml:dve"] }\n'],
    ['a system package with a version', 'version: 1\ntoolchain: { system: [libpq-dev=15] }\n'],
    ['a repository with a tag', 'version: 1\nimage: { repository: "ghcr.io/acme/shop:latest" }\n'],
    ['no shards', 'version: 1\nci: { shards: 0 }\n'],
    ['half a history', 'version: 1\nci: { depth: 0.5 }\n'],
    ['a word of GitHub’s', 'version: 1\nci: { fetch-depth: 1 }\n'],
    ['a runner where GitLab has tags', 'version: 1\nci: { gitlab: { runner: [big] } }\n'],
    ['a login without a password', 'version: 1\nci: { registry: { username: REGISTRY_USER } }\n'],
    ['a secret in place of its name', 'version: 1\nci: { registry: { username: me, password: hunter-2 } }\n'],
    ['a pattern of branches', 'version: 1\nci: { branches: [main, "release/*", refs/heads/dev] }\n'],
    ['an executor that parity does not write for', 'version: 1\nci: { gitlab: { executor: Docker } }\n'],
    ['a dockerfile that is not there', 'version: 1\nimage: { dockerfile: Dockerfile.parity }\n'],
  ])('%s', async (_, text) => {
    expect(await mistakes(text)).toMatchSnapshot();
  });

  test('a shared cache says where, and whose passes are believed', async () => {
    const head = 'version: 1\ncache:\n';
    const key = 'ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
    expect(await mistakes(`${head}  remote: oci://localhost:5000/team/cache\n  trust: ["${key}"]\n`)).toBe(
      'no mistake',
    );
    expect(await mistakes(`${head}  remote: ../share\n`)).toMatchInlineSnapshot(`
      "parity.yaml:3:11: \`cache.trust\` does not say whose passes are believed
          remote: ../share
                  ^^^^^^^^
        = type \`parity cache key\`, and add the key that it prints: \`trust: [ed25519:…]\`
      "
    `);
    const bad = `${head}  remote: "https://x.example/cache"\n  write: sometimes\n  trust: [ed25519:abc, "ed25519-secret:abc"]\n`;
    expect(await mistakes(bad)).toMatchInlineSnapshot(`
      "parity.yaml:3:11: \`https://x.example/cache\` is neither a folder nor a registry
          remote: "https://x.example/cache"
                  ^^^^^^^^^^^^^^^^^^^^^^^^^
        = a folder such as \`/mnt/share/parity\`, or \`oci://localhost:5000/team/cache\`
      parity.yaml:4:10: \`write\` can't be \`sometimes\`
          write: sometimes
                 ^^^^^^^^^
        = one of ci, always, never
      parity.yaml:5:11: \`ed25519:abc\` is no public key
          trust: [ed25519:abc, "ed25519-secret:abc"]
                  ^^^^^^^^^^^
        = \`parity cache key\` makes one: \`ed25519:\` and 44 characters of base64
      parity.yaml:5:24: this is the secret half of a key: whoever reads it can sign passes
          trust: [ed25519:abc, "ed25519-secret:abc"]
                               ^^^^^^^^^^^^^^^^^^^^
        = make another with \`parity cache key\`, and write its public half, \`ed25519:…\`
      "
    `);
    const tagged = `${head}  remote: oci://localhost:5000/team/cache:latest\n  trust: ["${key}"]\n`;
    expect(await mistakes(tagged)).toContain('did you mean `oci://localhost:5000/team/cache`?');
    expect(await mistakes(`${head}  remote: oci://team\n  trust: ["${key}"]\n`)).toContain('names no repository');
  });

  test('a step without a job has no rest of it to skip', async () => {
    expect(await mistakes(withStep('allowFailure: job'))).toContain('the step has no `job` whose other steps could be');
    expect(await mistakes(withStep('job: a', 'allowFailure: job'))).toBe('no mistake');
    expect(await mistakes(withStep('allowFailure: maybe'))).toContain('parity.yaml:5:');
  });

  test('a cycle through the order of a job is told at the job', async () => {
    const text = `version: 1
pipeline:
  - { name: a, run: x, job: web, needs: [b] }
  - { name: b, run: x, job: web }
`;
    expect(await mistakes(text)).toMatchInlineSnapshot(`
      "parity.yaml:3:42: steps need each other in a circle: a → b → a
          - { name: a, run: x, job: web, needs: [b] }
                                                 ^
        = take one of these \`needs\` out
        also parity.yaml:4:29 \`b\` needs \`a\`
      "
    `);
  });

  test('a cycle is a trail, each link a place', async () => {
    const text = `version: 1
pipeline:
  - { name: a, run: x, needs: [b] }
  - { name: b, run: x, needs: [c] }
  - { name: c, run: x, needs: [a] }
`;
    expect(await mistakes(text)).toMatchInlineSnapshot(`
      "parity.yaml:3:32: steps need each other in a circle: a → b → c → a
          - { name: a, run: x, needs: [b] }
                                       ^
        = take one of these \`needs\` out
        also parity.yaml:4:32 \`b\` needs \`c\`
        also parity.yaml:5:32 \`c\` needs \`a\`
      "
    `);
  });

  test('bytes that are no UTF-8', async () => {
    expect(await mistakes(Buffer.from('version: 1\nname: M\xfcnchen\n', 'latin1'))).toContain('is not UTF-8 text');
  });

  test('aliases that unfold without end', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
    );
    const text = `version: 1\nl0: &l0 [a, a, a, a, a, a, a, a, a]\n${levels.join('\n')}\n`;
    expect(await mistakes(text)).toContain('these aliases unfold to more values than a config can have');
  });

  test('a link that leads out of the project is no cwd', async () => {
    const dir = folderOf({ ...shop, 'parity.yaml': withStep('cwd: out') });
    symlinkSync('/', join(dir, 'out'));
    const config = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
    expect(config.ok ? '' : render(config.error.diagnostics ?? [])).toContain(
      '`out` is a link that leaves the project',
    );
  });

  test('a file that can not be read is an io failure', async () => {
    const dir = folderOf({});
    mkdirSync(join(dir, 'parity.yaml'));
    const config = await loadConfig({ dir, configPath: join(dir, 'parity.yaml') });
    expect(config).toMatchObject({ ok: false, error: { reason: 'io', message: `cannot read ${dir}/parity.yaml` } });
  });

  test('no text makes it throw, and every place is in the file', async () => {
    const dir = folderOf({});
    const path = join(dir, 'parity.yaml');
    const piece = fc.oneof(
      fc.constantFrom(
        'version: 1\n',
        'pipeline:\n',
        '  - name: a\n',
        '    run: b\n',
        'services:',
        ' {',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '<<: ',
        '|\n',
        '"',
        "'",
        '\t',
        '? ',
        '!!set ',
        '__proto__: ',
        '- ',
        ': ',
        '#',
        '\r\n',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
        const text = pieces.join('');
        writeFileSync(path, text);
        const config = await loadConfig({ dir, configPath: path });
        const lines = text.replace(/^\uFEFF/, '').split('\n');
        for (const { span, sourceLine } of config.ok ? [] : (config.error.diagnostics ?? [])) {
          expect(span.line).toBeGreaterThanOrEqual(1);
          expect(span.line).toBeLessThanOrEqual(lines.length);
          expect(span.endColumn).toBeGreaterThan(span.column);
          expect(sourceLine).toBe(lines[span.line - 1]?.replace(/\r$/, ''));
        }
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('findProject', () => {
  test('the nearest parity.yaml, else the git top level, never beyond it', async () => {
    const dir = folderOf({
      'parity.yaml': 'version: 1\n',
      'repo/.git/HEAD': '',
      'repo/a/b/x': '',
      'repo/own/parity.yaml': '',
      'repo/own/c/x': '',
    });
    expect(await findProject(join(dir, 'repo/a/b'))).toEqual({ ok: true, value: { dir: join(dir, 'repo') } });
    const own = join(dir, 'repo/own');
    expect(await findProject(join(own, 'c'))).toEqual({
      ok: true,
      value: { dir: own, configPath: join(own, 'parity.yaml') },
    });
  });

  test('without any parity.yaml: the nearest folder that is a project, not a part of one', async () => {
    const dir = folderOf({
      '.git/HEAD': '',
      'mypy.ini': '',
      'core/requirements.txt': '',
      'core/admin_ui/package.json': '{}',
      'examples/shop/pyproject.toml': '',
      'examples/shop/core/requirements.txt': '',
    });
    for (const part of ['.', 'core', 'core/admin_ui', 'examples']) {
      expect(await findProject(join(dir, part))).toEqual({ ok: true, value: { dir } });
    }
    const shop = { ok: true, value: { dir: join(dir, 'examples/shop') } };
    expect(await findProject(join(dir, 'examples/shop/core'))).toEqual(shop);
  });

  test('the uv workspace whose uv.lock has the folder, as uv takes it; not one that only lies above', async () => {
    const dir = folderOf({
      '.git/HEAD': '',
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
      'uv.lock': '[[package]]\nname = "api"\nsource = { editable = "packages/api" }\n',
      'packages/api/pyproject.toml': '',
      'packages/api/src/x': '',
      'packages/old/pyproject.toml': '',
    });
    expect(await findProject(join(dir, 'packages/api/src'))).toEqual({ ok: true, value: { dir } });
    const old = join(dir, 'packages/old');
    expect(await findProject(old)).toEqual({ ok: true, value: { dir: old } });
  });

  test('without git: a parity.yaml further up, or the folder itself', async () => {
    const dir = folderOf({ 'with/parity.yaml': '', 'with/sub/x': '', 'without/sub/x': '' });
    const found = { dir: join(dir, 'with'), configPath: join(dir, 'with/parity.yaml') };
    expect(await findProject(join(dir, 'with/sub'))).toEqual({ ok: true, value: found });
    expect(await findProject(join(dir, 'without/sub'))).toEqual({ ok: true, value: { dir: join(dir, 'without/sub') } });
  });

  test('without git, a parity.yaml in a folder that others may write is not obeyed', async () => {
    const dir = folderOf({ 'shared/parity.yaml': '', 'shared/mine/x': '' });
    chmodSync(join(dir, 'shared'), 0o777);
    expect(await findProject(join(dir, 'shared/mine'))).toEqual({ ok: true, value: { dir: join(dir, 'shared/mine') } });
  });

  test('through a symbolic link: the real folder', async () => {
    const dir = folderOf({ 'real/parity.yaml': '' });
    symlinkSync(join(dir, 'real'), join(dir, 'link'));
    expect(await findProject(join(dir, 'link'))).toMatchObject({ value: { dir: join(dir, 'real') } });
  });

  test('parity.yml, a file, nothing: each says what to do', async () => {
    const dir = folderOf({ 'a/parity.yml': '', 'b/file': '' });
    expect(await findProject(join(dir, 'a'))).toMatchObject({
      error: { reason: 'config-invalid', next: `mv "${dir}/a/parity.yml" "${dir}/a/parity.yaml"` },
    });
    expect(await findProject(join(dir, 'b/file'))).toMatchObject({
      error: { message: `${dir}/b/file is a file, not a folder` },
    });
    expect(await findProject(join(dir, 'c'))).toMatchObject({
      error: { message: `the folder ${dir}/c does not exist` },
    });
  });

  test('a folder called parity.yaml is no config', async () => {
    const dir = folderOf({});
    mkdirSync(join(dir, 'parity.yaml'));
    expect(await findProject(dir)).toEqual({ ok: true, value: { dir } });
  });

  test('what it says of CI is taken as it is said', async () => {
    const dir = folderOf({
      ...shop,
      'parity.yaml':
        'version: 1\nci: { install: make parity, shards: 2, timeout: 10m, depth: 1, github: { runner: [self-hosted, big] } }\n',
    });
    expect((await load(dir)).ci).toEqual({
      install: 'make parity',
      shards: 2,
      timeoutSeconds: 600,
      depth: 1,
      github: { runner: ['self-hosted', 'big'] },
      gitlab: {},
    });
    expect((await load(folderOf(shop))).ci).toBeUndefined();
  });

  test("a member of a workspace above is not installed alone, at other versions than the workspace's", async () => {
    const dir = folderOf({
      '.git/HEAD': 'ref: refs/heads/main\n',
      'package.json': '{ "workspaces": ["packages/*"] }',
      'package-lock.json': '{ "lockfileVersion": 3 }',
      'packages/web/package.json': '{ "scripts": { "test": "x" } }',
      'packages/web/parity.yaml': 'version: 1\ntoolchain: { python: "3.11", tools: [], requirements: [] }\n',
      'packages/own/package.json': '{ "scripts": { "test": "x" } }',
      'packages/own/package-lock.json': '{ "lockfileVersion": 3 }',
      'packages/own/parity.yaml': 'version: 1\n',
    });
    const web = join(dir, 'packages/web');
    expect(await loadConfig({ dir: web, configPath: join(web, 'parity.yaml') })).toMatchObject({
      error: {
        reason: 'config-invalid',
        message:
          'package.json is a member of the workspace whose ../../package-lock.json decides its versions, and that lies outside this project',
        next: 'move parity.yaml to ../.., with `cwd: packages/web` for steps that run here; or write the pipeline, with the install that CI runs',
      },
    });
    const own = join(dir, 'packages/own');
    expect((await load(own)).pipeline.map(({ run }) => run)).toEqual(['npm ci', 'npm run test']);
    writeFileSync(
      join(web, 'parity.yaml'),
      'version: 1\npipeline:\n  - { name: install, run: npm ci, cwd: ., network: full }\n',
    );
    expect((await load(web)).pipeline.map(({ run }) => run)).toEqual(['npm ci']);
  });

  test('a folder that `exclude` names is a project of its own; its neighbours are not', async () => {
    const dir = folderOf({
      '.git/HEAD': 'ref: refs/heads/main\n',
      'parity.yaml': 'version: 1\nexclude: ["examples/*"]\n',
      'examples/shop/pyproject.toml': '',
      'examples/shop/core/a.py': '',
      'examples/bare/src/a.py': '',
      'src/a.py': '',
    });
    const own = { dir: join(dir, 'examples/shop') };
    expect(await findProject(own.dir)).toEqual({ ok: true, value: own });
    expect(await findProject(join(own.dir, 'core'))).toEqual({ ok: true, value: own });
    const bare = { dir: join(dir, 'examples/bare') };
    expect(await findProject(join(bare.dir, 'src'))).toEqual({ ok: true, value: bare });
    const root = { dir, configPath: join(dir, 'parity.yaml') };
    expect(await findProject(join(dir, 'src'))).toEqual({ ok: true, value: root });
  });
});
