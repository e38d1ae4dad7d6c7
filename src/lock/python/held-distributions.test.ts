import { expect, it } from 'vitest';
import type { Digest } from '../../core/digest.ts';
import { spanAt } from '../../core/span.ts';
import type { LockedPin } from '../requirements/pins/locked-pins.ts';
import { heldDistributions } from './held-distributions.ts';

const target = { pythonVersion: '3.11.2', glibc: '2.36' };
const hash = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

function pin(name: string, letters: string, marker?: string): LockedPin {
  const place = { file: 'uv.lock', span: spanAt('', 0, 1), sourceLine: '' };
  const hashes = [...letters].map(hash);
  return { name, version: '1.0', hashes, file: 'uv.lock', place, ...(marker === undefined ? {} : { marker }) };
}

const uvLock = `
[[package]]
name = "fast"
version = "1.0"
source = { registry = "https://a.test/x" }
sdist = { url = "https://b.test/aa/fast-1.0.tar.gz", hash = "${hash('a')}", size = 10, upload-time = "2025-01-01T00:00:00Z" }
wheels = [
    { url = "https://b.test/bb/fast-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", hash = "${hash('b')}", size = 10 },
    { url = "https://b.test/cc/fast-1.0-cp311-cp311-manylinux_2_17_aarch64.whl#x", hash = "${hash('c')}", size = 10 },
    { url = "https://b.test/dd/fast-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "${hash('d')}", size = 10 },
]

[[package]]
name = "local"
version = "1.0"
source = { registry = "../wheels" }
wheels = [
    { path = "local-1.0%2Bcpu-py3-none-any.whl", hash = "${hash('e')}" },
]
`;

it('says from a uv.lock alone what each platform installs', () => {
  const pins = [pin('fast', 'abcd'), pin('local', 'e', "platform_machine == 'x86_64'")];
  expect(heldDistributions(pins, [{ text: uvLock }], target)).toEqual({
    'linux/amd64': [
      { name: 'fast', version: '1.0', wheels: [hash('b')], sdists: [hash('a')] },
      { name: 'local', version: '1.0', wheels: [hash('e')], sdists: [] },
    ],
    'linux/arm64': [{ name: 'fast', version: '1.0', wheels: [hash('c')], sdists: [hash('a')] }],
  });
});

it('reads the file names of poetry.lock and pdm.lock, too', () => {
  const text = `[[package]]
name = "fast"
version = "1.0"
files = [
    {file = "fast-1.0-py3-none-any.whl", hash = "${hash('b')}"},
    {file = "fast-1.0.zip", hash = "${hash('a')}"},
]
`;
  const found = heldDistributions([pin('fast', 'ab')], [{ text }], target);
  expect(found?.['linux/arm64']).toEqual([{ name: 'fast', version: '1.0', wheels: [hash('b')], sdists: [hash('a')] }]);
});

it('leaves to uv what the files do not say', () => {
  const locks = [{ text: uvLock }];
  expect(heldDistributions([pin('fast', '')], locks, target)).toBeUndefined();
  expect(heldDistributions([pin('fast', 'af')], locks, target)).toBeUndefined();
  expect(heldDistributions([pin('fast', 'ab', "sys_abi == 'x'")], locks, target)).toBeUndefined();
  expect(heldDistributions([pin('fast', 'ab')], locks, { pythonVersion: '3.11.2' })).toBeUndefined();
  const addressed = { ...pin('fast', 'ab'), source: { url: 'https://b.test/fast-1.0-py3-none-any.whl' } };
  expect(heldDistributions([addressed], locks, target)).toBeUndefined();
});
