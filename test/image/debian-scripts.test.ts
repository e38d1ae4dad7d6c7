import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scriptFolder } from '../../src/base/debian/script-runner.ts';

// What bootstrap.sh gives mmdebstrap in place of its own: both must change nothing of what dpkg installs.
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parity bootstrap-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const names = (tar: Buffer): readonly string[] =>
  execFileSync('tar', ['--list', '--quoting-style=literal', '--file', '-'], { input: tar })
    .toString()
    .split('\n')
    .filter((name) => name !== '');

const filtered = (tar: Buffer, ...rules: readonly string[]): Buffer =>
  execFileSync('perl', [join(scriptFolder(), 'path-filter.pl'), ...rules], { input: tar, maxBuffer: 1 << 26 });

const rules = ['--path-exclude=/usr/share/doc/*', '--path-include=/usr/share/doc/*/copyright'];

it.each(['gnu', 'ustar', 'posix'])('leaves out what the patterns exclude, of a tar in the %s format', (format) => {
  const long = `usr/share/doc/${'n'.repeat(99)}`;
  for (const folder of ['usr/bin', 'usr/share/doc/a', long]) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'usr/bin/tool ü'), Buffer.alloc(700_000, 'x'));
  writeFileSync(join(dir, 'usr/share/doc/a/changelog'), 'left out');
  writeFileSync(join(dir, 'usr/share/doc/a/copyright'), 'stays');
  writeFileSync(join(dir, long, 'news'), 'left out');
  writeFileSync(join(dir, long, 'copyright'), 'stays');
  const tar = execFileSync('tar', ['--create', '--sort=name', `--format=${format}`, '-C', dir, '--file', '-', '.'], {
    maxBuffer: 1 << 26,
  });
  const kept = filtered(tar, ...rules);
  expect(names(kept)).toEqual([
    './',
    './usr/',
    './usr/bin/',
    './usr/bin/tool ü',
    './usr/share/',
    './usr/share/doc/',
    './usr/share/doc/a/copyright',
    `./${long}/copyright`,
  ]);
  const out = join(dir, 'out');
  mkdirSync(out);
  execFileSync('tar', ['--extract', '-C', out, '--file', '-'], { input: kept });
  expect(readFileSync(join(out, 'usr/bin/tool ü')).equals(Buffer.alloc(700_000, 'x'))).toBe(true);
  expect(readFileSync(join(out, long, 'copyright'), 'utf8')).toBe('stays');
});

it('fails on a tar that is cut off, and on an option that it does not know', () => {
  writeFileSync(join(dir, 'file'), Buffer.alloc(5000, 'x'));
  const tar = execFileSync('tar', ['--create', '-C', dir, '--file', '-', 'file']);
  const stdio = 'pipe';
  expect(() =>
    execFileSync('perl', [join(scriptFolder(), 'path-filter.pl')], { input: tar.subarray(0, 3000), stdio }),
  ).toThrow('mmtarfilter: the tar is cut off');
  expect(() =>
    execFileSync('perl', [join(scriptFolder(), 'path-filter.pl'), '--pax-exclude=x'], { input: tar, stdio }),
  ).toThrow('mmtarfilter: unknown option --pax-exclude=x');
});

it('unpacks packages, which dpkg then takes as it took them before', () => {
  const folder = join(dir, 'made');
  mkdirSync(join(folder, 'DEBIAN'), { recursive: true });
  mkdirSync(join(folder, 'usr', 'share'), { recursive: true });
  const control =
    'Package: odd\nVersion: 1:2.0\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: odd\n more\n';
  writeFileSync(join(folder, 'DEBIAN', 'control'), control);
  writeFileSync(join(folder, 'usr', 'share', 'odd'), 'content\n');
  execFileSync('dpkg-deb', ['--build', '-Zxz', '--root-owner-group', folder, join(dir, 'odd.deb')]);
  const repository = join(dir, 'repository');
  mkdirSync(repository);
  execFileSync('perl', [join(scriptFolder(), 'unpack-debs.pl'), repository, 'odd.deb'], { cwd: dir });
  const unpacked = join(repository, 'odd.deb');
  for (const part of ['--fsys-tarfile', '--ctrl-tarfile'])
    expect(execFileSync('dpkg-deb', [part, unpacked])).toEqual(execFileSync('dpkg-deb', [part, join(dir, 'odd.deb')]));
  const [hash] = execFileSync('sha256sum', [unpacked]).toString().split(' ');
  const { length } = readFileSync(unpacked);
  expect(readFileSync(`${unpacked}.entry`, 'utf8')).toBe(
    `${control}Filename: ./odd.deb\nSize: ${length}\nSHA256: ${hash}\n\n`,
  );
  expect(() =>
    execFileSync('perl', [join(scriptFolder(), 'unpack-debs.pl'), repository, 'none.deb'], { cwd: dir, stdio: 'pipe' }),
  ).toThrow('unpack-debs: none.deb: No such file or directory');
});
