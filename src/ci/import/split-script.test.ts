import { describe, expect, it } from 'vitest';
import type { DecidedStep } from '../decided-pipeline.ts';
import { splitScript } from './split-script.ts';

const place = { file: 'ci.yml', span: { line: 1, column: 1, endLine: 1, endColumn: 2 } };

function apart(script: string, cwd = '.'): ReturnType<typeof splitScript> {
  const step: DecidedStep = {
    place,
    job: 'a',
    script,
    env: {},
    passEnv: [],
    secrets: [],
    cwd,
    pipefail: true,
    tools: [],
    always: false,
  };
  return splitScript(step, { files: ['src/app.py'], readText: () => undefined, usedOutputs: new Set() });
}

const scripts = (script: string): readonly string[] => apart(script).pieces.map((piece) => piece.script);
const installs = (script: string, cwd?: string): unknown =>
  apart(script, cwd).installs.map(({ files, tools, system, projects, byManager }) => ({
    ...(files.length === 0 ? {} : { files }),
    ...(tools.length === 0 ? {} : { tools }),
    ...(system.length === 0 ? {} : { system }),
    ...(projects.length === 0
      ? {}
      : { projects: projects.map(({ dir, extras, groups }) => [dir, ...extras, ...groups].join(' ')) }),
    ...(byManager ? { byManager } : {}),
  }));

describe('what installs leaves the script', () => {
  it.each<[string, readonly string[], unknown]>([
    [
      'pip install -r core/requirements.txt black==25.9.0',
      [],
      [{ files: ['core/requirements.txt'], tools: ['black==25.9.0'] }],
    ],
    ['pip install -e ".[dev,test]" && pytest -q', ['pytest -q'], [{ projects: ['. dev test'] }]],
    ['python3 -m pip install --upgrade pip wheel', [], [{}]],
    // What has a slash is a folder, as pip has it.
    [
      'pip install packages/core[test] tools/lint pytest',
      [],
      [{ tools: ['pytest'], projects: ['packages/core test', 'tools/lint'] }],
    ],
    ['if [ -f requirements.txt ]; then pip install -r requirements.txt; fi', [], [{ files: ['requirements.txt'] }]],
    [
      'sudo apt-get update\nsudo apt-get install -y --no-install-recommends libpq-dev make\nmake test',
      ['make test'],
      [{ system: ['libpq-dev', 'make'] }],
    ],
    [
      'python -m venv .venv\nsource .venv/bin/activate\npip install x\n.venv/bin/pytest',
      ['pytest'],
      [{ tools: ['x'] }],
    ],
    // A version is printed, more words are not.
    ['python -V && node -v\npytest -v\nnpm run lint -- -v', ['pytest -v\nnpm run lint -- -v'], []],
    ['(cd core && pip install -r requirements.txt)', [], [{ files: ['core/requirements.txt'] }]],
    ['poetry install --no-root\npoetry run pytest', ['pytest'], [{ byManager: true }, { byManager: true }]],
    ['uv sync --group docs --extra cli\nuv run --no-sync mypy .', ['mypy .'], [{ projects: ['. cli docs'] }, {}]],
    ['tar xf dist/*.tar.gz --strip-components=1\npytest', ['pytest'], []],
    ['uvx black@25.9.0 --check .', ['black --check .'], [{ tools: ['black==25.9.0'] }]],
    ['uv tool run --from "ruff==0.9" ruff check', ['ruff check'], [{ tools: ['ruff==0.9'] }]],
    [
      'uv run -m pytest; uv run tools/gen.py',
      ['python -m pytest\npython tools/gen.py'],
      [{ projects: ['.'] }, { projects: ['.'] }],
    ],
    ['curl -LsSf https://astral.sh/uv/install.sh | sh\nuv sync', [], [{ projects: ['.'] }]],
  ])('%s', (script, left, found) => {
    expect({ scripts: scripts(script), installs: installs(script) }).toEqual({ scripts: left, installs: found });
  });

  it('knows the folder that an install runs in', () => {
    expect(installs('cd ..\npip install -r dev.txt', 'core/ui')).toEqual([{ files: ['core/dev.txt'] }]);
  });
});

it('keeps together what shares a shell, and lets an npm install stand alone', () => {
  expect(scripts('npm ci\nnpm run lint\nnpm run build')).toEqual(['npm ci', 'npm run lint\nnpm run build']);
  expect(scripts('cd ui\nnpm ci\nnpm run build')).toEqual(['cd ui\nnpm ci\nnpm run build']);
  expect(scripts('(cd core/admin_ui && npm ci && npm run build)')).toEqual([
    '(cd core/admin_ui && npm ci && npm run build)',
  ]);
  const [piece] = apart('(cd core/admin_ui && npm ci && npm run build)').pieces;
  expect([piece?.installsNode, piece?.network]).toEqual([['core/admin_ui'], true]);
  expect(apart('jlpm\njlpm run lint:check').pieces.map(({ kind, network }) => [kind, network])).toEqual([
    ['node-install', true],
    ['check', false],
  ]);
  expect(scripts('yarn install --frozen-lockfile\nyarn test --ci\nyarn workspaces run x\npnpm exec tsc')).toEqual([
    'yarn install --frozen-lockfile',
    'yarn test --ci\nyarn workspaces run x\npnpm exec tsc',
  ]);
});

it('runs pnpm and Yarn as they are, with the network for what fetches', () => {
  const networks = (script: string): unknown => apart(script).pieces.map(({ kind, network }) => [kind, network]);
  expect(networks('pnpm install --frozen-lockfile')).toEqual([['node-install', true]]);
  expect(networks('pnpm --filter web install')).toEqual([['node-install', true]]);
  expect(networks('yarn')).toEqual([['node-install', true]]);
  expect(networks('pnpm -r test')).toEqual([['test', false]]);
  expect(networks('pnpm --filter web run test')).toEqual([['test', false]]);
  expect(networks('yarn workspace web test')).toEqual([['test', false]]);
  expect(networks('pnpm dlx cowsay hi')).toEqual([['other', true]]);
  expect(networks('bun install --frozen-lockfile')).toEqual([['node-install', true]]);
  expect(networks('bun test')).toEqual([['test', false]]);
  expect(networks('bun run build')).toEqual([['build', false]]);
  expect(networks('bunx prettier --check .')).toEqual([['other', true]]);
});

it.each([
  ['npm install -g npm@10.9.3', ['npm 10.9.3']],
  ['npm i -g pnpm@9 --silent', ['pnpm 9']],
  ['npm install npm@latest yarn -g', ['npm latest', 'yarn latest']],
  ['corepack enable\ncorepack prepare pnpm@9.1.0 --activate', ['pnpm 9.1.0']],
  ['corepack enable pnpm', []],
])('tells which package manager a script puts into PATH: %s', (script, found) => {
  const { pieces, installs: all } = apart(script);
  const told = all.flatMap(({ managers = [] }) => managers.map(({ name, said }) => `${name} ${said}`));
  expect([pieces, told]).toEqual([[], found]);
});

it('leaves out what steps can’t do, with the reason, and never a part that the rest needs', () => {
  const told = (script: string): readonly string[] => [
    ...scripts(script),
    ...apart(script).leftOut.map(({ what, why }) => `- ${what}: ${why}`),
  ];
  expect(told('python -m build\ntwine upload dist/*')).toEqual([
    'python -m build',
    '- `twine upload dist/*`: it publishes',
  ]);
  expect(told('docker compose up -d\npytest')).toEqual([
    '- `docker compose up -d pytest`: it needs a container engine, which steps do not have: `docker compose up -d`',
  ]);
  expect(told('echo x >> $GITHUB_STEP_SUMMARY\npytest')).toEqual(['pytest']);
  expect(told('echo "$HOME/bin" >> $GITHUB_PATH')).toEqual(['echo "$HOME/bin" >> $GITHUB_PATH']);
  expect(told('for r in a b; do pip install -r $r.txt && pytest $r; done')).toEqual([
    '- `for r in a b; do pip install -r $r.txt && pytest $r; done`: it installs packages together with other commands',
  ]);
  expect(told('sudo service mysql start && mysql -e "create database x"\npytest')).toEqual([
    '- `sudo service mysql start && mysql -e "create database x" pytest`: the image has no service; a Debian package of it goes into toolchain.system: `sudo service mysql start && mysql -e "create database x"`',
  ]);
});

it('what an environment variable keeps uv from installing is no install', () => {
  const step = { place, script: 'uv run pytest', cwd: '.', env: { UV_NO_SYNC: 'true' } } as unknown as DecidedStep;
  const { installs: found } = splitScript(step, { files: [], readText: () => undefined });
  expect(found.map(({ projects, lock }) => [projects, lock])).toEqual([[[], undefined]]);
});

it('the script that activates an environment leaves, when a variable names it, too', () => {
  const script = 'source $VENV\nmake test';
  const step = { place, script, cwd: '.', env: { VENV: '.venv/bin/activate' } } as unknown as DecidedStep;
  const { pieces } = splitScript(step, { files: [], readText: () => undefined });
  expect(pieces.map((piece) => piece.script)).toEqual(['make test']);
});

it.each<[string, Readonly<Record<string, string>>, boolean]>([
  ['pyright src', {}, true],
  ['tox run -e typing', { 'tox.ini': '[testenv:typing]\ndeps = pyright\n' }, true],
  ['nox -s lint', { 'noxfile.py': 'session.install("pyright")' }, true],
  ['make types', { Makefile: 'types:\n\tpyright\n' }, true],
  ['tox', { 'tox.ini': '[testenv]\ndeps = basedpyright\n' }, false],
  ['pytest', { 'pyproject.toml': '[tool.pyright]\n' }, false],
])('%s runs on Node, or does not', (script, files, runsOnNode) => {
  const step = { place, script, cwd: '.', env: {} } as unknown as DecidedStep;
  const { pieces } = splitScript(step, { files: [], readText: (path) => files[path] });
  expect(pieces.map((piece) => piece.runsOnNode)).toEqual([runsOnNode]);
});

it('the headers of what a step compiles are in the image, in a subshell, too', () => {
  const files = { 'tests/ext.c': '#include "sqlite3ext.h"\n#include <stdio.h>\n#include <zlib.h>\n' };
  const script = '(cd tests && gcc ext.c -fPIC -shared -o ext.so && ls -lah)';
  const step = { place, script, cwd: '.', env: {} } as unknown as DecidedStep;
  const { pieces } = splitScript(step, { files: [], readText: (path) => (files as Record<string, string>)[path] });
  expect(pieces[0]?.system.toSorted()).toEqual(['gcc', 'libc6-dev', 'libsqlite3-dev', 'zlib1g-dev']);
});

it('follows a script that a variable of the step leads to', () => {
  const files = { '.github/actions/a/run.sh': '#!/bin/bash\ncurl -O x.example/y\nunzip y\n' };
  const env = { GITHUB_ACTION_PATH: '/workspace/.github/actions/a' };
  const step = { place, script: 'bash "$GITHUB_ACTION_PATH/run.sh"', cwd: '.', env } as unknown as DecidedStep;
  const { pieces } = splitScript(step, { files: [], readText: (path) => (files as Record<string, string>)[path] });
  expect(pieces.map(({ system, network }) => [system, network])).toEqual([[['curl', 'unzip'], true]]);
});
