import { describe, expect, it } from 'vitest';
import type { StepConfig } from '../config/config.ts';
import { sha256 } from '../core/digest.ts';
import { isCacheable, stepKeys, type FingerprintFacts } from './fingerprint.ts';

const step = (parts: Partial<StepConfig> & Pick<StepConfig, 'name'>): StepConfig => ({
  run: 'true',
  cwd: '.',
  env: {},
  passEnv: [],
  secrets: [],
  needs: [],
  volumes: [],
  network: 'none',
  ...parts,
});
const types = step({ name: 'types', run: 'mypy core/' });
const tests = step({ name: 'tests', run: 'pytest -q', needs: ['types'] });
const facts: FingerprintFacts = {
  toolchainOf: () => ({ image: sha256('image') }),
  platform: 'linux/amd64',
  project: '.',
  workspace: 'mount',
  machineOf: ({ network }) => ({ access: network }),
  services: [],
  variables: new Map([['types', { A: '1', B: '2' }]]),
  inputsOf: () => sha256('files'),
};
const keyOf = (changed: Partial<FingerprintFacts> = {}, one: StepConfig = types): string =>
  stepKeys([one], { ...facts, ...changed }).get(one.name) ?? '';

describe('the key of a step', () => {
  it('is the same for the same work, whatever does not change what the step does', () => {
    expect(keyOf()).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf({ variables: new Map([['types', { B: '2', A: '1' }]]) })).toBe(keyOf());
    const service = { name: 'db', image: 'postgres:16', env: {}, readyTimeoutSeconds: 60, ports: [5432] };
    expect(keyOf({ services: [service] })).toBe(keyOf());
    for (const changed of [{ fix: 'black .' }, { timeoutSeconds: 9 }, { onFailure: 'Run: x' }, { name: 'typing' }])
      expect(
        keyOf({ variables: new Map([['typing', { A: '1', B: '2' }], ...facts.variables]) }, { ...types, ...changed }),
      ).toBe(keyOf());
  });

  it.each<[what: string, facts: Partial<FingerprintFacts>, step?: Partial<StepConfig>]>([
    ['image', { toolchainOf: () => ({ image: sha256('another') }) }],
    ['build', { toolchainOf: () => ({ image: sha256('image'), build: sha256('build') }) }],
    ['platform', { platform: 'linux/arm64' }],
    ["project's folder", { project: 'services/shop' }],
    ['kind of workspace', { workspace: 'commit' }],
    ['workspace that is copied', { workspace: 'copy' }],
    ['value of a variable', { variables: new Map([['types', { A: '1', B: '3' }]]) }],
    ['name of a variable', { variables: new Map([['types', { A: '1', C: '2' }]]) }],
    ['input', { inputsOf: () => sha256('other files') }],
    ['command', {}, { run: 'mypy --strict core/' }],
    ['folder', {}, { cwd: 'core' }],
    ['network', {}, { network: 'full' }],
    ['volume', {}, { volumes: ['node_modules'] }],
    ['division of its tests', {}, { split: 'auto' }],
    ["code of parity's own check", { checks: sha256('code') }, { uses: 'parity/import-check' }],
  ])('is another one for another %s', (_what, changed, parts) => {
    expect(keyOf(changed, { ...types, ...parts })).not.toBe(keyOf());
  });

  it('knows the services that a step may talk to, not where parity.yaml has them', () => {
    const talking = { ...types, network: 'services' } as const;
    const service = { name: 'db', image: 'postgres:16', env: {}, readyTimeoutSeconds: 60, ports: [5432] };
    const key = keyOf({ services: [service] }, talking);
    expect(key).not.toBe(keyOf({}, talking));
    expect(keyOf({ services: [{ ...service, span: { line: 1, column: 1, endLine: 1, endColumn: 2 } }] }, talking)).toBe(
      key,
    );
    expect(keyOf({ services: [{ ...service, image: 'postgres:17' }] }, talking)).not.toBe(key);
  });

  it('changes with that of a step it needs', () => {
    const keys = stepKeys([types, tests], facts);
    const moved = stepKeys([{ ...types, run: 'mypy core' }, tests], facts);
    expect(moved.get('tests')).not.toBe(keys.get('tests'));
  });
});

describe('whether a pass may be used again', () => {
  it.each([
    [{ network: 'none' }, true],
    [{ network: 'services' }, true],
    [{ network: 'full' }, false],
    [{ network: 'full', cache: true }, true],
    [{ network: 'none', cache: false }, false],
  ] as const)('%o: %s', (parts, expected) => {
    expect(isCacheable(parts)).toBe(expected);
  });
});
