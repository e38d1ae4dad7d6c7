import { expect, it } from 'vitest';
import type { Lock } from '../../lock/lock.ts';
import { componentsOf } from './components.ts';
import { writeSbom } from './write-sbom.ts';

const hash = (digit: string): string => digit.repeat(64);
const integrity = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const lock = {
  base: { kind: 'debian', packages: { 'linux/amd64': [{ name: 'libc6', version: '1:2.36-9', sha256: hash('a') }] } },
  python: {
    packages: [
      { name: 'mypy-extensions', version: '1.1.0', hashes: [`sha256:${hash('b')}`] },
      { name: 'mypy', version: '1.18.2', hashes: [`sha256:${hash('c')}`, `sha256:${hash('d')}`] },
    ],
  },
  system: { 'linux/amd64': [] },
  node: {
    version: '24.1.0',
    platforms: { 'linux/amd64': { name: 'node-bin', version: '24.1.0', integrity } },
    npm: { name: 'npm', version: '11.0.0', integrity },
  },
} as unknown as Lock;
const python = 'opt/parity/lib/python3.11/site-packages';
const modules = 'opt/parity/lib/node_modules';
const files = [
  { path: 'usr/lib/os-release', text: 'ID=debian\nVERSION_ID="12"\n' },
  {
    path: 'var/lib/dpkg/status',
    text: 'Package: libc6\nStatus: install ok installed\nMaintainer: People <p@example.com>\nArchitecture: amd64\nVersion: 1:2.36-9\nDescription: long\n more\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n',
  },
  {
    path: `${python}/mypy_extensions.dist-info/METADATA`,
    text: 'Metadata-Version: 2.4\r\nName: mypy_extensions\r\nVersion: 1.1.0\r\nLicense-Expression: MIT\r\n\r\nName: not this\r\n',
  },
  {
    path: `${python}/mypy.dist-info/METADATA`,
    text: 'Name: mypy\nVersion: 1.18.2\nLicense: see the file\nHome-page: https://example.com\n\ntext\n',
  },
  { path: `${modules}/npm/package.json`, text: '{"name":"npm","version":"11.0.0","license":"Artistic-2.0"}' },
  { path: `${modules}/npm/node_modules/@npmcli/fs/package.json`, text: '{"name":"@npmcli/fs","version":"4.0.0"}' },
  { path: `${modules}/npm/node_modules/x/package.json`, text: '{"type":"module"}' },
  { path: `${modules}/npm/node_modules/y/package.json`, text: 'no JSON' },
];

it('names what is installed, by purl, with the licence as said and the hash of the lock where there is one', () => {
  const found = componentsOf(files, lock, 'linux/amd64');
  expect(found.map(({ purl, license, hash: hashed }) => [purl, license, hashed?.hex.slice(0, 4)])).toEqual([
    ['pkg:deb/debian/libc6@1:2.36-9?arch=amd64&distro=debian-12', undefined, 'aaaa'],
    ['pkg:npm/%40npmcli/fs@4.0.0', undefined, undefined],
    ['pkg:npm/node-bin@24.1.0', 'MIT', '0101'],
    ['pkg:npm/npm@11.0.0', 'Artistic-2.0', '0101'],
    ['pkg:pypi/mypy-extensions@1.1.0', 'MIT', 'bbbb'],
    ['pkg:pypi/mypy@1.18.2', 'see the file', undefined],
  ]);
});

it('writes the same bytes for the same image, and a licence that is no expression as a name', () => {
  const components = componentsOf(files, lock, 'linux/amd64');
  const subject = {
    name: 'parity/image:1',
    config: `sha256:${hash('1')}`,
    manifest: `sha256:${hash('2')}`,
    annotations: { 'dev.parity.lock': 'sha256:3' },
    components,
  } as const;
  for (const format of ['cyclonedx', 'spdx'] as const)
    expect(writeSbom(format, subject)).toBe(writeSbom(format, { ...subject }));
  const cyclonedx = JSON.parse(writeSbom('cyclonedx', subject)) as {
    serialNumber: string;
    components: { name: string; licenses?: unknown }[];
  };
  expect(cyclonedx.serialNumber).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(Object.fromEntries(cyclonedx.components.map(({ name, licenses }) => [name, licenses]))).toMatchObject({
    mypy: [{ license: { name: 'see the file' } }],
    'mypy-extensions': [{ expression: 'MIT' }],
  });
  const spdx = JSON.parse(writeSbom('spdx', subject)) as { packages: { name: string; licenseDeclared: string }[] };
  expect(Object.fromEntries(spdx.packages.map(({ name, licenseDeclared }) => [name, licenseDeclared]))).toMatchObject({
    mypy: 'NOASSERTION',
    npm: 'Artistic-2.0',
  });
});
