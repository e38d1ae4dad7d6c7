// (q) A project with a uv.lock, from a fresh clone to its first tests: `uv sync --frozen` and pytest on the host, and parity with no lock of its own yet.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bash, commitAll, must, online, race } from './measure.mjs';
import { installed } from './peers.mjs';
import { parity } from './shop.mjs';

const name = 'quayside';
const files = {
  'pyproject.toml': `[project]
name = "${name}"
version = "1.0.0"
requires-python = ">=3.11,<3.12"
dependencies = ["fastapi>=0.115", "httpx>=0.27", "jinja2>=3.1", "pydantic-settings>=2", "sqlalchemy[asyncio]>=2,<2.1", "structlog>=25", "typer>=0.15", "uvicorn>=0.34"]

[dependency-groups]
dev = ["mypy==1.18.2", "pytest>=8", "pytest-asyncio>=1", "pytest-cov>=7", "ruff>=0.13"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
`,
  [`src/${name}/__init__.py`]: 'ready = True\n',
  [`tests/test_${name}.py`]: `from importlib.metadata import version

import ${name}


def test_installed() -> None:
    assert ${name}.ready
    assert version("${name}") == "1.0.0"
`,
  'parity.yaml': `version: 1
toolchain: { python: "3.11", tools: [], requirements: [uv.lock] }
pipeline: [{ name: tests, run: pytest -q }]
`,
  '.gitignore': '.venv\n__pycache__\n.pytest_cache\n',
};

// What a machine knows that has the base: which packages Debian has for it, the size of its layers, and which Python it has. They are learnt once for
// each base, when it is made or first used.
const ofTheBase = ['debian', 'base-layers', 'uv-images'];

/**
 * The base and uv's image are in the engine, as uv is on the host, and what is known of the base. Nothing else of this project's,
 * and what other projects have is left alone: uv's index answers stay in their volume.
 */
export function setUpUvLock(scratch, rounds) {
  const uv = installed('uv');
  const [source, host, own] = ['uv-lock', 'uv-lock-host', 'uv-lock-parity'].map((each) => join(scratch, each));
  const [uvCache, parityCache] = ['uv-lock-uv', 'uv-lock-cache'].map((each) => join(scratch, each));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(source, dirname(path)), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  // uv trusts this machine's certificate authorities only when told to.
  const env = { ...process.env, ...online, UV: uv, UV_NATIVE_TLS: 'true', UV_CACHE_DIR: uvCache };
  bash('"$UV" lock --quiet --python python3.11', { cwd: source, env });
  const clone = (folder) => {
    rmSync(folder, { recursive: true, force: true });
    must('cp', ['-r', source, folder]);
    commitAll(folder);
  };
  const run = (...words) => parity(own, words, { PARITY_CACHE_DIR: parityCache, ...online });
  const firstTests = () => run('up', '--no-cache');
  const forget = () => {
    if (existsSync(own)) {
      run('down');
      const [reference] = run('build').split('\n');
      must('docker', ['image', 'rm', '--force', reference]);
      removeVolumes(own);
    }
    clone(own);
  };
  clone(own);
  firstTests();
  const onHost = {
    prepare: () => clone(host),
    run: () => bash('"$UV" sync --frozen --quiet --python python3.11\n.venv/bin/pytest -q', { cwd: host, env }),
  };
  const rows = race(
    [
      {
        name: 'uv sync --frozen + pytest, empty cache',
        run: onHost.run,
        prepare() {
          onHost.prepare();
          rmSync(uvCache, { recursive: true, force: true });
        },
      },
      {
        name: 'parity up: lock, image, project, pytest, empty cache',
        run: firstTests,
        prepare() {
          forget();
          for (const each of readdirSync(parityCache))
            if (!ofTheBase.includes(each)) rmSync(join(parityCache, each), { recursive: true, force: true });
        },
      },
      { name: 'uv sync --frozen + pytest, warm cache', ...onHost },
      { name: 'parity up: lock, image, project, pytest, warm cache', run: firstTests, prepare: forget },
    ],
    rounds,
  );
  forget();
  return rows;
}

function removeVolumes(project) {
  const names = must('docker', ['volume', 'ls', '--quiet', '--filter', `label=dev.parity.project=${project}`]);
  const own = names.split('\n').filter((name) => name !== '');
  if (own.length > 0) must('docker', ['volume', 'rm', '--force', ...own]);
}
