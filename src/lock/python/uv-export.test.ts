import { describe, expect, it } from 'vitest';
import { readExport } from './uv-export.ts';

const a = `sha256:${'a'.repeat(64)}`;
const b = `sha256:${'b'.repeat(64)}`;
const text = `version = 1

[[package]]
name = "numpy"
version = "1.26.4"

[[package]]
name = "numpy"
version = "2.1.0"

[[package]]
name = "fork"
version = "1.0"
source = { git = "https://git.example/fork?rev=v1#0123456789" }
`;
const lock = {
  source: { tool: 'uv', file: 'api/uv.lock', options: [] },
  selection: { extras: [], groups: [], without: [], defaultGroups: true, main: true },
  file: 'api/uv.lock',
  text,
  manifests: new Map(),
} as const;

describe('what uv exports of a lock file', () => {
  it('is versions with their hashes, markers and lines in it; the repository has its own folders itself', () => {
    const { pins, problems } = readExport(
      lock,
      `-e .
-e ./packages/core
./packages/cli
numpy==1.26.4 ; platform_machine == 'aarch64' \\
    --hash=${a} \\
    --hash=${b}
NumPy==2.1.0 ; platform_machine != 'aarch64' \\
    --hash=${b}
`,
    );
    expect(problems).toEqual([]);
    expect(pins.map(({ place, ...pin }) => ({ ...pin, line: place.span.line }))).toEqual([
      {
        name: 'numpy',
        version: '1.26.4',
        marker: "platform_machine == 'aarch64'",
        hashes: [a, b],
        file: 'api/uv.lock',
        line: 4,
      },
      {
        name: 'numpy',
        version: '2.1.0',
        marker: "platform_machine != 'aarch64'",
        hashes: [b],
        file: 'api/uv.lock',
        line: 8,
      },
    ]);
  });

  it('has commits and files by their hash', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const { pins, problems } = readExport(
      lock,
      `fork @ git+https://git.example/fork@${commit}#subdirectory=lib\nshop @ https://x.example/shop.whl \\\n    --hash=${b}\n`,
    );
    expect(problems).toEqual([]);
    expect(pins.map(({ name, hashes, source }) => ({ name, hashes, source }))).toEqual([
      { name: 'fork', hashes: [], source: { url: 'https://git.example/fork', commit, subdirectory: 'lib' } },
      { name: 'shop', hashes: [b], source: { url: 'https://x.example/shop.whl' } },
    ]);
  });

  it('refuses what can be another tomorrow, where the lock file names it', () => {
    const { pins, problems } = readExport(
      lock,
      'fork @ git+https://git.example/fork@v1\n./wheels/other-1.0-py3-none-any.whl\n',
    );
    expect(pins).toEqual([]);
    expect(problems.map(({ file, span, message }) => `${file}:${span.line}: ${message}`)).toEqual([
      'api/uv.lock:12: fork comes from https://git.example/fork without a commit: "v1" is another commit tomorrow',
      'api/uv.lock:1: other comes from ./wheels/other-1.0-py3-none-any.whl, and an image takes its packages from an index, by hash',
    ]);
  });
});
