import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { sha256 } from '../core/digest.ts';
import { failure } from '../core/failure.ts';
import type { ProgressEvent } from '../core/progress.ts';
import { commit, git, gitScratch, repository } from '../../test/support/git-repo.ts';
import { addFiles } from '../../test/support/repo.ts';
import { removeUnusedCheckouts } from './checkouts/remove-unused-checkouts.ts';
import { checkOutCommit, type CommitWorkspace } from './check-out-commit.ts';
import { makeMountPoints } from './mount-points.ts';
import { planWorkspace } from './workspace.ts';

// Each runs git dozens of times.
vi.setConfig({ testTimeout: 60_000 });

const idle = new AbortController().signal;

interface Told {
  readonly notes: string[];
}

async function checkOut(topLevel: string, id = head(topLevel), told?: Told): Promise<CommitWorkspace> {
  const emit = (event: ProgressEvent): void => {
    if (event.type === 'note') told?.notes.push(`${event.severity}: ${event.message} [${event.hint ?? ''}]`);
  };
  const done = await checkOutCommit({ topLevel, commit: id, emit, signal: idle });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  return done.value;
}

/** Checks out and lets go at once; gives the folder. */
async function put(topLevel: string, id = head(topLevel), told?: Told): Promise<string> {
  const workspace = await checkOut(topLevel, id, told);
  await workspace.release();
  return workspace.dir;
}

function head(dir: string): string {
  return git(dir, 'rev-parse', 'HEAD').trim();
}

/** All files of a checkout but those of git, relative, with what is in them; links as `-> target`, folders that are empty with a `/`. */
function filesIn(dir: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (folder: string): void => {
    const names = readdirSync(folder).filter((name) => name !== '.git');
    if (names.length === 0 && folder !== dir) found[`${relative(dir, folder)}/`] = '';
    for (const name of names.sort()) {
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isDirectory()) walk(path);
      else found[relative(dir, path)] = stat.isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, 'utf8');
    }
  };
  walk(dir);
  return found;
}

/** Everything that tells whether somebody changed a repository: its files with sizes and times, git's own included. */
function fingerprint(dir: string): readonly string[] {
  return execFileSync('find', [dir, '-printf', '%P %s %T@ %C@ %m\n'], { encoding: 'utf8' }).split('\n').sort();
}

describe('a checkout of a commit', () => {
  test('has the commit’s files and no others, and leaves the user’s tree and repository untouched', async () => {
    const top = repository(join(gitScratch(), 'shop'), { 'core/app.py': 'one\n', '.gitignore': '*.log\n' });
    addFiles(top, { 'new.py': 'new\n', 'x.log': 'log\n', 'core/app.py': 'changed\n' });
    git(top, 'add', 'core/app.py');
    const before = fingerprint(top);
    const dir = await put(top);
    expect(filesIn(dir)).toEqual({ '.gitignore': '*.log\n', 'core/app.py': 'one\n' });
    expect(git(dir, 'status', '--porcelain')).toBe('');
    expect(head(dir)).toBe(head(top));
    expect(fingerprint(top)).toEqual(before);
  });

  test('the next one, in the same folder, writes only the files that differ', async () => {
    const top = repository(join(gitScratch(), 'shop'), { 'a.txt': 'a\n', 'b.txt': 'b\n', 'gone/c.txt': 'c\n' });
    const first = head(top);
    const dir = await put(top);
    const seen = (name: string): string => {
      const { ino, mtimeNs, ctimeNs } = statSync(join(dir, name), { bigint: true });
      return `${ino} ${mtimeNs} ${ctimeNs}`;
    };
    const before = { a: seen('a.txt'), b: seen('b.txt') };
    rmSync(join(top, 'gone'), { recursive: true });
    commit(top, { 'b.txt': 'other\n', 'd.txt': 'd\n' });
    expect(await put(top)).toBe(dir);
    expect(filesIn(dir)).toEqual({ 'a.txt': 'a\n', 'b.txt': 'other\n', 'd.txt': 'd\n' });
    expect(seen('a.txt')).toBe(before.a);
    expect(seen('b.txt')).not.toBe(before.b);
    await put(top, first);
    expect(filesIn(dir)).toEqual({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'gone/c.txt': 'c\n' });
    expect(seen('a.txt')).toBe(before.a);
  });

  test('what steps left behind or changed there is gone the next time', async () => {
    const top = repository(join(gitScratch(), 'shop'), {
      'a.txt': 'a\n',
      'run.sh': '#!/bin/sh\n',
      '.gitignore': 'dist/\n',
    });
    chmodSync(join(top, 'run.sh'), 0o755);
    commit(top);
    const dir = await put(top);
    addFiles(dir, { 'dist/x.js': '', 'a.txt': 'b\n', 'junk/j.py': '' });
    chmodSync(join(dir, 'run.sh'), 0o644);
    repository(join(dir, 'nested'), { 'n.txt': '' });
    rmSync(join(dir, '.gitignore'));
    await put(top);
    expect(filesIn(dir)).toEqual({ '.gitignore': 'dist/\n', 'a.txt': 'a\n', 'run.sh': '#!/bin/sh\n' });
    expect(statSync(join(dir, 'run.sh')).mode & 0o111).toBe(0o111);
  });

  test('a file where a folder was, a folder where a file was, links and odd names', async () => {
    const top = repository(join(gitScratch(), 'shop “ü”'), { 'x/y.txt': 'y\n', z: 'z\n', ' sp ace\n.py': 'odd\n' });
    symlinkSync('x/y.txt', join(top, 'link'));
    const first = commit(top);
    const dir = await put(top);
    expect(filesIn(dir)).toEqual({ 'x/y.txt': 'y\n', z: 'z\n', ' sp ace\n.py': 'odd\n', link: '-> x/y.txt' });
    for (const path of ['x', 'z', 'link']) rmSync(join(top, path), { recursive: true });
    commit(top, { x: 'file\n', 'z/in.txt': 'in\n', 'link/in.txt': 'in\n' });
    addFiles(dir, { 'x/untracked.txt': 'in the way\n' });
    await put(top);
    expect(filesIn(dir)).toEqual({ x: 'file\n', 'z/in.txt': 'in\n', ' sp ace\n.py': 'odd\n', 'link/in.txt': 'in\n' });
    await put(top, first);
    expect(filesIn(dir)).toEqual({ 'x/y.txt': 'y\n', z: 'z\n', ' sp ace\n.py': 'odd\n', link: '-> x/y.txt' });
  });

  test('line endings are a fresh clone’s on Linux: .gitattributes decides, the user’s autocrlf and sparse checkout do not', async () => {
    const scratch = gitScratch();
    const files = { '.gitattributes': '*.bat eol=crlf\n', 'a.txt': 'a\n', 'b.bat': 'b\n', 'part/c.txt': 'c\n' };
    const top = repository(join(scratch, 'shop'), files);
    for (const [name, value] of [
      ['core.autocrlf', 'true'],
      ['core.attributesFile', join(scratch, 'attributes')],
    ] as const)
      git(top, 'config', '--global', name, value);
    writeFileSync(join(scratch, 'attributes'), '*.txt eol=crlf\n');
    git(top, 'sparse-checkout', 'set', 'part');
    const dir = await put(top);
    expect(filesIn(dir)).toEqual({ ...files, 'b.bat': 'b\r\n' });
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });

  test('tags and branches are there, so that versions can be told from them', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '' });
    git(top, 'tag', '-a', 'v1.2.0', '-m', 'one');
    git(top, 'branch', 'side');
    commit(top);
    const dir = await put(top);
    expect(git(dir, 'describe')).toBe(git(top, 'describe'));
    expect(git(dir, 'for-each-ref')).toBe(git(top, 'for-each-ref'));
    expect(git(dir, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD\n');
    git(top, 'tag', '-d', 'v1.2.0');
    await put(top);
    expect(git(dir, 'for-each-ref')).toBe(git(top, 'for-each-ref'));
  });

  test('the remote is known, its password is not', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '' });
    git(top, 'remote', 'add', 'origin', 'https://me:secret@example.invalid/acme/shop.git');
    git(top, 'config', 'http.extraHeader', 'AUTHORIZATION: secret');
    const dir = await put(top);
    expect(git(dir, 'remote', 'get-url', 'origin')).toBe('https://example.invalid/acme/shop.git\n');
    const { status, stdout } = spawnSync('grep', ['-rl', 'secret', join(dir, '..')], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  test('no hook of the user’s runs', async () => {
    const scratch = gitScratch();
    const top = repository(join(scratch, 'shop'), { a: '' });
    const ran = join(scratch, 'ran');
    const hook = `#!/bin/sh\ntouch '${ran}'\n`;
    const template = join(scratch, 'template');
    for (const folder of [join(top, '.git', 'hooks'), join(scratch, 'hooks'), join(template, 'hooks')])
      for (const name of ['post-checkout', 'post-index-change', 'reference-transaction']) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, name), hook, { mode: 0o755 });
      }
    git(top, 'config', '--global', 'init.templateDir', template);
    git(top, 'config', '--global', 'core.hooksPath', join(scratch, 'hooks'));
    const dir = await put(top);
    expect(existsSync(join(dir, '.git', 'hooks', 'post-checkout'))).toBe(false);
    expect(existsSync(ran)).toBe(false);
  });

  test('the variables that git gives to its hooks do not lead elsewhere', async () => {
    const scratch = gitScratch();
    const top = repository(join(scratch, 'shop'), { a: 'a\n' });
    const other = repository(join(scratch, 'other'), { b: 'b\n' });
    for (const [name, value] of [
      ['GIT_DIR', join(other, '.git')],
      ['GIT_INDEX_FILE', join(other, '.git', 'index')],
      ['GIT_WORK_TREE', other],
      ['GIT_QUARANTINE_PATH', join(other, '.git', 'objects', 'x')],
      ['GIT_OBJECT_DIRECTORY', join(other, '.git', 'objects')],
    ] as const)
      vi.stubEnv(name, value);
    const before = fingerprint(other);
    const workspace = await checkOut(
      top,
      execFileSync('git', ['-C', top, 'rev-parse', 'HEAD'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] },
      }).trim(),
    );
    expect(filesIn(workspace.dir)).toEqual({ a: 'a\n' });
    expect(fingerprint(other)).toEqual(before);
  });

  test('a container sees the objects: the user’s object folder is mounted where it lies, for reading only', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '' });
    const dir = await put(top);
    const objects = join(top, '.git', 'objects');
    expect(await planWorkspace(dir)).toEqual({
      ok: true,
      value: {
        hostRoot: dir,
        hostProject: dir,
        containerProject: '/workspace',
        mounts: [
          { type: 'bind', source: dir, target: '/workspace' },
          { type: 'bind', source: objects, target: objects, readOnly: true },
        ],
        objects: join(dir, '.git', 'objects'),
      },
    });
  });
});

describe('every kind of repository', () => {
  test('a linked worktree shares the checkout of its main one', async () => {
    const scratch = gitScratch();
    const top = repository(join(scratch, 'shop'), { a: 'main\n' });
    git(top, 'worktree', 'add', '-q', '-b', 'side', join(scratch, 'linked'));
    commit(join(scratch, 'linked'), { b: 'side\n' });
    const dir = await put(join(scratch, 'linked'));
    expect(filesIn(dir)).toEqual({ a: 'main\n', b: 'side\n' });
    expect(await put(top)).toBe(dir);
    expect(filesIn(dir)).toEqual({ a: 'main\n' });
  });

  test('a shallow clone', async () => {
    const scratch = gitScratch();
    const origin = repository(join(scratch, 'origin'), { a: '1\n' });
    commit(origin, { a: '2\n' });
    git(scratch, 'clone', '-q', '--depth=1', `file://${origin}`, 'shop');
    const dir = await put(join(scratch, 'shop'));
    expect(filesIn(dir)).toEqual({ a: '2\n' });
    expect(git(dir, 'log', '--format=%H')).toBe(`${head(origin)}\n`);
  });

  test('a partial clone: what is missing comes from the user’s remote and stays out of their repository', async () => {
    const scratch = gitScratch();
    const origin = repository(join(scratch, 'origin'), { a: '1\n', b: 'b\n' });
    const first = head(origin);
    commit(origin, { a: '2\n' });
    git(origin, 'config', 'uploadpack.allowFilter', 'true');
    git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    git(scratch, 'clone', '-q', '--filter=blob:none', `file://${origin}`, 'shop');
    const top = join(scratch, 'shop');
    const packs = fingerprint(join(top, '.git', 'objects'));
    const dir = await put(top, first);
    expect(filesIn(dir)).toEqual({ a: '1\n', b: 'b\n' });
    expect(fingerprint(join(top, '.git', 'objects'))).toEqual(packs);
    rmSync(origin, { recursive: true });
    await put(top);
    await put(top, first);
    expect(filesIn(dir)).toEqual({ a: '1\n', b: 'b\n' });
  });

  test('a partial clone whose remote is away says so', async () => {
    const scratch = gitScratch();
    const origin = repository(join(scratch, 'origin'), { a: '1\n' });
    const first = head(origin);
    commit(origin, { a: '2\n' });
    git(origin, 'config', 'uploadpack.allowFilter', 'true');
    git(scratch, 'clone', '-q', '--filter=blob:none', `file://${origin}`, 'shop');
    rmSync(origin, { recursive: true });
    expect(
      await checkOutCommit({ topLevel: join(scratch, 'shop'), commit: first, emit: () => {}, signal: idle }),
    ).toMatchObject({
      ok: false,
      error: {
        reason: 'network',
        message: `${first.slice(0, 7)} has files that this partial clone lacks, and they could not be fetched`,
        next: 'git fetch, then run this again',
      },
    });
  });

  test('a clone that borrows objects itself', async () => {
    const scratch = gitScratch();
    const origin = repository(join(scratch, 'origin'), { a: 'a\n' });
    git(scratch, 'clone', '-q', '--shared', origin, 'shop');
    commit(join(scratch, 'shop'), { b: 'b\n' });
    const dir = await put(join(scratch, 'shop'));
    expect(filesIn(dir)).toEqual({ a: 'a\n', b: 'b\n' });
    const { value } = (await planWorkspace(dir)) as { value: { mounts: readonly { source: string }[] } };
    const folders = ['shop', 'origin'].map((name) => join(scratch, name, '.git', 'objects'));
    expect(value.mounts.map(({ source }) => source)).toEqual([dir, ...folders]);
  });

  test('one with SHA-256 names', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: 'a\n' }, '--object-format=sha256');
    expect(head(top)).toHaveLength(64);
    expect(filesIn(await put(top))).toEqual({ a: 'a\n' });
  });

  test('one that was made anew in the same place, with other names, has a new checkout', async () => {
    const scratch = gitScratch();
    const top = repository(join(scratch, 'shop'), { a: 'a\n' });
    const dir = await put(top);
    rmSync(top, { recursive: true });
    repository(top, { b: 'b\n' }, '--object-format=sha256');
    const other = await put(top);
    expect(other).not.toBe(dir);
    expect(filesIn(other)).toEqual({ b: 'b\n' });
    expect(existsSync(dir)).toBe(false);
  });

  test('submodules of submodules, from the objects that are here, and a next commit that moves and removes them', async () => {
    const scratch = gitScratch();
    const inner = repository(join(scratch, 'inner'), { 'i.txt': '1\n' });
    const middle = repository(join(scratch, 'middle'), { 'm.txt': '1\n' });
    git(middle, 'submodule', '--quiet', 'add', inner, 'in ner');
    commit(middle);
    const top = repository(join(scratch, 'shop'), { 'a.txt': 'a\n' });
    git(top, 'submodule', '--quiet', 'add', middle, 'libs/middle');
    git(top, 'submodule', '--quiet', 'update', '--init', '--recursive');
    const first = commit(top);
    for (const origin of [inner, middle]) rmSync(origin, { recursive: true });
    const told = { notes: [] };
    const dir = await put(top, first, told);
    const whole = {
      '.gitmodules': readFileSync(join(top, '.gitmodules'), 'utf8'),
      'a.txt': 'a\n',
      'libs/middle/.gitmodules': readFileSync(join(top, 'libs/middle/.gitmodules'), 'utf8'),
      'libs/middle/in ner/i.txt': '1\n',
      'libs/middle/m.txt': '1\n',
    };
    expect(filesIn(dir)).toEqual(whole);
    expect(told.notes).toEqual([]);
    expect(git(dir, 'submodule', 'status', '--recursive')).toBe(git(top, 'submodule', 'status', '--recursive'));
    expect(git(dir, 'status', '--porcelain', '--ignored')).toBe('');
    const { value } = (await planWorkspace(dir)) as { value: { mounts: readonly { source: string }[] } };
    const modules = ['.git', '.git/modules/libs/middle', '.git/modules/libs/middle/modules/in ner'];
    expect(value.mounts.map(({ source }) => source)).toEqual([
      dir,
      ...modules.map((path) => join(top, path, 'objects')),
    ]);

    addFiles(join(dir, 'libs/middle'), { 'm.txt': 'changed\n', 'junk.txt': '' });
    commit(join(top, 'libs/middle'), { 'm.txt': '2\n' });
    commit(top);
    await put(top, head(top), told);
    expect(filesIn(dir)).toEqual({ ...whole, 'libs/middle/m.txt': '2\n' });
    const moved = head(join(top, 'libs/middle'));
    expect(told.notes).toEqual([
      `warning: no remote branch of the submodule libs/middle has its commit ${moved.slice(0, 7)}, as last fetched: CI will not find it [git -C libs/middle push]`,
    ]);

    git(top, 'rm', '-qf', 'libs/middle');
    commit(top, { 'libs/middle/plain.txt': 'plain\n' });
    await put(top);
    expect(filesIn(dir)).toEqual({ '.gitmodules': '', 'a.txt': 'a\n', 'libs/middle/plain.txt': 'plain\n' });
    await put(top, first);
    expect(filesIn(dir)).toEqual(whole);
  });

  test('the submodule itself is a repository to check, too', async () => {
    const scratch = gitScratch();
    const inner = repository(join(scratch, 'inner'), { 'i.txt': '1\n' });
    const top = repository(join(scratch, 'shop'), { 'a.txt': 'a\n' });
    git(top, 'submodule', '--quiet', 'add', inner, 'inner');
    expect(filesIn(await put(join(top, 'inner')))).toEqual({ 'i.txt': '1\n' });
  });

  test('a submodule that was never fetched stays empty and is told; one without the commit is an error', async () => {
    const scratch = gitScratch();
    const inner = repository(join(scratch, 'inner'), { 'i.txt': '1\n' });
    const top = repository(join(scratch, 'shop'), { 'a.txt': 'a\n' });
    git(top, 'submodule', '--quiet', 'add', inner, 'inner');
    commit(top);
    git(scratch, 'clone', '-q', top, 'clone');
    const clone = join(scratch, 'clone');
    const told: Told = { notes: [] };
    const dir = await put(clone, head(clone), told);
    expect(filesIn(dir)).toMatchObject({ 'a.txt': 'a\n', 'inner/': '' });
    expect(told.notes).toEqual([
      'warning: the submodule inner is not here: its folder stays empty in the checkout, too [git submodule update --init inner]',
    ]);

    git(clone, 'submodule', '--quiet', 'update', '--init');
    commit(inner, { 'i.txt': '2\n' });
    git(join(top, 'inner'), 'pull', '-q', 'origin', 'main');
    commit(top);
    git(clone, 'pull', '-q', '--no-recurse-submodules');
    expect(await checkOutCommit({ topLevel: clone, commit: head(clone), emit: () => {}, signal: idle })).toEqual({
      ok: false,
      error: {
        reason: 'repository-invalid',
        message: `the submodule inner is here without its commit ${head(inner).slice(0, 7)}`,
        next: 'git submodule update --init inner',
      },
    });
  });

  test('outside git, and a commit that is not there', async () => {
    const scratch = gitScratch();
    const ask = (topLevel: string): Promise<unknown> =>
      checkOutCommit({ topLevel, commit: 'ab'.repeat(20), emit: () => {}, signal: idle });
    expect(await ask(scratch)).toEqual({
      ok: false,
      error: { reason: 'usage', message: `${scratch} is not in a git repository` },
    });
    expect(await ask(repository(join(scratch, 'shop'), { a: '' }))).toEqual({
      ok: false,
      error: {
        reason: 'repository-invalid',
        message: 'the commit abababa is not in this repository',
        next: `git fetch origin ${'ab'.repeat(20)}`,
      },
    });
    const damaged = repository(join(scratch, 'damaged'), { a: 'a\n' });
    const blob = git(damaged, 'rev-parse', 'HEAD:a').trim();
    rmSync(join(damaged, '.git', 'objects', blob.slice(0, 2), blob.slice(2)));
    expect(
      await checkOutCommit({ topLevel: damaged, commit: head(damaged), emit: () => {}, signal: idle }),
    ).toMatchObject({ ok: false, error: { reason: 'repository-invalid', next: 'git fsck' } });
  });
});

describe('git-lfs', () => {
  const pointer = (text: string): string => {
    return `version https://git-lfs.github.com/spec/v1\noid ${sha256(text)}\nsize ${text.length}\n`;
  };
  const lfsRepository = (scratch: string): string => {
    const top = join(scratch, 'shop');
    repository(top, { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' });
    git(top, 'lfs', 'install', '--local', '--skip-repo');
    commit(top, { 'data/x.bin': 'big\n' });
    return top;
  };

  test('the content is there, from the user’s own storage, without network', async () => {
    const top = lfsRepository(gitScratch());
    expect(git(top, 'cat-file', '-p', 'HEAD:data/x.bin')).toBe(pointer('big\n'));
    const told = { notes: [] };
    const dir = await put(top, head(top), told);
    expect(filesIn(dir)).toMatchObject({ 'data/x.bin': 'big\n' });
    expect(told.notes).toEqual([]);
    expect(existsSync(join(dir, '.git', 'lfs', 'objects'))).toBe(false);
    commit(top, { 'data/x.bin': 'bigger\n' });
    await put(top);
    expect(filesIn(dir)).toMatchObject({ 'data/x.bin': 'bigger\n' });
  });

  test('without git-lfs the pointer lies there, and that is told', async () => {
    const scratch = gitScratch();
    const top = lfsRepository(scratch);
    // The user's settings ask for it all the same.
    git(top, 'lfs', 'install', '--skip-repo');
    const bin = join(scratch, 'bin');
    mkdirSync(bin);
    symlinkSync(execFileSync('which', ['git'], { encoding: 'utf8' }).trim(), join(bin, 'git'));
    vi.stubEnv('PATH', bin);
    const told = { notes: [] };
    const dir = await put(top, head(top), told);
    expect(filesIn(dir)).toMatchObject({ 'data/x.bin': pointer('big\n') });
    expect(told.notes).toEqual([
      'warning: git-lfs is not installed: data/x.bin is only a pointer in the checkout [install git-lfs, then: git lfs pull]',
    ]);
  });

  test('content that is nowhere is told with the file', async () => {
    const top = lfsRepository(gitScratch());
    rmSync(join(top, '.git', 'lfs'), { recursive: true });
    expect(await checkOutCommit({ topLevel: top, commit: head(top), emit: () => {}, signal: idle })).toMatchObject({
      ok: false,
      error: {
        reason: 'network',
        message: `${head(top).slice(0, 7)} has files that git-lfs could not get`,
        detail: expect.stringContaining('data/x.bin') as string,
        next: 'git lfs fetch, then run this again',
      },
    });
  });
});

describe('two at once, and what was killed', () => {
  test('each has a folder of its own, and the first one is used again', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '1\n' });
    const first = head(top);
    const one = await checkOut(top);
    commit(top, { a: '2\n' });
    const two = await checkOut(top);
    expect(filesIn(one.dir)).toEqual({ a: '1\n' });
    expect(filesIn(two.dir)).toEqual({ a: '2\n' });
    await one.release();
    expect(await put(top)).toBe(one.dir);
    await two.release();
    expect(filesIn(await put(top, first))).toEqual({ a: '1\n' });
  });

  test('many at the same moment never share one', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '1\n' });
    const workspaces = await Promise.all(Array.from({ length: 12 }, () => checkOut(top)));
    expect(new Set(workspaces.map(({ dir }) => dir)).size).toBe(12);
    for (const { dir } of workspaces) expect(filesIn(dir)).toEqual({ a: '1\n' });
    await Promise.all(workspaces.map((workspace) => workspace.release()));
    const again = await Promise.all(Array.from({ length: 12 }, () => checkOut(top)));
    expect(new Set([...workspaces, ...again].map(({ dir }) => dir)).size).toBe(12);
  });

  test('a folder that a dead process had is taken over, locks of its git and half a checkout included', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '1\n', b: '1\n' });
    const { dir } = await checkOut(top);
    const seat = dirname(dir);
    const [claim = ''] = readdirSync(seat).filter((name) => name.startsWith('claim.'));
    const [host = ''] = readFileSync(join(seat, claim), 'utf8').split(' ');
    const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    writeFileSync(join(seat, claim), `${host} ${dead} 12345\n`);
    for (const lock of ['index.lock', 'HEAD.lock', 'packed-refs.lock']) writeFileSync(join(dir, '.git', lock), '');
    writeFileSync(join(dir, 'a'), '');
    commit(top, { b: '2\n', c: '2\n' });
    writeFileSync(join(dir, 'c'), 'half');
    expect(await put(top)).toBe(dir);
    expect(filesIn(dir)).toEqual({ a: '1\n', b: '2\n', c: '2\n' });
  });

  test('a process with a dead one’s number is not taken for it', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '1\n' });
    const { dir } = await checkOut(top);
    const [claim = ''] = readdirSync(dirname(dir)).filter((name) => name.startsWith('claim.'));
    const path = join(dirname(dir), claim);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/\d+\n$/, '1\n'));
    expect(await put(top)).toBe(dir);
  });

  test.each([
    ['the index is damaged', (dir: string) => writeFileSync(join(dir, '.git', 'index'), 'no index')],
    ['git’s settings are damaged', (dir: string) => writeFileSync(join(dir, '.git', 'config'), '[core')],
    ['its repository was only begun', (dir: string) => rmSync(join(dir, '.git', 'HEAD'))],
    ['its repository is gone', (dir: string) => rmSync(join(dir, '.git'), { recursive: true })],
    ['everything in it is gone', (dir: string) => rmSync(dir, { recursive: true })],
    [
      'a file lies where git’s folder was',
      (dir: string) => (rmSync(join(dir, '.git'), { recursive: true }), writeFileSync(join(dir, '.git'), '')),
    ],
  ])('a checkout in which %s is mended', async (_what, damage) => {
    const scratch = gitScratch();
    // A repository around parity's cache must not be mistaken for the checkout's own.
    const around = repository(scratch, { 'mine.txt': 'mine\n' });
    writeFileSync(join(around, 'untracked.txt'), 'mine\n');
    const top = repository(join(scratch, 'shop'), { a: '1\n' });
    damage(await put(top));
    const dir = await put(top);
    expect(filesIn(dir)).toEqual({ a: '1\n' });
    expect(git(dir, 'status', '--porcelain')).toBe('');
    expect(readFileSync(join(around, 'untracked.txt'), 'utf8')).toBe('mine\n');
  });

  test('a commit that the user’s repository has pruned since does not stand in the way', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '1\n' });
    commit(top, { a: '2\n' });
    const dir = await put(top);
    git(top, 'reset', '-q', '--hard', 'HEAD~1');
    git(top, 'reflog', 'expire', '--expire=now', '--all');
    git(top, 'gc', '-q', '--prune=now');
    commit(top, { b: '3\n' });
    expect(await put(top)).toBe(dir);
    expect(filesIn(dir)).toEqual({ a: '1\n', b: '3\n' });
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });

  test('an interruption ends git and says so; the next run ends right', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '1\n' });
    const stop = failure('interrupted', 'interrupted', { signal: 'SIGINT' });
    const emit = (): void => {};
    expect(await checkOutCommit({ topLevel: top, commit: head(top), emit, signal: AbortSignal.abort(stop) })).toEqual({
      ok: false,
      error: stop,
    });
    expect(filesIn(await put(top))).toEqual({ a: '1\n' });
  });
});

describe('folders that volumes are mounted on', () => {
  test('survive clean-up, whatever the commit has around them; others do not', async () => {
    const top = repository(join(gitScratch(), 'shop'), { 'core/ui/a.ts': '', '.gitignore': 'node_modules/\n' });
    const dir = await put(top);
    expect((await makeMountPoints(join(dir, 'core'), [{ path: 'ui/node_modules' }, { path: 'out [1]' }])).ok).toBe(
      true,
    );
    const inode = statSync(join(dir, 'core/ui/node_modules')).ino;
    mkdirSync(join(dir, 'core', 'empty'));
    git(top, 'rm', '-qr', 'core');
    commit(top, { 'b.py': '' });
    await put(top);
    expect(filesIn(dir)).toEqual({
      '.gitignore': 'node_modules/\n',
      'b.py': '',
      'core/out [1]/': '',
      'core/ui/node_modules/': '',
    });
    expect(statSync(join(dir, 'core/ui/node_modules')).ino).toBe(inode);
  });

  test('are not noted for a project that is no checkout', async () => {
    const scratch = gitScratch();
    const top = repository(join(scratch, 'shop'), { a: '' });
    await put(top);
    expect((await makeMountPoints(top, [{ path: 'node_modules' }])).ok).toBe(true);
    expect(readdirSync(scratch).filter((name) => name.endsWith('.mounts'))).toEqual([]);
  });
});

describe('removeUnusedCheckouts', () => {
  test('takes those whose repository is gone and those long unused; with all, every one that is not in use', async () => {
    const scratch = gitScratch();
    const tops = ['old', 'gone', 'new', 'busy'].map((name) => repository(join(scratch, name), { a: '' }));
    const [old = '', gone = '', fresh = '', busy = ''] = tops;
    const dirs = [await put(old), await put(gone), await put(fresh)];
    const held = await checkOut(busy);
    const long = new Date(Date.now() - 31 * 24 * 3600 * 1000);
    for (const dir of [dirs[0] ?? '', held.dir])
      for (const name of readdirSync(dirname(dir)))
        if (name.startsWith('claim.')) utimesSync(join(dirname(dir), name), long, long);
    rmSync(gone, { recursive: true });
    const gitDir = (top: string): string => join(top, '.git');
    const names = async (options: { all: boolean }): Promise<unknown> => {
      const { removed, inUse } = await removeUnusedCheckouts(options);
      return { removed: [...removed].sort(), inUse };
    };
    expect(await names({ all: false })).toEqual({ removed: [gone, old].map(gitDir), inUse: [gitDir(busy)] });
    expect(dirs.map((dir) => existsSync(dir))).toEqual([false, false, true]);
    expect(await names({ all: true })).toEqual({ removed: [gitDir(fresh)], inUse: [gitDir(busy)] });
    await held.release();
    expect(await names({ all: true })).toEqual({ removed: [gitDir(busy)], inUse: [] });
    expect(readdirSync(join(scratch, 'cache', 'commits'))).toEqual([]);
  });

  test('removes what steps made unwritable, as another user than root sees it', async () => {
    const top = repository(join(gitScratch(), 'shop'), { a: '' });
    const dir = await put(top);
    addFiles(dir, { 'go/mod/x.go': '' });
    chmodSync(join(dir, 'go/mod'), 0o555);
    await put(top);
    expect(filesIn(dir)).toEqual({ a: '' });
  });
});
