import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { engineTest } from '../support/engine-test.ts';
import { git } from '../support/environment.ts';
import { lockedProject } from '../support/locked-project.ts';
import { preCommitFolder, projectRepository } from '../support/pre-commit.ts';
import { addFiles } from '../support/repo.ts';

const { address, engine, folder, references, test } = engineTest();
const dir = folder('shop');
const cache = join(dirname(dir), 'c');
let env: Record<string, string> = {};

beforeAll(async () => {
  references.add(await lockedProject(engine, dir, '  - { name: imports, run: python3 -m core.app }\n'));
  env = {
    ...(process.env as Record<string, string>),
    DOCKER_HOST: address,
    PARITY_CACHE_DIR: cache,
    PARITY_LEASE_SECONDS: '60',
    PRE_COMMIT_HOME: join(dirname(dir), 'pre-commit'),
    PYTHONPATH: preCommitFolder(),
    GIT_AUTHOR_NAME: 't',
    GIT_AUTHOR_EMAIL: 't@example.invalid',
    GIT_COMMITTER_NAME: 't',
    GIT_COMMITTER_EMAIL: 't@example.invalid',
  };
});

/** Runs a program as a person would, both its streams in one text. */
function run(program: string, ...args: readonly string[]): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: dir, env, encoding: 'utf8' });
  return { code: status, said: stdout + stderr };
}

// npm makes and builds the package from nothing.
const timeout = 600_000;

test(
  'the pre-commit framework installs parity from its repository, and its hooks check commits and pushes',
  { timeout },
  () => {
    const parity = join(dirname(dir), 'parity');
    const rev = projectRepository(parity);
    const remote = join(dirname(dir), 'remote.git');
    git(dirname(dir), 'init', '-q', '--bare', remote);
    git(dir, 'init', '-q', '-b', 'main');
    git(dir, 'remote', 'add', 'origin', remote);
    addFiles(dir, {
      '.pre-commit-config.yaml': `default_install_hook_types: [pre-commit, pre-push]
default_language_version: { node: system }
repos:
  - repo: ${parity}
    rev: ${rev}
    hooks:
      - id: parity-lock-check
        stages: [pre-commit]
      - id: parity-doctor
        stages: [pre-commit]
      - id: parity-preflight
`,
      '.gitignore': '__pycache__/\n',
      'core/__init__.py': '',
      'core/app.py': 'import core.orders\n',
    });
    git(dir, 'add', '-A');
    addFiles(dir, { 'core/orders.py': '' });
    expect(run('python3', '-m', 'pre_commit', 'install', '--install-hooks')).toMatchObject({ code: 0 });

    const committed = run('git', 'commit', '-m', 'first');
    expect(committed.said).toMatch(/parity lock --check\.+Passed\n/);
    expect(committed.said).toMatch(/parity doctor\.+Passed\n/);
    expect(committed.code).toBe(0);

    const refused = run('git', 'push', '-u', 'origin', 'main');
    expect(refused.code).toBe(1);
    expect(refused.said).toMatch(/parity preflight\.+Failed\n/);
    expect(refused.said).toContain('core/orders.py exists here but is not committed: git add core/orders.py\n');
    expect(git(remote, 'for-each-ref')).toBe('');

    git(dir, 'add', '-A');
    expect(run('git', 'commit', '-m', 'the file').code).toBe(0);
    expect(run('git', 'push', '-u', 'origin', 'main')).toMatchObject({ code: 0 });
    expect(git(remote, 'rev-parse', 'main')).toBe(git(dir, 'rev-parse', 'HEAD'));
  },
);
