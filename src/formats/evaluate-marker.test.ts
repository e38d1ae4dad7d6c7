import { expect, it } from 'vitest';
import { evaluateMarker } from './evaluate-marker.ts';

const environment = {
  values: {
    python_version: '3.11',
    python_full_version: '3.11.2',
    sys_platform: 'linux',
    platform_machine: 'aarch64',
    implementation_name: 'cpython',
  },
  extras: new Set(['cli']),
  groups: new Set(['test']),
};

it.each([
  ['', true],
  ["python_version >= '3.9' and python_version < '4'", true],
  // As texts, 3.11 would be less.
  ["python_version < '3.9'", false],
  ["'3.9' <= python_version", true],
  ["python_full_version == '3.11.*'", true],
  ["python_version ~= '3.10'", true],
  ["sys_platform == 'win32' or (platform_machine == 'aarch64' and implementation_name != 'pypy')", true],
  ["sys_platform in 'linux darwin'", true],
  ["platform_machine not in 'x86_64 AMD64'", true],
  ["'arm' in platform_machine", false],
  ["extra == 'CLI'", true],
  ["extra == 'docs'", false],
  ["extra != 'docs'", true],
  ["'cli' in extras and 'test' in dependency_groups", true],
  ["'docs' not in extras", true],
  ["unheard_of == '1'", undefined],
  ["unheard_of == '1' or sys_platform == 'linux'", true],
  ["unheard_of == '1' and sys_platform == 'win32'", false],
])('%s', (marker, holds) => {
  expect(evaluateMarker(marker, environment)).toBe(holds);
});
