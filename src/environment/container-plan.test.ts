import { expect, test } from 'vitest';
import { sha256 } from '../core/digest.ts';
import { factsFor, folderVolumes, installedVolume, planSteps, type EnvironmentFacts } from './container-plan.ts';
import { label } from './environment-id.ts';
import { machineKey, machineOf, type Machine } from './machine.ts';
import { labelledMachine } from './outdated-containers.ts';

const build = { projects: [], network: 'none', key: sha256('build') } as const;
const facts: EnvironmentFacts = {
  id: 'abc',
  config: { services: [], pipeline: [] },
  imageId: 'sha256:1',
  python: '3.11.2',
  platform: 'linux/amd64',
  workspace: { hostRoot: '/p', hostProject: '/p', containerProject: '/workspace', mounts: [] },
  folders: [{ path: 'node_modules' }],
  mountPoints: [],
  boundFolders: ['1:2'],
  user: { uid: 1, gid: 1, isRoot: false } as unknown as EnvironmentFacts['user'],
  code: sha256('code'),
  proxies: {},
  certificates: undefined,
  direct: true,
  copied: false,
  build,
};
const others = new Map([
  ['lint', { imageId: 'sha256:2', python: '3.13.5' }],
  ['same', { imageId: 'sha256:1', python: '3.11.2', build }],
]);
const several: EnvironmentFacts = { ...facts, others };

test('a command of a toolchain has a machine of its own, in the image of its toolchain', () => {
  const lint = machineOf(facts.config, { network: 'none', toolchain: 'lint' });
  expect([machineOf(facts.config, { network: 'none' }), lint]).toEqual([
    { access: 'none' },
    { access: 'none', toolchain: 'lint' },
  ]);
  const plan = planSteps(several, lint);
  expect(plan.spec).toMatchObject({
    image: 'sha256:2',
    labels: { [label.toolchain]: 'lint', [label.network]: 'none' },
  });
  expect(labelledMachine('none', plan.spec.labels ?? {})).toEqual(lint);
  expect(machineKey(lint)).not.toBe(machineKey({ access: 'none' }));
});

test('what other toolchains there are changes nothing of the default one', () => {
  expect(planSteps(several, { access: 'none' })).toEqual(planSteps(facts, { access: 'none' }));
  const own = planSteps(facts, { access: 'none' });
  expect(own.spec.labels).not.toHaveProperty(label.toolchain);
  expect(factsFor(several, undefined)).toBe(several);
});

test('two toolchains with one image share its caches, and neither machine nor installed packages', () => {
  const machines: readonly Machine[] = [{ access: 'none' }, { access: 'none', toolchain: 'same' }];
  const [one, other] = machines.map((machine) => planSteps(several, machine));
  expect(one?.spec.name).not.toBe(other?.spec.name);
  expect(one?.spec.image).toBe(other?.spec.image);
  expect(installedVolume(factsFor(several, 'same'))).not.toBe(installedVolume(several));
  expect(installedVolume(factsFor(several, 'lint'))).toBeUndefined();
});

test('folders of a step live in a volume for each image', () => {
  const [of, lint] = [undefined, 'lint'].map((name) => folderVolumes(factsFor(several, name)).get('node_modules'));
  expect(of).toBeDefined();
  expect(lint).not.toBe(of);
});

test('an image that nobody made ready is a bug', () => {
  expect(() => planSteps(several, { access: 'none', toolchain: 'docs' })).toThrow('no image of toolchain docs');
});
