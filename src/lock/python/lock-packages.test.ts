import { describe, expect, it } from 'vitest';
import type { Digest } from '../../core/digest.ts';
import type { LockedPythonPackage } from '../lock.ts';
import { parseCompiled, parsePylock } from './compiled-output.ts';
import { lockPackages, type Resolution } from './lock-packages.ts';

const hash = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const bare = (letter: string): string => letter.repeat(64);

const compiled = `black==25.9.0 ; python_full_version <= '3.11.2' \\
    --hash=${hash('b')} \\
    --hash=${hash('a')}
    # via -r requirements-0.txt, -c constraints-0.txt, other
uvloop==0.22.0 ; platform_machine == 'x86_64' \\
    --hash=${hash('c')}
    # via black
`;

function pylock(uvloop: boolean): string {
  return `lock-version = "1.0"
[[packages]]
name = "black"
version = "25.9.0"
sdist = { url = "https://x.example/black.tar.gz", upload-time = 2025-09-19T00:27:37Z, hashes = { sha256 = "${bare('a')}" } }
wheels = [{ url = "https://x.example/black.whl", hashes = { sha256 = "${bare('b')}" } }]
${uvloop ? `[[packages]]\nname = "uvloop"\nversion = "0.22.0"\nsdist = { url = "https://x.example/u.tar.gz", hashes = { sha256 = "${bare('c')}" } }\n` : ''}`;
}

function resolution(more: Partial<Resolution> = {}): Resolution {
  return {
    compiled: parseCompiled(compiled),
    perPlatform: { 'linux/amd64': parsePylock(pylock(true)), 'linux/arm64': parsePylock(pylock(false)) },
    requirements: [],
    pins: [],
    sources: new Map([
      ['requirements-0.txt', 'toolchain.tools'],
      ['constraints-0.txt', 'core/limits.txt'],
    ]),
    previous: [],
    noBinary: [],
    ...more,
  };
}

function locked(more: Partial<Resolution>): readonly LockedPythonPackage[] {
  const result = lockPackages(resolution(more));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('the packages of a lock', () => {
  it('hold sorted hashes, who asks, where they apply and whether they compile', () => {
    expect(locked({})).toEqual([
      {
        name: 'black',
        version: '25.9.0',
        hashes: [hash('a'), hash('b')],
        via: ['core/limits.txt', 'other', 'toolchain.tools'],
      },
      {
        name: 'uvloop',
        version: '0.22.0',
        marker: "platform_machine == 'x86_64'",
        hashes: [hash('c')],
        sdist: true,
        via: ['black'],
      },
    ]);
  });

  const asking = (...hashes: Digest[]): Resolution['requirements'] => [
    { text: 'black==25.9.0', name: 'black', source: 'r.txt', hashes, constraint: false },
  ];

  it('keep to the hashes that a requirement allows', () => {
    expect(locked({ requirements: asking(hash('a'), hash('f')) })[0]).toMatchObject({
      hashes: [hash('a')],
      sdist: true,
    });
  });

  it('leave out the wheels of what must be built from source', () => {
    expect(locked({ noBinary: ['black'] })[0]).toMatchObject({ hashes: [hash('a')], sdist: true });
    expect(locked({ noBinary: [':all:'] })[0]).toMatchObject({ hashes: [hash('a')], sdist: true });
  });

  it('are refused when none of the allowed files is there', () => {
    expect(lockPackages(resolution({ requirements: asking(hash('f')) }))).toMatchObject({
      ok: false,
      error: { reason: 'integrity-mismatch' },
    });
  });

  const pinned = (...hashes: Digest[]): readonly LockedPythonPackage[] => [
    { name: 'black', version: '25.9.0', hashes, via: [] },
  ];

  it('keep the files that were locked when the index gains some', () => {
    expect(locked({ previous: pinned(hash('b')) })[0]?.hashes).toEqual([hash('b')]);
  });

  it('are refused when the index has other files under the same version', () => {
    expect(lockPackages(resolution({ previous: pinned(hash('e')) }))).toMatchObject({
      ok: false,
      error: {
        reason: 'integrity-mismatch',
        message: "the index now has other files for black 25.9.0 than the lock's",
      },
    });
  });

  it('are refused when a platform has nothing to install, naming it', () => {
    const nothing = parsePylock('[[packages]]\nname = "black"\nversion = "25.9.0"\n');
    const perPlatform = { 'linux/amd64': parsePylock(pylock(true)), 'linux/arm64': nothing };
    expect(lockPackages(resolution({ perPlatform }))).toMatchObject({
      ok: false,
      error: { message: 'black 25.9.0 has nothing to install on linux/arm64: no wheel and no source' },
    });
  });

  describe('from a repository or an address', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const lines = `fork @ git+https://git.example/fork@${commit}#subdirectory=core  # via -r requirements-0.txt
shop @ https://x.example/shop-1.0.tar.gz \\
    --hash=${hash('a')}
    # via fork
`;
    const found = parsePylock(`lock-version = "1.0"
[[packages]]
name = "fork"
version = "2.1.dev3"
vcs = { type = "git", url = "https://git.example/fork", requested-revision = "${commit}", commit-id = "${commit}", subdirectory = "core" }
[[packages]]
name = "shop"
version = "1.0"
archive = { url = "https://x.example/shop-1.0.tar.gz", hashes = { sha256 = "${bare('a')}" } }
`);
    const perPlatform = { 'linux/amd64': found, 'linux/arm64': found };
    const trees = new Map([[`https://git.example/fork@${commit}`, hash('7')]]);
    const source = { url: 'https://git.example/fork', commit, subdirectory: 'core' };

    it("have the commit with its tree's digest, or the file's hash, and the version that building tells", () => {
      const shop = { url: 'https://x.example/shop-1.0.tar.gz' };
      expect(locked({ compiled: parseCompiled(lines), perPlatform, trees })).toEqual([
        { name: 'fork', version: '2.1.dev3', hashes: [hash('7')], source, sdist: true, via: ['toolchain.tools'] },
        { name: 'shop', version: '1.0', hashes: [hash('a')], source: shop, sdist: true, via: ['fork'] },
      ]);
      const place = { file: 'Pipfile.lock', span: { line: 3, column: 1, endLine: 3, endColumn: 2 } };
      const pin = { name: 'fork', version: '', hashes: [], source, file: 'Pipfile.lock', place };
      expect(locked({ compiled: [], perPlatform, trees, pins: [pin] })).toEqual([
        { name: 'fork', version: '2.1.dev3', hashes: [hash('7')], source, sdist: true, via: ['Pipfile.lock'] },
      ]);
    });

    it('are refused when the file is another than a lock file or a requirement allows', () => {
      const requirements = [
        { text: 'shop @ https://x.example', name: 'shop', source: 'r.txt', hashes: [hash('f')], constraint: false },
      ];
      expect(
        lockPackages(resolution({ compiled: parseCompiled(lines), perPlatform, trees, requirements })),
      ).toMatchObject({
        ok: false,
        error: {
          reason: 'integrity-mismatch',
          message: 'https://x.example/shop-1.0.tar.gz is not the file that shop 1.0 was locked with',
        },
      });
    });
  });

  it("are those of another tool's lock file as it has them: its hashes alone, whatever was locked before", () => {
    const place = { file: 'uv.lock', span: { line: 1, column: 1, endLine: 1, endColumn: 2 } };
    const pin = { version: '25.9.0', hashes: [hash('a')], file: 'uv.lock', place };
    const previous = [{ name: 'black', version: '25.9.0', hashes: [hash('b')], via: [] }];
    expect(locked({ pins: [{ name: 'black', ...pin }], previous })[0]).toEqual({
      name: 'black',
      version: '25.9.0',
      hashes: [hash('a')],
      // The wheel is none of the lock file's.
      sdist: true,
      via: ['core/limits.txt', 'other', 'toolchain.tools', 'uv.lock'],
    });
  });
});
