import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { markerHolds } from './markers.ts';
import { agree, namedVersion, verdict } from './versions.ts';

describe('a declared value against a version', () => {
  it.each([
    ['pep440', '==25.9.0', '25.9.0', 'same'],
    ['pep440', '== 25.9', '25.9.0', 'same'],
    ['pep440', '===25.9.0', '25.9.0', 'same'],
    ['pep440', '==25.1.0', '25.9.0', 'other'],
    ['pep440', '==25.*', '25.9.0', 'admits'],
    ['pep440', '>=23,<25', '25.9.0', 'excludes'],
    ['pep440', '~=25.1', '25.9.0', 'admits'],
    ['pep440', '', '25.9.0', 'admits'],
    ['pep440', '>=3.9', '3.11', 'admits'],
    ['pep440', '>=3.11.4', '3.11', 'admits'],
    ['pep440', '==3.11.4', '3.11', 'same'],
    ['pep440', '>=1', '2.0.0rc1', 'admits'],
    ['pep440', 'nonsense', '1.0', 'unreadable'],
    ['semver', '^24.1', '24.9.0', 'admits'],
    ['semver', '>=20', '24', 'admits'],
    ['semver', '22.x', '24.9.0', 'excludes'],
    ['semver', '24.9.0', '24.9.0', 'same'],
    ['semver', '24.8.0', '24.9.0', 'other'],
    ['semver', 'nonsense', '24.9.0', 'unreadable'],
    ['prefix', '3.11', '3.11.2', 'same'],
    ['prefix', '3.1', '3.11.2', 'other'],
    ['prefix', '3', '3.11.2', 'same'],
    ['prefix', '3.11.4', '3.11.2', 'other'],
    ['prefix', '3.11.4', '3.11', 'same'],
    ['prefix', 'lts/*', '24.9.0', 'unreadable'],
    ['exact', '2.0.23', '2.0.23', 'same'],
    ['exact', '2.0.20', '2.0.23', 'other'],
  ] as const)('%s %s against %s is %s', (scheme, value, version, expected) => {
    expect(verdict({ scheme, value }, version)).toBe(expected);
  });

  it('takes a package’s version for whole, whatever its length', () => {
    const said = (value: string): string => verdict({ scheme: 'pep440', value }, '24.0', { isWhole: true });
    expect(['<=24.0', '!=24.0', '>24.0', '==24.0.1', '==24.0', '==24.0.0', '==24.0.*', '<24.1'].map(said)).toEqual([
      'admits',
      'excludes',
      'excludes',
      'other',
      'same',
      'same',
      'admits',
      'admits',
    ]);
  });

  it('lets a local label be where none is asked for, and compares what is to be identical as text', () => {
    const said = (value: string): string => verdict({ scheme: 'pep440', value }, '2.1.0+cpu', { isWhole: true });
    expect(['==2.1.0', '==2.1', '==2.1.0+cu118', '===2.1.0', '===2.1.0+cpu', '<=2.1'].map(said)).toEqual([
      'same',
      'same',
      'other',
      'other',
      'same',
      'admits',
    ]);
  });

  it('judges ranges as npm does, of a package and of Node: its verdicts of 5,000 pairs', () => {
    const table = readFileSync('test/fixtures/versions/npm.tsv', 'utf8').trimEnd().split('\n').slice(1);
    expect(table).toHaveLength(5000);
    const said = (value: string, version: string, isWhole: boolean): string =>
      ({ same: '1', admits: '1', other: '0', excludes: '0', unreadable: '' })[
        verdict({ scheme: 'semver', value }, version, { isWhole })
      ];
    const different = table.filter((line) => {
      const [range = '', version = '', asPackage, asEngine] = line.split('\t');
      return said(range, version, true) !== asPackage || said(range, version, false) !== asEngine;
    });
    expect(different).toEqual([]);
  });

  it('names a version only where there is one', () => {
    expect(
      (
        [
          ['pep440', '==25.9.0'],
          ['pep440', '>=25'],
          ['pep440', '==25.*'],
          ['semver', '=24.1.0'],
          ['semver', '24'],
          ['prefix', '3.11'],
          ['prefix', 'lts/*'],
          ['exact', '1.2'],
        ] as const
      ).map(([scheme, value]) => namedVersion({ scheme, value })),
    ).toEqual(['25.9.0', undefined, undefined, '24.1.0', undefined, '3.11', undefined, '1.2']);
  });

  it('lets two versions agree as far as both say', () => {
    expect([agree('3.11', '3.11.2'), agree('3.11.2', '3.11'), agree('1.0', '1.0.0'), agree('3.1', '3.11')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('an environment marker', () => {
  it.each([
    ['python_version < "3.9"', false],
    ["python_version>='3.9'", true],
    ['"3.12" <= python_version', false],
    ['python_version >= "3.9" and sys_platform != "win32"', true],
    ['sys_platform == "win32" or python_version < "3.8"', false],
    ['(python_version < "3.8" or os_name == "posix") and platform_system == "Linux"', true],
    ['python_full_version >= "3.11.1"', true],
    ['extra == "dev"', undefined],
    ['extra == "dev" and python_version < "3"', false],
    ['py311,lint', undefined],
    ['platform_machine == "arm64"', undefined],
    ['>=3.9,<3.12', true],
    ['<3.10', false],
    ['^3.11', true],
  ])('%s: %s', (marker, expected) => {
    expect(markerHolds(marker, '3.11.2')).toBe(expected);
  });
});
