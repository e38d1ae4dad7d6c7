import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../config/config.ts';
import { readRequirements, type RequirementSet } from './read-requirements.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parity ü-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function project(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

function config(requirements: readonly string[], tools: readonly string[] = []): Config {
  return {
    source: { kind: 'file', path: 'parity.yaml' },
    toolchain: { python: '3.11', tools, requirements, system: [] },
    image: { base: 'auto' },
    services: [],
    cache: {},
    doctor: { ignore: [] },
    pipeline: [],
  };
}

async function read(requirements: readonly string[], tools?: readonly string[]): Promise<RequirementSet> {
  const result = await readRequirements(dir, config(requirements, tools));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

async function refusals(requirements: readonly string[], tools?: readonly string[]): Promise<string[]> {
  const result = await readRequirements(dir, config(requirements, tools));
  if (result.ok) throw new Error('nothing was refused');
  expect(result.error.reason).toBe('requirements-unsupported');
  return (result.error.diagnostics ?? []).map(({ file, span, message }) => `${file}:${span.line}: ${message}`);
}

function asked({ requirements }: RequirementSet): string[] {
  return requirements.map(
    ({ text, source, place, constraint }) =>
      `${source}${place === undefined ? '' : `:${place.span.line}`} ${constraint ? 'limits' : 'asks'} ${text}`,
  );
}

describe('the requirements of a project', () => {
  it('are its tools and every file with what it includes', async () => {
    await project({
      'parity.yaml': 'toolchain:\n  tools:\n    - black==25.9.0\n    - pytest\n',
      'core/requirements.txt': '-r base.txt\n-c ../limits.txt\nredis\n',
      'core/base.txt': 'flask>=3\n',
      'limits.txt': 'redis<6\n',
    });
    expect(asked(await read(['core/requirements.txt'], ['black==25.9.0', 'pytest']))).toEqual([
      'toolchain.tools:3 asks black==25.9.0',
      'toolchain.tools:4 asks pytest',
      'core/base.txt:1 asks flask>=3',
      'limits.txt:1 limits redis<6',
      'core/requirements.txt:3 asks redis',
    ]);
  });

  it('take a file once that two others include', async () => {
    await project({ 'a.txt': '-r base.txt\n', 'b.txt': '-r base.txt\n', 'base.txt': 'flask\n' });
    expect(asked(await read(['a.txt', 'b.txt']))).toEqual(['base.txt:1 asks flask']);
  });

  it('are refused when files include each other, with the trail', async () => {
    await project({ 'a.txt': '-r b.txt\n', 'b.txt': 'flask\n-r a.txt\n' });
    expect(await refusals(['a.txt'])).toEqual([
      'b.txt:2: the files include each other in a circle: a.txt → b.txt → a.txt',
    ]);
  });

  it('are refused when a file is not there, at the place that names it', async () => {
    await project({ 'parity.yaml': 'toolchain:\n  requirements: [a.txt, gone.txt]\n', 'a.txt': '-r lost.txt\n' });
    expect(await refusals(['a.txt', 'gone.txt'])).toEqual([
      'a.txt:1: there is no file lost.txt',
      'parity.yaml:2: there is no file gone.txt',
    ]);
  });

  it('leave the project itself out and take what it needs', async () => {
    await project({
      'requirements.txt': '-e .[dev]\n',
      'pyproject.toml': `[project]
name = "Shop"
requires-python = ">=3.10"
dependencies = ["sqlalchemy>=2"]
[project.optional-dependencies]
test = ["pytest"]
dev = ["shop[test]", "ipython"]
`,
    });
    const set = await read(['requirements.txt']);
    expect(asked(set)).toEqual([
      'pyproject.toml:4 asks sqlalchemy>=2',
      'pyproject.toml:6 asks pytest',
      'pyproject.toml:7 asks ipython',
    ]);
    expect(set.requiresPython.map(({ text }) => text)).toEqual(['>=3.10']);
    expect(set.notes).toEqual([
      'requirements.txt:1: "-e ." is part of this repository: it is built here, and what pyproject.toml says it needs is in the lock',
    ]);
    expect([...set.projects.keys()]).toEqual(['.']);
  });

  it('leave to the build backend what only that knows', async () => {
    await project({
      'requirements.txt': './lib[fast]\n',
      'lib/setup.py': 'setup(name="lib", install_requires=open("needs.txt").read(), d=open("README.txt").read())\n',
      'lib/needs.txt': 'attrs\n',
      'lib/README.txt': 'x\n',
      'pyproject.toml':
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "shop"\ndynamic = ["version", "dependencies"]\n',
    });
    const set = await read(['requirements.txt', 'pyproject.toml']);
    expect(asked(set)).toEqual([]);
    expect([...set.projects.values()].map(({ path, build, asksBackend }) => [path, build.name, asksBackend])).toEqual([
      ['lib', 'lib', { extras: ['fast'] }],
      ['.', 'shop', { extras: [] }],
    ]);
    // What it reads is an input, too, but for a readme.
    const facts = async (): Promise<unknown> => (await read(['requirements.txt'])).facts.get('lib/setup.py');
    const before = await facts();
    expect(before).toHaveLength(3);
    await project({ 'lib/README.txt': 'y\n' });
    expect(await facts()).toEqual(before);
    await project({ 'lib/needs.txt': 'attrs>=24\n' });
    expect(await facts()).not.toEqual(before);
  });

  it('leave to it the extras that no file has', async () => {
    await project({
      'setup.py': 'setup(extras_require={"s3": ["boto3"]})\n',
      'pyproject.toml':
        '[build-system]\nrequires = ["setuptools"]\n[project]\nname = "shop"\ndynamic = ["optional-dependencies"]\ndependencies = ["attrs"]\n',
    });
    for (const source of ['pyproject.toml[s3]', 'setup.py[s3]']) {
      const set = await read([source]);
      expect([...set.projects.values()].map(({ asksBackend }) => asksBackend)).toEqual([{ extras: ['s3'] }]);
    }
  });

  it('are installed where the project says that it is a package, or somebody says so', async () => {
    await project({
      'pyproject.toml': '[build-system]\nrequires = ["flit_core"]\n[project]\nname = "shop"\n',
      'parts/a/setup.py': 'setup(name="a")\n',
    });
    const paths = async (more: Partial<Config['toolchain']>): Promise<readonly string[]> => {
      const asking = config([]);
      const result = await readRequirements(dir, { ...asking, toolchain: { ...asking.toolchain, ...more } });
      if (!result.ok) throw new Error(result.error.message);
      return [...result.value.projects.keys()];
    };
    expect(await paths({})).toEqual(['.']);
    expect(await paths({ build: { network: 'none', projects: ['parts/a'] } })).toEqual(['parts/a']);
    expect(await paths({ build: { network: 'none', projects: [] } })).toEqual([]);
    expect(await paths({ build: { network: 'none', projects: [], wheels: ['parts/a'] } })).toEqual(['parts/a']);
    const none = await readRequirements(dir, {
      ...config([]),
      toolchain: { ...config([]).toolchain, build: { network: 'none', projects: ['parts'] } },
    });
    expect(none.ok ? '' : none.error.message).toContain('"parts" is no package');
    // A file that can't be read is the cause, and its line the place.
    await project({ 'parts/b/pyproject.toml': '[build-system]\nrequires = ["flit_core"\nbuild-backend = "flit"\n' });
    const broken = await readRequirements(dir, {
      ...config([]),
      toolchain: { ...config([]).toolchain, build: { network: 'none', projects: ['parts/b'] } },
    });
    expect(broken.ok ? '' : broken.error.message).toMatch(/parts\/b\/pyproject\.toml:[23]: .*is no TOML: /);
  });

  it('are installed editable unless the file that asks for them, or the config, says otherwise', async () => {
    await project({
      'pyproject.toml': '[build-system]\nrequires = ["flit_core"]\n[project]\nname = "shop"\n',
      'requirements.txt': './a\n-e ./b\n./c\n-r more.txt\n',
      'more.txt': '-e ./c\n',
      'a/setup.py': 'setup(name="a")\n',
      'b/setup.py': 'setup(name="b")\n',
      'c/setup.py': 'setup(name="c")\n',
    });
    const wheels = async (build?: Config['toolchain']['build']): Promise<readonly string[]> => {
      const asking = config(['requirements.txt']);
      const toolchain = { ...asking.toolchain, ...(build === undefined ? {} : { build }) };
      const result = await readRequirements(dir, { ...asking, toolchain });
      if (!result.ok) throw new Error(result.error.message);
      return [...result.value.projects.values()].flatMap(({ path, isEditable }) =>
        isEditable === false ? [path] : [],
      );
    };
    expect(await wheels()).toEqual(['a']);
    expect(await wheels({ network: 'none', wheels: ['.', './b'] })).toEqual(['a', 'b', '.']);
    const wrong = await readRequirements(dir, {
      ...config([]),
      toolchain: { ...config([]).toolchain, build: { network: 'none', wheels: ['d'] } },
    });
    expect(wrong.ok ? '' : wrong.error.diagnostics?.map(({ hint }) => hint)).toEqual([
      'name folders of packages, or leave toolchain.build.wheels out',
    ]);
  });

  it('refuse paths elsewhere, addresses and secrets, without repeating the secret', async () => {
    await project({
      'requirements.txt':
        '-e ../other\n--index-url https://joe:hunter2@pkgs.example/simple\nshop @ git+https://git.example/shop\n',
    });
    const result = await readRequirements(dir, config(['requirements.txt']));
    expect(JSON.stringify(result)).not.toContain('hunter2');
    expect(await refusals(['requirements.txt'])).toEqual([
      'requirements.txt:1: "-e ../other" is a path on this machine, which can\'t be locked for others',
      'requirements.txt:2: the address of the package index holds a user name or password',
      "requirements.txt:3: shop comes from https://git.example/shop without a commit: the repository's default branch is another commit tomorrow",
    ]);
  });

  it('take extras and groups of a pyproject.toml by name', async () => {
    await project({
      'pyproject.toml': `[project]
name = "shop"
dependencies = ["flask"]
optional-dependencies.web = ["gunicorn"]
[dependency-groups]
lint = ["black"]
dev = [{ include-group = "lint" }, "ipython"]
`,
    });
    expect(asked(await read(['pyproject.toml[web]']))).toEqual([
      'pyproject.toml:3 asks flask',
      'pyproject.toml:4 asks gunicorn',
    ]);
    expect(asked(await read(['pyproject.toml:dev']))).toEqual([
      'pyproject.toml:6 asks black',
      'pyproject.toml:7 asks ipython',
    ]);
    expect(await refusals(['pyproject.toml:docs'])).toEqual(['parity.yaml:1: pyproject.toml has no group "docs"']);
  });

  it('read poetry and setuptools’ dynamic files and setup.cfg', async () => {
    await project({
      'a/pyproject.toml':
        '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.11"\nredis = "^5"\nx = { version = "1", optional = true }\n[tool.poetry.extras]\nall = ["x"]\n[tool.poetry.group.dev.dependencies]\npytest = "*"\n',
      'b/pyproject.toml':
        '[project]\nname = "b"\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = { file = ["req.txt"] }\n',
      'b/req.txt': 'flask\n',
      'c/setup.cfg':
        '[options]\npython_requires = >=3.9\ninstall_requires =\n    django>=5\n    # why\n    celery\n[options.extras_require]\ndev = pytest; flake8\n',
    });
    const set = await read(['a/pyproject.toml[all]', 'a/pyproject.toml:dev', 'b/pyproject.toml', 'c/setup.cfg[dev]']);
    expect(asked(set)).toEqual([
      'a/pyproject.toml:5 asks redis>=5,<6',
      'a/pyproject.toml:6 asks x==1',
      'a/pyproject.toml:10 asks pytest',
      'b/req.txt:1 asks flask',
      'c/setup.cfg:4 asks django>=5',
      'c/setup.cfg:6 asks celery',
      'c/setup.cfg:8 asks pytest',
      'c/setup.cfg:8 asks flake8',
    ]);
    expect(set.requiresPython.map(({ text }) => text)).toEqual(['>=3.11,<4', '>=3.9']);
  });

  it('tell broken TOML with its place', async () => {
    await project({ 'pyproject.toml': '[project]\nname = "shop\n' });
    expect((await refusals(['pyproject.toml']))[0]).toMatch(/^pyproject\.toml:2: /);
  });
});

it('a source may only limit', async () => {
  await project({ 'limits.txt': 'flask==3.0.0\n' });
  expect(asked(await read(['-c limits.txt'], ['flask']))).toEqual([
    'toolchain.tools asks flask',
    'limits.txt:1 limits flask==3.0.0',
  ]);
});

describe('a lock file of another tool', () => {
  const uvLock = (version: string): string =>
    `version = 1\n\n[[package]]\nname = "shop"\nsource = { editable = "." }\ndependencies = [\n    { name = "attrs" },\n]\n\n[[package]]\nname = "core"\nsource = { editable = "core" }\n\n[[package]]\nname = "attrs"\nversion = "${version}"\nsource = { registry = "https://a.test/x" }\n`;
  const files = {
    'uv.lock': uvLock('25.3.0'),
    'pyproject.toml':
      '[project]\nname = "shop"\nrequires-python = ">=3.11"\ndependencies = ["attrs"]\n[tool.ruff]\nline-length = 100\n',
    'core/pyproject.toml': '[project]\nname = "core"\nversion = "1"\n',
  };

  it('is read with what it was made from, and names its indexes', async () => {
    await project(files);
    const set = await read(['uv.lock --group lint']);
    expect(set.requirements).toEqual([]);
    expect(set.locks.map(({ file, manifests, source }) => [file, source.options, [...manifests.keys()]])).toEqual([
      ['uv.lock', ['--group', 'lint'], ['pyproject.toml', 'core/pyproject.toml']],
    ]);
    expect(set.index.extraIndexUrls).toEqual(['https://a.test/x']);
    expect(set.requiresPython.map(({ text, place }) => `${place.file}:${place.span.line} ${text}`)).toEqual([
      'pyproject.toml:3 >=3.11',
    ]);
  });

  it('makes another input of every change of it, or of what it was made from, and of no other setting', async () => {
    const facts = async (more: Readonly<Record<string, string>>): Promise<string> => {
      await project({ ...files, ...more });
      return JSON.stringify([...(await read(['uv.lock'])).facts]);
    };
    const before = await facts({});
    expect(await facts({ 'pyproject.toml': files['pyproject.toml'].replace('100', '120') })).toBe(before);
    expect(await facts({ 'uv.lock': uvLock('25.3.0').replaceAll('\n', '\r\n') })).toBe(before);
    expect(await facts({ 'uv.lock': uvLock('25.4.0') })).not.toBe(before);
    expect(await facts({ 'pyproject.toml': files['pyproject.toml'].replace('"attrs"', '"attrs", "six"') })).not.toBe(
      before,
    );
    expect(await facts({ 'core/pyproject.toml': '[project]\nname = "core"\nversion = "2"\n' })).not.toBe(before);
  });

  it('is not passed over where it lies above the project: that is refused, or told where the config names the sources', async () => {
    await project({
      '.git/HEAD': '',
      'uv.lock': '[[package]]\nname = "api"\nsource = { editable = "packages/api" }\n',
      'packages/api/pyproject.toml': '[project]\nname = "api"\nversion = "1"\ndependencies = ["attrs"]\n',
      'packages/api/parity.yaml': 'version: 1\n',
    });
    dir = join(dir, 'packages/api');
    expect(await refusals(['pyproject.toml'])).toEqual([
      'pyproject.toml:1: it is a member of the uv workspace whose ../../uv.lock decides its versions, and that lies outside this project',
    ]);
    await project({ 'parity.yaml': 'version: 1\ntoolchain: { requirements: [pyproject.toml] }\n' });
    const set = await read(['pyproject.toml']);
    expect(set.requirements.map(({ text }) => text)).toEqual(['attrs']);
    expect(set.notes).toContain(
      'pyproject.toml is resolved anew: ../../uv.lock, which has its package, lies outside this project',
    );
  });

  it('is refused when it is not there, or asked for what its tool can not choose', async () => {
    await project(files);
    expect(await refusals(['api/uv.lock', 'uv.lock --upgrade'])).toEqual([
      'parity.yaml:1: there is no file api/uv.lock',
      'parity.yaml:1: `--upgrade` is no option by which uv sync chooses what to install',
    ]);
  });
});
