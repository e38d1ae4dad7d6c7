import { expect, it } from 'vitest';
import { wheelFits } from './wheel-tags.ts';

const amd64 = { platform: 'linux/amd64', pythonVersion: '3.11.2', glibc: '2.36' } as const;
const arm64 = { ...amd64, platform: 'linux/arm64' } as const;

it.each([
  'six-1.17.0-py2.py3-none-any.whl',
  'pytest-8.4.2-py3-none-any.whl',
  'build_tagged-1.0-1-py3-none-any.whl',
  'old-1.0-py39-none-any.whl',
  'own-1.0-cp311-none-any.whl',
  'cffi-2.0.0-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
  'mypy-1.18.2-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl',
  'ruff-0.13.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
  'cryptography-46.0.1-cp38-abi3-manylinux_2_28_x86_64.whl',
  'cryptography-46.0.1-cp311-abi3-manylinux_2_34_x86_64.whl',
  'ancient-1.0-cp311-cp311-manylinux1_x86_64.whl',
  'home_made-1.0-cp311-cp311-linux_x86_64.whl',
])('%s fits CPython 3.11 on amd64 with glibc 2.36', (name) => {
  expect(wheelFits(name, amd64)).toBe(true);
});

it.each([
  ['another Python', 'cffi-2.0.0-cp312-cp312-manylinux_2_17_x86_64.whl'],
  ['the free-threaded one', 'cffi-2.0.0-cp313-cp313t-manylinux_2_17_x86_64.whl'],
  ['a newer stable interface', 'rpds-1.0-cp312-abi3-manylinux_2_17_x86_64.whl'],
  ['an older Python’s own interface', 'cffi-2.0.0-cp310-cp310-manylinux_2_17_x86_64.whl'],
  ['PyPy', 'cffi-2.0.0-pp311-pypy311_pp73-manylinux_2_17_x86_64.whl'],
  ['Python 2', 'old-1.0-py2-none-any.whl'],
  ['a newer pure Python', 'new-1.0-py312-none-any.whl'],
  ['another machine', 'cffi-2.0.0-cp311-cp311-manylinux_2_17_aarch64.whl'],
  ['another machine whose name ends alike', 'cffi-2.0.0-cp311-cp311-manylinux_2_17_i686.whl'],
  ['musl', 'cffi-2.0.0-cp311-cp311-musllinux_1_2_x86_64.whl'],
  ['a newer glibc', 'torch-2.9.0-cp311-cp311-manylinux_2_39_x86_64.whl'],
  ['macOS', 'cffi-2.0.0-cp311-cp311-macosx_11_0_arm64.whl'],
  ['Windows', 'cffi-2.0.0-cp311-cp311-win_amd64.whl'],
  ['a source', 'cffi-2.0.0.tar.gz'],
  ['no wheel at all', 'cffi.whl'],
])('a wheel for %s does not: %s', (_, name) => {
  expect(wheelFits(name, amd64)).toBe(false);
});

it('tells the machines apart', () => {
  const name = 'cffi-2.0.0-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.whl';
  expect([wheelFits(name, arm64), wheelFits(name, amd64)]).toEqual([true, false]);
});
