import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addFiles, folderOf } from '../../../test/support/repo.ts';
import { hostPlatform } from './engine.ts';
import { probeHost } from './host.ts';

const script = (interpreter: string): string => `#!${interpreter}\nimport sys\nraise SystemExit("must not be run")\n`;

function hostOf(): { readonly dir: string; readonly bin: string } {
  const dir = folderOf({ 'README.md': '' });
  const prefix = join(dir, 'tools', 'black env');
  addFiles(dir, {
    // Its interpreter's folder has a blank in it: pip writes such scripts through sh.
    'tools/black env/bin/black': `#!/bin/sh\n'''exec' "${join(prefix, 'bin', 'python3.11')}" "$0" "$@"\n' '''\nraise SystemExit(1)\n`,
    'tools/black env/lib/python3.11/site-packages/black-25.9.0.dist-info/METADATA': 'Name: black\nVersion: 25.9.0\n',
    'plain/bin/mypy': script(join(dir, 'plain', 'bin', 'python3')),
    'plain/lib/python3.12/site-packages/mypy-1.18.2.dist-info/METADATA': 'Name: mypy\nVersion: 1.18.2\n',
    'bin/node': '#!/bin/sh\necho v24.9.0\n',
    'bin/flake8': '#!/bin/sh\nexec sleep 60\n',
    'bin/ruff': '#!/bin/sh\necho no idea\n',
    'bin/pytest': '#!/bin/sh\necho pytest 8.0.0 >&2\nexit 1\n',
    // A version manager's stand-in, which would ask the folder that it is called in.
    'pyenv/shims/isort': '#!/bin/sh\nexec false\n',
    'pyenv/versions/3.11.2/bin/isort': script(join(dir, 'pyenv', 'versions', '3.11.2', 'bin', 'python')),
    'pyenv/versions/3.11.10/bin/isort': script(join(dir, 'pyenv', 'versions', '3.11.10', 'bin', 'python')),
    'pyenv/versions/3.11.10/lib/python3.11/site-packages/isort-6.0.1.dist-info/METADATA':
      'Name: isort\nVersion: 6.0.1\n',
    'repo/.python-version': '# ours\n3.11\n',
    'repo/tools/npm': '#!/bin/sh\necho 1.2.3\n',
    'repo/.venv/pyvenv.cfg': 'home = /usr/bin\nversion = 3.11.9\n',
    'repo/.venv/lib/python3.11/site-packages/SQLAlchemy-2.0.23.dist-info/METADATA':
      'Name: SQLAlchemy\nVersion: 2.0.23\n',
  });
  const bin = join(dir, 'bin');
  for (const file of [
    'tools/black env/bin/black',
    'plain/bin/mypy',
    'bin/node',
    'bin/flake8',
    'bin/ruff',
    'bin/pytest',
    'pyenv/shims/isort',
    'repo/tools/npm',
  ])
    chmodSync(join(dir, file), 0o755);
  symlinkSync(join(prefix, 'bin', 'black'), join(bin, 'black'));
  symlinkSync(join(dir, 'plain', 'bin', 'mypy'), join(bin, 'mypy'));
  return { dir, bin };
}

it('reads tools from their metadata, asks the others within a time, and looks at environments, settings and variables', async () => {
  const { dir: machine, bin } = hostOf();
  const dir = join(machine, 'repo');
  execFileSync('git', ['init', '-q', dir]);
  execFileSync('git', ['-C', dir, 'config', 'core.autocrlf', 'true']);
  execFileSync('git', ['-C', dir, 'config', 'core.fileMode', 'false']);
  const host = await probeHost({
    topDir: dir,
    projectDir: dir,
    programs: ['black', 'mypy', 'node', 'flake8', 'ruff', 'pytest', 'isort', 'npm'],
    env: {
      PATH: `relative:${join(dir, 'tools')}:${join(machine, 'pyenv', 'shims')}:${bin}:/usr/bin:/bin`,
      LANG: 'de_DE.UTF-8',
      LC_ALL: '',
      PYTHONPATH: '/home/me/lib',
      PIP_INDEX_URL: 'https://me:secret@acme.test/simple',
      PIP_CACHE_DIR: '/tmp/x',
      npm_config_registry: 'https://acme.test/npm',
      NPM_CONFIG__AUTH: 'secret',
      EDITOR: 'vi',
    },
  });
  expect({
    ...host,
    env: Object.fromEntries(host.env),
    venvs: host.venvs.map(({ packages, ...rest }) => ({ ...rest, packages: [...packages] })),
  }).toEqual({
    tools: [
      { program: 'black', path: join(bin, 'black'), version: '25.9.0' },
      { program: 'mypy', path: join(bin, 'mypy'), version: '1.18.2' },
      { program: 'node', path: join(bin, 'node'), version: '24.9.0' },
      { program: 'isort', path: join(machine, 'pyenv', 'shims', 'isort'), version: '6.0.1' },
    ],
    venvs: [{ path: '.venv', python: '3.11.9', packages: [['sqlalchemy', '2.0.23']] }],
    git: { autocrlf: 'true', fileMode: false },
    isCaseInsensitive: false,
    locale: 'de_DE.UTF-8',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    env: {
      PYTHONPATH: '/home/me/lib',
      PIP_INDEX_URL: 'https://***@acme.test/simple',
      npm_config_registry: 'https://acme.test/npm',
      NPM_CONFIG__AUTH: '***',
    },
  });
}, 20_000);

it('knows the platform of this machine’s containers', () => {
  expect([hostPlatform('x64'), hostPlatform('arm64'), hostPlatform('riscv64')]).toEqual([
    'linux/amd64',
    'linux/arm64',
    'linux/riscv64',
  ]);
});
