import { describe, expect, it } from 'vitest';
import { lockSelection, lockSource, selectingOptions } from './lock-source.ts';

function selection(source: string): ReturnType<typeof lockSelection> | undefined {
  const lock = lockSource(source);
  return lock === undefined ? undefined : lockSelection(lock);
}

const usual = { extras: [], groups: [], without: [], defaultGroups: true, main: true };

describe('a requirement source that is a lock file', () => {
  it.each([
    ['uv.lock', usual],
    ['api/uv.lock --extra cli --group Docs_Site', { ...usual, extras: ['cli'], groups: ['docs-site'] }],
    [
      'uv.lock --all-extras --all-groups --no-group lint',
      { ...usual, extras: 'all', groups: 'all', without: ['lint'] },
    ],
    ['uv.lock --no-dev', { ...usual, without: ['dev'] }],
    ['uv.lock --only-group lint', { ...usual, only: ['lint'] }],
    ['uv.lock --no-default-groups --all-packages', { ...usual, defaultGroups: false }],
    [
      'poetry.lock --with docs,lint -E s3 --without dev',
      { ...usual, groups: ['docs', 'lint'], extras: ['s3'], without: ['dev'] },
    ],
    ['poetry.lock --only main', { ...usual, only: ['main'] }],
    ['pdm.lock -G test --no-default', { ...usual, groups: ['test'], main: false }],
    ['pdm.lock -G :all --prod', { ...usual, extras: 'all', defaultGroups: false }],
    ['Pipfile.lock --categories=packages,docs', { ...usual, only: ['packages', 'docs'] }],
    ['locks/pylock.ci.toml --group test', { ...usual, groups: ['test'] }],
  ])('%s chooses as its tool does', (source, expected) => {
    expect(selection(source)).toEqual(expected);
  });

  it.each(['requirements.txt', 'pyproject.toml:dev', 'pyproject.toml[cli]', 'my-uv.lock.txt'])(
    '%s is none',
    (source) => {
      expect(lockSource(source)).toBeUndefined();
    },
  );

  it.each([
    ['uv.lock --upgrade', '`--upgrade` is no option by which uv sync chooses what to install'],
    ['uv.lock --extra', '`--extra` needs a name'],
    ['uv.lock --group $GROUP', '`--group` needs a name'],
    ['uv.lock[cli]', "extras and groups of a lock file are asked for by uv sync's own options"],
    ['poetry.lock:docs', "extras and groups of a lock file are asked for by poetry install's own options"],
  ])('%s is refused with what would be right', (source, message) => {
    expect(selection(source)).toMatchObject({ wrong: { message } });
  });

  it('takes from a command of CI the options that choose', () => {
    const words = ['uv', 'sync', '--locked', '--extra=cli', '--group', 'lint', '--python', '3.12', '--all-packages'];
    expect(selectingOptions('uv', words)).toEqual(['--extra', 'cli', '--group', 'lint', '--all-packages']);
    expect(selectingOptions('poetry', ['install', '--no-root', '--extras', 's3 gcs'])).toEqual([
      '--no-root',
      '--extras',
      's3,gcs',
    ]);
  });
});
