import { describe, expect, it } from 'vitest';
import { briefFindings } from '../../../test/support/audit.ts';
import { lockNamesOtherRegistry } from '../rules/lock-names-other-registry.ts';
import { lockOfOnePlatform } from '../rules/lock-of-one-platform.ts';
import { foreignSources } from './foreign-sources.ts';
import { platformGaps } from './platform-gaps.ts';

const path = 'ui/package-lock.json';
const lockFile = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages }, null, 2);

describe('optional packages that a lock file lacks', () => {
  const rollup = {
    version: '4.1.0',
    optionalDependencies: {
      '@rollup/rollup-darwin-arm64': '4.1.0',
      '@rollup/rollup-linux-x64-gnu': '4.1.0',
      fsevents: '~2.3.2',
    },
  };

  it('are those that Node finds from nowhere; the one that CI needs is named', () => {
    const text = lockFile({
      '': { optionalDependencies: { left: '1' } },
      'node_modules/rollup': rollup,
      'node_modules/rollup/node_modules/fsevents': { version: '2.3.3' },
      'node_modules/@rollup/rollup-darwin-arm64': { version: '4.1.0' },
      'node_modules/vite/node_modules/esbuild': {
        optionalDependencies: { '@esbuild/linux-x64': '1', '@esbuild/aix-ppc64': '1' },
      },
      'node_modules/vite/node_modules/@esbuild/linux-x64': {},
    });
    expect(
      platformGaps({ path, text }).map(({ span, name, by }) => `${span.line}:${span.column} ${by} ${name}`),
    ).toEqual(['13:10 rollup @rollup/rollup-linux-x64-gnu', '26:10 esbuild @esbuild/aix-ppc64']);
    expect(briefFindings(lockOfOnePlatform, { ui: { platformGaps: platformGaps({ path, text }) } })).toEqual([
      [
        `${path}:13:10`,
        'rollup needs @rollup/rollup-linux-x64-gnu on its platform, and package-lock.json does not have it, nor 1 more',
        'cd ui && rm -rf node_modules package-lock.json && npm install, and commit package-lock.json',
      ],
    ]);
  });

  it('are none in a whole file, in one of version 1, in what is no JSON', () => {
    const whole = lockFile({ 'node_modules/a': { optionalDependencies: { b: '1' } }, 'node_modules/b': {} });
    expect(platformGaps({ path, text: whole })).toEqual([]);
    expect(platformGaps({ path, text: '{"dependencies":{"a":{"version":"1.0.0"}}}' })).toEqual([]);
    expect(platformGaps({ path, text: '<<<<<<<' })).toEqual([]);
  });
});

describe('packages that come from another host', () => {
  const entry = (resolved: string): object => ({ version: '1.0.0', resolved });
  const npm = (name: string): object => entry(`https://npm.example/${name}/-/${name}-1.0.0.tgz`);
  const found = (text: string, npmrc?: string): readonly string[] =>
    foreignSources({ path, text }, npmrc).map(({ name, host }) => `${name} ${host}`);

  it('are those of the machine itself, and those that few come from', () => {
    const text = lockFile({
      '': { dependencies: { direct: 'https://acme.example/direct.tgz' } },
      'node_modules/a': npm('a'),
      'node_modules/b': npm('b'),
      'node_modules/c': entry('http://localhost:4873/c/-/c-1.0.0.tgz'),
      'node_modules/@acme/d': entry('https://npm.acme.example/d.tgz'),
      'node_modules/direct': entry('https://acme.example/direct.tgz'),
      'node_modules/e': entry('git+ssh://git@github.com/x/e.git#1234'),
      'node_modules/f': entry('https://codeload.github.com/x/f/tar.gz/1234'),
      'node_modules/g': { resolved: 'packages/g', link: true },
    });
    expect(found(text)).toEqual(['c localhost:4873', '@acme/d npm.acme.example']);
    expect(found(text, '@acme:registry=https://npm.acme.example/\n')).toEqual(['c localhost:4873']);
    expect(briefFindings(lockNamesOtherRegistry, { ui: { foreignSources: foreignSources({ path, text }) } })).toEqual([
      [
        `${path}:19:20`,
        'package-lock.json takes c from localhost:4873, an address of one machine only',
        'put the registry that CI uses in its place (npm config get registry)',
      ],
      [
        `${path}:23:20`,
        'package-lock.json takes @acme/d from npm.acme.example, which is not the registry in use',
        'put the registry that CI uses in its place (npm config get registry), or name npm.acme.example in .npmrc if CI has it, too',
      ],
    ]);
  });

  it('are none where all come from one registry, but one of the machine itself', () => {
    expect(
      found(lockFile({ 'node_modules/a': entry('https://npm.acme.example/a.tgz'), 'node_modules/b': npm('b') })),
    ).toEqual([]);
    expect(found(lockFile({ 'node_modules/a': entry('http://127.0.0.1:8081/a.tgz') }))).toEqual(['a 127.0.0.1:8081']);
    expect(found('{"dependencies":{"a":{"resolved":"http://localhost:4873/a.tgz"}}}')).toEqual(['a localhost:4873']);
    expect(found('no json')).toEqual([]);
  });
});
