import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { readContents } from '../workspace-contents.ts';
import { bringBack, type BringBackSummary } from './bring-back.ts';
import { bucketDigest, divideIntoBuckets } from './buckets.ts';
import { openLink, type CopyLink } from './copy-link.ts';
import { sendTree, type CopySource, type SendSummary } from './send-tree.ts';

// The two sides of a copy, without an engine in between: this machine's Python is the other one.
const python = ['python3.11', 'python3'].find((name) => spawnSync(name, ['--version']).status === 0) ?? 'python3';
let made: string;
let host: string;
let copy: string;

beforeEach(() => {
  made = mkdtempSync(join(tmpdir(), 'parity copy '));
  [host, copy] = [join(made, 'host'), join(made, 'copy')];
  for (const dir of [host, copy, join(made, 'state')]) mkdirSync(dir);
});

afterEach(() => rmSync(made, { recursive: true, force: true }));

const script = join(packageRoot(), 'images', 'supervisor', 'workspace.py');

async function open(): Promise<{ readonly link: CopyLink; readonly end: () => Promise<string> }> {
  const child = spawn(python, ['-B', script, copy, join(made, 'state')], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise((resolve) => child.on('close', resolve));
  async function* output(): AsyncGenerator<{ stream: 'stdout'; data: Buffer }> {
    for await (const data of child.stdout) yield { stream: 'stdout', data: data as Buffer };
  }
  const { link } = await openLink(
    async (stdin) => {
      void (async () => {
        for await (const piece of stdin)
          if (!child.stdin.write(piece)) await new Promise((go) => child.stdin.once('drain', go));
        child.stdin.end();
      })();
      return { output: output() };
    },
    (started) => started,
  );
  return {
    link,
    end: async () => {
      link.close();
      await ended;
      return said;
    },
  };
}

async function send(link: CopyLink, more: Partial<CopySource> = {}): Promise<SendSummary> {
  const contents = await readContents(host, { cacheDir: join(made, 'cache') });
  if (!contents.ok) throw new Error(contents.error.message);
  return await sendTree(link, { hostRoot: host, contents: contents.value, project: '', volumes: [], ...more });
}

async function transfer(more?: Parameters<typeof send>[1]): Promise<SendSummary> {
  const { link, end } = await open();
  const sent = await send(link, more);
  expect(await end()).toBe('');
  return sent;
}

/** A run whose step is a function of the copy's folder. */
async function run(step: () => void): Promise<BringBackSummary> {
  const { link, end } = await open();
  await send(link);
  step();
  const back = await bringBack(link, { hostRoot: host, repositories: [] });
  expect(await end()).toBe('');
  return back;
}

const text = (path: string): string => readFileSync(join(copy, path), 'utf8');

describe('a copy', () => {
  test('has the files with any name, mode and kind; sends again what differs, and nothing else', async () => {
    put(host, { 'a.py': 'a\n', 'ü "q"/b\n': 'b\n', 'tool.sh': '#!/bin/sh\n', empty: '' });
    writeFileSync(Buffer.concat([Buffer.from(`${host}/not utf-8 `), Buffer.from([0xff])]), 'raw');
    chmodSync(join(host, 'tool.sh'), 0o755);
    symlinkSync('../anywhere', join(host, 'link'));
    put(host, { 'big.bin': 'x'.repeat(3_000_000) });
    expect(await transfer()).toMatchObject({ files: 7, deleted: 0 });
    expect(text('ü "q"/b\n')).toBe('b\n');
    expect(lstatSync(join(copy, 'tool.sh')).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(copy, 'link')).isSymbolicLink()).toBe(true);
    expect(text('big.bin').length).toBe(3_000_000);
    expect(readFileSync(Buffer.concat([Buffer.from(`${copy}/not utf-8 `), Buffer.from([0xff])]), 'utf8')).toBe('raw');
    expect(await transfer()).toMatchObject({ files: 0, bytes: 0, deleted: 0 });
    put(host, { 'a.py': 'b\n' });
    rmSync(join(host, 'ü "q"'), { recursive: true });
    expect(await transfer()).toMatchObject({ files: 1, bytes: 2, deleted: 1 });
    expect(existsSync(join(copy, 'ü "q"'))).toBe(false);
  });

  test('is put right where a step has changed it: in place at the same length, a folder made a link, a file made a folder', async () => {
    put(host, { 'a.py': 'aaaa\n', 'd/x': 'x\n', 'd/y': 'y\n', f: 'f\n' });
    await transfer();
    const decoy = join(made, 'decoy');
    put(decoy, { x: 'decoy\n' });
    put(copy, { 'a.py': 'bbbb\n' });
    rmSync(join(copy, 'd'), { recursive: true });
    symlinkSync(decoy, join(copy, 'd'));
    rmSync(join(copy, 'f'));
    put(copy, { 'f/inner/deep': '' });
    put(host, { 'd/x': 'new\n' });
    expect(await transfer()).toMatchObject({ files: 4 });
    expect([text('a.py'), text('d/x'), text('d/y'), text('f')]).toEqual(['aaaa\n', 'new\n', 'y\n', 'f\n']);
    expect(lstatSync(join(copy, 'd')).isDirectory()).toBe(true);
    // Nothing was written through the link.
    expect(readFileSync(join(decoy, 'x'), 'utf8')).toBe('decoy\n');
  });

  test('keeps what is ignored, and what lies in the folder of another volume, whatever becomes of the files around', async () => {
    put(host, { '.gitignore': 'build/\n', 'ui/package.json': '{}', 'ui/src/a': 'a' });
    await transfer({ volumes: ['ui/node_modules'] });
    put(copy, { 'build/out': 'output', 'ui/node_modules/x/y': 'dependency' });
    rmSync(join(host, 'ui'), { recursive: true });
    expect(await transfer({ volumes: ['ui/node_modules'] })).toMatchObject({ files: 0, deleted: 2 });
    expect([text('build/out'), text('ui/node_modules/x/y')]).toEqual(['output', 'dependency']);
  });

  test('brings back what a step did, and knows it the next time', async () => {
    put(host, { '.gitignore': '*.log\n', 'a.py': 'a  = 1\n', 'b.py': 'b\n' });
    const back = await run(() => {
      put(copy, { 'a.py': 'a = 1\n', 'gen/new.py': 'n\n', 'gen/x.log': 'log\n' });
      rmSync(join(copy, 'b.py'));
    });
    expect(back).toEqual({ files: ['a.py', 'gen/new.py'], deleted: ['b.py'], conflicts: [], refused: [] });
    expect(existsSync(join(host, 'gen/x.log'))).toBe(false);
    expect(await transfer()).toMatchObject({ files: 0, deleted: 0 });
    expect(text('gen/x.log')).toBe('log\n');
    rmSync(join(host, 'gen/new.py'));
    expect(await transfer()).toMatchObject({ files: 0, deleted: 1 });
    expect(existsSync(join(copy, 'gen/new.py'))).toBe(false);
  });

  test('of a run that nobody ended has nothing left: what was made goes, what is ignored stays', async () => {
    put(host, { '.gitignore': '*.log\n', 'a.py': 'a\n' });
    await transfer();
    put(copy, { 'a.py': 'half\n', 'stray.py': '', 'gen/stray.py': '', 'x.log': '' });
    await transfer();
    expect([existsSync(join(copy, 'stray.py')), existsSync(join(copy, 'gen')), text('a.py'), text('x.log')]).toEqual([
      false,
      false,
      'a\n',
      '',
    ]);
  });

  test('while another run is at work, what that one’s steps have changed stays, unless the host has changed it too', async () => {
    put(host, { 'a.py': 'a\n', 'b.py': 'b\n' });
    const other = await open();
    await send(other.link);
    put(copy, { 'a.py': 'step\n', 'b.py': 'step\n' });
    put(host, { 'b.py': 'edited\n' });
    expect(await transfer()).toMatchObject({ files: 1 });
    expect([text('a.py'), text('b.py')]).toEqual(['step\n', 'edited\n']);
    const back = await bringBack(other.link, { hostRoot: host, repositories: [] });
    expect(back).toEqual({ files: ['a.py'], deleted: [], conflicts: [], refused: [] });
    await other.end();
  });

  test('mends a memory that is damaged, gone, or another copy’s', async () => {
    put(host, { 'a.py': 'a\n', 'b.py': 'b\n' });
    await transfer();
    writeFileSync(join(made, 'state', 'holdings'), 'no memory');
    // All is there: it is found by its bytes and not sent again.
    expect(await transfer()).toMatchObject({ files: 0 });
    rmSync(copy, { recursive: true });
    mkdirSync(copy);
    expect(await transfer()).toMatchObject({ files: 2 });
    rmSync(join(made, 'state', 'holdings'));
    rmSync(join(copy, 'a.py'));
    expect(await transfer()).toMatchObject({ files: 1 });
  });

  test.each(['../evil', '/tmp/evil', 'a/../../evil', './x', 'a//b', ''])(
    'takes no file by the name %j, were it asked for',
    async (path) => {
      const { link, end } = await open();
      const entry = [path, '100644', '0'.repeat(64)] as const;
      const buckets = Array.from({ length: 16 }, () => '0');
      await link.send({ type: 'tree', buckets, project: '', volumes: [], repositories: [] });
      await link.receive('differ');
      await link.send({ type: 'entries', entries: [entry], strangers: [] });
      await expect(link.receive('need')).rejects.toThrow('can not be brought up to date');
      expect(await end()).toContain('is no path of a workspace');
      expect(existsSync(join(made, 'evil'))).toBe(false);
    },
  );

  test('reckons the digest of a bucket as this side does', () => {
    const files = ['z', 'ü', 'a b', '\u{1f600}', '\ufb01', 'raw\udcff'].map((path, at) => {
      return { path, mode: '100644' as const, digest: `${at}`.repeat(64) };
    });
    const ordered = divideIntoBuckets(files, 1)[0] ?? [];
    const program =
      'import json, sys; from copy_index import digest_of_bucket, bucket_of\n' +
      'files = json.loads(sys.stdin.read())\n' +
      'print(digest_of_bucket({f["path"]: (f["mode"], f["digest"], 0, 0) for f in files}), [bucket_of(f["path"], 64) for f in files])';
    const asked = spawnSync(python, ['-B', '-c', program], {
      cwd: join(packageRoot(), 'images', 'supervisor'),
      input: JSON.stringify(files),
      encoding: 'utf8',
    });
    const sorted = [...ordered].sort((a, b) => Buffer.compare(bytes(a.path), bytes(b.path)));
    const buckets = files.map((file) => divideIntoBuckets([file], 64).findIndex((bucket) => bucket.length > 0));
    expect(asked.stdout).toBe(`${bucketDigest(sorted)} [${buckets.join(', ')}]\n`);
  });
});

function bytes(path: string): Buffer {
  return path.endsWith('\udcff')
    ? Buffer.concat([Buffer.from(path.slice(0, -1)), Buffer.from([0xff])])
    : Buffer.from(path);
}

function put(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, data] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), data);
  }
}

describe('a clean copy', () => {
  const there = (): string =>
    spawnSync('find', ['.', '-name', '.git', '-prune', '-o', '!', '-name', '.', '-print'], {
      cwd: copy,
      encoding: 'utf8',
    })
      .stdout.split('\n')
      .map((path) => path.slice(2))
      .sort()
      .join(' ')
      .trim();
  const git = (dir: string, ...words: readonly string[]): string =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=b', ...words], { cwd: dir, encoding: 'utf8' }).stdout;

  test('has nothing that is not sent: no ignored file, no empty folder, no repository of a step; a volume stays', async () => {
    git(host, 'init', '-q');
    put(host, { '.gitignore': 'dist/\n', 'src/a.py': 'a\n', 'dist/laptop': 'l' });
    const clean = { clean: {}, volumes: ['vol'] };
    await transfer(clean);
    expect(there()).toBe('.gitignore src src/a.py');
    put(copy, { 'dist/app': 'x', 'src/dist/b': 'b', 'inner/.git/HEAD': 'ref: x', 'closed/c': 'c', 'vol/kept': 'k' });
    mkdirSync(join(copy, 'empty/folder'), { recursive: true });
    rmSync(join(copy, 'src/a.py'));
    symlinkSync('/tmp', join(copy, 'link'));
    chmodSync(join(copy, 'closed'), 0o000);
    await transfer(clean);
    expect(there()).toBe('.gitignore src src/a.py vol vol/kept');
    put(copy, { 'dist/app': 'x' });
    // A copy that is not to be clean keeps what git ignores.
    await transfer({ volumes: ['vol'] });
    expect(there()).toBe('.gitignore dist dist/app src src/a.py vol vol/kept');
  });

  test('is cleaned by the run that is alone, and by no other', async () => {
    put(host, { 'a.py': 'a\n' });
    const first = await open();
    await send(first.link, { clean: {} });
    put(copy, { left: 'x' });
    await transfer({ clean: {} });
    expect(there()).toBe('a.py left');
    expect(await first.end()).toBe('');
    await transfer({ clean: {} });
    expect(there()).toBe('a.py');
  });

  test('has what the build has left in a tree, as it was kept for this key, over committed files, too', async () => {
    put(host, { 'pkg/a.py': 'a\n', 'pkg/version.py': 'committed\n' });
    const folder = join(made, 'installed');
    put(folder, { '.left/0': 'generated\n', '.left/1': 'info\n', '.left/2': 'as built\n' });
    const left = [
      [join(copy, 'pkg/_gen.py'), '.left/0'],
      [join(copy, 'pkg.egg-info/PKG-INFO'), '.left/1'],
      [join(copy, 'pkg/version.py'), '.left/2'],
      [join(made, 'outside'), '.left/2'],
    ];
    put(folder, { '.installed.json': JSON.stringify({ key: 'sha256:1', left }) });
    const with1 = { clean: { left: { folder, key: 'sha256:1' } } };
    await transfer(with1);
    expect([text('pkg/_gen.py'), text('pkg/version.py')]).toEqual(['generated\n', 'as built\n']);
    const before = lstatSync(join(copy, 'pkg/_gen.py')).ino;
    put(copy, { 'pkg.egg-info/other': 'x', 'pkg/more': 'y' });
    await transfer(with1);
    expect(there()).toBe('pkg pkg.egg-info pkg.egg-info/PKG-INFO pkg/_gen.py pkg/a.py pkg/version.py');
    expect(lstatSync(join(copy, 'pkg/_gen.py')).ino).toBe(before);
    expect(existsSync(join(made, 'outside'))).toBe(false);
    await transfer({ clean: { left: { folder, key: 'sha256:2' } } });
    expect(there()).toBe('pkg pkg/a.py pkg/version.py');
    expect(text('pkg/version.py')).toBe('committed\n');
  });

  test('may borrow the objects of the repository: none are sent, and git finds them', async () => {
    git(host, 'init', '-q');
    put(host, { 'a.py': 'a\n' });
    git(host, 'add', '-A');
    git(host, 'commit', '-qm', 'one');
    const borrowing = { clean: {}, objects: join(host, '.git/objects') };
    await transfer(borrowing);
    expect(git(copy, 'show', 'HEAD:a.py')).toBe('a\n');
    expect(git(copy, 'count-objects')).toMatch(/^0 objects/);
    git(copy, 'commit', '-q', '--allow-empty', '-m', 'of a step');
    await transfer(borrowing);
    expect(git(copy, 'log', '--format=%s')).toBe('one\n');
    // The same copy with objects of its own.
    await transfer({ clean: {} });
    rmSync(join(host, '.git'), { recursive: true });
    expect(git(copy, 'log', '--format=%s')).toBe('one\n');
    expect(git(copy, 'fsck')).not.toContain('missing');
  });
});
