import { describe, expect, it } from 'vitest';
import { parseRequirementsFile } from './requirements-file.ts';

const hash = `sha256:${'0'.repeat(64)}` as const;

function read(text: string): unknown[] {
  return parseRequirementsFile(text).map(({ span: _span, raw: _raw, ...meaning }) => meaning);
}

const commit = '0123456789abcdef0123456789abcdef01234567';

describe('a requirements file', () => {
  it('gives packages without comments, blank lines and line ends of any system', () => {
    expect(
      read('\uFEFF# tools\r\nblack==25.9.0  # pinned\r\n\r\nredis[hiredis] >=5, <6 ; python_version<"3.13"\r\n'),
    ).toEqual([
      { kind: 'requirement', text: 'black==25.9.0', hashes: [] },
      { kind: 'requirement', text: 'redis[hiredis] >=5, <6 ; python_version<"3.13"', hashes: [] },
    ]);
  });

  it('joins continued lines and takes the hashes off', () => {
    expect(read(`redis==5.0.1 \\\n    --hash=${hash} \\\n    --hash ${hash}\nblack\n`)).toEqual([
      { kind: 'requirement', text: 'redis==5.0.1', hashes: [hash, hash] },
      { kind: 'requirement', text: 'black', hashes: [] },
    ]);
  });

  it('ends a continued line at a comment line, as pip does', () => {
    expect(read('redis==5.0.1 \\\n# why\nblack\n')).toEqual([
      { kind: 'requirement', text: 'redis==5.0.1', hashes: [] },
      { kind: 'requirement', text: 'black', hashes: [] },
    ]);
  });

  it.each([
    ['-r base.txt', { kind: 'include', path: 'base.txt', constraint: false }],
    ['-rbase.txt', { kind: 'include', path: 'base.txt', constraint: false }],
    ['--requirement=base.txt', { kind: 'include', path: 'base.txt', constraint: false }],
    ['-c "limits of us.txt"', { kind: 'include', path: 'limits of us.txt', constraint: true }],
    [
      '--extra-index-url https://pkgs.example/simple',
      { kind: 'option', name: 'extra-index-url', value: 'https://pkgs.example/simple' },
    ],
    ['-i https://pkgs.example/simple', { kind: 'option', name: 'index-url', value: 'https://pkgs.example/simple' }],
    ['--pre', { kind: 'option', name: 'pre', value: '' }],
    ['-e .', { kind: 'path', path: '.', extras: [], editable: true }],
    ['-e .[dev,test]', { kind: 'path', path: '.', extras: ['dev', 'test'], editable: true }],
    ['./libs/models', { kind: 'path', path: './libs/models', extras: [], editable: false }],
    ['libs/models', { kind: 'path', path: 'libs/models', extras: [], editable: false }],
    [
      'wheels/x-1.0-py3-none-any.whl',
      { kind: 'path', path: 'wheels/x-1.0-py3-none-any.whl', extras: [], editable: false },
    ],
    ['models @ file:///srv/models', { kind: 'path', path: '/srv/models', extras: [], editable: false }],
    [
      `shop[web] @ git+https://git.example/shop.git@${commit}#subdirectory=core ; python_version > "3.8"`,
      {
        kind: 'requirement',
        text: `shop[web] @ git+https://git.example/shop.git@${commit}#subdirectory=core ; python_version > "3.8"`,
        hashes: [],
      },
    ],
    [
      `-e git+https://git.example/shop.git@${commit}#egg=shop`,
      { kind: 'requirement', text: `shop @ git+https://git.example/shop.git@${commit}`, hashes: [] },
    ],
    [
      `https://acme.test/shop-1.0-py3-none-any.whl#sha256=${'a'.repeat(64)}`,
      {
        kind: 'requirement',
        text: 'shop @ https://acme.test/shop-1.0-py3-none-any.whl',
        hashes: [`sha256:${'a'.repeat(64)}`],
      },
    ],
  ])('reads %s', (line, meaning) => {
    expect(read(line)).toEqual([meaning]);
  });

  it.each([
    ['git+https://git.example/shop.git', 'which package'],
    [`-e git+ssh://git@git.example/shop.git@${commit}#egg=shop`, 'by SSH'],
    ['shop @ git+https://git.example/shop.git', 'default branch'],
    ['shop @ git+https://git.example/shop.git@main', '"main" is another commit tomorrow'],
    [`shop @ git+https://joe:secret@git.example/shop.git@${commit}`, 'user name or password'],
    ['shop @ hg+https://git.example/shop@main', 'neither a git repository'],
    ['shop @ https://acme.test/shop-1.0.whl', 'without a hash'],
    ['https://acme.test/shop-1.0.tar.gz', 'which package'],
    ['redis==${REDIS}', 'environment'],
    ['--unheard-of 3', '--unheard-of'],
    ['redis --hash=md5:abc', 'SHA-256'],
    ['redis --config-settings=a=b', '--config-settings'],
  ])('refuses %s and says why', (line, reason) => {
    const [entry] = parseRequirementsFile(line);
    expect(entry).toMatchObject({ kind: 'refused', message: expect.stringContaining(reason) as string });
  });

  it('knows where a line stands', () => {
    expect(parseRequirementsFile('\n\n  redis==5 # x')[0]).toMatchObject({
      span: { line: 3, column: 3, endLine: 3, endColumn: 11 },
      raw: '  redis==5 # x',
    });
  });
});
