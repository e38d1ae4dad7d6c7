import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../core/digest.ts';
import { canonicalEntries, canonicalTime, writeCanonicalLayer } from './canonical-layer.ts';
import { paddingOf, type TarEntry } from './tar-entry.ts';
import { tarEnd, tarHeader } from './tar-header.ts';
import { indexTar, TarError, type IndexedEntry } from './tar-index.ts';

const folder = mkdtempSync(join(tmpdir(), 'parity-tar-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

function entry(name: string, more: Partial<TarEntry> = {}): TarEntry {
  return {
    name,
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: canonicalTime,
    linkName: '',
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
    ...more,
  };
}

/** A tar of entries with their content, as a file. */
function tarFile(name: string, entries: readonly (readonly [TarEntry, string?])[]): string {
  const file = join(folder, name);
  const parts = entries.flatMap(([one, content = '']) => {
    const bytes = Buffer.from(content);
    return [tarHeader({ ...one, size: bytes.length }), bytes, Buffer.alloc(paddingOf(bytes.length))];
  });
  writeFileSync(file, Buffer.concat([...parts, tarEnd]));
  return file;
}

function indexed(file: string): readonly IndexedEntry[] {
  const open = openSync(file, 'r');
  try {
    return indexTar(open);
  } finally {
    closeSync(open);
  }
}

async function canonical(file: string, folders = new Set<string>()): Promise<{ digest?: string; bytes: Buffer }> {
  const target = join(folder, 'canonical.tar');
  const layer = await writeCanonicalLayer([file], target, folders);
  const bytes = readFileSync(target);
  if (layer !== undefined) {
    expect(layer.digest).toBe(sha256(bytes));
    expect(layer.sizeBytes).toBe(bytes.length);
  }
  return { ...(layer === undefined ? {} : { digest: layer.digest }), bytes };
}

describe('what the header says', () => {
  const hard = [
    entry(`deep/${'x'.repeat(200)}`),
    entry(latin1('ünïcode/名前')),
    entry('link', { type: 'symlink', linkName: `../${'y'.repeat(150)}` }),
    entry('owner', { uid: 3_000_000, gid: 2_097_152 }),
    entry('caps', { xattrs: new Map([['security.capability', '\x01\x00\x00\x02\xc0\x20\x00\x00\xff']]) }),
    entry('null', { type: 'character-device', deviceMajor: 1, deviceMinor: 3 }),
    entry('sticky', { type: 'directory', mode: 0o1777 }),
  ];

  it('is read back as it was, byte for byte', () => {
    const file = tarFile(
      'hard.tar',
      hard.map((one) => [one] as const),
    );
    expect(indexed(file)).toEqual(hard.map((one) => ({ ...one, offset: expect.any(Number) as number })));
  });

  it('is what GNU tar reads', () => {
    const file = tarFile(
      'gnu.tar',
      hard.map((one) => [one, one.type === 'file' ? 'text' : ''] as const),
    );
    const listed = execFileSync('tar', ['--numeric-owner', '--full-time', '-tvf', file], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    });
    expect(listed.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      `-rw-r--r-- 0/0 4 1980-01-01 00:00:00 deep/${'x'.repeat(200)}`,
      '-rw-r--r-- 0/0 4 1980-01-01 00:00:00 ünïcode/名前',
      `lrw-r--r-- 0/0 0 1980-01-01 00:00:00 link -> ../${'y'.repeat(150)}`,
      '-rw-r--r-- 3000000/2097152 4 1980-01-01 00:00:00 owner',
      '-rw-r--r-- 0/0 4 1980-01-01 00:00:00 caps',
      'crw-r--r-- 0/0 1,3 1980-01-01 00:00:00 null',
      'drwxrwxrwt 0/0 0 1980-01-01 00:00:00 sticky/',
      '',
    ]);
  });

  it('reads what GNU tar writes: long names its own way, large numbers, sparse files refused', () => {
    const source = join(folder, 'source');
    const long = `${'d'.repeat(90)}/${'f'.repeat(120)}`;
    mkdirSync(join(source, 'd'.repeat(90)), { recursive: true });
    writeFileSync(join(source, long), 'content');
    const file = join(folder, 'from-gnu.tar');
    execFileSync('tar', ['--format=gnu', '--owner=0:4000000', '-C', source, '-cf', file, '.']);
    const found = indexed(file).find(({ type }) => type === 'file');
    expect(found).toMatchObject({ name: long, uid: 4_000_000, size: 7 });
    expect(
      readFileSync(file)
        .subarray(found?.offset, (found?.offset ?? 0) + 7)
        .toString(),
    ).toBe('content');

    writeFileSync(join(source, 'holes'), '');
    truncateSync(join(source, 'holes'), 10_000_000);
    execFileSync('tar', ['--format=gnu', '--sparse', '-C', source, '-cf', file, 'holes']);
    expect(() => indexed(file)).toThrow(TarError);
  });

  it.each([
    ['cut off in a header', (bytes: Buffer) => bytes.subarray(0, 700), 'cut off'],
    ['cut off in its content', (bytes: Buffer) => bytes.subarray(0, 1024), 'cut off'],
    ['without its end', (bytes: Buffer) => bytes.subarray(0, -1024), 'its end is missing'],
    ['changed in a header', (bytes: Buffer) => Buffer.concat([Buffer.from('x'), bytes.subarray(1)]), 'wrong checksum'],
  ])('is refused when it is %s', (_, harm, complaint) => {
    const file = tarFile('harmed.tar', [[entry('a'), 'x'.repeat(600)]]);
    writeFileSync(file, harm(readFileSync(file)));
    expect(() => indexed(file)).toThrow(complaint);
  });
});

describe('the canonical form of a layer', () => {
  it('does not depend on order, time, or which name of a linked file has the content', async () => {
    const one = tarFile('one.tar', [
      [entry('b', { mtime: 5 }), 'content'],
      [entry('a', { type: 'link', linkName: 'b', mtime: 5 })],
      [entry('d', { type: 'directory', mode: 0o755, mtime: 7 })],
      [entry('d/c', { mtime: 9 }), 'more'],
    ]);
    const other = tarFile('other.tar', [
      [entry('d', { type: 'directory', mode: 0o755 })],
      [entry('d/c'), 'more'],
      [entry('a'), 'content'],
      [entry('b', { type: 'link', linkName: 'a' })],
    ]);
    const first = await canonical(one);
    expect(await canonical(other)).toEqual(first);
    writeFileSync(join(folder, 'again.tar'), first.bytes);
    expect(await canonical(join(folder, 'again.tar'))).toEqual(first);
    const entries = indexed(join(folder, 'again.tar'));
    expect(entries.map(({ name, type, linkName }) => [name, type, linkName])).toEqual([
      ['a', 'file', ''],
      ['b', 'link', 'a'],
      ['d', 'directory', ''],
      ['d/c', 'file', ''],
    ]);
    // Written down: should this change, every lock's image changes.
    expect(first.digest).toMatchInlineSnapshot(
      `"sha256:21821afd42b2be320ff987aa95a751a8e5f052e9dd9e8e68e873e1115bb0d50a"`,
    );
  });

  it.each([
    ['mode', { mode: 0o755 }, 'text'],
    ['owner', { uid: 1 }, 'text'],
    ['capabilities', { xattrs: new Map([['security.capability', '\x01']]) }, 'text'],
    ['content', {}, 'tekst'],
  ])('depends on %s', async (_, more, content) => {
    const plain = await canonical(tarFile('plain.tar', [[entry('a'), 'text']]));
    const changed = await canonical(tarFile('changed.tar', [[entry('a', more), content]]));
    expect(changed.digest).not.toBe(plain.digest);
  });

  it('leaves out logs and caches, and keeps their folders and what hides a file of the base', async () => {
    const names = [
      'var/log/dpkg.log',
      'var/cache/apt/pkgcache.bin',
      'var/lib/apt/lists/x',
      'root/.cache/pip/y',
      'tmp/z',
    ];
    const kept = ['etc/.wh.motd', 'usr/share/log', 'var/lib/dpkg/status'];
    const file = tarFile('logs.tar', [
      [entry('var/log', { type: 'directory' })],
      [entry('var/lib/dpkg/status-old'), 'x'],
      ...[...names, ...kept].map((name) => [entry(name), 'x'] as const),
    ]);
    expect(canonicalEntries(indexed(file)).map(({ name }) => name)).toEqual([
      'etc/.wh.motd',
      'usr/share/log',
      'var/lib/dpkg/status',
      'var/log',
    ]);
  });

  it('is nothing when it only repeats folders of the layers below', async () => {
    const folders = new Set<string>();
    const file = tarFile('folders.tar', [[entry('workspace', { type: 'directory', mode: 0o755 })]]);
    expect((await canonical(file, folders)).digest).toBeDefined();
    expect((await canonical(file, folders)).digest).toBeUndefined();
    const other = tarFile('other-mode.tar', [[entry('workspace', { type: 'directory', mode: 0o700 })]]);
    expect((await canonical(other, folders)).digest).toBeDefined();
  });
});
