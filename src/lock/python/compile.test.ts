import { expect, it } from 'vitest';
import { planCompile } from './compile.ts';

it('asks no index for a package that is built here, whoever needs it', () => {
  const plan = planCompile({
    requirements: [{ text: 'black', name: 'black', source: 'toolchain.tools', hashes: [], constraint: false }],
    index: {
      extraIndexUrls: [],
      assignedIndexUrls: [],
      isBestOfAll: false,
      findLinks: [],
      addresses: [],
      noIndex: false,
      prereleases: false,
      noBinary: [],
      onlyBinary: [],
    },
    uvPath: 'uv',
    python: 'python3',
    pythonVersion: '3.11.2',
    previous: [],
    upgrade: false,
    builtHere: ['shop'],
  });
  // An override stands in for every requirement of that name; this one never applies.
  expect(plan.files['built-here.txt']).toBe("shop ; python_version < '0'\n");
  expect(plan.stages[0]?.[0]?.argv.join(' ')).toContain('--override built-here.txt');
});

it('gives uv a file also where nothing is asked for', () => {
  const plan = planCompile({
    requirements: [],
    index: {
      extraIndexUrls: [],
      assignedIndexUrls: [],
      isBestOfAll: false,
      addresses: [],
      findLinks: [],
      noIndex: false,
      prereleases: false,
      noBinary: [],
      onlyBinary: [],
    },
    uvPath: 'uv',
    python: 'python3',
    pythonVersion: '3.11.2',
    previous: [],
    upgrade: false,
  });
  expect(plan.files['lock.txt']).toBe('');
  expect(plan.stages).toHaveLength(1);
  expect(plan.stages[0]?.map(({ argv }) => argv.includes('lock.txt'))).toEqual([true, true]);
});
