import { describe, expect, test } from 'vitest';
import { imageConfig } from '../../test/support/image.ts';
import { step } from '../../test/support/steps.ts';
import type { Config } from '../config/config.ts';
import { ciSettings, type CiSettings, type RepositoryFacts } from './settings.ts';

const facts: RepositoryFacts = { project: '.', packageLock: false, submodules: false, lfs: false };

function from(more: Partial<Config>, repository: Partial<RepositoryFacts> = {}): CiSettings {
  const settings = ciSettings({ ...imageConfig(), ...more }, { ...facts, ...repository });
  if (!settings.ok) throw new Error(settings.error.message);
  return settings.value;
}

function refused(packageJson?: string, packageLock = true): string {
  const more = packageJson === undefined ? {} : { packageJson };
  const settings = ciSettings(imageConfig(), { ...facts, packageLock, ...more });
  if (settings.ok) throw new Error('it was taken');
  expect(settings.error.reason).toBe('config-invalid');
  expect(settings.error.next).toBe(
    'in parity.yaml, give the command that puts `parity` into PATH, for instance\n  ci:\n    install: npm install --global ./tools/parity-0.1.0.tgz',
  );
  return settings.error.message;
}

const asking = (wanted: string): string => JSON.stringify({ devDependencies: { parity: wanted } });

describe('how CI gets parity', () => {
  test.each([
    'file:tools/parity.tgz',
    '../parity',
    'git+ssh://git@example.com/acme/parity.git#v1',
    'github:acme/parity',
    'acme/parity#main',
    'https://example.com/parity-0.1.0.tgz',
    'npm:@acme/parity@1.0.0',
  ])('npm ci, when package.json takes it from %s', (wanted) => {
    expect(from({}, { packageJson: asking(wanted), packageLock: true }).install).toEqual({ kind: 'npm' });
  });

  test.each(['^0.1.0', 'latest', '*', 'npm:parity@1'])('never the registry’s parity: %s', (wanted) => {
    expect(refused(asking(wanted))).toBe(
      `package.json asks the npm registry for parity (${wanted}), which has another package there`,
    );
  });

  test('a command of parity.yaml is taken before package.json; without either, that is said', () => {
    const ci = { install: '  make parity\n', github: {}, gitlab: {} };
    expect(from({ ci }, { packageJson: asking('*') }).install).toEqual({ kind: 'command', command: 'make parity' });
    const nothing = 'parity.yaml does not say how a CI machine gets parity';
    for (const text of [
      undefined,
      '{}',
      '[]',
      'null',
      '{',
      '{"devDependencies": null}',
      '{"dependencies": {"parity": 1}}',
    ])
      expect(refused(text)).toBe(nothing);
    expect(refused(asking('file:x'), false)).toBe(
      'package.json has parity, but there is no package-lock.json beside it for npm ci',
    );
  });
});

test('secrets and variables are those of all steps, but for what CI sets itself', () => {
  const ci = { install: 'x', github: {}, gitlab: {} };
  const pipeline = [
    step('a', { secrets: ['NPM_TOKEN'], passEnv: ['REGION', 'GITHUB_SHA', 'CI_COMMIT_SHA', 'CI'] }),
    step('b', { secrets: ['A_KEY', 'NPM_TOKEN'], passEnv: ['CITY'] }),
  ];
  expect(from({ ci, pipeline })).toMatchObject({ secrets: ['A_KEY', 'NPM_TOKEN'], variables: ['CITY', 'REGION'] });
});

test.each([
  ['ghcr.io/acme/shop', 'ghcr.io'],
  ['localhost/shop', 'localhost'],
  ['registry:5000/shop', 'registry:5000'],
  ['acme/shop', undefined],
  ['shop', undefined],
])('the registry of %s is %s', (repository, registry) => {
  const ci = { install: 'x', github: {}, gitlab: {} };
  expect(from({ ci, image: { base: 'auto', repository } }).repository).toEqual({ registry });
});

test.each([
  ['.', 'parity'],
  ['core', 'parity-core'],
  ["apps/it's ü", 'parity-apps-it-s'],
  ['ü', 'parity-project'],
])('a project at %s makes the workflow %s', (project, name) => {
  expect(from({ ci: { install: 'x', github: {}, gitlab: {} } }, { project }).name).toBe(name);
});
